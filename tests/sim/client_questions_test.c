/* SPDX-License-Identifier: Apache-2.0 */
/* client_questions_test.c: handlers that compute, refuse, answer later, and close what asks them (event.h,
 * CO-36). */
#include "scripted_server.h"

enum { TEXT = 0, TLV = 11542, JSON = 11543 };
#define THINGS 5000

/* What a handler does, and what it has seen. */
typedef struct asked_script {
  scripted s;
  linnet_object *object;
  linnet_status status;
  unsigned refusal;
  bool defer;
  bool close;  /* the client, and lets it go */
  bool remove; /* the object */
  bool forget; /* the instance that is asked about */
  bool silent; /* no answer */
  bool words;  /* a text for an answer */
  int asked;
  int released;
  int64_t number;
  linnet_operation operation;
  linnet_path path;
  char text[64];
  size_t records;
  linnet_event *kept[80];
  size_t kept_count;
} asked_script;

static void release(void *user) { ((asked_script *)user)->released++; }

static linnet_status answer(asked_script *script, linnet_event *question) {
  linnet_path path = linnet_event_path(question);
  linnet_value value = script->words ? linnet_value_string("much") : linnet_value_integer(script->number);
  if (linnet_event_operation(question) != LINNET_OPERATION_READ || script->silent) return LINNET_OK;
  if (path.id[2] == 3) path = linnet_path_resource_instance(path.id[0], path.id[1], path.id[2], 7);
  return linnet_question_answer(question, path, &value);
}

static linnet_status handler(linnet_event *question, void *user) {
  asked_script *script = user;
  script->asked++;
  script->operation = linnet_event_operation(question);
  script->path = linnet_event_path(question);
  strcpy(script->text, linnet_event_text(question));
  script->records =
      linnet_event_batch(question) != NULL ? linnet_batch_count(linnet_event_batch(question)) : 0;
  CHECK_EQUAL(linnet_event_registration(question), 1);
  if (script->refusal != 0) CHECK_EQUAL(linnet_question_refuse(question, script->refusal), LINNET_OK);
  if (script->close) {
    linnet_client_close(script->s.client);
    linnet_client_unref(script->s.client);
    script->s.client = NULL;
  }
  if (script->remove) CHECK_EQUAL(linnet_client_remove_object(script->s.client, THINGS), LINNET_OK);
  if (script->forget) CHECK_EQUAL(linnet_object_remove_instance(script->object, 0), LINNET_OK);
  if (script->defer) {
    CHECK_EQUAL(linnet_question_defer(question), LINNET_OK);
    script->kept[script->kept_count++] = linnet_event_ref(question);
    return LINNET_OK;
  }
  if (script->status != LINNET_OK) return script->status;
  return answer(script, question);
}

/* Object 5000, instance 0: 1 R computed integer, 2 RW integer, 3 R computed multiple integer, 4 E. */
static void begin(asked_script *script) {
  memset(script, 0, sizeof *script);
  scripted_begin(&script->s, UINT32_MAX);
  script->number = 21;
  linnet_model *model = linnet_client_model(script->s.client);
  CHECK_EQUAL(linnet_model_add_object(model, THINGS, "Things", NULL, LINNET_MULTIPLE), LINNET_OK);
  linnet_model_add_resource(model, THINGS, 1, "a", LINNET_TYPE_INTEGER, 1, LINNET_SINGLE, LINNET_OPTIONAL);
  linnet_model_add_resource(model, THINGS, 2, "b", LINNET_TYPE_INTEGER, 3, LINNET_SINGLE, LINNET_OPTIONAL);
  linnet_model_add_resource(model, THINGS, 3, "c", LINNET_TYPE_INTEGER, 1, LINNET_MULTIPLE, LINNET_OPTIONAL);
  linnet_model_add_resource(model, THINGS, 4, "d", LINNET_TYPE_NONE, 4, LINNET_SINGLE, LINNET_MANDATORY);
  linnet_object *object = script->object = linnet_object_new(model, THINGS);
  linnet_value two = linnet_value_integer(2);
  CHECK_EQUAL(linnet_object_add_instance(object, 0), LINNET_OK);
  CHECK_EQUAL(linnet_object_compute(object, linnet_path_resource(THINGS, 0, 1)), LINNET_OK);
  CHECK_EQUAL(linnet_object_set(object, linnet_path_resource(THINGS, 0, 2), &two), LINNET_OK);
  CHECK_EQUAL(linnet_object_compute(object, linnet_path_resource(THINGS, 0, 3)), LINNET_OK);
  CHECK_EQUAL(linnet_object_set_handler(object, 31, handler, script, release), LINNET_OK);
  CHECK_EQUAL(linnet_object_allow(object, LINNET_OPERATION_CREATE | LINNET_OPERATION_DELETE), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_object(script->s.client, object), LINNET_OK);
  scripted_register(&script->s);
  scripted_drain(&script->s);
}

