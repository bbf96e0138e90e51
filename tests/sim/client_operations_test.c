/* SPDX-License-Identifier: Apache-2.0 */
/* client_operations_test.c: the codes of lwm2m-1.0.md section 3, as a server sees them. */
#include "scripted_server.h"

enum { TEXT = 0, LINK = 40, OPAQUE = 42, TLV = 11542, JSON = 11543 };

static void set(scripted *s, const char *path, linnet_value value) {
  linnet_path parsed;
  CHECK_EQUAL(linnet_path_parse(&parsed, path), LINNET_OK);
  CHECK_EQUAL(linnet_client_set(s->client, parsed, &value), LINNET_OK);
}

/*
 * Object 5000: 1 RW integer mandatory 0..100, 2 RW string, 3 RW multiple integer, 4 E, 5 W string, 6 RW
 * opaque, 7 R float, 8 R multiple integer; instance 0 has all, in which 3 holds 0 -> 10 and 5 -> 50.
 */
static linnet_object *add_object(scripted *s) {
  static const struct {
    uint16_t id;
    linnet_type type;
    unsigned operations;
    linnet_multiplicity instances;
    linnet_presence presence;
  } resources[] = {{1, LINNET_TYPE_INTEGER, 3, LINNET_SINGLE, LINNET_MANDATORY},
                   {2, LINNET_TYPE_STRING, 3, LINNET_SINGLE, LINNET_OPTIONAL},
                   {3, LINNET_TYPE_INTEGER, 3, LINNET_MULTIPLE, LINNET_OPTIONAL},
                   {4, LINNET_TYPE_NONE, 4, LINNET_SINGLE, LINNET_OPTIONAL},
                   {5, LINNET_TYPE_STRING, 2, LINNET_SINGLE, LINNET_OPTIONAL},
                   {6, LINNET_TYPE_OPAQUE, 3, LINNET_SINGLE, LINNET_OPTIONAL},
                   {7, LINNET_TYPE_FLOAT, 1, LINNET_SINGLE, LINNET_OPTIONAL},
                   {8, LINNET_TYPE_INTEGER, 1, LINNET_MULTIPLE, LINNET_OPTIONAL},
                   {9, LINNET_TYPE_STRING, 3, LINNET_SINGLE, LINNET_OPTIONAL}};
  linnet_model *model = linnet_client_model(s->client);
  CHECK_EQUAL(linnet_model_add_object(model, 5000, "Things", NULL, LINNET_MULTIPLE), LINNET_OK);
  for (size_t i = 0; i < sizeof resources / sizeof resources[0]; i++)
    CHECK_EQUAL(
        linnet_model_add_resource(model, 5000, resources[i].id, "r", resources[i].type,
                                  resources[i].operations, resources[i].instances, resources[i].presence),
        LINNET_OK);
  CHECK_EQUAL(linnet_model_describe_resource(model, 5000, 1, NULL, "0..100"), LINNET_OK);
  linnet_object *object = linnet_object_new(model, 5000);
  CHECK(object != NULL);
  CHECK_EQUAL(linnet_object_add_instance(object, 0), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_object(s->client, object), LINNET_OK);
  linnet_object_unref(object);
  set(s, "/5000/0/1", linnet_value_integer(1));
  set(s, "/5000/0/2", linnet_value_string("two"));
  set(s, "/5000/0/3/0", linnet_value_integer(10));
  set(s, "/5000/0/3/5", linnet_value_integer(50));
  CHECK_EQUAL(linnet_object_offer(object, linnet_path_resource(5000, 0, 4)), LINNET_OK);
  CHECK_EQUAL(linnet_object_offer(object, linnet_path_resource(5000, 0, 5)), LINNET_OK);
  set(s, "/5000/0/6", linnet_value_opaque("\1\2\3", 3));
  set(s, "/5000/0/7", linnet_value_float(22.5));
  CHECK_EQUAL(linnet_object_offer(object, linnet_path_resource(5000, 0, 8)), LINNET_OK);
  return object;
}

static linnet_object *begin(scripted *s) {
  scripted_begin(s, 86400);
  linnet_object *object = add_object(s);
  scripted_register(s);
  scripted_drain(s);
  return object;
}

#define BYTES(text) (text), sizeof(text) - 1

