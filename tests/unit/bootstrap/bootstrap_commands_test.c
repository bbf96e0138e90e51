/* SPDX-License-Identifier: Apache-2.0 */
/* bootstrap_commands_test.c: the commands that a configuration is made of, who gets which, and who is asked
 * (linnet/bootstrap.h; lwm2m-1.0.md 6.2 to 6.5, section 8). */
#include "bootstrap/scripted_bootstrap.h"

static linnet_configuration *new_configuration(stage *s) {
  linnet_configuration *configuration = linnet_configuration_new(linnet_bootstrap_model(s->bootstrap));
  CHECK(configuration != NULL);
  return configuration;
}

static void write_one(stage *s, linnet_configuration *configuration, const char *target, const char *path,
                      linnet_value value, linnet_format format, linnet_status status) {
  linnet_batch *batch = linnet_batch_new(s->b.loop);
  add(batch, path, value);
  CHECK_EQUAL(linnet_configuration_write(configuration, path_of(target), batch, format), status);
  linnet_batch_unref(batch);
}

static void give_unchecked(stage *s, const char *endpoint, linnet_configuration *configuration) {
  CHECK_EQUAL(linnet_configuration_set_unchecked(configuration), LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_configure(s->bootstrap, endpoint, configuration), LINNET_OK);
  linnet_configuration_unref(configuration);
}

static void ask_for(stage *s, device *d, unsigned code) {
  sent answer;
  CHECK_EQUAL(ask(&s->b, d, POST, "bs?ep=kitchen", NO_FORMAT, NULL, &answer), code);
}

/* ---- commands ------------------------------------------------------------------------------------ */

static void commands_are_sent_in_their_order(void) {
  static const uint8_t object[] = {0x03, 0x00, 0xc1, 0x01, 60};
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  linnet_configuration *c = new_configuration(&s);
  write_one(&s, c, "/1", "/1/0/1", linnet_value_integer(60), LINNET_FORMAT_NONE, LINNET_OK);
  CHECK_EQUAL(linnet_configuration_discover(c, path_of("/1")), LINNET_OK);
  CHECK_EQUAL(linnet_configuration_delete(c, path_of("/1/0")), LINNET_OK);
  write_one(&s, c, "/1/0/5", "/1/0/5", linnet_value_integer(86400), LINNET_FORMAT_NONE, LINNET_OK);
  write_one(&s, c, "/5/0/0", "/5/0/0", linnet_value_opaque("\0", 1), LINNET_FORMAT_NONE, LINNET_OK);
  write_one(&s, c, "/3/0/14", "/3/0/14", linnet_value_string("Z"), LINNET_FORMAT_JSON, LINNET_OK);
  give_unchecked(&s, "kitchen", c);
  ask_for(&s, &d, 204);
  command(&s, PUT, "/1", &m);
  CHECK_BYTES(m.message.payload, m.message.payload_length, object, sizeof object);
  accept(&s, &d, &m, 204);
  command(&s, GET, "/1", &m);
  CHECK_EQUAL(sent_number(&m, 17), LINNET_FORMAT_LINK);
  reply_text(&s.b, &d, &m, 205, -1, 40, "lwm2m=\"1.0\",</1/0>;ssid=1");
  linnet_event *started = expect(&s.b, LINNET_EVENT_BOOTSTRAP_STARTED);
  uint64_t number = linnet_event_request(started);
  CHECK_TEXT(linnet_event_text(started), "10.0.0.2:5683");
  linnet_event *links = expect(&s.b, LINNET_EVENT_RESPONSE);
  CHECK_EQUAL(linnet_event_request(links), number);
  CHECK_EQUAL(linnet_event_operation(links), LINNET_OPERATION_DISCOVER);
  CHECK_TEXT(linnet_event_text(links), "lwm2m=\"1.0\",</1/0>;ssid=1");
  command(&s, DELETE, "/1/0", &m);
  accept(&s, &d, &m, 202);
  command(&s, PUT, "/1/0/5", &m);
  CHECK_EQUAL(sent_number(&m, 12), LINNET_FORMAT_TEXT);
  CHECK_BYTES(m.message.payload, m.message.payload_length, "86400", 5);
  accept(&s, &d, &m, 204);
  command(&s, PUT, "/5/0/0", &m);
  CHECK_EQUAL(sent_number(&m, 12), LINNET_FORMAT_OPAQUE);
  accept(&s, &d, &m, 204);
  command(&s, PUT, "/3/0/14", &m);
  CHECK_EQUAL(sent_number(&m, 12), LINNET_FORMAT_JSON);
  accept(&s, &d, &m, 204);
  command(&s, POST, "/bs", &m);
  stage_end(&s);
}

