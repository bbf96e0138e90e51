/* SPDX-License-Identifier: Apache-2.0 */
/* client_store_test.c: what a client keeps over a restart (store.h; docs/architecture.md section 8). */
#include "base/base.h"
#include "scripted_server.h"

enum { TEXT = 0, LINK = 40, TLV = 11542 };

#define BYTES(text) (text), sizeof(text) - 1

static linnet_path path_of(const char *text) {
  linnet_path path;
  CHECK_EQUAL(linnet_path_parse(&path, text), LINNET_OK);
  return path;
}

static void set(scripted *s, const char *path, linnet_value value) {
  CHECK_EQUAL(linnet_client_set(s->client, path_of(path), &value), LINNET_OK);
}

/* Object 5000, of the application: 1 RW integer mandatory, 2 RW string, 3 R string, 4 E, 5 RW multiple. */
static void furnish(scripted *s) {
  static const struct {
    uint16_t id;
    linnet_type type;
    unsigned operations;
    linnet_multiplicity instances;
    linnet_presence presence;
  } resources[] = {{1, LINNET_TYPE_INTEGER, 3, LINNET_SINGLE, LINNET_MANDATORY},
                   {2, LINNET_TYPE_STRING, 3, LINNET_SINGLE, LINNET_OPTIONAL},
                   {3, LINNET_TYPE_STRING, 1, LINNET_SINGLE, LINNET_OPTIONAL},
                   {4, LINNET_TYPE_NONE, 4, LINNET_SINGLE, LINNET_OPTIONAL},
                   {5, LINNET_TYPE_INTEGER, 3, LINNET_MULTIPLE, LINNET_OPTIONAL}};
  linnet_model *model = linnet_client_model(s->client);
  CHECK_EQUAL(linnet_model_add_object(model, 5000, "Things", NULL, LINNET_MULTIPLE), LINNET_OK);
  for (size_t i = 0; i < sizeof resources / sizeof resources[0]; i++)
    CHECK_EQUAL(
        linnet_model_add_resource(model, 5000, resources[i].id, "r", resources[i].type,
                                  resources[i].operations, resources[i].instances, resources[i].presence),
        LINNET_OK);
  linnet_object *object = linnet_object_new(model, 5000);
  for (uint16_t id = 0; id < 3; id++) CHECK_EQUAL(linnet_object_add_instance(object, id), LINNET_OK);
  CHECK_EQUAL(linnet_object_allow(object, LINNET_OPERATION_CREATE | LINNET_OPERATION_DELETE), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_object(s->client, object), LINNET_OK);
  linnet_object_unref(object);
  for (uint16_t id = 0; id < 3; id++) {
    linnet_value number = linnet_value_integer(id), text = linnet_value_string("new");
    CHECK_EQUAL(linnet_object_set(object, linnet_path_resource(5000, id, 1), &number), LINNET_OK);
    CHECK_EQUAL(linnet_object_set(object, linnet_path_resource(5000, id, 2), &text), LINNET_OK);
    CHECK_EQUAL(linnet_object_set(object, linnet_path_resource(5000, id, 3), &text), LINNET_OK);
  }
}

static void begin(scripted *s) {
  scripted_begin(s, 86400);
  furnish(s);
}

static void begin_registered(scripted *s) {
  begin(s);
  scripted_register(s);
  scripted_drain(s);
}

/* A copy of what there is to keep; free() it. */
static uint8_t *save(scripted *s, size_t *length) {
  const void *data;
  CHECK_EQUAL(linnet_client_save(s->client, &data, length), LINNET_OK);
  uint8_t *copy = malloc(*length);
  memcpy(copy, data, *length);
  return copy;
}

/* The device after a power cut: a fresh client of the same program with what was saved. */
static void restart(scripted *before, scripted *after) {
  size_t length;
  uint8_t *saved = save(before, &length);
  scripted_end(before);
  begin(after);
  CHECK_EQUAL(linnet_client_restore(after->client, saved, length), LINNET_OK);
  free(saved);
}