static void reads_in_the_format_that_is_asked_for(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(scripted_get(&s, "5000/0/1", TEXT), 205);
  CHECK_TEXT(scripted_payload(&s), "1");
  CHECK_EQUAL(scripted_option(&s, CONTENT_FORMAT), TEXT);
  CHECK_EQUAL(scripted_get(&s, "5000/0/6", OPAQUE), 205);
  CHECK_BYTES(s.message.payload, s.message.payload_length, "\1\2\3", 3);
  CHECK_EQUAL(scripted_get(&s, "5000/0/6", TEXT), 205);
  CHECK_TEXT(scripted_payload(&s), "AQID");
  CHECK_EQUAL(scripted_get(&s, "5000/0/1", -1), 205); /* DM-14, AMB-07 */
  CHECK_EQUAL(scripted_option(&s, CONTENT_FORMAT), TLV);
  CHECK_BYTES(s.message.payload, s.message.payload_length, "\xC1\x01\x01", 3);
  CHECK_EQUAL(scripted_get(&s, "5000/0/2", JSON), 205);
  CHECK_TEXT(scripted_payload(&s), "{\"bn\":\"/5000/0/2\",\"e\":[{\"sv\":\"two\"}]}");
  CHECK_EQUAL(scripted_get(&s, "5000/0/1", 1542), 205); /* FMT-02 */
  CHECK_EQUAL(scripted_option(&s, CONTENT_FORMAT), 1542);
  CHECK_EQUAL(scripted_get(&s, "5000/0/1", 1541), 205);
  CHECK_EQUAL(scripted_option(&s, CONTENT_FORMAT), 1541);
  CHECK_TEXT(scripted_payload(&s), "1");
  scripted_end(&s);
}

static void reads_instances_and_objects(void) {
  scripted s;
  begin(&s);
  static const char instance[] =
      "\xC1\x01\x01\xC3\x02two\x86\x03\x41\x00\x0A\x41\x05\x32\xC3\x06\1\2\3\xC4\x07\x41\xB4\0\0\x80\x08";
  CHECK_EQUAL(scripted_get(&s, "5000/0", TLV), 205); /* DM-10: 4 and 5 are skipped */
  CHECK_BYTES(s.message.payload, s.message.payload_length, instance, sizeof instance - 1);
  CHECK_EQUAL(scripted_get(&s, "5000", TLV), 205); /* FMT-10 */
  CHECK_EQUAL(s.message.payload_length, sizeof instance - 1 + 3);
  CHECK_BYTES(s.message.payload + 3, s.message.payload_length - 3, instance, sizeof instance - 1);
  CHECK_EQUAL(scripted_get(&s, "5000/0/8", TLV), 205); /* DM-12 */
  CHECK_BYTES(s.message.payload, s.message.payload_length, "\x80\x08", 2);
  CHECK_EQUAL(scripted_get(&s, "5000/0/3", JSON), 205);
  CHECK_TEXT(scripted_payload(&s),
             "{\"bn\":\"/5000/0/3/\",\"e\":[{\"n\":\"0\",\"v\":10},{\"n\":\"5\",\"v\":50}]}");
  /* DM-11 */
  CHECK_EQUAL(linnet_object_remove_instance(linnet_client_object(s.client, 5000), 0), LINNET_OK);
  scripted_take_update(&s);
  CHECK_EQUAL(scripted_get(&s, "5000", TLV), 205);
  CHECK_EQUAL(s.message.payload_length, 0);
  CHECK_EQUAL(scripted_option(&s, CONTENT_FORMAT), TLV);
  scripted_end(&s);
}

/* 3.1, DM-01, DM-12, DM-13, 14.2. */
static void refuses_reads_with_the_right_code(void) {
  static const struct {
    const char *path;
    int accept;
    unsigned code;
  } cases[] = {{"77", -1, 404},
               {"5000/1", -1, 404},
               {"5000/0/99", -1, 404},
               {"5000/0/9", -1, 404},
               {"5000/0/4", -1, 405},
               {"5000/0/5", -1, 405},
               {"5000/0/1/0", -1, 404},
               {"5000/00", -1, 404},
               {"5000/x", -1, 404},
               {"5000/0/1/0/0", -1, 404},
               {"5000/65536", -1, 404},
               {"bs", -1, 405},
               {"rd", -1, 404},
               {"5000/0", TEXT, 406},
               {"5000", OPAQUE, 406},
               {"5000/0/3", TEXT, 406},
               {"5000/0/1", OPAQUE, 406},
               {"5000/0/1", 110, 406},
               {"5000/0/1", 60, 406},
               {"5000/0/1", 11544, 406},
               {"5000/9", 110, 406},
               {"0", -1, 401},
               {"0/0", -1, 401},
               {"0/0/0", TEXT, 401},
               {"0", LINK, 401},
               {"0/9/9", -1, 401},
               {"", -1, 405}};
  scripted s;
  begin(&s);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    unsigned code = scripted_get(&s, cases[i].path, cases[i].accept);
    if (code != cases[i].code) fprintf(stderr, "GET %s\n", cases[i].path);
    CHECK_EQUAL(code, cases[i].code);
    CHECK_EQUAL(s.message.payload_length, 0);
  }
  request query = REQUEST(GET, "5000/0/1");
  query.query = "pmin=1";
  CHECK_EQUAL(scripted_ask(&s, &query), 400); /* DM-44 */
  scripted_no_event(&s);
  scripted_end(&s);
}

