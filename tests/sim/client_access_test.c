/* SPDX-License-Identifier: Apache-2.0 */
/* client_access_test.c: access control among several servers (lwm2m-1.0.md section 8, OBS-03, BS-33). */
#include "scripted_server.h"

enum { TEXT = 0, LINK = 40, TLV = 11542 };
enum { ALL = LINNET_ACCESS_READ | LINNET_ACCESS_WRITE | LINNET_ACCESS_EXECUTE | LINNET_ACCESS_DELETE };

/* Servers 101 and 102, as in the examples of section 8; the harness speaks as one at a time. */
typedef struct parties {
  scripted s;
  linnet_address addresses[2];
} parties;

static void speak_as(parties *p, int server) { p->s.server = p->addresses[server - 101]; }

static linnet_path instance(uint16_t object, uint16_t id) { return linnet_path_instance(object, id); }

static void allow(parties *p, linnet_path path, uint16_t server, unsigned access) {
  CHECK_EQUAL(linnet_client_set_access(p->s.client, path, server, access), LINNET_OK);
}

static void set(parties *p, linnet_path path, int64_t number) {
  linnet_value value = linnet_value_integer(number);
  CHECK_EQUAL(linnet_client_set(p->s.client, path, &value), LINNET_OK);
}

/* Object 3303 with two instances, where servers may create and delete. */
static void add_sensors(parties *p) {
  linnet_model *model = linnet_client_model(p->s.client);
  CHECK_EQUAL(linnet_model_add_object(model, 3303, "Temperature", "1.0", LINNET_MULTIPLE), LINNET_OK);
  CHECK_EQUAL(linnet_model_add_resource(model, 3303, 5700, "Value", LINNET_TYPE_INTEGER,
                                        LINNET_OPERATION_READ | LINNET_OPERATION_WRITE, LINNET_SINGLE,
                                        LINNET_MANDATORY),
              LINNET_OK);
  CHECK_EQUAL(linnet_model_add_resource(model, 3303, 5605, "Reset", LINNET_TYPE_NONE,
                                        LINNET_OPERATION_EXECUTE, LINNET_SINGLE, LINNET_OPTIONAL),
              LINNET_OK);
  linnet_object *object = linnet_object_new(model, 3303);
  linnet_object_allow(object, LINNET_OPERATION_CREATE | LINNET_OPERATION_DELETE);
  for (uint16_t i = 0; i < 2; i++) {
    CHECK_EQUAL(linnet_object_add_instance(object, i), LINNET_OK);
    CHECK_EQUAL(linnet_object_offer(object, linnet_path_resource(3303, i, 5605)), LINNET_OK);
    linnet_value value = linnet_value_integer(20 + i);
    CHECK_EQUAL(linnet_object_set(object, linnet_path_resource(3303, i, 5700), &value), LINNET_OK);
  }
  CHECK_EQUAL(linnet_client_add_object(p->s.client, object), LINNET_OK);
  linnet_object_unref(object);
}

static void begin_accounts(parties *p, int count) {
  memset(p, 0, sizeof *p);
  scripted *s = &p->s;
  s->fail_after = UINT32_MAX;
  s->message_id = 0x7000;
  s->loop = linnet_loop_new_with_memory("0123456789abcdef", 16, scripted_memory, s);
  s->transport = linnet_transport_new(s->loop, LINNET_TRANSPORT_UDP);
  s->client = linnet_client_new(s->loop, "node1", NULL);
  CHECK_EQUAL(linnet_client_add_transport(s->client, s->transport), LINNET_OK);
  const char *const uris[] = {"coap://10.0.0.1:5683", "coap://10.0.0.2:5683"};
  for (int i = 0; i < 2; i++) {
    CHECK_EQUAL(linnet_address_parse(&p->addresses[i], uris[i]), LINNET_OK);
    if (i < count)
      CHECK_EQUAL(linnet_client_add_server(s->client, uris[i], (uint16_t)(101 + i), 86400), LINNET_OK);
  }
  add_sensors(p);
}

