/* SPDX-License-Identifier: Apache-2.0 */
/* server_standing_test.c: observations that outlive a registration, or an address (OBS-08, OBS-13, REG-13).
 */
#include "server/scripted.h"

typedef struct scene {
  bench b;
  device d;
  uint64_t registration;
  uint64_t number;
  sent get; /* the GET with Observe 0 */
} scene;

#define BATTERY linnet_path_resource(3, 0, 9)

static void begin(scene *s) {
  bench_begin(&s->b);
  s->d = device_new(1);
  s->registration = enrolled(&s->b, &s->d, "kitchen", LINKS);
  s->number = request(&s->b, s->registration, LINNET_OPERATION_OBSERVE, "/3/0/9", NULL, NULL,
                      LINNET_FORMAT_NONE, &s->get);
  reply_text(&s->b, &s->d, &s->get, 205, 12, 0, "100");
  expect(&s->b, LINNET_EVENT_RESPONSE);
}

static void begin_kept(scene *s) {
  begin(s);
  CHECK_EQUAL(linnet_server_keep_observation(s->b.server, s->number), LINNET_OK);
}

static void told(scene *s, int64_t expected) {
  linnet_value value;
  linnet_event *event = expect(&s->b, LINNET_EVENT_NOTIFY);
  CHECK_EQUAL(linnet_event_request(event), s->number);
  CHECK_EQUAL(linnet_event_registration(event), s->registration);
  CHECK_EQUAL(linnet_batch_find(linnet_event_batch(event), BATTERY, &value), LINNET_OK);
  CHECK_EQUAL(value.as.integer, expected);
}

/* Registers; the observation that follows the 2.01 is in s->get. */
static void come_back(scene *s) {
  uint64_t registration = enrolled(&s->b, &s->d, "kitchen", LINKS);
  CHECK(registration != s->registration);
  s->registration = registration;
  CHECK(take(&s->b, &s->get));
  CHECK_EQUAL(s->get.message.code, GET);
  CHECK_EQUAL(sent_number(&s->get, 6), 0);
  CHECK_EQUAL(sent_number(&s->get, 17), LINNET_FORMAT_TLV);
}