/* Not every device has it, and what it says is not always link-format. */
static void a_discover_that_fails_ends_nothing(void) {
  static const struct {
    unsigned code;
    const char *links;
  } rows[] = {{404, NULL}, {405, NULL},         {500, NULL},  {205, ""},
              {205, "<"},  {205, "</0/99999>"}, {205, "</0>"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    stage s;
    sent m;
    device d = device_new(1);
    stage_begin(&s);
    linnet_configuration *c = new_configuration(&s);
    CHECK_EQUAL(linnet_configuration_discover(c, linnet_path_root()), LINNET_OK);
    give_unchecked(&s, "kitchen", c);
    ask_for(&s, &d, 204);
    command(&s, GET, "", &m);
    reply_text(&s.b, &d, &m, rows[i].code, -1, rows[i].links != NULL ? 40 : NO_FORMAT, rows[i].links);
    command(&s, POST, "/bs", &m);
    stage_end(&s);
  }
}

/* BS-40: the one instance of object 0 without `ssid` is this server's own. */
static void accounts_keep_off_the_place_of_the_bootstrap_account(void) {
  static const struct {
    const char *links, *place;
  } rows[] = {{"</0/0>", "/0/1"},
              {"</0/0>,</0/1>;ssid=4,</0/5>;ssid=5", "/0/6"},
              {"</0/1>", "/0/0"},
              {"</0/0>;ssid=1", "/0/0"},
              {"lwm2m=\"1.0\",</0/0>,</1>,</3/0>", "/0/1"}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    stage s;
    sent m;
    device d = device_new(1);
    stage_begin(&s);
    linnet_configuration *c = new_configuration(&s);
    linnet_batch *batch = account(&s, 60);
    CHECK_EQUAL(linnet_configuration_discover(c, linnet_path_root()), LINNET_OK);
    CHECK_EQUAL(linnet_configuration_write(c, linnet_path_root(), batch, LINNET_FORMAT_NONE), LINNET_OK);
    linnet_batch_unref(batch);
    give_unchecked(&s, "kitchen", c);
    ask_for(&s, &d, 204);
    command(&s, GET, "", &m);
    reply_text(&s.b, &d, &m, 205, -1, 40, rows[i].links);
    command(&s, PUT, rows[i].place, &m);
    stage_end(&s);
  }
}

static void a_bootstrap_account_is_written_where_it_is_said(void) { /* BS-53 */
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  linnet_configuration *c = new_configuration(&s);
  CHECK_EQUAL(linnet_configuration_discover(c, linnet_path_root()), LINNET_OK);
  write_one(&s, c, "/0/0", "/0/0/1", linnet_value_boolean(true), LINNET_FORMAT_NONE, LINNET_OK);
  give_unchecked(&s, "kitchen", c);
  ask_for(&s, &d, 204);
  command(&s, GET, "", &m);
  reply_text(&s.b, &d, &m, 205, -1, 40, "</0/0>");
  command(&s, PUT, "/0/0", &m);
  stage_end(&s);
}

static void commands_that_make_no_sense_are_refused(void) {
  stage s;
  stage_begin(&s);
  linnet_configuration *c = new_configuration(&s);
  CHECK_EQUAL(linnet_configuration_discover(c, path_of("/3/0")), LINNET_ERROR_INVALID_ARGUMENT); /* BS-41 */
  CHECK_EQUAL(linnet_configuration_delete(c, path_of("/3/0/1")), LINNET_ERROR_INVALID_ARGUMENT); /* BS-32 */
  CHECK_TEXT(linnet_error_text(s.b.loop), "delete /3/0/1: it takes /, an object or an instance");
  CHECK_EQUAL(linnet_configuration_delete(c, path_of("/65535")), LINNET_ERROR_INVALID_ARGUMENT);
  write_one(&s, c, "/3/0", "/1/0/1", linnet_value_integer(1), LINNET_FORMAT_NONE, LINNET_ERROR_MALFORMED);
  CHECK_TEXT(linnet_error_text(s.b.loop), "write /1/0/1: it is not below the path of the Write");
  write_one(&s, c, "/3/0/11/0", "/3/0/11/0", linnet_value_integer(1), LINNET_FORMAT_NONE,
            LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_configuration_write(c, path_of("/3/0"), NULL, LINNET_FORMAT_NONE),
              LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(linnet_configuration_set_access(c, path_of("/0/1"), 1, 1), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_configuration_set_access(c, path_of("/3"), 1, 1), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_configuration_set_access(c, path_of("/3/0"), 1, 16), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_configuration_set_access(c, path_of("/3/0"), 65535, 1), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_configuration_set_owner(c, path_of("/3"), 1), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_configuration_set_owner(c, linnet_path_root(), 1), LINNET_ERROR_INVALID_ARGUMENT);
  linnet_configuration_unref(c);
  CHECK(linnet_configuration_new(NULL) == NULL);
  CHECK_EQUAL(linnet_configuration_delete(NULL, linnet_path_root()), LINNET_ERROR_INVALID_ARGUMENT);
  linnet_configuration_unref(NULL);
  stage_end(&s);
}

static void what_was_given_is_not_changed_any_more(void) {
  stage s;
  stage_begin(&s);
  linnet_configuration *c = linnet_configuration_ref(new_configuration(&s));
  give_unchecked(&s, "kitchen", c);
  CHECK_EQUAL(linnet_configuration_delete(c, linnet_path_root()), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_configuration_control(c), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_configuration_set_owner(c, path_of("/3/0"), 1), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap, "cellar", c), LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_configured(s.bootstrap), 2);
  linnet_configuration_unref(c);
  stage_end(&s);
}

/* ---- who gets which ------------------------------------------------------------------------------ */

static void everybody_else_gets_what_is_for_everybody(void) {
  stage s;
  sent m;
  device d = device_new(1);
  stage_begin(&s);
  configure(&s, "cellar", 60);
  ask_for(&s, &d, 400);
  configure(&s, NULL, 61);
  CHECK_EQUAL(linnet_bootstrap_configured(s.bootstrap), 1);
  ask_for(&s, &d, 204);
  command(&s, DELETE, "", &m);
  CHECK_EQUAL(linnet_bootstrap_configure(s.bootstrap, NULL, NULL), LINNET_OK);
  ask_for(&s, &d, 400);
  stage_end(&s);
}

/* ---- the handler --------------------------------------------------------------------------------- */

typedef struct chooser {
  stage *s;
  linnet_event *kept;
  linnet_configuration *gives;
  linnet_status says;
  unsigned refuses;
  bool defers, closes;
  size_t asked, released;
} chooser;

static linnet_status choose(linnet_event *question, void *user) {
  chooser *c = user;
  c->asked++;
  CHECK_TEXT(linnet_event_endpoint(question), "kitchen");
  CHECK_TEXT(linnet_event_text(question), "10.0.0.2:5683");
  CHECK_EQUAL(linnet_event_source(question), linnet_bootstrap_number(c->s->bootstrap));
  if (c->refuses != 0) CHECK_EQUAL(linnet_question_refuse(question, c->refuses), LINNET_OK);
  if (c->gives != NULL) {
    CHECK_EQUAL(linnet_bootstrap_answer(c->s->bootstrap, question, c->gives), LINNET_OK);
  }
  if (c->closes) linnet_bootstrap_close(c->s->bootstrap);
  if (c->defers) {
    c->kept = linnet_event_ref(question);
    CHECK_EQUAL(linnet_question_defer(question), LINNET_OK);
  }
  return c->says;
}

static void released(void *user) { ((chooser *)user)->released++; }

static void stage_with_handler(stage *s, chooser *c) {
  stage_begin(s);
  c->s = s;
  CHECK_EQUAL(linnet_bootstrap_set_handler(s->bootstrap, choose, c, released), LINNET_OK);
}

static void the_handler_chooses(void) {
  stage s;
  sent m;
  device d = device_new(1);
  chooser c = {.says = LINNET_OK};
  stage_with_handler(&s, &c);
  ask_for(&s, &d, 400); /* it gave nothing, and nothing is configured */
  configure(&s, "kitchen", 60);
  ask_for(&s, &d, 204);
  command(&s, DELETE, "", &m);
  c.gives = new_configuration(&s);
  CHECK_EQUAL(linnet_configuration_set_unchecked(c.gives), LINNET_OK);
  ask_for(&s, &d, 204);
  command(&s, POST, "/bs", &m); /* for this time */
  linnet_configuration_unref(c.gives);
  c.gives = NULL;
  ask_for(&s, &d, 204);
  command(&s, DELETE, "", &m);
  CHECK_EQUAL(c.asked, 4);
  CHECK_EQUAL(linnet_bootstrap_set_handler(s.bootstrap, NULL, NULL, NULL), LINNET_OK);
  CHECK_EQUAL(c.released, 1);
  stage_end(&s);
}

static void the_handler_refuses(void) {
  static const struct {
    linnet_status says;
    unsigned refuses, code;
  } rows[] = {{LINNET_ERROR_NOT_FOUND, 0, 400},     {LINNET_ERROR_NOT_ALLOWED, 0, 400},
              {LINNET_ERROR_LIMIT_REACHED, 0, 503}, {LINNET_ERROR_HANDLER_FAILED, 0, 500},
              {LINNET_ERROR_NOT_FOUND, 403, 403},   {(linnet_status)7, 0, 500}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    stage s;
    device d = device_new(1);
    chooser c = {.says = rows[i].says, .refuses = rows[i].refuses};
    stage_with_handler(&s, &c);
    configure(&s, "kitchen", 60);
    ask_for(&s, &d, rows[i].code);
    nothing_sent(&s);
    expect_nothing(&s.b);
    stage_end(&s);
    CHECK_EQUAL(c.released, 1);
  }
}

/* The answer of a device's request, in a message of its own. */
static unsigned late_answer(stage *s, const device *d) {
  sent m;
  draft acknowledgement;
  linnet_loop_step(s->b.loop, s->b.now);
  CHECK(take(&s->b, &m));
  CHECK_EQUAL(m.message.type, LINNET_MESSAGE_CON);
  draft_begin(&acknowledgement, 2, 0, m.message.message_id, NULL, 0);
  deliver(&s->b, d, &acknowledgement);
  return sent_code(&m);
}

static void the_handler_answers_later(void) {
  stage s;
  sent m;
  device d = device_new(1);
  chooser c = {.says = LINNET_OK, .defers = true};
  stage_with_handler(&s, &c);
  ask_for(&s, &d, 0);
  pass(&s.b, s.b.now + 60000);
  expect_nothing(&s.b);
  linnet_configuration *given = new_configuration(&s);
  CHECK_EQUAL(linnet_configuration_set_unchecked(given), LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_answer(s.bootstrap, c.kept, given), LINNET_OK);
  CHECK_EQUAL(linnet_question_finish(c.kept, LINNET_OK), LINNET_OK);
  CHECK_EQUAL(late_answer(&s, &d), 204);
  command(&s, POST, "/bs", &m);
  CHECK_EQUAL(linnet_bootstrap_answer(s.bootstrap, c.kept, given), LINNET_ERROR_CLOSED);
  linnet_configuration_unref(given);
  linnet_event_unref(c.kept);
  stage_end(&s);
}

static void a_question_that_is_forgotten_is_a_refusal(void) {
  stage s;
  device d = device_new(1);
  chooser c = {.says = LINNET_OK, .defers = true};
  stage_with_handler(&s, &c);
  ask_for(&s, &d, 0);
  pass(&s.b, s.b.now + 10000);
  linnet_event_unref(c.kept);
  CHECK_EQUAL(late_answer(&s, &d), 500);
  stage_end(&s);
}

static void a_device_that_asks_again_is_asked_about_again(void) {
  stage s;
  sent m;
  device d = device_new(1);
  chooser c = {.says = LINNET_OK, .defers = true};
  stage_with_handler(&s, &c);
  CHECK_EQUAL(linnet_bootstrap_set_limit(s.bootstrap, LINNET_LIMIT_BOOTSTRAPS, 1), LINNET_OK);
  configure(&s, "kitchen", 60);
  ask_for(&s, &d, 0);
  linnet_event *former = c.kept;
  pass(&s.b, s.b.now + 60000);
  c.defers = false;
  draft again;
  draft_begin(&again, 0, POST, d.message_id++, "z", 1);
  draft_uri(&again, "bs?ep=kitchen", NO_FORMAT);
  deliver(&s.b, &d, &again);
  CHECK(take(&s.b, &m));
  CHECK_EQUAL(sent_code(&m), 503); /* to the former request */
  draft acknowledgement;
  draft_begin(&acknowledgement, 2, 0, m.message.message_id, NULL, 0);
  CHECK(take(&s.b, &m));
  CHECK_EQUAL(sent_code(&m), 204);
  deliver(&s.b, &d, &acknowledgement);
  CHECK_EQUAL(linnet_question_finish(former, LINNET_OK), LINNET_ERROR_CLOSED);
  linnet_event_unref(former);
  stage_end(&s);
}

static void questions_count_as_bootstraps(void) {
  stage s;
  sent m;
  device d = device_new(1), other = device_new(2);
  chooser c = {.says = LINNET_OK, .defers = true};
  stage_with_handler(&s, &c);
  CHECK_EQUAL(linnet_bootstrap_set_limit(s.bootstrap, LINNET_LIMIT_BOOTSTRAPS, 1), LINNET_OK);
  ask_for(&s, &d, 0);
  CHECK_EQUAL(ask(&s.b, &other, POST, "bs?ep=cellar", NO_FORMAT, NULL, &m), 503);
  linnet_event_unref(c.kept);
  stage_end(&s);
}

static void the_handler_may_close_the_server(void) {
  stage s;
  device d = device_new(1);
  chooser c = {.says = LINNET_OK, .closes = true};
  stage_with_handler(&s, &c);
  ask_for(&s, &d, 0);
  CHECK_EQUAL(c.released, 1);
  stage_end(&s);
  chooser later = {.says = LINNET_OK, .defers = true};
  stage_with_handler(&s, &later);
  ask_for(&s, &d, 0);
  linnet_bootstrap_close(s.bootstrap);
  CHECK_EQUAL(linnet_question_finish(later.kept, LINNET_OK), LINNET_ERROR_CLOSED);
  linnet_event_unref(later.kept);
  CHECK_EQUAL(linnet_bootstrap_set_handler(s.bootstrap, choose, &later, released), LINNET_ERROR_CLOSED);
  CHECK_EQUAL(later.released, 2);
  stage_end(&s);
}

/* ---- by itself (BS-04) --------------------------------------------------------------------------- */

static void begins_by_itself(void) {
  stage s;
  sent m;
  device d = device_new(1);
  uint64_t number = 0;
  stage_begin(&s);
  CHECK_EQUAL(linnet_bootstrap_start(s.bootstrap, "kitchen", &d.address, &number), LINNET_ERROR_NOT_FOUND);
  CHECK_TEXT(linnet_error_text(s.b.loop), "bootstrap of kitchen: nothing is configured for it");
  configure(&s, "kitchen", 60);
  CHECK_EQUAL(linnet_bootstrap_start(s.bootstrap, "kitchen", &d.address, &number), LINNET_OK);
  nothing_sent(&s);
  linnet_loop_step(s.b.loop, s.b.now);
  command(&s, DELETE, "", &m);
  CHECK_EQUAL(linnet_event_request(expect(&s.b, LINNET_EVENT_BOOTSTRAP_STARTED)), number);
  linnet_address nowhere = {0};
  CHECK_EQUAL(linnet_bootstrap_start(s.bootstrap, "", &d.address, NULL), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_bootstrap_start(s.bootstrap, "kitchen", &nowhere, NULL), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_address_parse(&nowhere, "sms:+15550100"), LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_start(s.bootstrap, "kitchen", &nowhere, NULL), LINNET_ERROR_WRONG_STATE);
  configure(&s, "cellar", 60);
  CHECK_EQUAL(linnet_bootstrap_set_limit(s.bootstrap, LINNET_LIMIT_BOOTSTRAPS, 1), LINNET_OK);
  CHECK_EQUAL(linnet_bootstrap_start(s.bootstrap, "cellar", &d.address, NULL), LINNET_ERROR_LIMIT_REACHED);
  linnet_bootstrap_close(s.bootstrap);
  CHECK_EQUAL(linnet_bootstrap_start(s.bootstrap, "kitchen", &d.address, NULL), LINNET_ERROR_CLOSED);
  stage_end(&s);
}

int main(void) {
  return RUN(commands_are_sent_in_their_order, a_discover_that_fails_ends_nothing,
             accounts_keep_off_the_place_of_the_bootstrap_account,
             a_bootstrap_account_is_written_where_it_is_said, commands_that_make_no_sense_are_refused,
             what_was_given_is_not_changed_any_more, everybody_else_gets_what_is_for_everybody,
             the_handler_chooses, the_handler_refuses, the_handler_answers_later,
             a_question_that_is_forgotten_is_a_refusal, a_device_that_asks_again_is_asked_about_again,
             questions_count_as_bootstraps, the_handler_may_close_the_server, begins_by_itself);
}