static void device_has_its_mandatory_resources(void) {
  scripted s;
  begin(&s);
  set(&s, "/3/0/0", linnet_value_string("ACME"));
  CHECK_EQUAL(scripted_get(&s, "3/0", TLV), 205);
  CHECK_BYTES(s.message.payload, s.message.payload_length,
              "\xC4\x00"
              "ACME\x83\x0B\x41\x00\x00\xC1\x10U",
              14);
  CHECK_EQUAL(scripted_get(&s, "3/0/4", -1), 405);
  CHECK_EQUAL(scripted_send(&s, POST, "3", TLV, BYTES("\x03\x01\xC1\x00\x41")), 405); /* int-680 */
  CHECK_EQUAL(scripted_send(&s, POST, "3", TLV, BYTES("\x03\x00\xC1\x00\x41")), 405);
  CHECK_EQUAL(scripted_send(&s, POST, "3", TLV, BYTES("\xC1\x00\x41")), 405);
  CHECK_EQUAL(scripted_text(&s, DELETE, "3/0", -1, ""), 405); /* int-685 */
  CHECK_EQUAL(scripted_text(&s, DELETE, "1/0", -1, ""), 405); /* DM-71 */
  scripted_end(&s);
}

/* The clock of /3/0/13 runs: by the wall clock, or from what was written. */
static void keeps_the_current_time(void) {
  scripted s;
  scripted_begin(&s, 86400);
  linnet_loop_set_wall_clock(s.loop, 1700000000000);
  scripted_register(&s);
  s.now += 5000;
  CHECK_EQUAL(scripted_get(&s, "3/0/13", TEXT), 205);
  CHECK_TEXT(scripted_payload(&s), "1700000005");
  CHECK_EQUAL(scripted_text(&s, PUT, "3/0/13", TEXT, "1000"), 204);
  s.now += 61000;
  CHECK_EQUAL(scripted_get(&s, "3/0/13", TEXT), 205);
  CHECK_TEXT(scripted_payload(&s), "1061");
  linnet_value value;
  CHECK_EQUAL(linnet_client_get(s.client, linnet_path_resource(3, 0, 13), &value), LINNET_OK);
  CHECK_EQUAL(value.type, LINNET_TYPE_TIME);
  CHECK_EQUAL(value.as.integer, 1061);
  CHECK_EQUAL(scripted_text(&s, PUT, "3/0/13", TEXT, "1000"), 204); /* back, to what was written before */
  CHECK_EQUAL(scripted_get(&s, "3/0/13", TEXT), 205);
  CHECK_TEXT(scripted_payload(&s), "1000");
  scripted_end(&s);
}

static void writes_resources(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(scripted_text(&s, PUT, "5000/0/1", TEXT, "42"), 204);
  CHECK_EQUAL(s.message.payload_length, 0);
  linnet_event *event = scripted_event(&s, LINNET_EVENT_WRITTEN);
  linnet_value value;
  CHECK_EQUAL(linnet_event_registration(event), 1);
  CHECK_TEXT(linnet_event_endpoint(event), "node1");
  CHECK_EQUAL(linnet_event_source(event), linnet_client_number(s.client));
  CHECK_EQUAL(linnet_event_operation(event), LINNET_OPERATION_WRITE);
  CHECK(linnet_path_equal(linnet_event_path(event), linnet_path_resource(5000, 0, 1)));
  CHECK_EQUAL(linnet_batch_count(linnet_event_batch(event)), 1);
  CHECK_EQUAL(linnet_batch_find(linnet_event_batch(event), linnet_path_resource(5000, 0, 1), &value),
              LINNET_OK);
  CHECK_EQUAL(value.as.integer, 42);
  CHECK_EQUAL(scripted_get(&s, "5000/0/1", TEXT), 205);
  CHECK_TEXT(scripted_payload(&s), "42");
  CHECK_EQUAL(scripted_send(&s, PUT, "5000/0/6", OPAQUE, BYTES("\0\1")), 204);
  CHECK_EQUAL(scripted_send(&s, PUT, "5000/0/1", TLV, BYTES("\xC1\x01\x07")), 204);
  CHECK_EQUAL(scripted_text(&s, PUT, "5000/0/1", JSON, "{\"bn\":\"/5000/0/1\",\"e\":[{\"v\":8}]}"), 204);
  CHECK_EQUAL(scripted_text(&s, PUT, "5000/0/1", 1541, "9"), 204);   /* FMT-02 */
  CHECK_EQUAL(scripted_text(&s, PUT, "5000/0/9", TEXT, "new"), 204); /* DM-27 */
  CHECK_EQUAL(scripted_text(&s, PUT, "5000/0/5", TEXT, "secret"), 204);
  CHECK_EQUAL(scripted_get(&s, "5000/0/5", TEXT), 405);
  /* DM-23 */
  CHECK_EQUAL(scripted_send(&s, PUT, "5000/0/3", TLV, BYTES("\x83\x03\x41\x07\x46")), 204);
  CHECK_EQUAL(scripted_get(&s, "5000/0/3", JSON), 205);
  CHECK_TEXT(scripted_payload(&s), "{\"bn\":\"/5000/0/3/\",\"e\":[{\"n\":\"7\",\"v\":70}]}");
  CHECK_EQUAL(scripted_send(&s, PUT, "5000/0/3", TLV, BYTES("\x80\x03")), 204);
  CHECK_EQUAL(scripted_get(&s, "5000/0/3", TLV), 205);
  CHECK_BYTES(s.message.payload, s.message.payload_length, "\x80\x03", 2);
  scripted_end(&s);
}