static void expect_text(scripted *s, const char *path, const char *text) {
  CHECK_EQUAL(scripted_get(s, path, TEXT), 205);
  CHECK_TEXT(scripted_payload(s), text);
}

/* ---- what is kept -------------------------------------------------------------------------------- */

static void keeps_the_terms_of_its_servers(void) {
  scripted s, t;
  begin_registered(&s);
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/1", TEXT, "120"), 204);
  scripted_take_update(&s);
  CHECK_EQUAL(scripted_text(&s, POST, "1/0", TLV, "\xC1\x02\x05\xC1\x06"), 400);
  CHECK_EQUAL(scripted_send(&s, POST, "1/0", TLV, BYTES("\xC1\x02\x05\xC1\x06\x00")), 204);
  restart(&s, &t);
  CHECK_EQUAL(linnet_client_start(t.client), LINNET_OK);
  scripted_expect(&t, POST, "/rd");
  CHECK_TEXT(scripted_query(&t), "ep=node1&lt=120&lwm2m=1.0&b=U");
  scripted_accept_registration(&t, "rd/5a3f");
  expect_text(&t, "1/0/2", "5");
  expect_text(&t, "1/0/6", "0");
  CHECK_EQUAL(scripted_text(&t, POST, "1/0/4", TEXT, ""), 204); /* Disable was offered */
  scripted_end(&t);
}

/* Accounts are those that were saved, whatever the program began with. */
static void keeps_accounts_that_came_later_and_forgets_those_that_went(void) {
  scripted s, t;
  begin(&s);
  CHECK_EQUAL(linnet_client_add_server(s.client, "coap://10.0.0.1:5684", 7, 60), LINNET_OK);
  CHECK_EQUAL(linnet_object_remove_instance(linnet_client_object(s.client, 1), 0), LINNET_OK);
  CHECK_EQUAL(linnet_object_remove_instance(linnet_client_object(s.client, 0), 0), LINNET_OK);
  restart(&s, &t);
  CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(t.client, 0)), 1);
  CHECK_EQUAL(linnet_object_instance_at(linnet_client_object(t.client, 0), 0), 1);
  CHECK_EQUAL(linnet_address_parse(&t.server, "10.0.0.1:5684"), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(t.client), LINNET_OK);
  scripted_expect(&t, POST, "/rd");
  CHECK_TEXT(scripted_query(&t), "ep=node1&lt=60&lwm2m=1.0&b=U");
  scripted_accept_registration(&t, "rd/5a3f");
  CHECK_EQUAL(linnet_client_get_state(t.client, 7), LINNET_CLIENT_REGISTERED);
  CHECK_EQUAL(linnet_client_get_state(t.client, 1), LINNET_CLIENT_IDLE);
  scripted_end(&t);
}

static void keeps_access_control(void) {
  scripted s, t;
  begin(&s);
  CHECK_EQUAL(linnet_client_add_server(s.client, "coap://10.0.0.2", 2, 60), LINNET_OK);
  CHECK_EQUAL(linnet_client_set_access(s.client, linnet_path_instance(5000, 0), 2, LINNET_ACCESS_READ),
              LINNET_OK);
  CHECK_EQUAL(linnet_client_set_owner(s.client, linnet_path_instance(5000, 0), 1), LINNET_OK);
  restart(&s, &t);
  CHECK_EQUAL(linnet_client_access(t.client, linnet_path_instance(5000, 0), 2), LINNET_ACCESS_READ);
  CHECK_EQUAL(linnet_client_access(t.client, linnet_path_instance(5000, 0), 1),
              LINNET_ACCESS_READ | LINNET_ACCESS_WRITE | LINNET_ACCESS_EXECUTE | LINNET_ACCESS_DELETE);
  CHECK_EQUAL(linnet_client_access(t.client, linnet_path_instance(5000, 1), 1), LINNET_ACCESS_NONE);
  scripted_end(&t);
}