static void start(parties *p, int count) {
  CHECK_EQUAL(linnet_client_start(p->s.client), LINNET_OK);
  for (int i = 0; i < count; i++) {
    packet answer;
    speak_as(p, 101 + i);
    scripted_expect(&p->s, POST, "/rd");
    scripted_answer_begin(&p->s, &answer, 201);
    packet_texts(&answer, LOCATION_PATH, "rd/1", '/');
    scripted_give(&p->s, &answer);
  }
  CHECK(!scripted_run(&p->s, p->s.now));
  scripted_drain(&p->s);
}

static void begin(parties *p) {
  begin_accounts(p, 2);
  start(p, 2);
}

/* Both servers hear of a new list. */
static void take_updates(parties *p) {
  for (int i = 0; i < 2; i++) {
    speak_as(p, 101 + i);
    scripted_expect(&p->s, POST, "/rd/1");
    scripted_answer(&p->s, 204);
  }
  CHECK(!scripted_run(&p->s, p->s.now));
}

static unsigned get(parties *p, int server, const char *path) {
  speak_as(p, server);
  return scripted_get(&p->s, path, -1);
}

static unsigned put(parties *p, int server, const char *path, const char *text) {
  speak_as(p, server);
  return scripted_text(&p->s, PUT, path, TEXT, text);
}

static unsigned plain(parties *p, int server, uint8_t method, const char *path, const char *query) {
  request r = REQUEST(method, path);
  r.query = query;
  speak_as(p, server);
  return scripted_ask(&p->s, &r);
}

static unsigned create(parties *p, int server) {
  static const uint8_t values[] = {0xE1, 0x16, 0x44, 30};
  speak_as(p, server);
  return scripted_send(&p->s, POST, "3303", TLV, values, sizeof values);
}

static void gives_a_single_server_all_rights_ACL_01(void) {
  parties p;
  begin_accounts(&p, 1);
  start(&p, 1);
  CHECK(linnet_client_object(p.s.client, 2) == NULL);
  CHECK_EQUAL(get(&p, 101, "3303/0"), 205);
  CHECK_EQUAL(put(&p, 101, "3303/0/5700", "5"), 204);
  CHECK_EQUAL(create(&p, 101), 201);
  speak_as(&p, 101);
  scripted_expect(&p.s, POST, "/rd/1");
  scripted_answer(&p.s, 204);
  CHECK(!scripted_run(&p.s, p.s.now));
  CHECK(linnet_client_object(p.s.client, 2) == NULL);
  CHECK_EQUAL(linnet_client_access(p.s.client, instance(3303, 0), 101), ALL | LINNET_ACCESS_CREATE);
  CHECK_EQUAL(linnet_client_access(p.s.client, instance(0, 0), 101), 0);
  CHECK_EQUAL(linnet_client_access(p.s.client, instance(3303, 0), 102), 0); /* no such account */
  scripted_end(&p.s);
}

/* ACL-01: object 2 is kept up, but not asked. */
static void maintains_what_it_does_not_consult_ACL_01(void) {
  parties p;
  begin_accounts(&p, 1);
  allow(&p, instance(3303, 0), 101, 0);
  start(&p, 1);
  CHECK_EQUAL(get(&p, 101, "3303/0"), 205);
  CHECK_EQUAL(create(&p, 101), 201);
  scripted_expect(&p.s, POST, "/rd/1");
  scripted_answer(&p.s, 204);
  CHECK(!scripted_run(&p.s, p.s.now));
  CHECK_EQUAL(get(&p, 101, "2/1"), 205);
  linnet_value value;
  CHECK_EQUAL(linnet_client_get(p.s.client, linnet_path_resource(2, 1, 0), &value), LINNET_OK);
  CHECK_EQUAL(value.as.integer, 3303);
  CHECK_EQUAL(linnet_client_get(p.s.client, linnet_path_resource(2, 1, 1), &value), LINNET_OK);
  CHECK_EQUAL(value.as.integer, 2);
  CHECK_EQUAL(linnet_client_get(p.s.client, linnet_path_resource(2, 1, 3), &value), LINNET_OK);
  CHECK_EQUAL(value.as.integer, 101);
  scripted_end(&p.s);
}