/* 3.1, 3.4. Nothing may change. */
static void refuses_writes_with_the_right_code(void) {
  static const struct {
    uint8_t method;
    const char *path;
    int format;
    const char *payload;
    size_t length;
    unsigned code;
  } cases[] = {
      {PUT, "77/0/1", TEXT, BYTES("1"), 404},
      {PUT, "5000/1/1", TEXT, BYTES("1"), 404},
      {PUT, "5000/0/99", TEXT, BYTES("1"), 404},
      {PUT, "5000/0/7", TEXT, BYTES("1"), 405},
      {PUT, "5000/0/4", TEXT, BYTES("1"), 405},
      {PUT, "5000/0/1", TEXT, BYTES("x"), 400}, /* DM-28 */
      {PUT, "5000/0/1", TEXT, BYTES("101"), 400},
      {PUT, "5000/0/1", TEXT, BYTES("-1"), 400}, /* TYP-06 */
      {PUT, "5000/0/1", OPAQUE, BYTES("1"), 400},
      {PUT, "5000/0/3", TEXT, BYTES("1"), 400},
      {PUT, "5000/0/1", 60, BYTES("1"), 415},
      {PUT, "5000/0/1", 110, BYTES("[]"), 415},
      {PUT, "5000/0/1", LINK, BYTES("</1>"), 415},
      {PUT, "5000/0", TEXT, BYTES("1"), 415},
      {PUT, "5000/0/1", -1, BYTES("1"), 400},                     /* DM-30 */
      {PUT, "5000/0/1", TLV, BYTES("\xC1\x02\x07"), 400},         /* DM-29 */
      {PUT, "5000/0/1", TLV, BYTES("\xC3\x01\x07\x07\x07"), 400}, /* TYP-01 */
      {PUT, "5000/0/1", TLV, BYTES("\xC8\x01\x07\x07"), 400},
      {PUT, "5000/0/2", TEXT, BYTES("\xFF"), 400},
      {PUT, "5000", TLV, BYTES("\xC1\x01\x07"), 405},
      {PUT, "5000/0", TLV, BYTES("\xC1\x02\x41"), 400},                 /* AMB-01: 1 is missing */
      {PUT, "5000/0", TLV, BYTES("\xC1\x01\x05\xC4\x07\0\0\0\0"), 405}, /* DM-24 */
      {POST, "5000/0", TLV, BYTES("\xC1\x01\x05\xC4\x07\0\0\0\0"), 405},
      {POST, "5000/0", TLV, BYTES("\xC1\x01\x05\xC1\x01\x06"), 400}, /* FMT-13 */
      {POST, "5000/0", TLV, BYTES("\xC1\x02\x41\xC1\x01\x65"), 400}, /* DM-25: 2 is fine, 1 is not */
      {POST, "5000/0", TLV, BYTES("\x03\x01\xC1\x01\x05"), 400},     /* FMT-15 */
      {POST, "5000/0", JSON, BYTES("{\"bn\":\"/5000/1/\",\"e\":[{\"n\":\"1\",\"v\":5}]}"), 400}, /* FMT-22 */
      {POST, "5000/0", TEXT, BYTES("1"), 415},
      {POST, "5000/0", -1, BYTES(""), 400},                /* AMB-04 */
      {POST, "5000/0/1", TLV, BYTES("\xC1\x01\x05"), 405}, /* DM-31 */
      {POST, "5000/0/4", TLV, BYTES("\xC1\x01\x05"), 415},
      {PUT, "0/0/0", TEXT, BYTES("coap://x"), 401},
      {PUT, "0", TLV, BYTES(""), 401},
  };
  scripted s;
  begin(&s);
  CHECK_EQUAL(scripted_get(&s, "5000/0", TLV), 205);
  uint8_t before[256];
  size_t length = s.message.payload_length;
  memcpy(before, s.message.payload, length);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    unsigned code =
        scripted_send(&s, cases[i].method, cases[i].path, cases[i].format, cases[i].payload, cases[i].length);
    if (code != cases[i].code) fprintf(stderr, "case %zu: %s\n", i, cases[i].path);
    CHECK_EQUAL(code, cases[i].code);
  }
  request both = REQUEST(PUT, "5000/0/1");
  both.format = TEXT;
  both.query = "pmin=1";
  both.payload = "5";
  both.payload_length = 1;
  CHECK_EQUAL(scripted_ask(&s, &both), 400); /* DM-30 */
  CHECK_EQUAL(scripted_get(&s, "5000/0", TLV), 205);
  CHECK_BYTES(s.message.payload, s.message.payload_length, before, length);
  scripted_no_event(&s);
  scripted_end(&s);
}

