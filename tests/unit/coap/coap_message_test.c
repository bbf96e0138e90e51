/* SPDX-License-Identifier: Apache-2.0 */
/* Messages taken apart and put together: digest coap.md 2, 5 and 8 (CO-10, CO-20 to CO-24). */
#include <linnet/message.h>

#include "check.h"
#include "coap/wire.h"
#include "wire.h"

static linnet_message parse(const char *text, uint8_t bytes[256]) {
  linnet_message message;
  size_t length = wire_bytes(text, bytes, 256);
  CHECK_EQUAL(linnet_message_parse(&message, bytes, length), LINNET_OK);
  return message;
}

static linnet_status status_of(const char *text) {
  uint8_t bytes[256];
  linnet_message message;
  return linnet_message_parse(&message, bytes, wire_bytes(text, bytes, sizeof bytes));
}

static void reads_the_worked_register(void) {
  uint8_t bytes[256];
  linnet_message message = parse(
      "42 02 12 34 A1 B2 B2 72 64 11 28 38 65 70 3D 6E 6F 64 65 31 05 6C 74 3D 36 30"
      "09 6C 77 6D 32 6D 3D 31 2E 30 03 62 3D 55 FF 3C 2F 31 2F 30 3E 2C 3C 2F 33 2F 30 3E",
      bytes);
  CHECK_EQUAL(message.type, LINNET_MESSAGE_CON);
  CHECK_EQUAL(message.code, LINNET__POST);
  CHECK_EQUAL(message.message_id, 0x1234);
  CHECK_BYTES(message.token, message.token_length, "\xA1\xB2", 2);
  CHECK_BYTES(message.payload, message.payload_length, "</1/0>,</3/0>", 13);
  linnet__incoming incoming = {.message = message};
  linnet__text text;
  size_t position = 0;
  static const char *const queries[] = {"ep=node1", "lt=60", "lwm2m=1.0", "b=U"};
  for (size_t i = 0; i < 4; i++) {
    CHECK(linnet__incoming_text(&incoming, LINNET__OPTION_URI_QUERY, &position, &text));
    CHECK_BYTES(text.data, text.length, queries[i], strlen(queries[i]));
  }
  CHECK(!linnet__incoming_text(&incoming, LINNET__OPTION_URI_QUERY, &position, &text));
  linnet__facts facts;
  linnet__facts_read(&facts, &message);
  CHECK_EQUAL(facts.content_format, 40);
  CHECK_EQUAL(facts.bad_option, 0);
}

static void reads_observe_accept_and_path(void) {
  uint8_t bytes[256];
  linnet__incoming incoming = {.message = parse("41 01 00 01 4A 60 51 33 01 30 01 39 60", bytes)};
  linnet__facts facts;
  linnet__facts_read(&facts, &incoming.message);
  CHECK_EQUAL(facts.observe, 0);
  CHECK_EQUAL(facts.accept, 0);
  linnet_path path;
  CHECK_EQUAL(linnet__incoming_path(&incoming, 0, &path), LINNET_OK);
  CHECK(linnet_path_equal(path, linnet_path_resource(3, 0, 9)));
  CHECK_EQUAL(linnet__incoming_path(&incoming, 1, &path), LINNET_OK);
  CHECK(linnet_path_equal(path, linnet_path_instance(0, 9)));
}

static void refuses_paths_that_are_no_ids_MOD_06(void) {
  uint8_t bytes[256];
  linnet_path path = linnet_path_root();
  static const char *const bad[] = {
      "40 01 00 01 B2 30 30",                      /* 00 */
      "40 01 00 01 B2 2B 31",                      /* +1 */
      "40 01 00 01 B5 36 35 35 33 36",             /* 65536 */
      "40 01 00 01 B1 31 01 31 01 31 01 31 01 31", /* five */
      "40 01 00 01 B1 31 00",                      /* an empty one behind another */
      "40 01 00 01 B2 72 64",
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    linnet__incoming incoming = {.message = parse(bad[i], bytes)};
    CHECK_EQUAL(linnet__incoming_path(&incoming, 0, &path), LINNET_ERROR_NOT_FOUND);
  }
}

static void takes_an_only_empty_segment_for_the_root_CO_24(void) {
  uint8_t bytes[256];
  linnet_path path = linnet_path_object(1);
  linnet__incoming incoming = {.message = parse("40 01 00 01 B0", bytes)};
  CHECK_EQUAL(linnet__incoming_path(&incoming, 0, &path), LINNET_OK);
  CHECK_EQUAL(path.depth, 0);
}