/* AMB-13, ACL-04: 4.01 before 4.05, after 4.04. */
static void denies_what_nobody_was_given_ACL_02(void) {
  parties p;
  begin(&p);
  CHECK(linnet_client_object(p.s.client, 2) != NULL);
  for (int server = 101; server <= 102; server++) {
    CHECK_EQUAL(get(&p, server, "3303/0"), 401);
    CHECK_EQUAL(get(&p, server, "3303/0/5700"), 401);
    CHECK_EQUAL(get(&p, server, "3303/0/1"), 401);
    CHECK_EQUAL(get(&p, server, "3303/9"), 404);
    CHECK_EQUAL(put(&p, server, "3303/0/5700", "5"), 401);
    CHECK_EQUAL(put(&p, server, "3303/0/5605", "5"), 401);
    CHECK_EQUAL(plain(&p, server, POST, "3303/0/5605", NULL), 401);
    CHECK_EQUAL(plain(&p, server, POST, "3303/0/5700", NULL), 401);
    CHECK_EQUAL(plain(&p, server, PUT, "3303/0", "pmin=1"), 401);
    CHECK_EQUAL(plain(&p, server, DELETE, "3303/0", NULL), 401);
    CHECK_EQUAL(plain(&p, server, DELETE, "3/0", NULL), 401);
    CHECK_EQUAL(create(&p, server), 401);
    CHECK_EQUAL(get(&p, server, "3303"), 205); /* AMB-35 */
    CHECK_EQUAL(p.s.message.payload_length, 0);
    CHECK_EQUAL(plain(&p, server, PUT, "3303", "pmin=1"), 204);
    CHECK_EQUAL(scripted_get(&p.s, "3303/0", LINK), 205); /* DM-82 */
    CHECK_EQUAL(scripted_get(&p.s, "0", LINK), 401);
  }
  scripted_end(&p.s);
}

/* Examples (a) and (b): each bit for its operations; the default entry for those without one (d); an entry of
 * the owner's own takes the place of the owner's rights (e). */
static void decides_by_entry_owner_and_default(void) {
  static const struct {
    unsigned access;
    unsigned read, write, execute, attributes, erase;
  } cases[] = {{0, 401, 401, 401, 401, 401},
               {LINNET_ACCESS_READ, 205, 401, 401, 204, 401},
               {LINNET_ACCESS_WRITE, 401, 204, 401, 401, 401},
               {LINNET_ACCESS_EXECUTE, 401, 401, 204, 401, 401},
               {LINNET_ACCESS_DELETE, 401, 401, 401, 401, 202}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    parties p;
    begin_accounts(&p, 2);
    allow(&p, instance(3303, 0), 101, cases[i].access);
    allow(&p, instance(3303, 0), LINNET_EVERY_SERVER, LINNET_ACCESS_READ);
    start(&p, 2);
    CHECK_EQUAL(linnet_client_access(p.s.client, instance(3303, 0), 101), cases[i].access);
    CHECK_EQUAL(get(&p, 101, "3303/0/5700"), cases[i].read);
    CHECK_EQUAL(get(&p, 101, "3303/1/5700"), 401);
    CHECK_EQUAL(put(&p, 101, "3303/0/5700", "5"), cases[i].write);
    CHECK_EQUAL(plain(&p, 101, POST, "3303/0/5605", NULL), cases[i].execute);
    CHECK_EQUAL(plain(&p, 101, PUT, "3303/0/5700", "pmin=1"), cases[i].attributes);
    CHECK_EQUAL(get(&p, 102, "3303/0/5700"), 205);
    CHECK_EQUAL(put(&p, 102, "3303/0/5700", "5"), 401);
    CHECK_EQUAL(plain(&p, 101, DELETE, "3303/0", NULL), cases[i].erase);
    scripted_end(&p.s);
  }
}