/* int-215: POST adds and overwrites, PUT makes the instance what the payload says. */
static void replaces_and_updates_instances(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(scripted_send(&s, POST, "5000/0", TLV,
                            BYTES("\xC1\x01\x05\x86\x03\x41\x05\x33\x41\x06\x3C\xC1\x63\x41")),
              204);
  CHECK_EQUAL(linnet_event_operation(scripted_event(&s, LINNET_EVENT_WRITTEN)), LINNET_OPERATION_UPDATE);
  CHECK_EQUAL(scripted_get(&s, "5000/0/3", JSON), 205); /* DM-22 */
  CHECK_TEXT(
      scripted_payload(&s),
      "{\"bn\":\"/5000/0/3/\",\"e\":[{\"n\":\"0\",\"v\":10},{\"n\":\"5\",\"v\":51},{\"n\":\"6\",\"v\":60}]}");
  CHECK_EQUAL(scripted_get(&s, "5000/0/2", TEXT), 205);
  CHECK_EQUAL(scripted_send(&s, PUT, "5000/0", TLV, BYTES("\xC1\x01\x06\xC1\x09\x41")), 204); /* DM-21 */
  CHECK_EQUAL(scripted_get(&s, "5000/0/1", TEXT), 205);
  CHECK_TEXT(scripted_payload(&s), "6");
  CHECK_EQUAL(scripted_get(&s, "5000/0/9", TEXT), 205);
  CHECK_EQUAL(scripted_get(&s, "5000/0/2", TEXT), 404);
  CHECK_EQUAL(scripted_get(&s, "5000/0/7", TEXT), 205);
  CHECK_EQUAL(scripted_send(&s, PUT, "5000/0", TLV, BYTES("\x06\x00\xC1\x01\x07\xC1\x02\x41")),
              204); /* AMB-06 */
  CHECK_EQUAL(scripted_get(&s, "5000/0/1", TEXT), 205);
  CHECK_TEXT(scripted_payload(&s), "7");
  scripted_end(&s);
}

/* int-215 and its variant b, on the Server object of configuration C.3. */
static void writes_the_server_object_as_the_conformance_case(void) {
  static const char set_215[] = "\xC1\x02\x65\xC2\x03\x03\xF2\xC2\x05\x07\xD0\xC1\x06\x01\xC1\x07U";
  static const char restore[] =
      "\xC4\x01\x00\x01\x51\x80\xC1\x02\x01\xC1\x03\x0A\xC4\x05\x00\x01\x51\x80\xC1\x06\x00\xC1\x07U";
  scripted s;
  begin(&s);
  set(&s, "/1/0/2", linnet_value_integer(1));
  set(&s, "/1/0/3", linnet_value_integer(10));
  set(&s, "/1/0/5", linnet_value_integer(86400));
  CHECK_EQUAL(scripted_send(&s, POST, "1/0", TLV, BYTES(set_215)), 204);
  CHECK_EQUAL(scripted_get(&s, "1/0", TLV), 205);
  static const char head[] = "\xC1\x00\x01\xC4\x01\x00\x01\x51\x80";
  CHECK_BYTES(s.message.payload, sizeof head - 1, head, sizeof head - 1);
  CHECK_BYTES(s.message.payload + sizeof head - 1, s.message.payload_length - (sizeof head - 1), set_215,
              sizeof set_215 - 1);
  CHECK_EQUAL(scripted_send(&s, PUT, "1/0", TLV, BYTES(restore)), 204);
  CHECK_EQUAL(scripted_get(&s, "1/0", TLV), 205);
  CHECK_BYTES(s.message.payload, 3, "\xC1\x00\x01", 3);
  CHECK_BYTES(s.message.payload + 3, s.message.payload_length - 3, restore, sizeof restore - 1);
  CHECK(scripted_silent(&s, 1000)); /* the lifetime and the binding are what they were */
  CHECK_EQUAL(scripted_send(&s, PUT, "1/0", TLV, BYTES("\xC1\x00\x01\xC1\x01\x3C\xC1\x06\x00\xC1\x07U")),
              405);
  CHECK_EQUAL(scripted_send(&s, POST, "1/0", TLV, BYTES("\xC2\x07UQ")), 204);
  scripted_expect(&s, POST, "/rd/5a3f");
  CHECK_TEXT(scripted_query(&s), "b=UQ");
  scripted_end(&s);
}