static void begins_again_after_each_register(void) { /* OBS-13, REG-13 */
  scene s;
  begin_kept(&s);
  sent former = s.get, m;
  for (int i = 0; i < 2; i++) {
    come_back(&s);
    CHECK(s.get.message.token_length != former.message.token_length ||
          memcmp(s.get.message.token, former.message.token, former.message.token_length) != 0);
    reply_text(&s.b, &s.d, &s.get, 205, 1, 0, "90");
    told(&s, 90);
    CHECK_EQUAL(linnet_server_observation(s.b.server, s.registration, BATTERY), s.number);
    notify(&s.b, &s.d, &s.get, 1, 205, 2, "89");
    told(&s, 89);
  }
  notify(&s.b, &s.d, &former, 0, 205, 13, "1"); /* the former one is discarded */
  CHECK(take(&s.b, &m));
  CHECK_EQUAL(m.message.type, LINNET_MESSAGE_RST);
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void begins_again_after_the_device_was_gone(void) { /* REG-13 */
  scene s;
  sent m;
  begin_kept(&s);
  CHECK_EQUAL(ask(&s.b, &s.d, DELETE, s.d.location, NO_FORMAT, NULL, &m), 202);
  expect(&s.b, LINNET_EVENT_DEREGISTERED);
  expect_nothing(&s.b);
  CHECK_EQUAL(linnet_server_cancel(s.b.server, s.number, NULL), LINNET_ERROR_WRONG_STATE);
  come_back(&s);
  reply_text(&s.b, &s.d, &s.get, 205, 1, 0, "90");
  told(&s, 90);
  pass(&s.b, s.b.now + 400000);
  expect(&s.b, LINNET_EVENT_EXPIRED);
  expect_nothing(&s.b);
  come_back(&s);
  reply_text(&s.b, &s.d, &s.get, 205, 1, 0, "80");
  told(&s, 80);
  bench_end(&s.b);
}

static void ends_when_the_device_refuses_it(void) { /* OB-03, OB-02 */
  static const struct {
    unsigned code;
    linnet_status status;
  } rows[] = {{404, LINNET_ERROR_REFUSED}, {205, LINNET_ERROR_NOT_ALLOWED}};
  for (size_t i = 0; i < 2; i++) {
    scene s;
    begin_kept(&s);
    come_back(&s);
    reply_text(&s.b, &s.d, &s.get, rows[i].code, -1, rows[i].code == 205 ? 0 : -1,
               rows[i].code == 205 ? "1" : NULL);
    if (rows[i].code == 205) told(&s, 1);
    linnet_event *event = expect(&s.b, LINNET_EVENT_OBSERVATION_ENDED);
    CHECK_EQUAL(linnet_event_status(event), rows[i].status);
    CHECK_EQUAL(linnet_event_request(event), s.number);
    CHECK_EQUAL(linnet_event_registration(event), s.registration);
    uint64_t registration = enrolled(&s.b, &s.d, "kitchen", LINKS);
    CHECK(registration != 0);
    CHECK(!take(&s.b, &s.get));
    bench_end(&s.b);
  }
}

static void is_tried_more_than_once_and_given_up(void) { /* QUE-06, LINNET_LIMIT_DELIVERIES */
  scene s;
  begin_kept(&s);
  linnet_server_set_limit(s.b.server, LINNET_LIMIT_DELIVERIES, 2);
  uint64_t registration = enrolled(&s.b, &s.d, "kitchen", LINKS);
  CHECK(take(&s.b, &s.get));
  pass(&s.b, s.b.now + 100000);
  expect_nothing(&s.b);
  pass(&s.b, s.b.now + 100000);
  linnet_event *event = expect(&s.b, LINNET_EVENT_OBSERVATION_ENDED);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_TIMED_OUT);
  CHECK_EQUAL(linnet_event_registration(event), registration);
  expect_nothing(&s.b);
  bench_end(&s.b);
}

static void can_be_cancelled_and_forgotten(void) { /* OBS-05 */
  scene s;
  sent m;
  uint64_t cancel;
  begin_kept(&s);
  CHECK_EQUAL(linnet_server_cancel(s.b.server, s.number, &cancel), LINNET_OK);
  linnet_loop_step(s.b.loop, s.b.now);
  CHECK(take(&s.b, &m));
  reply_text(&s.b, &s.d, &m, 205, -1, 0, "100");
  expect(&s.b, LINNET_EVENT_RESPONSE);
  expect(&s.b, LINNET_EVENT_OBSERVATION_ENDED);
  enrolled(&s.b, &s.d, "kitchen", LINKS);
  CHECK(!take(&s.b, &m));
  bench_end(&s.b);
  begin_kept(&s);
  CHECK_EQUAL(ask(&s.b, &s.d, DELETE, s.d.location, NO_FORMAT, NULL, &m), 202);
  expect(&s.b, LINNET_EVENT_DEREGISTERED);
  CHECK_EQUAL(linnet_server_forget(s.b.server, s.number), LINNET_OK);
  CHECK_EQUAL(linnet_server_forget(s.b.server, s.number), LINNET_ERROR_NOT_FOUND);
  enrolled(&s.b, &s.d, "kitchen", LINKS);
  CHECK(!take(&s.b, &m));
  bench_end(&s.b);
}