static void end(asked_script *script) {
  linnet_object_unref(script->object);
  scripted_end(&script->s);
  for (size_t i = 0; i < script->kept_count; i++) linnet_event_unref(script->kept[i]);
  CHECK_EQUAL(script->released, 1);
}

static void expect_payload(scripted *s, const char *bytes, size_t length) {
  CHECK_BYTES(s->message.payload, s->message.payload_length, bytes, length);
}

static void asks_for_computed_values(void) {
  asked_script t;
  begin(&t);
  CHECK_EQUAL(scripted_get(&t.s, "5000/0/1", TEXT), 205);
  CHECK_TEXT(scripted_payload(&t.s), "21");
  CHECK_EQUAL(t.operation, LINNET_OPERATION_READ);
  CHECK(linnet_path_equal(t.path, linnet_path_resource(THINGS, 0, 1)));
  CHECK_EQUAL(t.asked, 1);
  CHECK_EQUAL(scripted_get(&t.s, "5000/0", TLV), 205);
  expect_payload(&t.s, "\xC1\x01\x15\xC1\x02\x02\x83\x03\x41\x07\x15", 11);
  CHECK_EQUAL(t.asked, 3);
  CHECK_EQUAL(scripted_get(&t.s, "5000", JSON), 205);
  CHECK_TEXT(scripted_payload(&t.s),
             "{\"bn\":\"/5000/\",\"e\":[{\"n\":\"0/1\",\"v\":21},{\"n\":\"0/2\",\"v\":2},{\"n\":\"0/3/"
             "7\",\"v\":21}]}");
  CHECK_EQUAL(scripted_get(&t.s, "5000/0/2", TEXT), 205); /* a stored one is not asked for */
  CHECK_EQUAL(t.asked, 5);
  CHECK_EQUAL(scripted_get(&t.s, "5000/0/3", 40), 205); /* DM-81 */
  CHECK_TEXT(scripted_payload(&t.s), "</5000/0/3>;dim=1");
  end(&t);
}

/* No value: a resource that is not there (DM-10, DM-12). */
static void leaves_out_what_has_no_value(void) {
  asked_script t;
  begin(&t);
  t.silent = true;
  CHECK_EQUAL(scripted_get(&t.s, "5000/0/1", TLV), 404);
  CHECK_EQUAL(scripted_get(&t.s, "5000/0/3", TLV), 205);
  expect_payload(&t.s, "\x80\x03", 2);
  CHECK_EQUAL(scripted_get(&t.s, "5000/0", TLV), 205);
  expect_payload(&t.s, "\xC1\x02\x02\x80\x03", 5);
  t.silent = false;
  t.status = LINNET_ERROR_NOT_FOUND;
  CHECK_EQUAL(scripted_get(&t.s, "5000/0/1", TLV), 404);
  CHECK_EQUAL(scripted_get(&t.s, "5000/0", TLV), 205);
  end(&t);
}

/* event.h: the status decides, unless a code was chosen. */
static void tells_the_application_of_answers_that_do_not_fit(void) {
  asked_script t;
  begin(&t);
  t.words = true;
  CHECK_EQUAL(scripted_get(&t.s, "5000/0/1", TLV), 500);
  linnet_event *event = scripted_event(&t.s, LINNET_EVENT_ERROR);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_HANDLER_FAILED);
  CHECK_EQUAL(linnet_event_source(event), linnet_client_number(t.s.client));
  CHECK_TEXT(linnet_event_text(event),
             "the answer of the handler for /5000/0/1: value has the wrong type for this resource");
  t.words = false;
  CHECK_EQUAL(scripted_get(&t.s, "5000/0/1", TLV), 205);
  scripted_no_event(&t.s);
  end(&t);
}