/* ATT-08. */
static void keeps_attributes(void) {
  scripted s, t;
  begin_registered(&s);
  static const struct {
    const char *path, *query;
  } given[] = {{"5000", "pmin=3"}, {"5000/0", "pmax=600"}, {"5000/0/1", "gt=50&lt=10.5&st=2"}};
  for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
    request r = REQUEST(PUT, given[i].path);
    r.query = given[i].query;
    CHECK_EQUAL(scripted_ask(&s, &r), 204);
  }
  restart(&s, &t);
  scripted_register(&t);
  CHECK_EQUAL(scripted_get(&t, "5000/0/1", LINK), 205);
  CHECK_TEXT(scripted_payload(&t), "</5000/0/1>;pmin=3;pmax=600;gt=50;lt=10.5;st=2");
  scripted_end(&t);
}

/* What a server wrote comes back; what it did not touch is the program's, perhaps of a newer version. */
static void keeps_what_servers_wrote(void) {
  scripted s, t;
  begin_registered(&s);
  CHECK_EQUAL(scripted_text(&s, PUT, "5000/0/1", TEXT, "42"), 204);
  CHECK_EQUAL(scripted_send(&s, PUT, "5000/0/5", TLV, BYTES("\x86\x05\x41\x02\x07\x41\x04\x09")), 204);
  set(&s, "/5000/0/3", linnet_value_string("old")); /* read-only */
  set(&s, "/5000/1/1", linnet_value_integer(77));   /* of the application, in an instance of its own */
  restart(&s, &t);
  scripted_register(&t);
  expect_text(&t, "5000/0/1", "42");
  CHECK_EQUAL(scripted_get(&t, "5000/0/5", TLV), 205);
  CHECK_BYTES(t.message.payload, t.message.payload_length, "\x86\x05\x41\x02\x07\x41\x04\x09", 8);
  expect_text(&t, "5000/0/2", "new");
  expect_text(&t, "5000/0/3", "new");
  expect_text(&t, "5000/1/1", "1");
  scripted_end(&t);
}

/* DM-21. */
static void keeps_resources_away_that_a_replacement_removed(void) {
  scripted s, t;
  begin_registered(&s);
  CHECK_EQUAL(scripted_send(&s, PUT, "5000/1", TLV, BYTES("\xC1\x01\x05")), 204);
  restart(&s, &t);
  scripted_register(&t);
  CHECK_EQUAL(scripted_get(&t, "5000/1/2", TEXT), 404);
  expect_text(&t, "5000/1/1", "5");
  expect_text(&t, "5000/1/3", "new");
  expect_text(&t, "5000/0/2", "new");
  scripted_end(&t);
}

static void keeps_instances_that_servers_created_and_deleted(void) {
  scripted s, t, u;
  begin_registered(&s);
  CHECK_EQUAL(scripted_send(&s, POST, "5000", TLV, BYTES("\x08\x09\x08\xC1\x01\x2A\xC3\x02two")), 201);
  scripted_take_update(&s);
  CHECK_EQUAL(linnet_object_offer(linnet_client_object(s.client, 5000), path_of("/5000/9/4")), LINNET_OK);
  request r = REQUEST(DELETE, "5000/2");
  CHECK_EQUAL(scripted_ask(&s, &r), 202);
  scripted_take_update(&s);
  restart(&s, &t);
  CHECK_EQUAL(linnet_client_start(t.client), LINNET_OK);
  scripted_expect(&t, POST, "/rd");
  CHECK_TEXT(scripted_payload(&t),
             "</>;rt=\"oma.lwm2m\";ct=11543,</1/0>,</3/0>,</5000/0>,</5000/1>,</5000/9>");
  scripted_accept_registration(&t, "rd/5a3f");
  expect_text(&t, "5000/9/1", "42");
  expect_text(&t, "5000/9/2", "two");
  CHECK_EQUAL(scripted_text(&t, POST, "5000/9/4", TEXT, ""), 204);
  restart(&t, &u); /* once more, without another word of a server */
  CHECK(linnet_object_has_instance(linnet_client_object(u.client, 5000), 9));
  CHECK(!linnet_object_has_instance(linnet_client_object(u.client, 5000), 2));
  scripted_end(&u);
}