static void lets_the_owner_do_everything_ACL_10(void) {
  parties p;
  begin_accounts(&p, 2);
  CHECK_EQUAL(linnet_client_set_owner(p.s.client, instance(3303, 0), 101), LINNET_OK);
  allow(&p, instance(3303, 0), LINNET_EVERY_SERVER, LINNET_ACCESS_READ);
  start(&p, 2);
  CHECK_EQUAL(get(&p, 101, "3303/0"), 205);
  CHECK_EQUAL(put(&p, 101, "3303/0/5700", "5"), 204);
  CHECK_EQUAL(plain(&p, 101, POST, "3303/0/5605", NULL), 204);
  CHECK_EQUAL(get(&p, 102, "3303/0"), 205);
  CHECK_EQUAL(put(&p, 102, "3303/0/5700", "5"), 401);
  /* (e): it gives itself less. */
  CHECK_EQUAL(linnet_client_access(p.s.client, instance(3303, 0), 101), ALL);
  allow(&p, instance(3303, 0), 101, LINNET_ACCESS_READ);
  CHECK_EQUAL(put(&p, 101, "3303/0/5700", "6"), 401);
  scripted_end(&p.s);
}

static void reads_only_what_it_may_of_an_object_DM_10(void) {
  parties p;
  begin_accounts(&p, 2);
  allow(&p, instance(3303, 1), 102, LINNET_ACCESS_READ);
  start(&p, 2);
  CHECK_EQUAL(get(&p, 102, "3303"), 205);
  CHECK_EQUAL(p.s.message.payload_length, 6);
  CHECK_EQUAL(p.s.message.payload[1], 1); /* instance 1 */
  CHECK_EQUAL(get(&p, 101, "3303"), 205);
  CHECK_EQUAL(p.s.message.payload_length, 0);
  scripted_end(&p.s);
}

static linnet_status count_question(linnet_event *question, void *user) {
  linnet_value value = linnet_value_integer(1);
  ++*(int *)user;
  return linnet_question_answer(question, linnet_event_path(question), &value);
}

static void asks_no_handler_for_what_it_must_not_tell(void) {
  parties p;
  int questions = 0;
  begin_accounts(&p, 2);
  linnet_object *object = linnet_client_object(p.s.client, 3303);
  CHECK_EQUAL(linnet_object_set_handler(object, LINNET_OPERATION_READ, count_question, &questions, NULL),
              LINNET_OK);
  for (uint16_t i = 0; i < 2; i++)
    CHECK_EQUAL(linnet_object_compute(object, linnet_path_resource(3303, i, 5700)), LINNET_OK);
  allow(&p, instance(3303, 1), 102, LINNET_ACCESS_READ);
  start(&p, 2);
  CHECK_EQUAL(get(&p, 101, "3303"), 205);
  CHECK_EQUAL(questions, 0);
  CHECK_EQUAL(get(&p, 102, "3303"), 205);
  CHECK_EQUAL(questions, 1);
  scripted_end(&p.s);
}