static void answers_with_the_code_of_the_handler(void) {
  static const struct {
    linnet_status status;
    unsigned refusal, code;
  } cases[] = {{LINNET_ERROR_NOT_FOUND, 0, 404},
               {LINNET_ERROR_NOT_ALLOWED, 0, 405},
               {LINNET_ERROR_INVALID_ARGUMENT, 0, 400},
               {LINNET_ERROR_WRONG_TYPE, 0, 400},
               {LINNET_ERROR_OUT_OF_RANGE, 0, 400},
               {LINNET_ERROR_HANDLER_FAILED, 0, 500},
               {LINNET_ERROR_SYSTEM, 0, 500},
               {LINNET_ERROR_HANDLER_FAILED, 503, 503},
               {LINNET_OK, 406, 406}};
  asked_script t;
  begin(&t);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    t.status = cases[i].status;
    t.refusal = cases[i].refusal;
    CHECK_EQUAL(scripted_get(&t.s, "5000/0/1", TLV), cases[i].code);
    CHECK_EQUAL(scripted_text(&t.s, PUT, "5000/0/2", TEXT, "9"), cases[i].code);
    CHECK_EQUAL(scripted_text(&t.s, POST, "5000/0/4", TEXT, "1"), cases[i].code);
    CHECK_EQUAL(scripted_send(&t.s, POST, "5000", TLV, "\xC1\x02\x05", 3), cases[i].code);
    CHECK_EQUAL(scripted_text(&t.s, DELETE, "5000/0", -1, ""), cases[i].code);
  }
  linnet_value value;
  CHECK_EQUAL(linnet_object_get(t.object, linnet_path_resource(THINGS, 0, 2), &value), LINNET_OK);
  CHECK_EQUAL(value.as.integer, 2);
  CHECK_EQUAL(linnet_object_instance_count(t.object), 1);
  scripted_no_event(&t.s);
  end(&t);
}

static void asks_before_it_writes_executes_creates_and_deletes(void) {
  asked_script t;
  begin(&t);
  CHECK_EQUAL(scripted_text(&t.s, PUT, "5000/0/2", TEXT, "9"), 204);
  CHECK_EQUAL(t.operation, LINNET_OPERATION_WRITE);
  CHECK_EQUAL(t.records, 1);
  CHECK_EQUAL(scripted_send(&t.s, POST, "5000/0", TLV, "\xC1\x02\x05", 3), 204);
  CHECK_EQUAL(t.operation, LINNET_OPERATION_UPDATE);
  CHECK(linnet_path_equal(t.path, linnet_path_instance(THINGS, 0)));
  CHECK_EQUAL(scripted_text(&t.s, POST, "5000/0/4", TEXT, "0='now'"), 204);
  CHECK_EQUAL(t.operation, LINNET_OPERATION_EXECUTE);
  CHECK_TEXT(t.text, "0='now'");
  CHECK_EQUAL(scripted_send(&t.s, POST, "5000", TLV, "\x03\x06\xC1\x02\x05", 5), 201);
  CHECK_EQUAL(t.operation, LINNET_OPERATION_CREATE);
  CHECK(linnet_path_equal(t.path, linnet_path_instance(THINGS, 6)));
  scripted_take_update(&t.s);
  CHECK_EQUAL(scripted_text(&t.s, DELETE, "5000/6", -1, ""), 202);
  CHECK_EQUAL(t.operation, LINNET_OPERATION_DELETE);
  scripted_take_update(&t.s);
  int asked = t.asked;
  CHECK_EQUAL(scripted_text(&t.s, PUT, "5000/0/2", TEXT, "x"), 400); /* checked before anybody is asked */
  CHECK_EQUAL(t.asked, asked);
  end(&t);
}

/* Expects a separate response (CO-36): the empty ACK has gone out, and this is a CON with the token of the
 * request. */
