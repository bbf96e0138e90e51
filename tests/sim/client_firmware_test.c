/* SPDX-License-Identifier: Apache-2.0 */
/* client_firmware_test.c: the state machine of object 5 (objects.md FW-01 to FW-22). */
#include "scripted_server.h"

enum { TEXT = 0, OPAQUE = 42, TLV = 11542, JSON = 11543 };
enum { IDLE, DOWNLOADING, DOWNLOADED, UPDATING };
#define BYTES(text) (text), sizeof(text) - 1
static const char image[] = "\x7F\x45LF";

static void set(scripted *s, const char *path, linnet_value value) {
  linnet_path parsed;
  CHECK_EQUAL(linnet_path_parse(&parsed, path), LINNET_OK);
  CHECK_EQUAL(linnet_client_set(s->client, parsed, &value), LINNET_OK);
}

static void begin(scripted *s) {
  scripted_begin(s, 86400);
  CHECK_EQUAL(linnet_client_firmware_state(s->client), LINNET_FIRMWARE_IDLE);
  CHECK_EQUAL(linnet_client_end_firmware(s->client, LINNET_FIRMWARE_COMPLETE), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_client_add_firmware(s->client), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_firmware(s->client), LINNET_ERROR_EXISTS);
  scripted_register(s);
  scripted_drain(s);
}

static void begin_pull(scripted *s) {
  begin(s);
  set(s, "/5/0/9", linnet_value_integer(2));
  set(s, "/5/0/8/0", linnet_value_integer(0));
  set(s, "/5/0/8/1", linnet_value_integer(3));
}

/* State and Update Result as the server reads them. */
static void expect(scripted *s, int state, int result) {
  char text[2] = {(char)('0' + state), 0};
  CHECK_EQUAL(scripted_get(s, "5/0/3", TEXT), 205);
  CHECK_TEXT(scripted_payload(s), text);
  text[0] = (char)('0' + result);
  CHECK_EQUAL(scripted_get(s, "5/0/5", TEXT), 205);
  CHECK_TEXT(scripted_payload(s), text);
  CHECK_EQUAL(linnet_client_firmware_state(s->client), state);
}

static void push(scripted *s) {
  CHECK_EQUAL(scripted_send(s, PUT, "5/0/0", OPAQUE, image, sizeof image - 1), 204);
  expect(s, DOWNLOADING, 0); /* FW-11 */
}

static void begin_downloaded(scripted *s) {
  begin(s);
  push(s);
  CHECK_EQUAL(linnet_client_end_firmware(s->client, LINNET_FIRMWARE_COMPLETE), LINNET_OK);
  expect(s, DOWNLOADED, 0); /* FW-15 */
  scripted_drain(s);
}

static void begin_updating(scripted *s) {
  begin_downloaded(s);
  CHECK_EQUAL(scripted_text(s, POST, "5/0/2", TEXT, ""), 204);
  expect(s, UPDATING, 0); /* FW-17 */
}

/* Everything the object has before anything happened. */
static void starts_idle_and_takes_pushes_only(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(scripted_get(&s, "5/0", TLV), 205);
  CHECK_BYTES(s.message.payload, s.message.payload_length, "\xC0\x01\xC1\x03\x00\xC1\x05\x00\xC1\x09\x01",
              11);
  CHECK_EQUAL(scripted_get(&s, "5/0/0", -1), 405);
  CHECK_EQUAL(scripted_text(&s, POST, "5/0/2", TEXT, ""), 405); /* FW-18 */
  expect(&s, IDLE, 0);
  scripted_end(&s);
}