/* FW-04. */
static void keeps_the_state_of_an_update(void) {
  static const struct {
    linnet_firmware_state before, after;
    int64_t result;
    bool kept;
  } cases[] = {{LINNET_FIRMWARE_DOWNLOADING, LINNET_FIRMWARE_IDLE, 4, false},
               {LINNET_FIRMWARE_DOWNLOADED, LINNET_FIRMWARE_DOWNLOADED, 0, true},
               {LINNET_FIRMWARE_UPDATING, LINNET_FIRMWARE_UPDATING, 0, true}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    scripted s, t;
    linnet_value value;
    size_t length;
    begin(&s);
    CHECK_EQUAL(linnet_client_add_firmware(s.client), LINNET_OK);
    scripted_register(&s);
    CHECK_EQUAL(scripted_send(&s, PUT, "5/0/0", 42, BYTES("image")), 204);
    if (cases[i].before > LINNET_FIRMWARE_DOWNLOADING)
      CHECK_EQUAL(linnet_client_end_firmware(s.client, LINNET_FIRMWARE_COMPLETE), LINNET_OK);
    if (cases[i].before > LINNET_FIRMWARE_DOWNLOADED)
      CHECK_EQUAL(scripted_text(&s, POST, "5/0/2", TEXT, ""), 204);
    uint8_t *saved = save(&s, &length);
    scripted_end(&s);
    begin(&t);
    CHECK_EQUAL(linnet_client_add_firmware(t.client), LINNET_OK);
    CHECK_EQUAL(linnet_client_restore(t.client, saved, length), LINNET_OK);
    free(saved);
    CHECK_EQUAL(linnet_client_firmware_state(t.client), cases[i].after);
    CHECK_EQUAL(linnet_client_get(t.client, path_of("/5/0/5"), &value), LINNET_OK);
    CHECK_EQUAL(value.as.integer, cases[i].result);
    CHECK_EQUAL(linnet_client_get(t.client, path_of("/5/0/0"), &value) == LINNET_OK, cases[i].kept);
    if (cases[i].after == LINNET_FIRMWARE_UPDATING) {
      CHECK_EQUAL(linnet_client_end_firmware(t.client, LINNET_FIRMWARE_UPDATED), LINNET_OK);
      CHECK_EQUAL(linnet_client_firmware_state(t.client), LINNET_FIRMWARE_IDLE);
    }
    scripted_end(&t);
  }
}

/* A clock does not stand still while nobody runs it. */
static void does_not_keep_the_time(void) {
  scripted s, t;
  begin(&s);
  linnet_loop_set_wall_clock(s.loop, 1000000000000);
  scripted_register(&s);
  CHECK_EQUAL(scripted_text(&s, PUT, "3/0/13", TEXT, "1100000000"), 204);
  CHECK_EQUAL(scripted_text(&s, PUT, "3/0/13", TEXT, "x"), 400);
  restart(&s, &t);
  CHECK(!linnet_object_has(linnet_client_object(t.client, 3), path_of("/3/0/13")));
  linnet_loop_set_wall_clock(t.loop, 1200000000000);
  scripted_register(&t);
  CHECK_EQUAL(scripted_get(&t, "3/0/13", TEXT), 205);
  CHECK_TEXT(scripted_payload(&t), "1200000000");
  scripted_end(&t);
}