static void executes(void) {
  static const struct {
    const char *payload;
    unsigned code;
  } arguments[] = {{"", 204},     {"5", 204},       {"2='10.3'", 204}, {"7,0='https://www.oma.org'", 204},
                   {"10", 400},   {"0=x", 400},     {"0,", 400},       {",0", 400},
                   {"0, 1", 400}, {"0=\"x\"", 400}, {"1,1", 400}};
  scripted s;
  begin(&s);
  for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++) {
    CHECK_EQUAL(scripted_text(&s, POST, "5000/0/4", TEXT, arguments[i].payload),
                arguments[i].code); /* DM-52 */
    CHECK_EQUAL(s.message.payload_length, 0);
    if (arguments[i].code != 204) continue;
    linnet_event *event = scripted_event(&s, LINNET_EVENT_EXECUTED);
    CHECK_TEXT(linnet_event_text(event), arguments[i].payload);
    CHECK(linnet_path_equal(linnet_event_path(event), linnet_path_resource(5000, 0, 4)));
    CHECK_EQUAL(linnet_event_registration(event), 1);
  }
  CHECK_EQUAL(scripted_text(&s, POST, "3/0/4", -1, ""), 204); /* int-241 */
  scripted_event(&s, LINNET_EVENT_EXECUTED);
  CHECK_EQUAL(scripted_text(&s, POST, "5000/0/1", -1, ""), 405); /* DM-53 */
  CHECK_EQUAL(scripted_text(&s, POST, "5000/0/99", -1, ""), 404);
  CHECK_EQUAL(scripted_text(&s, POST, "3/0/5", -1, ""), 404);
  CHECK_EQUAL(scripted_text(&s, POST, "5000", -1, ""), 400); /* DM-50, AMB-04 */
  CHECK_EQUAL(scripted_text(&s, POST, "5000/0/4", 60, ""), 415);
  scripted_no_event(&s);
  scripted_end(&s);
}

/* OBJ-30. */
static void resets_the_error_code(void) {
  scripted s;
  begin(&s);
  set(&s, "/3/0/11/0", linnet_value_integer(2));
  set(&s, "/3/0/11/3", linnet_value_integer(7));
  CHECK_EQUAL(scripted_text(&s, POST, "3/0/12", -1, ""), 404);
  CHECK_EQUAL(linnet_object_offer(linnet_client_object(s.client, 3), linnet_path_resource(3, 0, 12)),
              LINNET_OK);
  CHECK_EQUAL(scripted_text(&s, POST, "3/0/12", -1, ""), 204);
  CHECK_EQUAL(scripted_get(&s, "3/0/11", JSON), 205);
  CHECK_TEXT(scripted_payload(&s), "{\"bn\":\"/3/0/11/\",\"e\":[{\"n\":\"0\",\"v\":0}]}");
  scripted_end(&s);
}

/* The Update with the new list, which follows Create and Delete (DM-68). */
static void expect_list(scripted *s, const char *links) {
  CHECK(scripted_run(s, s->now));
  CHECK_EQUAL(s->message.code, POST);
  CHECK_TEXT(scripted_path(s), "/rd/5a3f");
  CHECK(strstr(scripted_payload(s), links) != NULL);
  scripted_answer(s, 204);
  CHECK(!scripted_run(s, s->now));
  scripted_event(s, LINNET_EVENT_UPDATED);
}

