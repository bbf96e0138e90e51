/* SPDX-License-Identifier: Apache-2.0 */
/* client_shared_read_test.c: one read of a changed resource, however many observe it (issue 3: reporting;
 * OBS-02). */
#include "scripted_server.h"

enum { TEXT = 0, TLV = 11542, JSON = 11543 };

/* A battery whose level is asked for. */
typedef struct battery {
  scripted s;
  int64_t level;
  int questions;
  bool later;
  linnet_event *open[8];
  int open_count;
} battery;

static linnet_status answer(battery *b, linnet_event *question) {
  linnet_value value = linnet_value_integer(b->level);
  return linnet_question_answer(question, linnet_event_path(question), &value);
}

static linnet_status asked(linnet_event *question, void *user) {
  battery *b = user;
  b->questions++;
  if (!b->later) return answer(b, question);
  b->open[b->open_count++] = linnet_event_ref(question);
  return linnet_question_defer(question);
}

/* The oldest open question gets the present level. */
static void finish_one(battery *b) {
  linnet_event *question = b->open[0];
  memmove(b->open, b->open + 1, sizeof b->open - sizeof b->open[0]);
  b->open_count--;
  answer(b, question);
  linnet_question_finish(question, LINNET_OK);
  linnet_event_unref(question);
}

static void begin(battery *b) {
  memset(b, 0, sizeof *b);
  scripted_begin(&b->s, UINT32_MAX);
  b->level = 50;
  linnet_object *device = linnet_client_object(b->s.client, 3);
  CHECK_EQUAL(linnet_object_set_handler(device, LINNET_OPERATION_READ, asked, b, NULL), LINNET_OK);
  CHECK_EQUAL(linnet_object_compute(device, linnet_path_resource(3, 0, 9)), LINNET_OK);
  scripted_register(&b->s);
}

static void observe(battery *b, const char *path, int accept) {
  request r = REQUEST(GET, path);
  r.accept = accept;
  r.observe = 0;
  CHECK_EQUAL(scripted_ask(&b->s, &r), 205);
  CHECK(scripted_option(&b->s, OBSERVE) >= 0);
}

static void observe_all(battery *b) {
  observe(b, "3/0/9", TEXT);
  observe(b, "3/0/9", TEXT); /* replaces the first (OBS-07) */
  observe(b, "3/0", TLV);
  observe(b, "3", JSON);
  b->questions = 0;
}

static void change(battery *b, int64_t level) {
  b->level = level;
  CHECK_EQUAL(linnet_client_notify(b->s.client, linnet_path_resource(3, 0, 9)), LINNET_OK);
}

/* Each of the three is told of that level. */
static void expect_three(battery *b, int64_t level) {
  char text[8], json[40];
  sprintf(text, "%d", (int)level);
  sprintf(json, "{\"n\":\"0/9\",\"v\":%d}", (int)level);
  const uint8_t tlv[] = {0xC1, 9, (uint8_t)level};
  for (int i = 0; i < 3; i++) {
    CHECK(scripted_run(&b->s, b->s.now));
    CHECK_EQUAL(b->s.message.code, CODE(205));
    int64_t format = scripted_option(&b->s, CONTENT_FORMAT);
    if (format == TEXT) CHECK_TEXT(scripted_payload(&b->s), text);
    if (format == JSON) CHECK(strstr(scripted_payload(&b->s), json) != NULL);
    if (format == TLV) CHECK_BYTES(b->s.message.payload, sizeof tlv, tlv, sizeof tlv);
    scripted_acknowledge(&b->s, LINNET_MESSAGE_ACK);
  }
  CHECK(!scripted_run(&b->s, b->s.now));
}

static void reads_once_for_all_observers(void) {
  battery b;
  begin(&b);
  observe_all(&b);
  for (int level = 51; level < 54; level++) {
    change(&b, level);
    expect_three(&b, level);
    CHECK_EQUAL(b.questions, level - 50);
  }
  scripted_end(&b.s);
}

static void shares_an_answer_that_comes_later(void) {
  battery b;
  begin(&b);
  observe_all(&b);
  b.later = true;
  change(&b, 60);
  CHECK(!scripted_run(&b.s, b.s.now + 5000));
  CHECK_EQUAL(b.questions, 1);
  finish_one(&b);
  expect_three(&b, 60);
  CHECK_EQUAL(b.questions, 1);
  scripted_end(&b.s);
}