static void brings_a_push_to_the_application(void) {
  scripted s;
  begin(&s);
  push(&s);
  linnet_event *event = scripted_event(&s, LINNET_EVENT_WRITTEN);
  linnet_record record;
  CHECK_EQUAL(linnet_batch_record(linnet_event_batch(event), 0, &record), LINNET_OK);
  CHECK_BYTES(record.value.as.bytes.data, record.value.as.bytes.length, image, sizeof image - 1);
  linnet_value kept;
  CHECK_EQUAL(linnet_client_get(s.client, linnet_path_resource(5, 0, 0), &kept), LINNET_OK);
  CHECK_EQUAL(kept.as.bytes.length, 4);
  set(&s, "/5/0/6", linnet_value_string("lamp"));
  CHECK_EQUAL(linnet_client_end_firmware(s.client, LINNET_FIRMWARE_COMPLETE), LINNET_OK);
  expect(&s, DOWNLOADED, 0);
  CHECK_EQUAL(scripted_text(&s, POST, "5/0/2", TEXT, ""), 204);
  event = scripted_event(&s, LINNET_EVENT_EXECUTED);
  CHECK_EQUAL(linnet_event_path(event).id[2], 2);
  CHECK_EQUAL(linnet_client_end_firmware(s.client, LINNET_FIRMWARE_UPDATED), LINNET_OK);
  expect(&s, IDLE, 1); /* FW-19 */
  CHECK_EQUAL(linnet_client_get(s.client, linnet_path_resource(5, 0, 0), &kept), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(scripted_get(&s, "5/0/6", TEXT), 205); /* FW-06 */
  CHECK_TEXT(scripted_payload(&s), "");
  push(&s); /* FW-11: Update Result is 0 again */
  scripted_end(&s);
}

/* FW-07: what the specification's figure shows. */
static void takes_a_push_in_every_form(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(scripted_send(&s, POST, "5/0/0", OPAQUE, image, sizeof image - 1), 204);
  expect(&s, DOWNLOADING, 0);
  CHECK_EQUAL(scripted_send(&s, POST, "5/0/0", OPAQUE, "", 0), 204);
  expect(&s, IDLE, 0);
  CHECK_EQUAL(scripted_send(&s, POST, "5/0/0", TEXT, BYTES("0")), 405); /* an Execute still */
  CHECK_EQUAL(scripted_send(&s, POST, "5/0", TLV, BYTES("\xC4\x00\x7F\x45LF")), 204);
  expect(&s, DOWNLOADING, 0);
  CHECK_EQUAL(scripted_send(&s, PUT, "5/0/0", TLV, BYTES("\xC0\x00")), 204);
  CHECK_EQUAL(scripted_send(&s, PUT, "5/0", TLV, BYTES("\xC4\x00\x7F\x45LF\xC0\x01")), 204);
  expect(&s, DOWNLOADING, 0);
  CHECK_EQUAL(scripted_send(&s, POST, "5/0/7", OPAQUE, BYTES("x")), 404);
  scripted_end(&s);
}

enum { BLOCK = 1024 };
static uint8_t large[3000];

/* A block of the large package; returns the code. */
static unsigned send_block(scripted *s, uint32_t number) {
  size_t offset = number * (size_t)BLOCK;
  size_t length = sizeof large - offset > BLOCK ? BLOCK : sizeof large - offset;
  bool more = offset + length < sizeof large;
  packet p;
  memset(large, 0xA5, sizeof large);
  packet_begin(&p, LINNET_MESSAGE_CON, PUT, ++s->message_id, "t", 1);
  packet_texts(&p, URI_PATH, "5/0/0", '/');
  packet_number(&p, CONTENT_FORMAT, OPAQUE);
  packet_number(&p, 27, number << 4 | (more ? 8u : 0) | 6);
  packet_payload(&p, large + offset, length);
  scripted_give(s, &p);
  CHECK(scripted_run(s, s->now));
  return (s->message.code >> 5) * 100u + (s->message.code & 0x1Fu);
}

/* FW-11: the state is that of a download with the first block. */
static void takes_a_package_in_blocks(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(send_block(&s, 0), 231);
  expect(&s, DOWNLOADING, 0);
  scripted_no_event(&s);
  CHECK_EQUAL(linnet_client_end_firmware(s.client, LINNET_FIRMWARE_COMPLETE), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(send_block(&s, 1), 231);
  expect(&s, DOWNLOADING, 0);
  CHECK_EQUAL(send_block(&s, 2), 204);
  expect(&s, DOWNLOADING, 0);
  linnet_value kept;
  CHECK_EQUAL(linnet_client_get(s.client, linnet_path_resource(5, 0, 0), &kept), LINNET_OK);
  CHECK_BYTES(kept.as.bytes.data, kept.as.bytes.length, large, sizeof large);
  CHECK_EQUAL(linnet_client_end_firmware(s.client, LINNET_FIRMWARE_COMPLETE), LINNET_OK);
  expect(&s, DOWNLOADED, 0);
  CHECK_EQUAL(send_block(&s, 0), 400); /* FW-21, before it is sent in vain */
  expect(&s, DOWNLOADED, 0);
  scripted_end(&s);
}

/* FW-16: no more blocks come. */
static void tells_of_a_package_that_stays_out(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(send_block(&s, 0), 231);
  CHECK_EQUAL(send_block(&s, 2), 408);
  expect(&s, DOWNLOADING, 0);
  CHECK(scripted_silent(&s, 248000));
  expect(&s, IDLE, 4);
  CHECK_EQUAL(send_block(&s, 0), 231);
  expect(&s, DOWNLOADING, 0);
  CHECK_EQUAL(send_block(&s, 0), 231); /* from the beginning */
  expect(&s, DOWNLOADING, 0);
  CHECK_EQUAL(linnet_client_set_limit(s.client, LINNET_LIMIT_BODY_SIZE, 1500), LINNET_OK);
  CHECK_EQUAL(send_block(&s, 0), 231);
  CHECK_EQUAL(send_block(&s, 1), 413);
  expect(&s, IDLE, 4);
  scripted_end(&s);
}

/* FW-10: what still comes of the package that was given up changes nothing; its end neither. */
static void gives_a_package_up_when_it_is_reset(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(send_block(&s, 0), 231);
  CHECK_EQUAL(scripted_text(&s, PUT, "5/0/1", TEXT, ""), 204);
  expect(&s, IDLE, 0);
  CHECK_EQUAL(send_block(&s, 1), 231);
  expect(&s, IDLE, 0);
  CHECK_EQUAL(scripted_send(&s, POST, "5/0", TLV, BYTES("\xC4\x00\x7F\x45LF")), 204);
  expect(&s, DOWNLOADING, 0);
  CHECK(scripted_silent(&s, 248000));
  expect(&s, DOWNLOADING, 0);
  scripted_end(&s);
}

/* FW-10, FW-08, AMB-24. */
static void resets_in_every_form(void) {
  static const struct {
    const char *path;
    int format;
    const char *payload;
    size_t length;
  } resets[] = {{"5/0/0", OPAQUE, "", 0},
                {"5/0/0", OPAQUE, "\0", 1},
                {"5/0/1", TEXT, "", 0},
                {"5/0/1", TLV, "\xC0\x01", 2},
                {"5/0/1", TEXT, "\0", 1}};
  for (size_t i = 0; i < sizeof resets / sizeof resets[0]; i++) {
    for (int downloaded = 0; downloaded < 2; downloaded++) {
      scripted s;
      linnet_value kept;
      if (downloaded) {
        begin_downloaded(&s);
      } else {
        begin(&s);
        push(&s);
      }
      CHECK_EQUAL(
          scripted_send(&s, PUT, resets[i].path, resets[i].format, resets[i].payload, resets[i].length), 204);
      expect(&s, IDLE, 0);
      CHECK_EQUAL(linnet_client_get(s.client, linnet_path_resource(5, 0, 0), &kept), LINNET_ERROR_NOT_FOUND);
      CHECK_EQUAL(linnet_client_end_firmware(s.client, LINNET_FIRMWARE_COMPLETE), LINNET_ERROR_WRONG_STATE);
      scripted_end(&s);
    }
  }
  scripted s;
  begin(&s);
  CHECK_EQUAL(scripted_send(&s, PUT, "5/0/0", OPAQUE, "\0\1", 2), 204);
  expect(&s, DOWNLOADING, 0); /* FW-08: it only begins so */
  scripted_end(&s);
}

/* FW-12 to FW-14. */
static void fetches_from_uris_it_can(void) {
  static const struct {
    const char *uri;
    int state, result;
  } cases[] = {
      {"coap://10.0.0.9/image", DOWNLOADING, 0},
      {"COAP://10.0.0.9/image", DOWNLOADING, 0},
      {"https://example.com:8443/a?b=c", DOWNLOADING, 0},
      {"http://example.com/a", IDLE, 9},
      {"coaps://example.com/a", IDLE, 9},
      {"ftp://example.com/a", IDLE, 9},
      {"coap+tcp://example.com/a", IDLE, 9},
      {"coa://example.com/a", IDLE, 9},
      {"image.bin", IDLE, 7},
      {"coap:/10.0.0.9/image", IDLE, 7},
      {"coap://", IDLE, 7},
      {"coap:///image", IDLE, 7},
      {"coap://10.0.0.9/im age", IDLE, 7},
      {"://10.0.0.9", IDLE, 7},
      {"1coap://10.0.0.9", IDLE, 7},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    scripted s;
    begin_pull(&s);
    CHECK_EQUAL(scripted_text(&s, PUT, "5/0/1", TEXT, cases[i].uri), 204);
    expect(&s, cases[i].state, cases[i].result);
    scripted_event(&s, LINNET_EVENT_WRITTEN);
    CHECK_EQUAL(scripted_get(&s, "5/0/1", TEXT), 205);
    CHECK_TEXT(scripted_payload(&s), cases[i].uri);
    scripted_end(&s);
  }
  scripted s;
  begin(&s); /* push only */
  CHECK_EQUAL(scripted_text(&s, PUT, "5/0/1", TEXT, "coap://10.0.0.9/image"), 204);
  expect(&s, IDLE, 9);
  set(&s, "/5/0/9", linnet_value_integer(0)); /* pull only */
  CHECK_EQUAL(scripted_send(&s, PUT, "5/0/0", OPAQUE, BYTES("x")), 405);
  expect(&s, IDLE, 9);
  scripted_end(&s);
}

/* FW-16, FW-01. */
static void tells_why_a_download_failed(void) {
  static const int results[] = {2, 3, 4, 5, 6, 7, 9};
  for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
    scripted s;
    begin(&s);
    push(&s);
    CHECK_EQUAL(linnet_client_end_firmware(s.client, (linnet_firmware_result)results[i]), LINNET_OK);
    expect(&s, IDLE, results[i]);
    push(&s);
    scripted_end(&s);
  }
  scripted s;
  begin(&s);
  push(&s);
  CHECK_EQUAL(linnet_client_end_firmware(s.client, LINNET_FIRMWARE_UPDATED), LINNET_ERROR_WRONG_STATE);
  CHECK_EQUAL(linnet_client_end_firmware(s.client, LINNET_FIRMWARE_UPDATE_FAILED), LINNET_ERROR_WRONG_STATE);
  expect(&s, DOWNLOADING, 0);
  scripted_end(&s);
}

/* FW-21: reset first. */
static void refuses_another_package_before_a_reset(void) {
  for (int downloaded = 0; downloaded < 2; downloaded++) {
    scripted s;
    if (downloaded) {
      begin_downloaded(&s);
    } else {
      begin(&s);
      push(&s);
    }
    CHECK_EQUAL(scripted_send(&s, PUT, "5/0/0", OPAQUE, BYTES("new")), 400);
    CHECK_EQUAL(scripted_text(&s, PUT, "5/0/1", TEXT, "coap://10.0.0.9/image"), 400);
    expect(&s, downloaded ? DOWNLOADED : DOWNLOADING, 0);
    scripted_end(&s);
  }
  scripted s;
  begin(&s);
  CHECK_EQUAL(scripted_send(&s, POST, "5/0", TLV, BYTES("\xC1\x00\x7F\xC1\x01x")), 400);
  expect(&s, IDLE, 0);
  scripted_end(&s);
}

/* FW-18, FW-22, AMB-23. */
static void is_left_alone_while_it_updates(void) {
  scripted s;
  begin_updating(&s);
  CHECK_EQUAL(scripted_send(&s, PUT, "5/0/0", OPAQUE, BYTES("new")), 405);
  CHECK_EQUAL(send_block(&s, 0), 405);
  CHECK_EQUAL(scripted_send(&s, PUT, "5/0/0", OPAQUE, "", 0), 405);
  CHECK_EQUAL(scripted_text(&s, PUT, "5/0/1", TEXT, ""), 405);
  CHECK_EQUAL(scripted_text(&s, POST, "5/0/2", TEXT, ""), 405);
  expect(&s, UPDATING, 0);
  CHECK_EQUAL(linnet_client_end_firmware(s.client, LINNET_FIRMWARE_COMPLETE), LINNET_ERROR_WRONG_STATE);
  scripted_end(&s);
}

/* FW-20, AMB-22. */
static void a_failed_update_can_be_tried_again(void) {
  scripted s;
  begin_updating(&s);
  CHECK_EQUAL(linnet_client_end_firmware(s.client, LINNET_FIRMWARE_UPDATE_FAILED), LINNET_OK);
  expect(&s, DOWNLOADED, 8);
  CHECK_EQUAL(scripted_text(&s, POST, "5/0/2", TEXT, ""), 204);
  expect(&s, UPDATING, 0);
  CHECK_EQUAL(linnet_client_end_firmware(s.client, LINNET_FIRMWARE_INTEGRITY), LINNET_OK);
  expect(&s, IDLE, 5);
  scripted_end(&s);
}

typedef struct keeper {
  scripted *s;
  unsigned writes;
  linnet_status say;
} keeper;

static linnet_status ask_keeper(linnet_event *question, void *user) {
  keeper *k = user;
  CHECK_EQUAL(linnet_client_firmware_state(k->s->client), LINNET_FIRMWARE_IDLE);
  CHECK(linnet_event_batch(question) != NULL || linnet_event_path(question).id[2] == 2);
  k->writes++;
  return k->say;
}

/* The application's handler comes first, and keeps the image itself. */
static void a_handler_may_refuse(void) {
  scripted s;
  linnet_value kept;
  begin(&s);
  keeper k = {&s, 0, LINNET_ERROR_TOO_LARGE};
  CHECK_EQUAL(linnet_object_set_handler(linnet_client_object(s.client, 5), LINNET_OPERATION_WRITE, ask_keeper,
                                        &k, NULL),
              LINNET_OK);
  CHECK_EQUAL(scripted_send(&s, PUT, "5/0/0", OPAQUE, BYTES("image")), 413);
  expect(&s, IDLE, 0);
  scripted_no_event(&s);
  k.say = LINNET_OK;
  CHECK_EQUAL(scripted_send(&s, PUT, "5/0/0", OPAQUE, BYTES("image")), 204);
  expect(&s, DOWNLOADING, 0);
  CHECK_EQUAL(linnet_client_get(s.client, linnet_path_resource(5, 0, 0), &kept), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(k.writes, 2);
  scripted_end(&s);
}

/* A server observes both, as its procedure wants. */
static void observers_see_each_state(void) {
  scripted s;
  begin(&s);
  request observe = REQUEST(GET, "5/0/3");
  observe.observe = 0;
  observe.accept = TEXT;
  CHECK_EQUAL(scripted_ask(&s, &observe), 205);
  request write = REQUEST(PUT, "5/0/0");
  write.format = OPAQUE;
  write.payload = image;
  write.payload_length = sizeof image - 1;
  CHECK_EQUAL(scripted_ask(&s, &write), 204);
  CHECK(scripted_run(&s, s.now));
  CHECK_TEXT(scripted_payload(&s), "1");
  if (s.message.type == LINNET_MESSAGE_CON) scripted_acknowledge(&s, LINNET_MESSAGE_ACK);
  CHECK_EQUAL(linnet_client_end_firmware(s.client, LINNET_FIRMWARE_COMPLETE), LINNET_OK);
  CHECK(scripted_run(&s, s.now));
  CHECK_TEXT(scripted_payload(&s), "2");
  scripted_end(&s);
}

/* A user's own object 5 has no behaviour but the user's. */
static void leaves_an_object_of_the_application_alone(void) {
  scripted s;
  scripted_begin(&s, 60);
  linnet_object *object = linnet_object_new(linnet_client_model(s.client), 5);
  CHECK_EQUAL(linnet_object_add_instance(object, 0), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_object(s.client, object), LINNET_OK);
  linnet_object_unref(object);
  set(&s, "/5/0/3", linnet_value_integer(0));
  set(&s, "/5/0/5", linnet_value_integer(0));
  scripted_register(&s);
  CHECK_EQUAL(scripted_send(&s, PUT, "5/0/0", OPAQUE, BYTES("image")), 204);
  expect(&s, IDLE, 0);
  CHECK_EQUAL(scripted_text(&s, POST, "5/0/2", TEXT, ""), 204);
  expect(&s, IDLE, 0);
  scripted_end(&s);
}

int main(void) {
  return RUN(starts_idle_and_takes_pushes_only, brings_a_push_to_the_application, takes_a_push_in_every_form,
             takes_a_package_in_blocks, tells_of_a_package_that_stays_out,
             gives_a_package_up_when_it_is_reset, resets_in_every_form, fetches_from_uris_it_can,
             tells_why_a_download_failed, refuses_another_package_before_a_reset,
             is_left_alone_while_it_updates, a_failed_update_can_be_tried_again, a_handler_may_refuse,
             observers_see_each_state, leaves_an_object_of_the_application_alone);
}