static void creates_and_deletes_instances(void) {
  scripted s;
  linnet_object *object = begin(&s);
  CHECK_EQUAL(scripted_send(&s, POST, "5000", TLV, BYTES("\xC1\x01\x05")), 405);
  CHECK_EQUAL(scripted_text(&s, DELETE, "5000/0", -1, ""), 405);
  CHECK_EQUAL(linnet_object_allow(object, LINNET_OPERATION_CREATE | LINNET_OPERATION_DELETE), LINNET_OK);
  CHECK_EQUAL(scripted_send(&s, POST, "5000", TLV, BYTES("\xC1\x01\x05")), 201); /* DM-65 */
  CHECK_TEXT(scripted_texts(&s, LOCATION_PATH, "/", "/"), "/5000/1");
  linnet_event *event = scripted_event(&s, LINNET_EVENT_CREATED);
  CHECK(linnet_path_equal(linnet_event_path(event), linnet_path_instance(5000, 1)));
  expect_list(&s, "</5000/0>,</5000/1>");
  CHECK_EQUAL(scripted_send(&s, POST, "5000", TLV, BYTES("\x06\x09\xC1\x01\x05\xC1\x02\x41")),
              201); /* DM-63 */
  CHECK_TEXT(scripted_texts(&s, LOCATION_PATH, "/", "/"), "/5000/9");
  scripted_event(&s, LINNET_EVENT_CREATED);
  expect_list(&s, "</5000/1>,</5000/9>");
  CHECK_EQUAL(scripted_get(&s, "5000/9", TLV), 205);
  CHECK_BYTES(s.message.payload, s.message.payload_length, "\xC1\x01\x05\xC1\x02\x41", 6);
  CHECK_EQUAL(scripted_text(&s, POST, "5000", JSON, "{\"bn\":\"/5000/4/\",\"e\":[{\"n\":\"1\",\"v\":5}]}"),
              201);
  CHECK_TEXT(scripted_texts(&s, LOCATION_PATH, "/", "/"), "/5000/4");
  scripted_event(&s, LINNET_EVENT_CREATED);
  expect_list(&s, "</5000/4>");
  CHECK_EQUAL(scripted_text(&s, DELETE, "5000/9", -1, ""), 202);
  event = scripted_event(&s, LINNET_EVENT_DELETED);
  CHECK(linnet_path_equal(linnet_event_path(event), linnet_path_instance(5000, 9)));
  expect_list(&s, "</5000/4>");
  CHECK_EQUAL(scripted_text(&s, DELETE, "5000/9", -1, ""), 404);
  CHECK_EQUAL(scripted_text(&s, DELETE, "5000", -1, ""), 405); /* DM-70 */
  CHECK_EQUAL(scripted_text(&s, DELETE, "5000/4/1", -1, ""), 405);
  CHECK_EQUAL(scripted_text(&s, DELETE, "0/0", -1, ""), 401);
  scripted_no_event(&s);
  scripted_end(&s);
}

/* DM-60, DM-61, DM-63, DM-64, DM-66. */
static void creates_nothing_that_is_not_whole(void) {
  scripted s;
  linnet_object *object = begin(&s);
  CHECK_EQUAL(linnet_object_allow(object, LINNET_OPERATION_CREATE), LINNET_OK);
  CHECK_EQUAL(scripted_send(&s, POST, "5000", -1, BYTES("\xC1\x01\x05")), 400);
  CHECK_EQUAL(scripted_send(&s, POST, "5000", TLV, BYTES("\xC1\x02\x41")), 400);
  CHECK_EQUAL(scripted_send(&s, POST, "5000", TLV, BYTES("\x03\x00\xC1\x01\x05")), 400);
  CHECK_EQUAL(scripted_send(&s, POST, "5000", TLV, BYTES("\x23\xFF\xFF\xC1\x01\x05")), 400);
  CHECK_EQUAL(scripted_send(&s, POST, "5000", TLV, BYTES("\x03\x05\xC1\x01\x05\x03\x06\xC1\x01\x05")), 400);
  CHECK_EQUAL(scripted_send(&s, POST, "5000", TLV, BYTES("\xC1\x01\x65")), 400);
  CHECK_EQUAL(scripted_send(&s, POST, "5000", TEXT, BYTES("1")), 415);
  CHECK_EQUAL(linnet_object_instance_count(object), 1);
  scripted_no_event(&s);
  scripted_end(&s);
}

/* DM-80 to DM-82, int-260, ATT-01 to ATT-06. */
static unsigned attributes(scripted *s, const char *path, const char *query) {
  request r = REQUEST(PUT, path);
  r.query = query;
  return scripted_ask(s, &r);
}