static unsigned separate_response(scripted *s) {
  CHECK(scripted_run(s, s->now));
  CHECK_EQUAL(s->message.type, LINNET_MESSAGE_CON);
  CHECK_EQUAL(s->message.token[0], s->token);
  unsigned code = (unsigned)(s->message.code >> 5) * 100 + (s->message.code & 31);
  linnet_message message = s->message;
  scripted_acknowledge(s, LINNET_MESSAGE_ACK);
  linnet_loop_step(s->loop, s->now);
  s->message = message;
  return code;
}

static void defer_request(asked_script *t, uint8_t method, const char *path, int format, const char *payload,
                          size_t length) {
  request r = REQUEST(method, path);
  t->defer = true;
  r.format = format;
  r.payload = payload;
  r.payload_length = length;
  scripted_request(&t->s, &r);
  CHECK(!scripted_run(&t->s, t->s.now + 999));
  CHECK(scripted_run(&t->s, t->s.now + 1)); /* after 1 s at most */
  CHECK_EQUAL(t->s.message.type, LINNET_MESSAGE_ACK);
  CHECK_EQUAL(t->s.message.code, 0);
  CHECK(scripted_silent(&t->s, 20000));
}

static void answers_deferred_reads(void) {
  asked_script t;
  linnet_value five = linnet_value_integer(5), six = linnet_value_integer(6);
  begin(&t);
  defer_request(&t, GET, "5000/0", -1, "", 0);
  CHECK_EQUAL(t.kept_count, 2); /* both questions at once */
  CHECK_EQUAL(linnet_question_answer(t.kept[1], linnet_path_resource_instance(THINGS, 0, 3, 1), &six),
              LINNET_OK);
  CHECK_EQUAL(linnet_question_finish(t.kept[1], LINNET_OK), LINNET_OK);
  CHECK(scripted_silent(&t.s, 1000));
  CHECK_EQUAL(linnet_question_answer(t.kept[0], linnet_path_resource(THINGS, 0, 1), &five), LINNET_OK);
  CHECK_EQUAL(linnet_question_finish(t.kept[0], LINNET_OK), LINNET_OK);
  CHECK_EQUAL(linnet_question_finish(t.kept[0], LINNET_OK), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(separate_response(&t.s), 205);
  expect_payload(&t.s, "\xC1\x01\x05\xC1\x02\x02\x83\x03\x41\x01\x06", 11);
  end(&t);
}

/* One that fails answers for all; the other is not waited for. */
static void a_deferred_read_fails_with_its_first_failure(void) {
  asked_script t;
  begin(&t);
  defer_request(&t, GET, "5000/0", -1, "", 0);
  CHECK_EQUAL(linnet_question_finish(t.kept[1], LINNET_ERROR_HANDLER_FAILED), LINNET_OK);
  CHECK_EQUAL(separate_response(&t.s), 500);
  CHECK_EQUAL(linnet_question_finish(t.kept[0], LINNET_OK), LINNET_ERROR_CLOSED);
  /* A question that is dropped is a failure, too: nobody waits for ever. */
  defer_request(&t, GET, "5000/0/1", -1, "", 0);
  linnet_event_unref(t.kept[--t.kept_count]);
  CHECK_EQUAL(separate_response(&t.s), 500);
  end(&t);
}

static void answers_deferred_writes_executes_creates_and_deletes(void) {
  asked_script t;
  linnet_value value;
  begin(&t);
  defer_request(&t, PUT, "5000/0/2", TEXT, "33", 2);
  CHECK_EQUAL(linnet_object_get(t.object, linnet_path_resource(THINGS, 0, 2), &value), LINNET_OK);
  CHECK_EQUAL(value.as.integer, 2);
  CHECK_EQUAL(linnet_question_finish(t.kept[0], LINNET_OK), LINNET_OK);
  CHECK_EQUAL(separate_response(&t.s), 204);
  CHECK_EQUAL(linnet_object_get(t.object, linnet_path_resource(THINGS, 0, 2), &value), LINNET_OK);
  CHECK_EQUAL(value.as.integer, 33);
  scripted_event(&t.s, LINNET_EVENT_WRITTEN);
  defer_request(&t, POST, "5000/0/4", TEXT, "1='x'", 5);
  CHECK_EQUAL(linnet_question_finish(t.kept[1], LINNET_OK), LINNET_OK);
  CHECK_EQUAL(separate_response(&t.s), 204);
  CHECK_TEXT(linnet_event_text(scripted_event(&t.s, LINNET_EVENT_EXECUTED)), "1='x'");
  defer_request(&t, POST, "5000", TLV, "\xC1\x02\x05", 3);
  CHECK_EQUAL(linnet_question_finish(t.kept[2], LINNET_OK), LINNET_OK);
  CHECK_EQUAL(separate_response(&t.s), 201);
  CHECK_TEXT(scripted_texts(&t.s, LOCATION_PATH, "/", "/"), "/5000/1");
  scripted_take_update(&t.s);
  scripted_drain(&t.s);
  /* Meanwhile the application deletes what the server wanted to delete. */
  defer_request(&t, DELETE, "5000/1", -1, "", 0);
  CHECK_EQUAL(linnet_object_remove_instance(t.object, 1), LINNET_OK);
  scripted_take_update(&t.s);
  CHECK_EQUAL(linnet_question_finish(t.kept[3], LINNET_OK), LINNET_OK);
  CHECK_EQUAL(separate_response(&t.s), 404);
  /* Meanwhile somebody else creates the instance. */
  defer_request(&t, POST, "5000", TLV, "\xC1\x02\x05", 3);
  CHECK_EQUAL(linnet_object_add_instance(t.object, 1), LINNET_OK);
  scripted_take_update(&t.s);
  CHECK_EQUAL(linnet_question_finish(t.kept[4], LINNET_OK), LINNET_OK);
  CHECK_EQUAL(separate_response(&t.s), 400);
  end(&t);
}

static void observes_computed_values(void) {
  asked_script t;
  begin(&t);
  request r = REQUEST(GET, "5000/0/1");
  r.accept = TEXT;
  r.observe = 0;
  CHECK_EQUAL(scripted_ask(&t.s, &r), 205);
  uint8_t token = t.s.token;
  int asked = t.asked;
  t.number = 22;
  CHECK(scripted_silent(&t.s, 1000));
  CHECK_EQUAL(linnet_client_notify(t.s.client, linnet_path_resource(THINGS, 0, 1)), LINNET_OK);
  CHECK(scripted_run(&t.s, t.s.now));
  CHECK_EQUAL(t.s.message.token[0], token);
  CHECK_TEXT(scripted_payload(&t.s), "22");
  scripted_acknowledge(&t.s, LINNET_MESSAGE_ACK);
  CHECK_EQUAL(t.asked, asked + 1);
  CHECK_EQUAL(linnet_client_notify(t.s.client, linnet_path_resource(THINGS, 0, 1)), LINNET_OK);
  CHECK(scripted_silent(&t.s, 1000)); /* the same value again */
  /* Deferred, and changed again while it is. */
  t.defer = true;
  CHECK_EQUAL(linnet_client_notify(t.s.client, linnet_path_resource(THINGS, 0, 1)), LINNET_OK);
  CHECK(scripted_silent(&t.s, 1000));
  CHECK_EQUAL(t.kept_count, 1);
  CHECK_EQUAL(linnet_client_notify(t.s.client, linnet_path_resource(THINGS, 0, 1)), LINNET_OK);
  CHECK(scripted_silent(&t.s, 1000));
  t.defer = false;
  t.number = 24;
  linnet_value value = linnet_value_integer(23);
  CHECK_EQUAL(linnet_question_answer(t.kept[0], linnet_path_resource(THINGS, 0, 1), &value), LINNET_OK);
  CHECK_EQUAL(linnet_question_finish(t.kept[0], LINNET_OK), LINNET_OK);
  CHECK(scripted_run(&t.s, t.s.now));
  CHECK_TEXT(scripted_payload(&t.s), "23");
  scripted_acknowledge(&t.s, LINNET_MESSAGE_ACK);
  CHECK(scripted_run(&t.s, t.s.now));
  CHECK_TEXT(scripted_payload(&t.s), "24");
  scripted_acknowledge(&t.s, LINNET_MESSAGE_ACK);
  /* A handler that fails costs no observation. */
  t.status = LINNET_ERROR_HANDLER_FAILED;
  CHECK_EQUAL(linnet_client_notify(t.s.client, linnet_path_resource(THINGS, 0, 1)), LINNET_OK);
  CHECK(scripted_silent(&t.s, 1000));
  t.status = LINNET_OK;
  t.number = 25;
  CHECK_EQUAL(linnet_client_notify(t.s.client, linnet_path_resource(THINGS, 0, 1)), LINNET_OK);
  CHECK(scripted_run(&t.s, t.s.now));
  CHECK_TEXT(scripted_payload(&t.s), "25");
  end(&t);
}

/* An Observe whose first value comes late begins then. */
static void begins_a_deferred_observation_with_its_answer(void) {
  asked_script t;
  linnet_value value = linnet_value_integer(7);
  begin(&t);
  t.defer = true;
  request r = REQUEST(GET, "5000/0/1");
  r.observe = 0;
  r.accept = TEXT;
  scripted_request(&t.s, &r);
  CHECK(scripted_run(&t.s, t.s.now + 1000));
  CHECK(scripted_silent(&t.s, 1000));
  CHECK_EQUAL(linnet_question_answer(t.kept[0], linnet_path_resource(THINGS, 0, 1), &value), LINNET_OK);
  CHECK_EQUAL(linnet_question_finish(t.kept[0], LINNET_OK), LINNET_OK);
  CHECK_EQUAL(separate_response(&t.s), 205);
  CHECK(scripted_option(&t.s, OBSERVE) >= 0);
  t.defer = false;
  CHECK_EQUAL(linnet_client_notify(t.s.client, linnet_path_resource(THINGS, 0, 1)), LINNET_OK);
  CHECK(scripted_run(&t.s, t.s.now));
  CHECK_TEXT(scripted_payload(&t.s), "21");
  end(&t);
}

typedef void (*ask)(asked_script *t);
static void ask_read(asked_script *t) {
  request r = REQUEST(GET, "5000/0");
  scripted_request(&t->s, &r);
}
static void ask_observe(asked_script *t) {
  request r = REQUEST(GET, "5000/0/1");
  r.observe = 0;
  scripted_request(&t->s, &r);
}
static void ask_write(asked_script *t) {
  request r = REQUEST(PUT, "5000/0/2");
  r.format = TEXT;
  r.payload = "3";
  r.payload_length = 1;
  scripted_request(&t->s, &r);
}
static void ask_execute(asked_script *t) {
  request r = REQUEST(POST, "5000/0/4");
  scripted_request(&t->s, &r);
}
static void ask_create(asked_script *t) {
  request r = REQUEST(POST, "5000");
  r.format = TLV;
  r.payload = "\xC1\x02\x05";
  r.payload_length = 3;
  scripted_request(&t->s, &r);
}
static void ask_delete(asked_script *t) {
  request r = REQUEST(DELETE, "5000/0");
  scripted_request(&t->s, &r);
}
static void ask_by_notification(asked_script *t) {
  bool close = t->close, remove = t->remove, forget = t->forget, defer = t->defer;
  t->close = t->remove = t->forget = t->defer = false;
  ask_observe(t);
  CHECK(scripted_run(&t->s, t->s.now));
  t->close = close, t->remove = remove, t->forget = forget, t->defer = defer;
  CHECK_EQUAL(linnet_client_notify(t->s.client, linnet_path_resource(THINGS, 0, 1)), LINNET_OK);
}

static const ask asks[] = {ask_read,   ask_observe, ask_write,          ask_execute,
                           ask_create, ask_delete,  ask_by_notification};
#define ASKS (sizeof asks / sizeof asks[0])

static void the_client_may_be_closed_inside_any_question(void) {
  for (size_t i = 0; i < ASKS; i++) {
    asked_script t;
    begin(&t);
    t.close = true;
    asks[i](&t);
    CHECK(scripted_silent(&t.s, 100000));
    CHECK_EQUAL(t.asked, asks[i] == ask_by_notification ? 2 : 1);
    end(&t);
  }
}

static void the_client_may_be_closed_while_a_question_is_open(void) {
  for (size_t i = 0; i < ASKS; i++) {
    asked_script t;
    begin(&t);
    t.defer = true;
    asks[i](&t);
    while (scripted_run(&t.s, t.s.now + 2000)) continue;
    CHECK(t.kept_count > 0);
    linnet_client_close(t.s.client);
    CHECK_EQUAL(linnet_question_finish(t.kept[0], LINNET_OK), LINNET_ERROR_CLOSED);
    CHECK(scripted_silent(&t.s, 100000));
    end(&t);
  }
}

static void the_object_may_be_removed_inside_any_question(void) {
  for (size_t i = 0; i < ASKS; i++) {
    asked_script t;
    begin(&t);
    t.remove = true;
    asks[i](&t);
    CHECK(scripted_run(&t.s, t.s.now));
    bool found = false;
    do {
      found |= t.s.message.code == CODE(404);
      if (t.s.message.type == LINNET_MESSAGE_CON && t.s.message.code == POST)
        scripted_answer(&t.s, 204);
      else if (t.s.message.type == LINNET_MESSAGE_CON)
        scripted_acknowledge(&t.s, LINNET_MESSAGE_ACK);
    } while (scripted_run(&t.s, t.s.now + 1000));
    CHECK(found);
    end(&t);
  }
}

static void the_instance_may_be_removed_inside_any_question(void) {
  for (size_t i = 0; i < ASKS; i++) {
    if (asks[i] == ask_execute || asks[i] == ask_create) continue;
    asked_script t;
    begin(&t);
    t.forget = true;
    asks[i](&t);
    bool found = false;
    while (scripted_run(&t.s, t.s.now + 1000)) {
      found |= t.s.message.code == CODE(404);
      t.forget = false;
      if (t.s.message.type == LINNET_MESSAGE_CON && t.s.message.code == POST)
        scripted_answer(&t.s, 204);
      else if (t.s.message.type == LINNET_MESSAGE_CON)
        scripted_acknowledge(&t.s, LINNET_MESSAGE_ACK);
    }
    CHECK(found);
    end(&t);
  }
}

/* 64 requests may wait for answers; one more is 5.03, and nobody is asked. */
static void bounds_the_requests_that_wait(void) {
  asked_script t;
  begin(&t);
  t.defer = true;
  for (int i = 0; i < 64; i++) {
    request r = REQUEST(GET, "5000/0/1");
    scripted_request(&t.s, &r);
    CHECK(!scripted_run(&t.s, t.s.now));
  }
  CHECK_EQUAL(t.asked, 64);
  CHECK_EQUAL(scripted_get(&t.s, "5000/0/1", -1), 503);
  CHECK_EQUAL(t.asked, 64);
  CHECK_EQUAL(scripted_get(&t.s, "5000/0/2", -1), 205);
  for (int i = 0; i < 64; i++) CHECK_EQUAL(linnet_question_finish(t.kept[i], LINNET_OK), LINNET_OK);
  t.defer = false;
  for (int i = 0; i < 64; i++) {
    CHECK(scripted_run(&t.s, t.s.now));
    CHECK_EQUAL(t.s.message.code, CODE(404));
    if (t.s.message.type == LINNET_MESSAGE_CON) scripted_acknowledge(&t.s, LINNET_MESSAGE_ACK);
  }
  CHECK_EQUAL(scripted_get(&t.s, "5000/0/1", -1), 205);
  end(&t);
}

int main(void) {
  return RUN(asks_for_computed_values, leaves_out_what_has_no_value,
             tells_the_application_of_answers_that_do_not_fit, answers_with_the_code_of_the_handler,
             asks_before_it_writes_executes_creates_and_deletes, answers_deferred_reads,
             a_deferred_read_fails_with_its_first_failure,
             answers_deferred_writes_executes_creates_and_deletes, observes_computed_values,
             begins_a_deferred_observation_with_its_answer, the_client_may_be_closed_inside_any_question,
             the_client_may_be_closed_while_a_question_is_open, the_object_may_be_removed_inside_any_question,
             the_instance_may_be_removed_inside_any_question, bounds_the_requests_that_wait);
}
