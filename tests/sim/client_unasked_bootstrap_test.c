/* SPDX-License-Identifier: Apache-2.0 */
/* client_unasked_bootstrap_test.c: a bootstrap-server that begins by itself (lwm2m-1.0.md 6.1; BS-01, BS-04,
 * BS-05; ETS 5). */
#include "scripted_bootstrap_server.h"

#define HOLD_OFF_S 3600

static void start(scripted *s) {
  begin_with(s, HOLD_OFF_S);
  CHECK_EQUAL(linnet_client_start(s->client), LINNET_OK);
  CHECK(scripted_silent(s, 1000));
}

/* A request that nobody answers. */
static void is_ignored(scripted *s, uint8_t method, const char *path) {
  request r = REQUEST(method, path);
  scripted_request(s, &r);
  CHECK(scripted_silent(s, 0));
}

/* ETS 5, idle inside the hold-off time. */
static void is_bootstrapped_without_having_asked(void) {
  scripted s;
  start(&s);
  CHECK_EQUAL(put_security(&s, "0"), 204);
  expect_event(&s, LINNET_EVENT_BOOTSTRAP_STARTED, LINNET_OK, 0);
  CHECK_EQUAL(put_server(&s, "1"), 204);
  finish(&s);
  scripted_expect(&s, POST, "/rd");
  scripted_accept_registration(&s, "rd/1");
  CHECK_EQUAL(linnet_client_get_state(s.client, 101), LINNET_CLIENT_REGISTERED);
  scripted_end(&s);
}

static void any_command_begins_but_finish(void) {
  static const struct {
    uint8_t method;
    const char *path;
    unsigned code;
  } rows[] = {{DELETE, "", 202}, {DELETE, "1", 202}, {GET, "", 205}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    scripted s;
    start(&s);
    is_ignored(&s, POST, "bs");
    scripted_no_event(&s);
    CHECK_EQUAL(send_bare(&s, rows[i].method, rows[i].path), rows[i].code);
    expect_event(&s, LINNET_EVENT_BOOTSTRAP_STARTED, LINNET_OK, 0);
    CHECK_EQUAL(send_bare(&s, POST, "bs"), 406); /* BS-50: now it is one */
    scripted_end(&s);
  }
}

static void not_before_the_client_was_started(void) { /* BS-01 */
  scripted s;
  begin_with(&s, HOLD_OFF_S);
  CHECK(scripted_silent(&s, 1000));
  is_ignored(&s, DELETE, "");
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  CHECK(scripted_silent(&s, 1000));
  CHECK_EQUAL(send_bare(&s, DELETE, ""), 202);
  scripted_end(&s);
}

static void only_from_the_address_of_the_account(void) { /* BS-04 */
  static const char *const strangers[] = {"10.0.0.9:5683", "10.0.0.1:5684"};
  for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
    scripted s;
    packet p;
    linnet_address stranger;
    start(&s);
    CHECK_EQUAL(linnet_address_parse(&stranger, strangers[i]), LINNET_OK);
    packet_begin(&p, LINNET_MESSAGE_CON, DELETE, 0x1234, "x", 1);
    packet_texts(&p, URI_PATH, "0", '/');
    scripted_give_from(&s, &stranger, &p);
    CHECK(scripted_silent(&s, 0));
    scripted_no_event(&s);
    scripted_end(&s);
  }
}

static void not_without_an_account(void) {
  scripted s;
  start(&s);
  CHECK_EQUAL(linnet_object_remove_instance(linnet_client_object(s.client, 0), 0), LINNET_OK);
  CHECK(scripted_silent(&s, 1000));
  is_ignored(&s, DELETE, "");
  scripted_end(&s);
}

/* Who is a server there, too, is asked as a server. */
static void at_the_address_of_a_server_it_is_that_server(void) {
  scripted s;
  begin_with(&s, HOLD_OFF_S);
  CHECK_EQUAL(linnet_client_add_server(s.client, scripted_server_uri, 1, 86400), LINNET_OK);
  scripted_register(&s);
  scripted_drain(&s);
  CHECK_EQUAL(send_bare(&s, POST, "bs"), 405); /* BS-13 */
  CHECK_EQUAL(send_bare(&s, DELETE, "3/0"), 405);
  CHECK_EQUAL(send_bare(&s, DELETE, "0/1"), 401);
  scripted_no_event(&s);
  CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_REGISTERED);
  scripted_end(&s);
}

static void all_is_as_before_when_no_finish_comes(void) { /* BS-11, BS-52 */
  scripted s;
  start(&s);
  uint64_t begun = s.now;
  CHECK_EQUAL(put_security(&s, "0"), 204);
  expect_event(&s, LINNET_EVENT_BOOTSTRAP_STARTED, LINNET_OK, 0);
  CHECK(!scripted_run(&s, begun + 247000 - 1));
  scripted_no_event(&s);
  scripted_run(&s, begun + 247000);
  expect_event(&s, LINNET_EVENT_BOOTSTRAP_FINISHED, LINNET_ERROR_TIMED_OUT, 0);
  CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s.client, 0)), 1);
  /* It did not ask, so it has not failed: the next attempt is its own, after the hold-off. */
  CHECK(!scripted_run(&s, begun + 247000 + 1000 * (uint64_t)HOLD_OFF_S - 1));
  CHECK(scripted_run(&s, begun + 247000 + 1000 * (uint64_t)HOLD_OFF_S));
  CHECK_TEXT(scripted_path(&s), "/bs");
  scripted_end(&s);
}

/* Only its own account is renewed (BS-51, BS-53): it is asked next, and not in a circle without a pause. */
static void an_account_alone_may_be_renewed(void) {
  scripted s;
  start(&s);
  const value_at account[] = {{"/0/0/0", linnet_value_string(scripted_server_uri)},
                              {"/0/0/1", linnet_value_boolean(true)},
                              {"/0/0/2", linnet_value_integer(3)},
                              {"/0/0/11", linnet_value_integer(0)}};
  CHECK_EQUAL(put(&s, "0/0", account, 4), 204);
  expect_event(&s, LINNET_EVENT_BOOTSTRAP_STARTED, LINNET_OK, 0);
  finish(&s);
  for (int round = 0; round < 3; round++) {
    uint64_t before = s.now;
    CHECK(scripted_run(&s, s.now + 60000));
    CHECK_TEXT(scripted_path(&s), "/bs");
    CHECK(s.now - before >= 1000u << round);
    scripted_answer(&s, 204);
    CHECK(scripted_silent(&s, 0));
    scripted_drain(&s);
    CHECK_EQUAL(put(&s, "0/0", account, 4), 204);
    finish(&s);
  }
  scripted_end(&s);
}

int main(void) {
  return RUN(is_bootstrapped_without_having_asked, any_command_begins_but_finish,
             not_before_the_client_was_started, only_from_the_address_of_the_account, not_without_an_account,
             at_the_address_of_a_server_it_is_that_server, all_is_as_before_when_no_finish_comes,
             an_account_alone_may_be_renewed);
}