/* An object that the program does not have any more. */
static void leaves_out_what_has_no_place_any_more(void) {
  scripted s, t;
  size_t length;
  begin_registered(&s);
  CHECK_EQUAL(scripted_text(&s, PUT, "5000/0/1", TEXT, "42"), 204);
  request r = REQUEST(PUT, "5000/0/1");
  r.query = "pmin=3";
  CHECK_EQUAL(scripted_ask(&s, &r), 204);
  uint8_t *saved = save(&s, &length);
  scripted_end(&s);
  scripted_begin(&t, 60);
  CHECK_EQUAL(linnet_client_restore(t.client, saved, length), LINNET_OK);
  CHECK(linnet_client_object(t.client, 5000) == NULL);
  scripted_end(&t);
  scripted_begin(&t, 60);
  linnet_model *model = linnet_client_model(t.client); /* resource 1 is a text now, and 5 single */
  CHECK_EQUAL(linnet_model_add_object(model, 5000, "Things", NULL, LINNET_MULTIPLE), LINNET_OK);
  CHECK_EQUAL(
      linnet_model_add_resource(model, 5000, 1, "r", LINNET_TYPE_STRING, 3, LINNET_SINGLE, LINNET_OPTIONAL),
      LINNET_OK);
  linnet_object *object = linnet_object_new(model, 5000);
  CHECK_EQUAL(linnet_object_add_instance(object, 0), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_object(t.client, object), LINNET_OK);
  linnet_object_unref(object);
  CHECK_EQUAL(linnet_client_restore(t.client, saved, length), LINNET_OK);
  linnet_value value;
  CHECK_EQUAL(linnet_client_get(t.client, path_of("/5000/0/1"), &value), LINNET_ERROR_NOT_FOUND);
  scripted_end(&t);
  free(saved);
}

/* ---- when there is something to keep ------------------------------------------------------------- */

static void tells_when_there_is_something_new(void) {
  scripted s;
  begin_registered(&s);
  uint64_t revision = linnet_client_revision(s.client);
  set(&s, "/5000/0/3", linnet_value_string("moved"));
  CHECK_EQUAL(scripted_get(&s, "5000/0/1", TEXT), 205);
  CHECK_EQUAL(scripted_text(&s, POST, "1/0/8", TEXT, ""), 204);
  scripted_take_update(&s);
  CHECK_EQUAL(linnet_client_revision(s.client), revision);
  CHECK_EQUAL(scripted_text(&s, PUT, "5000/0/1", TEXT, "42"), 204);
  CHECK(linnet_client_revision(s.client) > revision);
  revision = linnet_client_revision(s.client);
  request r = REQUEST(PUT, "5000/0/1");
  r.query = "pmin=3";
  CHECK_EQUAL(scripted_ask(&s, &r), 204);
  CHECK(linnet_client_revision(s.client) > revision);
  revision = linnet_client_revision(s.client);
  r = REQUEST(DELETE, "5000/2");
  CHECK_EQUAL(scripted_ask(&s, &r), 202);
  CHECK(linnet_client_revision(s.client) > revision);
  scripted_take_update(&s);
  revision = linnet_client_revision(s.client);
  CHECK_EQUAL(linnet_client_add_server(s.client, "coap://10.0.0.1", 9, 60), LINNET_OK);
  CHECK(linnet_client_revision(s.client) > revision);
  scripted_end(&s);
}

static void is_restored_before_it_starts_or_not_at_all(void) {
  scripted s;
  size_t length;
  begin(&s);
  uint8_t *saved = save(&s, &length);
  scripted_register(&s);
  CHECK_EQUAL(linnet_client_restore(s.client, saved, length), LINNET_ERROR_WRONG_STATE);
  linnet_client_close(s.client);
  CHECK_EQUAL(linnet_client_restore(s.client, saved, length), LINNET_ERROR_CLOSED);
  const void *data;
  CHECK_EQUAL(linnet_client_save(s.client, &data, &length), LINNET_ERROR_CLOSED);
  free(saved);
  scripted_end(&s);
}

/* ---- damage -------------------------------------------------------------------------------------- */

static void begin_rich(scripted *s) {
  begin_registered(s);
  CHECK_EQUAL(scripted_text(s, PUT, "5000/0/1", TEXT, "42"), 204);
  CHECK_EQUAL(scripted_send(s, POST, "5000", TLV, BYTES("\x08\x09\x08\xC1\x01\x2A\xC3\x02two")), 201);
  scripted_take_update(s);
  request r = REQUEST(PUT, "5000/0/1");
  r.query = "pmin=3&gt=5";
  CHECK_EQUAL(scripted_ask(s, &r), 204);
}

static void expect_untouched(scripted *s, const uint8_t *before, size_t before_length) {
  size_t length;
  uint8_t *now = save(s, &length);
  CHECK_BYTES(now, length, before, before_length);
  free(now);
}