static void discovers_with_attributes(void) {
  scripted s;
  begin(&s);
  set(&s, "/3/0/7/0", linnet_value_integer(3800));
  set(&s, "/3/0/7/1", linnet_value_integer(5000));
  CHECK_EQUAL(scripted_get(&s, "3", LINK), 205);
  CHECK_EQUAL(scripted_option(&s, CONTENT_FORMAT), LINK);
  CHECK_TEXT(scripted_payload(&s), "</3>,</3/0>,</3/0/4>,</3/0/7>,</3/0/11>,</3/0/16>");
  CHECK_EQUAL(attributes(&s, "3", "pmin=10&pmax=200"), 204);
  CHECK_EQUAL(scripted_get(&s, "3", LINK), 205);
  CHECK_TEXT(scripted_payload(&s), "</3>;pmin=10;pmax=200,</3/0>,</3/0/4>,</3/0/7>,</3/0/11>,</3/0/16>");
  CHECK_EQUAL(attributes(&s, "3/0/7", "lt=1&gt=6&st=1"), 204);
  CHECK_EQUAL(attributes(&s, "3/0", "pmax=60"), 204);
  CHECK_EQUAL(scripted_get(&s, "3/0", LINK), 205);
  CHECK_TEXT(scripted_payload(&s),
             "</3/0>;pmax=60,</3/0/4>,</3/0/7>;dim=2;gt=6;lt=1;st=1,</3/0/11>;dim=1,</3/0/16>");
  CHECK_EQUAL(scripted_get(&s, "3/0/7", LINK), 205);
  CHECK_TEXT(scripted_payload(&s), "</3/0/7>;dim=2;pmin=10;pmax=60;gt=6;lt=1;st=1");
  CHECK_EQUAL(attributes(&s, "3/0", "pmax"), 204); /* DM-42 */
  CHECK_EQUAL(attributes(&s, "3/0/7", "lt=&st&gt=42.5"), 204);
  CHECK_EQUAL(scripted_get(&s, "3/0/7", LINK), 205);
  CHECK_TEXT(scripted_payload(&s), "</3/0/7>;dim=2;pmin=10;pmax=200;gt=42.5");
  CHECK_EQUAL(scripted_get(&s, "3/0/99", LINK), 404);
  CHECK_EQUAL(scripted_get(&s, "3/0/5", LINK), 404);
  CHECK_EQUAL(scripted_get(&s, "77", LINK), 404);
  request observe = REQUEST(GET, "3/0");
  observe.accept = LINK;
  observe.observe = 0;
  CHECK_EQUAL(scripted_ask(&s, &observe), 400); /* DM-83 */
  scripted_end(&s);
}

static void refuses_attributes_that_make_no_sense(void) {
  static const struct {
    const char *path, *query;
    unsigned code;
  } cases[] = {{"3/0/7", "pmin=-1", 400},
               {"3/0/7", "pmin=1.5", 400},
               {"3/0/7", "pmin=1&pmin=2", 400},
               {"3/0/7", "foo=1", 400},
               {"3/0/7", "pmin=1&foo", 400},
               {"3/0/7", "dim=1", 400},
               {"3/0/7", "gt=x", 400},
               {"3/0/7", "st=-1", 400},
               {"3/0", "gt=1", 400},
               {"3", "st=1", 400},
               {"3/0/16", "gt=1", 400},
               {"3/0/7", "lt=5&gt=5", 400},
               {"3/0/7", "lt=1&gt=5&st=2", 400},
               {"3/0/7", "epmin=1", 400},
               {"3/0/4", "pmin=1", 405},
               {"3/0/99", "pmin=1", 404},
               {"3/1", "pmin=1", 404},
               {"77", "pmin=1", 404},
               {"0", "pmin=1", 401},
               {"3/0/7", "pmax=5&pmin=10", 204},
               {"6", "pmin=1", 404}};
  scripted s;
  begin(&s);
  set(&s, "/3/0/7/0", linnet_value_integer(3800));
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    unsigned code = attributes(&s, cases[i].path, cases[i].query);
    if (code != cases[i].code) fprintf(stderr, "%s?%s\n", cases[i].path, cases[i].query);
    CHECK_EQUAL(code, cases[i].code);
  }
  CHECK_EQUAL(scripted_get(&s, "3/0/7", LINK), 205);
  CHECK_TEXT(scripted_payload(&s), "</3/0/7>;dim=1;pmin=10;pmax=5"); /* ATT-07 */
  scripted_end(&s);
}

/* 14.2. */
static void refuses_methods_of_later_versions(void) {
  scripted s;
  begin(&s);
  for (uint8_t method = 5; method <= 7; method++) {
    request r = REQUEST(method, "3/0");
    CHECK_EQUAL(scripted_ask(&s, &r), 405);
  }
  scripted_end(&s);
}

int main(void) {
  return RUN(reads_in_the_format_that_is_asked_for, reads_instances_and_objects,
             refuses_reads_with_the_right_code, device_has_its_mandatory_resources, keeps_the_current_time,
             writes_resources, refuses_writes_with_the_right_code, replaces_and_updates_instances,
             writes_the_server_object_as_the_conformance_case, executes, resets_the_error_code,
             creates_and_deletes_instances, creates_nothing_that_is_not_whole, discovers_with_attributes,
             refuses_attributes_that_make_no_sense, refuses_methods_of_later_versions);
}