/* Example (c). */
static void creates_only_with_the_right_to_ACL_03(void) {
  parties p;
  begin_accounts(&p, 2);
  allow(&p, linnet_path_object(3303), 101, LINNET_ACCESS_CREATE);
  CHECK_EQUAL(linnet_client_set_access(p.s.client, linnet_path_object(3303), LINNET_EVERY_SERVER,
                                       LINNET_ACCESS_CREATE),
              LINNET_ERROR_INVALID_ARGUMENT);
  start(&p, 2);
  CHECK_EQUAL(linnet_client_access(p.s.client, linnet_path_object(3303), 101), LINNET_ACCESS_CREATE);
  CHECK_EQUAL(create(&p, 102), 401);
  CHECK_EQUAL(create(&p, 101), 201);
  take_updates(&p);
  /* ACL-10: the creator owns it, without an entry. */
  linnet_value owner;
  CHECK_EQUAL(linnet_client_get(p.s.client, linnet_path_resource(2, 1, 3), &owner), LINNET_OK);
  CHECK_EQUAL(owner.as.integer, 101);
  CHECK(!linnet_object_has(linnet_client_object(p.s.client, 2), linnet_path_resource(2, 1, 2)));
  CHECK_EQUAL(get(&p, 101, "3303/2"), 205);
  CHECK_EQUAL(get(&p, 102, "3303/2"), 401);
  CHECK_EQUAL(plain(&p, 102, DELETE, "3303/2", NULL), 401);
  /* ACL-13, DM-72. */
  CHECK_EQUAL(plain(&p, 101, DELETE, "3303/2", NULL), 202);
  CHECK(!linnet_object_has_instance(linnet_client_object(p.s.client, 2), 1));
  scripted_end(&p.s);
}

/* ACL-03: bootstrap only. */
static void takes_no_right_to_create_from_an_owned_entry(void) {
  parties p;
  begin_accounts(&p, 2);
  allow(&p, linnet_path_object(3303), 101, LINNET_ACCESS_CREATE);
  set(&p, linnet_path_resource(2, 0, 3), 101);
  start(&p, 2);
  CHECK_EQUAL(create(&p, 101), 401);
  /* ACL-11: and the C of an instance means nothing. */
  set(&p, linnet_path_resource(2, 0, 1), 0);
  set(&p, linnet_path_resource_instance(2, 0, 2, 102), LINNET_ACCESS_CREATE);
  CHECK_EQUAL(linnet_client_access(p.s.client, instance(3303, 0), 102), 0);
  scripted_end(&p.s);
}

/* ACL-11, ACL-12. */
static void lets_only_the_owner_manage_an_entry_ACL_11(void) {
  parties p;
  begin_accounts(&p, 2);
  CHECK_EQUAL(linnet_client_set_owner(p.s.client, instance(3303, 0), 101), LINNET_OK); /* 2/0 */
  allow(&p, instance(3303, 1), 101, ALL);                                              /* 2/1, nobody's */
  start(&p, 2);
  for (int server = 101; server <= 102; server++) {
    CHECK_EQUAL(get(&p, server, "2"), 205);
    CHECK_EQUAL(get(&p, server, "2/0"), 205);
    CHECK_EQUAL(plain(&p, server, PUT, "2/1", "pmin=1"), 204);
    CHECK_EQUAL(plain(&p, server, DELETE, "2/0", NULL), 401);
    CHECK_EQUAL(scripted_text(&p.s, POST, "2", TLV, "\xC1"), 401);
  }
  CHECK_EQUAL(put(&p, 102, "2/0/3", "102"), 401);
  CHECK_EQUAL(put(&p, 101, "2/1/3", "101"), 401);
  /* A partial update adds an entry for a server that has none. */
  static const uint8_t add[] = {0x83, 2, 0x41, 102, 1};
  speak_as(&p, 101);
  CHECK_EQUAL(scripted_send(&p.s, POST, "2/0", TLV, add, sizeof add), 204);
  CHECK_EQUAL(get(&p, 102, "3303/0"), 205);
  /* One of another leaves it, a replacement does not. */
  static const uint8_t more[] = {0x83, 2, 0x41, 101, 15};
  speak_as(&p, 101);
  CHECK_EQUAL(scripted_send(&p.s, POST, "2/0", TLV, more, sizeof more), 204);
  CHECK_EQUAL(get(&p, 102, "3303/0"), 205);
  speak_as(&p, 101);
  CHECK_EQUAL(scripted_send(&p.s, PUT, "2/0/2", TLV, more, sizeof more), 204);
  CHECK_EQUAL(get(&p, 102, "3303/0"), 401);
  /* Handed over. */
  CHECK_EQUAL(put(&p, 101, "2/0/0", "3"), 405);
  CHECK_EQUAL(put(&p, 101, "2/0/3", "102"), 204);
  CHECK_EQUAL(put(&p, 101, "2/0/3", "101"), 401);
  CHECK_EQUAL(get(&p, 102, "3303/0"), 205);
  scripted_end(&p.s);
}