static void finds_format_errors_CO_10(void) {
  CHECK_EQUAL(status_of("40 01 00"), LINNET_ERROR_UNSUPPORTED_FORMAT);              /* too short */
  CHECK_EQUAL(status_of("80 01 00 01"), LINNET_ERROR_UNSUPPORTED_FORMAT);           /* version 2 */
  CHECK_EQUAL(status_of("49 01 00 01 112233445566778899"), LINNET_ERROR_MALFORMED); /* TKL 9 */
  CHECK_EQUAL(status_of("44 01 00 01 11 22 33"), LINNET_ERROR_MALFORMED);           /* token cut off */
  CHECK_EQUAL(status_of("40 00 00 01 00"), LINNET_ERROR_MALFORMED);                 /* empty with something */
  CHECK_EQUAL(status_of("41 00 00 01"), LINNET_ERROR_MALFORMED);                    /* empty with a token */
  CHECK_EQUAL(status_of("40 01 00 01 FF"), LINNET_ERROR_MALFORMED);    /* marker without payload */
  CHECK_EQUAL(status_of("40 01 00 01 F0"), LINNET_ERROR_MALFORMED);    /* delta 15 */
  CHECK_EQUAL(status_of("40 01 00 01 1F"), LINNET_ERROR_MALFORMED);    /* length 15 */
  CHECK_EQUAL(status_of("40 01 00 01 B2 61"), LINNET_ERROR_MALFORMED); /* value cut off */
  CHECK_EQUAL(status_of("40 01 00 01 D0"), LINNET_ERROR_MALFORMED);    /* delta cut off */
  CHECK_EQUAL(status_of("40 01 00 01 E0 01"), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(status_of("40 01 00 01 BD"), LINNET_ERROR_MALFORMED); /* length cut off */
  CHECK_EQUAL(status_of("40 01 00 01 BE 01"), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(status_of("40 01 00 01 E0 FF FF"), LINNET_ERROR_MALFORMED); /* number above 65535 */
  CHECK_EQUAL(status_of("40 01 00 01 E0 FE F2"), LINNET_OK);              /* 65535 */
  CHECK_EQUAL(status_of("40 00 00 01"), LINNET_OK);
  linnet_message message;
  CHECK_EQUAL(linnet_message_parse(&message, "\x49\x01\x00\x01", 4), LINNET_ERROR_MALFORMED);
  CHECK_EQUAL(message.type, LINNET_MESSAGE_CON);
  CHECK_EQUAL(message.message_id, 1);
}

/* CO-10, for people. */
static void tells_where_a_message_goes_wrong(void) {
  static const struct {
    const char *bytes;
    size_t sound;
    const char *fault;
  } cases[] = {
      {"40 01 00", 0, "the header of 4 bytes is cut short"},
      {"80 01 00 01", 0, "this is not version 1"},
      {"49 01 00 01 112233445566778899", 0, "a token of more than 8 bytes"},
      {"41 00 00 01", 0, "an empty message has no token"},
      {"40 00 00 01 00", 4, "an empty message ends here"},
      {"44 01 00 01 11 22 33", 4, "the token is cut short"},
      {"40 01 00 01 B2 61", 4, "an option that is cut short or cannot be"},
      {"42 01 00 01 11 22 B1 33 B1 34 1F", 10, "an option that is cut short or cannot be"},
      {"42 01 00 01 11 22 B1 33 FF", 8, "a payload marker without a payload"},
      {"40 01 00 01 FF", 4, "a payload marker without a payload"},
      {"40 01 00 01 E0 FF FF", 4, "an option that is cut short or cannot be"},
  };
  uint8_t bytes[256];
  size_t sound;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    size_t length = wire_bytes(cases[i].bytes, bytes, sizeof bytes);
    CHECK_TEXT(linnet_message_fault(bytes, length, &sound), cases[i].fault);
    CHECK_EQUAL(sound, cases[i].sound);
  }
  CHECK(linnet_message_fault(bytes, wire_bytes("40 01 00 01 B1 33 FF 00", bytes, sizeof bytes), &sound) ==
        NULL);
}

/* Every length form, written and read back. */
static void writes_all_option_forms(void) {
  static const uint16_t numbers[] = {1, 13, 14, 26, 300, 568, 1000, 65535};
  static const size_t lengths[] = {0, 1, 12, 13, 14, 268, 269, 1000};
  static uint8_t memory[4096];
  static const uint8_t value[1000] = {7};
  linnet__message_writer writer;
  linnet__token token = {3, {1, 2, 3}};
  linnet__write_head(&writer, memory, sizeof memory, LINNET_MESSAGE_NON, LINNET__GET, 7, &token);
  for (size_t i = 0; i < 8; i++) linnet__write_option(&writer, numbers[i], value, lengths[i]);
  linnet__write_payload(&writer, "x", 1);
  CHECK(!writer.failed);
  linnet_message message;
  CHECK_EQUAL(linnet_message_parse(&message, memory, writer.length), LINNET_OK);
  linnet_option option = {0};
  size_t position = 0;
  for (size_t i = 0; i < 8; i++) {
    CHECK(linnet_message_next_option(&message, &position, &option));
    CHECK_EQUAL(option.number, numbers[i]);
    CHECK_BYTES(option.value, option.length, value, lengths[i]);
  }
  CHECK(!linnet_message_next_option(&message, &position, &option));
  CHECK_BYTES(message.payload, message.payload_length, "x", 1);
  for (size_t room = 0; room < writer.length; room++) {
    linnet__message_writer small;
    linnet__write_head(&small, memory, room, LINNET_MESSAGE_NON, LINNET__GET, 7, &token);
    for (size_t i = 0; i < 8; i++) linnet__write_option(&small, numbers[i], value, lengths[i]);
    linnet__write_payload(&small, "x", 1);
    CHECK(small.failed);
  }
}

static void writes_uints_and_blocks_in_the_shortest_form(void) {
  static const struct {
    linnet__block block;
    const char *value;
  } rows[] = {{{true, true, 3, 0}, "0B"},
              {{true, true, 3, 1}, "1B"},
              {{true, false, 3, 639}, "27F3"},
              {{true, true, 6, 0}, "0E"},
              {{true, false, 0, 0}, ""}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint8_t memory[16];
    uint8_t expected[4];
    size_t length = wire_bytes(rows[i].value, expected, sizeof expected);
    linnet__message_writer writer;
    linnet__write_head(&writer, memory, sizeof memory, LINNET_MESSAGE_CON, LINNET__GET, 0, NULL);
    linnet__write_block(&writer, LINNET__OPTION_BLOCK1, &rows[i].block);
    CHECK_BYTES(memory + 6, writer.length - 6, expected, length);
    linnet_message message;
    CHECK_EQUAL(linnet_message_parse(&message, memory, writer.length), LINNET_OK);
    linnet__facts facts;
    linnet__facts_read(&facts, &message);
    CHECK(facts.block1.present && facts.block1.more == rows[i].block.more);
    CHECK_EQUAL(facts.block1.number, rows[i].block.number);
    CHECK_EQUAL(facts.block1.exponent, rows[i].block.exponent);
  }
}

static void takes_bad_and_repeated_options_for_unknown_CO_21(void) {
  uint8_t bytes[256];
  linnet__facts facts;
  linnet_message message = parse("40 01 00 01 C3 00 00 28", bytes); /* Content-Format of 3 bytes: elective */
  linnet__facts_read(&facts, &message);
  CHECK_EQUAL(facts.bad_option, 0);
  CHECK_EQUAL(facts.content_format, -1);
  message = parse("40 01 00 01 C1 28 01 2A", bytes); /* twice: the first counts */
  linnet__facts_read(&facts, &message);
  CHECK_EQUAL(facts.content_format, 40);
  message = parse("40 01 00 01 D1 04 00 01 00", bytes); /* Accept twice: critical */
  linnet__facts_read(&facts, &message);
  CHECK_EQUAL(facts.bad_option, 17);
  message = parse("40 01 00 01 D2 04 00 28", bytes); /* leading zeros are accepted */
  linnet__facts_read(&facts, &message);
  CHECK_EQUAL(facts.accept, 40);
  CHECK_EQUAL(facts.bad_option, 0);
}

static void names_options_and_codes(void) {
  CHECK_TEXT(linnet_option_name(11), "Uri-Path");
  CHECK_TEXT(linnet_option_name(60), "Size1");
  CHECK(linnet_option_name(2) == NULL);
  CHECK(linnet_option_name(61) == NULL);
  CHECK_EQUAL(linnet_option_format(6), 'u');
  CHECK_EQUAL(linnet_option_format(11), 's');
  CHECK_EQUAL(linnet_option_format(4), 'o');
  CHECK_EQUAL(linnet_option_format(5), 'e');
  CHECK_EQUAL(linnet_option_format(999), 'o');
  for (unsigned number = 0; number <= 300; number++)
    CHECK_EQUAL(linnet__option_find((uint16_t)number) != NULL, linnet_option_name((uint16_t)number) != NULL);
  CHECK_TEXT(linnet_code_name(0x45), "2.05 Content");
  CHECK_TEXT(linnet_code_name(0x5F), "2.31 Continue");
  CHECK_TEXT(linnet_code_name(1), "GET");
  CHECK_TEXT(linnet_code_name(0x1F), "");
  CHECK_EQUAL(linnet__code_number(0x45), 205);
  CHECK_EQUAL(linnet__code_number(0x8D), 413);
}

int main(void) {
  return RUN(reads_the_worked_register, reads_observe_accept_and_path, refuses_paths_that_are_no_ids_MOD_06,
             takes_an_only_empty_segment_for_the_root_CO_24, finds_format_errors_CO_10,
             tells_where_a_message_goes_wrong, writes_all_option_forms,
             writes_uints_and_blocks_in_the_shortest_form, takes_bad_and_repeated_options_for_unknown_CO_21,
             names_options_and_codes);
}