/* What was asked before a change does not tell of it. */
static void asks_again_after_a_change_in_between(void) {
  battery b;
  begin(&b);
  observe_all(&b);
  b.later = true;
  change(&b, 60);
  CHECK(!scripted_run(&b.s, b.s.now + 1000));
  CHECK_EQUAL(b.open_count, 1);
  change(&b, 61);
  CHECK(!scripted_run(&b.s, b.s.now + 1000));
  CHECK_EQUAL(b.open_count, 2); /* the others need the newer one */
  b.level = 60;
  finish_one(&b);
  CHECK(scripted_run(&b.s, b.s.now));
  scripted_acknowledge(&b.s, LINNET_MESSAGE_ACK);
  CHECK(!scripted_run(&b.s, b.s.now));
  CHECK_EQUAL(b.questions, 2);
  b.level = 61;
  finish_one(&b);
  expect_three(&b, 61);
  CHECK_EQUAL(b.questions, 2);
  scripted_end(&b.s);
}

/* Who asked has gone: another one asks. */
static void goes_on_when_the_one_that_asked_is_cancelled(void) {
  battery b;
  begin(&b);
  observe_all(&b);
  b.later = true;
  change(&b, 60);
  CHECK(!scripted_run(&b.s, b.s.now + 1000));
  for (int i = 0; i < 2; i++) { /* whichever it was */
    request r = REQUEST(GET, i == 0 ? "3/0/9" : "3/0");
    r.observe = 1;
    scripted_request(&b.s, &r);
    CHECK(!scripted_run(&b.s, b.s.now));
  }
  while (b.open_count > 0) {
    finish_one(&b);
    linnet_loop_step(b.s.loop, b.s.now);
  }
  bool told = false;
  while (scripted_run(&b.s, b.s.now + 2000)) {
    if (strstr(scripted_payload(&b.s), "{\"n\":\"0/9\",\"v\":60}") != NULL) told = true;
    if (b.s.message.type == LINNET_MESSAGE_CON) scripted_acknowledge(&b.s, LINNET_MESSAGE_ACK);
    while (b.open_count > 0) finish_one(&b);
  }
  CHECK(told);
  scripted_end(&b.s);
}

/* A value that nobody announced is asked for each time it is due. */
static void keeps_no_answer_for_later(void) {
  battery b;
  begin(&b);
  observe_all(&b);
  request r = REQUEST(PUT, "3/0");
  r.query = "pmax=10";
  CHECK_EQUAL(scripted_ask(&b.s, &r), 204);
  b.level = 70;
  CHECK(scripted_run(&b.s, b.s.now + 10000));
  scripted_acknowledge(&b.s, LINNET_MESSAGE_ACK);
  CHECK(scripted_run(&b.s, b.s.now));
  scripted_acknowledge(&b.s, LINNET_MESSAGE_ACK);
  CHECK_EQUAL(b.questions, 1);
  b.level = 71;
  CHECK(scripted_run(&b.s, b.s.now + 10000));
  if (scripted_option(&b.s, CONTENT_FORMAT) == TEXT) CHECK_TEXT(scripted_payload(&b.s), "71");
  CHECK_EQUAL(b.questions, 2);
  scripted_end(&b.s);
}

/* Each allocation fails in turn: nothing is told twice in a message, and it comes right again. */
static void survives_lack_of_memory(void) {
  for (uint32_t after = 0; after < 60; after++) {
    battery b;
    begin(&b);
    observe_all(&b);
    change(&b, 60);
    b.s.fail_after = after;
    b.s.fail_count = 1;
    for (int i = 0; i < 6; i++) {
      if (!scripted_run(&b.s, b.s.now + 6000)) break;
      if (b.s.message.type == LINNET_MESSAGE_CON) scripted_acknowledge(&b.s, LINNET_MESSAGE_ACK);
    }
    b.s.fail_after = UINT32_MAX;
    change(&b, 61);
    expect_three(&b, 61);
    scripted_end(&b.s);
  }
}

int main(void) {
  return RUN(reads_once_for_all_observers, shares_an_answer_that_comes_later,
             asks_again_after_a_change_in_between, goes_on_when_the_one_that_asked_is_cancelled,
             keeps_no_answer_for_later, survives_lack_of_memory);
}