static void observe(parties *p, int server, const char *path) {
  request r = REQUEST(GET, path);
  r.observe = 0;
  speak_as(p, server);
  CHECK_EQUAL(scripted_ask(&p->s, &r), 205);
  CHECK(scripted_option(&p->s, OBSERVE) >= 0);
}

/* OBS-03: an instance or resource ends with 4.01, an object just shows less. */
static void looks_again_before_each_notification_OBS_03(void) {
  parties p;
  begin_accounts(&p, 2);
  allow(&p, instance(3303, 0), 101, LINNET_ACCESS_READ);
  allow(&p, instance(3303, 1), 101, LINNET_ACCESS_READ);
  start(&p, 2);
  observe(&p, 101, "3303/0/5700");
  set(&p, linnet_path_resource(3303, 0, 5700), 50);
  CHECK(scripted_run(&p.s, p.s.now));
  CHECK_EQUAL(p.s.message.code, CODE(205));
  scripted_acknowledge(&p.s, LINNET_MESSAGE_ACK);
  CHECK(!scripted_run(&p.s, p.s.now));
  allow(&p, instance(3303, 0), 101, 0);
  CHECK(!scripted_run(&p.s, p.s.now + 1000));
  set(&p, linnet_path_resource(3303, 0, 5700), 51);
  CHECK(scripted_run(&p.s, p.s.now));
  CHECK_EQUAL(p.s.message.code, CODE(401));
  scripted_acknowledge(&p.s, LINNET_MESSAGE_ACK);
  set(&p, linnet_path_resource(3303, 0, 5700), 52);
  CHECK(!scripted_run(&p.s, p.s.now + 1000));
  observe(&p, 101, "3303");
  CHECK_EQUAL(p.s.message.payload_length, 6);
  allow(&p, instance(3303, 1), 101, 0);
  set(&p, linnet_path_resource(3303, 1, 5700), 53);
  CHECK(scripted_run(&p.s, p.s.now));
  CHECK_EQUAL(p.s.message.code, CODE(205));
  CHECK_EQUAL(p.s.message.payload_length, 0);
  scripted_end(&p.s);
}

/* BS-33. */
static void takes_along_what_was_only_its_own_when_an_account_goes(void) {
  parties p;
  begin_accounts(&p, 2);
  allow(&p, instance(3303, 0), 102, ALL);                                              /* 2/0: its own */
  CHECK_EQUAL(linnet_client_set_owner(p.s.client, instance(3303, 1), 102), LINNET_OK); /* 2/1: shared */
  allow(&p, instance(3303, 1), 101, LINNET_ACCESS_READ);
  allow(&p, instance(3, 0), 102, ALL);                            /* 2/2: Device stays */
  allow(&p, linnet_path_object(3303), 102, LINNET_ACCESS_CREATE); /* 2/3 */
  allow(&p, instance(1, 0), 101, ALL);                            /* 2/4: not its own */
  start(&p, 2);
  observe(&p, 102, "3303/1");
  CHECK_EQUAL(linnet_object_remove_instance(linnet_client_object(p.s.client, 0), 1), LINNET_OK);
  speak_as(&p, 101);
  scripted_expect(&p.s, POST, "/rd/1");
  CHECK(strstr(scripted_payload(&p.s), "</1/0>,</2/1>,</2/3>,</2/4>,</3/0>,</3303/1>") != NULL);
  scripted_answer(&p.s, 204);
  CHECK(!scripted_run(&p.s, p.s.now));
  linnet_event *event = linnet_loop_next_event(p.s.loop);
  CHECK_EQUAL(linnet_event_get_kind(event), LINNET_EVENT_DELETED);
  CHECK(linnet_path_equal(linnet_event_path(event), instance(3303, 0)));
  CHECK_EQUAL(linnet_event_registration(event), 102);
  const linnet_object *controls = linnet_client_object(p.s.client, 2);
  linnet_value owner;
  CHECK_EQUAL(linnet_object_get(controls, linnet_path_resource(2, 1, 3), &owner), LINNET_OK);
  CHECK_EQUAL(owner.as.integer, 101);
  CHECK(linnet_object_has(controls, linnet_path_resource_instance(2, 1, 2, 101)));
  CHECK(!linnet_object_has(controls, linnet_path_resource_instance(2, 3, 2, 102)));
  set(&p, linnet_path_resource(3303, 1, 5700), 53);
  CHECK(!scripted_run(&p.s, p.s.now + 1000)); /* its observation has gone, too */
  scripted_end(&p.s);
}