static void only_an_observation_that_is_answered_can_be_kept(void) {
  scene s;
  sent m;
  begin(&s);
  uint64_t read =
      request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  CHECK_EQUAL(linnet_server_keep_observation(s.b.server, read), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_server_keep_observation(s.b.server, 999999), LINNET_ERROR_NOT_FOUND);
  reply_text(&s.b, &s.d, &m, 205, -1, 0, "a");
  uint64_t fresh =
      request(&s.b, s.registration, LINNET_OPERATION_OBSERVE, "/3/0/1", NULL, NULL, LINNET_FORMAT_NONE, &m);
  CHECK_EQUAL(linnet_server_keep_observation(s.b.server, fresh), LINNET_ERROR_WRONG_STATE);
  bench_end(&s.b);
}

static void goes_on_at_a_new_address(void) { /* REG-05, OBS-08 */
  scene s;
  sent m;
  begin(&s);
  device moved = device_new(2);
  strcpy(moved.location, s.d.location);
  CHECK_EQUAL(ask(&s.b, &moved, POST, moved.location, NO_FORMAT, NULL, &m), 204);
  expect(&s.b, LINNET_EVENT_UPDATED);
  expect_nothing(&s.b);
  notify(&s.b, &s.d, &s.get, 0, 205, 13, "1"); /* nobody is there any more (CO-35) */
  CHECK(take(&s.b, &m));
  CHECK_EQUAL(m.message.type, LINNET_MESSAGE_RST);
  notify(&s.b, &moved, &s.get, 0, 205, 14, "98");
  told(&s, 98);
  CHECK(take(&s.b, &m));
  CHECK_EQUAL(m.message.type, LINNET_MESSAGE_ACK);
  notify(&s.b, &moved, &s.get, 0, 205, 13, "99"); /* older (OB-05) */
  expect_nothing(&s.b);
  CHECK(take(&s.b, &m));
  uint64_t cancel;
  CHECK_EQUAL(linnet_server_cancel(s.b.server, s.number, &cancel), LINNET_OK);
  linnet_loop_step(s.b.loop, s.b.now);
  CHECK(take(&s.b, &m));
  CHECK(linnet_address_equal(&m.peer, &moved.address));
  CHECK_EQUAL(m.message.token_length, s.get.message.token_length);
  CHECK(memcmp(m.message.token, s.get.message.token, m.message.token_length) == 0);
  bench_end(&s.b);
}

static void a_read_on_its_way_is_lost_with_the_address(void) { /* REG-05 */
  scene s;
  sent m;
  begin(&s);
  uint64_t number =
      request(&s.b, s.registration, LINNET_OPERATION_READ, "/3/0/0", NULL, NULL, LINNET_FORMAT_NONE, &m);
  device moved = device_new(2);
  CHECK_EQUAL(ask(&s.b, &moved, POST, s.d.location, NO_FORMAT, NULL, &m), 204);
  linnet_event *event = expect(&s.b, LINNET_EVENT_RESPONSE);
  CHECK_EQUAL(linnet_event_request(event), number);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_CANCELLED);
  CHECK_TEXT(linnet_event_text(event), "read /3/0/0 of kitchen: the device has a new address");
  expect(&s.b, LINNET_EVENT_UPDATED);
  CHECK_EQUAL(linnet_server_observation(s.b.server, s.registration, BATTERY), s.number);
  bench_end(&s.b);
}

static void closing_frees_what_stands(void) {
  scene s;
  sent m;
  begin_kept(&s);
  CHECK_EQUAL(ask(&s.b, &s.d, DELETE, s.d.location, NO_FORMAT, NULL, &m), 202);
  expect(&s.b, LINNET_EVENT_DEREGISTERED);
  bench_end(&s.b); /* the sanitizers look */
}

int main(void) {
  return RUN(begins_again_after_each_register, begins_again_after_the_device_was_gone,
             ends_when_the_device_refuses_it, is_tried_more_than_once_and_given_up,
             can_be_cancelled_and_forgotten, only_an_observation_that_is_answered_can_be_kept,
             goes_on_at_a_new_address, a_read_on_its_way_is_lost_with_the_address, closing_frees_what_stands);
}