static void never_uses_what_is_torn_or_damaged(void) {
  scripted s, t;
  size_t length, before_length;
  begin_rich(&s);
  uint8_t *saved = save(&s, &length);
  scripted_end(&s);
  begin(&t);
  uint8_t *before = save(&t, &before_length);
  for (size_t cut = 0; cut < length; cut++)
    CHECK_EQUAL(linnet_client_restore(t.client, saved, cut), LINNET_ERROR_MALFORMED);
  for (size_t i = 0; i < length; i++) {
    saved[i] ^= 0x10;
    CHECK_EQUAL(linnet_client_restore(t.client, saved, length), LINNET_ERROR_MALFORMED);
    saved[i] ^= 0x10;
  }
  uint8_t *longer = malloc(length + 1);
  memcpy(longer, saved, length);
  longer[length] = 0;
  CHECK_EQUAL(linnet_client_restore(t.client, longer, length + 1), LINNET_ERROR_MALFORMED);
  free(longer);
  expect_untouched(&t, before, before_length);
  CHECK_EQUAL(linnet_client_restore(t.client, saved, length), LINNET_OK);
  free(before);
  free(saved);
  scripted_end(&t);
}

/* A checksum that fits says nothing about the rest. */
static void bears_nonsense_with_a_good_checksum(void) {
  scripted s;
  size_t length;
  begin_rich(&s);
  uint8_t *saved = save(&s, &length), *bytes = malloc(length);
  scripted_end(&s);
  uint32_t random = 12345;
  for (unsigned round = 0; round < 3000; round++) {
    scripted t;
    memcpy(bytes, saved, length);
    size_t used = length;
    for (unsigned k = 0; k < 1 + round % 3; k++) {
      random = random * 1664525 + 1013904223;
      size_t at = 13 + (random >> 8) % (length - 13);
      bytes[at] = (uint8_t)(round % 2 == 0 ? random >> 24 : bytes[at] + 1);
    }
    if (round % 5 == 0) used = 13 + (random >> 4) % (length - 13);
    linnet__put_u32(bytes + 5, (uint32_t)(used - 13));
    linnet__put_u32(bytes + 9, linnet__checksum(bytes + 13, used - 13));
    begin(&t);
    linnet_status status = linnet_client_restore(t.client, bytes, used);
    CHECK(status == LINNET_OK || status == LINNET_ERROR_MALFORMED);
    linnet_client_start(t.client);
    linnet_loop_step(t.loop, 1000);
    scripted_end(&t);
  }
  free(bytes);
  free(saved);
}

static void is_restored_completely_or_not_at_all_without_memory(void) {
  scripted s;
  size_t length;
  begin_rich(&s);
  uint8_t *saved = save(&s, &length);
  scripted_end(&s);
  bool done = false;
  for (uint32_t after = 0; !done; after++) {
    scripted t;
    size_t before_length;
    begin(&t);
    uint8_t *before = save(&t, &before_length);
    t.fail_after = after;
    t.fail_count = 1;
    linnet_status status = linnet_client_restore(t.client, saved, length);
    done = t.fail_count == 1; /* there was enough */
    t.fail_after = UINT32_MAX;
    CHECK(status == LINNET_OK || status == LINNET_ERROR_NO_MEMORY);
    if (status != LINNET_OK) expect_untouched(&t, before, before_length);
    CHECK(!done || status == LINNET_OK);
    free(before);
    scripted_end(&t);
  }
  free(saved);
}

int main(void) {
  return RUN(keeps_the_terms_of_its_servers, keeps_accounts_that_came_later_and_forgets_those_that_went,
             keeps_access_control, keeps_attributes, keeps_what_servers_wrote,
             keeps_resources_away_that_a_replacement_removed,
             keeps_instances_that_servers_created_and_deleted, keeps_the_state_of_an_update,
             does_not_keep_the_time, leaves_out_what_has_no_place_any_more, tells_when_there_is_something_new,
             is_restored_before_it_starts_or_not_at_all, never_uses_what_is_torn_or_damaged,
             bears_nonsense_with_a_good_checksum, is_restored_completely_or_not_at_all_without_memory);
}