/* ACL-02: several accounts, and who may do what, come from a bootstrap-server. */
static void learns_of_rights_by_bootstrap(void) {
  parties p;
  scripted *s = &p.s;
  static const char *const writes[][2] = {
      {"0/1",
       "[{\"n\":\"0\",\"sv\":\"coap://10.0.0.1\"},{\"n\":\"1\",\"bv\":false},{\"n\":\"2\",\"v\":3},"
       "{\"n\":\"10\",\"v\":101}]"},
      {"0/2",
       "[{\"n\":\"0\",\"sv\":\"coap://10.0.0.2\"},{\"n\":\"1\",\"bv\":false},{\"n\":\"2\",\"v\":3},"
       "{\"n\":\"10\",\"v\":102}]"},
      {"1/0",
       "[{\"n\":\"0\",\"v\":101},{\"n\":\"1\",\"v\":86400},{\"n\":\"6\",\"bv\":true},"
       "{\"n\":\"7\",\"sv\":\"U\"}]"},
      {"1/1",
       "[{\"n\":\"0\",\"v\":102},{\"n\":\"1\",\"v\":86400},{\"n\":\"6\",\"bv\":true},"
       "{\"n\":\"7\",\"sv\":\"U\"}]"},
      {"2/0",
       "[{\"n\":\"0\",\"v\":3},{\"n\":\"1\",\"v\":0},{\"n\":\"2/102\",\"v\":1},{\"n\":\"3\",\"v\":101}]"},
      {"2/1",
       "[{\"n\":\"0\",\"v\":3303},{\"n\":\"1\",\"v\":65535},{\"n\":\"2/102\",\"v\":16},"
       "{\"n\":\"3\",\"v\":65535}]"}};
  begin_accounts(&p, 0);
  CHECK_EQUAL(linnet_client_add_bootstrap_server(s->client, "coap://10.0.0.9", 0), LINNET_OK);
  CHECK_EQUAL(linnet_address_parse(&s->server, "10.0.0.9:5683"), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s->client), LINNET_OK);
  scripted_expect(s, POST, "/bs");
  scripted_answer(s, 204);
  CHECK(!scripted_run(s, s->now));
  for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
    char payload[256];
    sprintf(payload, "{\"bn\":\"/%s/\",\"e\":%s}", writes[i][0], writes[i][1]);
    CHECK_EQUAL(scripted_text(s, PUT, writes[i][0], 11543, payload), 204);
  }
  request finish = REQUEST(POST, "bs");
  CHECK_EQUAL(scripted_ask(s, &finish), 204);
  start(&p, 2);
  CHECK_EQUAL(get(&p, 101, "3/0"), 205);
  CHECK_EQUAL(get(&p, 102, "3/0"), 205);
  CHECK_EQUAL(put(&p, 102, "3/0/14", "+02:00"), 401);
  CHECK_EQUAL(put(&p, 101, "3/0/14", "+02:00"), 204);
  CHECK_EQUAL(create(&p, 101), 401);
  CHECK_EQUAL(create(&p, 102), 201);
  scripted_end(&p.s);
}

static void refuses_access_that_makes_no_sense(void) {
  parties p;
  begin_accounts(&p, 2);
  static const linnet_path none = {0};
  const linnet_path wrong[] = {none,
                               linnet_path_object(0),
                               instance(0, 0),
                               instance(2, 0),
                               linnet_path_resource(3, 0, 1),
                               linnet_path_object(LINNET_ID_NONE),
                               instance(3, LINNET_ID_NONE)};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    CHECK_EQUAL(linnet_client_set_access(p.s.client, wrong[i], 101, 0), LINNET_ERROR_INVALID_ARGUMENT);
    CHECK_EQUAL(linnet_client_set_owner(p.s.client, wrong[i], 101), LINNET_ERROR_INVALID_ARGUMENT);
  }
  CHECK_EQUAL(linnet_client_set_access(p.s.client, instance(3, 0), 101, LINNET_ACCESS_CREATE),
              LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_client_set_access(p.s.client, instance(3, 0), 101, 32), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_client_set_access(p.s.client, linnet_path_object(5), 101, LINNET_ACCESS_READ),
              LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_client_set_access(p.s.client, instance(3, 0), 65535, 0), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_client_set_owner(p.s.client, linnet_path_object(5), 101), LINNET_ERROR_INVALID_ARGUMENT);
  linnet_client_close(p.s.client);
  CHECK_EQUAL(linnet_client_set_access(p.s.client, instance(3, 0), 101, 0), LINNET_ERROR_CLOSED);
  CHECK_EQUAL(linnet_client_access(p.s.client, instance(3, 0), 101), 0);
  scripted_end(&p.s);
}

/* DM-60: nothing is created if its Access Control instance cannot be. */
static void creates_nothing_without_memory_for_the_entry(void) {
  unsigned created = 0;
  for (uint32_t after = 0; created == 0 && after < 200; after++) {
    parties p;
    begin_accounts(&p, 2);
    allow(&p, linnet_path_object(3303), 101, LINNET_ACCESS_CREATE);
    start(&p, 2);
    static const uint8_t values[] = {0xE1, 0x16, 0x44, 30};
    request r = REQUEST(POST, "3303");
    r.format = TLV;
    r.payload = values;
    r.payload_length = sizeof values;
    speak_as(&p, 101);
    scripted_request(&p.s, &r);
    p.s.fail_after = after;
    p.s.fail_count = 1;
    linnet_loop_step(p.s.loop, p.s.now);
    p.s.fail_after = UINT32_MAX;
    const linnet_object *object = linnet_client_object(p.s.client, 3303);
    const linnet_object *controls = linnet_client_object(p.s.client, 2);
    CHECK_EQUAL(linnet_object_has_instance(object, 2), linnet_object_has_instance(controls, 1));
    if (p.s.fail_count > 0) created = linnet_object_has_instance(object, 2);
    scripted_end(&p.s);
  }
  CHECK(created);
}

int main(void) {
  return RUN(gives_a_single_server_all_rights_ACL_01, maintains_what_it_does_not_consult_ACL_01,
             denies_what_nobody_was_given_ACL_02, decides_by_entry_owner_and_default,
             lets_the_owner_do_everything_ACL_10, reads_only_what_it_may_of_an_object_DM_10,
             asks_no_handler_for_what_it_must_not_tell, creates_only_with_the_right_to_ACL_03,
             takes_no_right_to_create_from_an_owned_entry, lets_only_the_owner_manage_an_entry_ACL_11,
             looks_again_before_each_notification_OBS_03,
             takes_along_what_was_only_its_own_when_an_account_goes, learns_of_rights_by_bootstrap,
             refuses_access_that_makes_no_sense, creates_nothing_without_memory_for_the_entry);
}
