/* SPDX-License-Identifier: Apache-2.0 */
/* tlv_test.c: TLV at its edges (digest 7.1): levels, forms of identifier and length, numbers, duplicates. */
#include <math.h>

#include "show.h"

#define TLV(base, hex, expected) check_tlv(linnet__decode, __LINE__, base, hex, expected)

static void check_tlv(show_decode *decode, int line, const char *base, const char *hex,
                      const char *expected) {
  uint8_t bytes[512];
  size_t length = 0;
  unsigned byte;
  for (int used = 0; sscanf(hex, " %2x%n", &byte, &used) == 1; hex += used) bytes[length++] = (uint8_t)byte;
  const char *shown = show(decode, LINNET_FORMAT_TLV, base, bytes, length);
  if (strcmp(shown, expected) == 0) return;
  fprintf(stderr, "tlv_test.c:%d: is \"%s\", not \"%s\"\n", line, shown, expected);
  exit(1);
}

static void reads_resources_below_an_instance(void) { /* FMT-10 */
  TLV("/9/0", "C0 00 C1 01 7F C4 02 41 B4 00 00", "/9/0/0=String ; /9/0/1=Integer 127; /9/0/2=Float 22.5");
  TLV("/9/0", "", "");
  TLV("/9/0", "8A 0B 08 4A 00", "malformed");
}

static void reads_instances_below_an_object(void) { /* FMT-10 */
  TLV("/9", "03 00 C1 01 01 03 02 C1 01 02", "/9/0/1=Integer 1; /9/2/1=Integer 2");
  TLV("/9", "00 05 20 01 2C", "/9/5=None ; /9/300=None ");
  TLV("/9", "", "");
  TLV("/9", "03 00 C1 01 01 C1 01 01", "malformed");
  TLV("/9", "25 FF FF C1 01 01 00", "malformed");
}

static void reads_a_create_without_id(void) { /* DM-65 */
  TLV("/9", "C1 01 05 83 0B 41 00 00", "/9/65535/1=Integer 5; /9/65535/11/0=Integer 0");
  TLV("/9", "C1 01 05 03 00 C1 01 01", "malformed");
  TLV("/9", "41 01 05", "malformed");
}

static void unwraps_the_instance_of_the_path(void) { /* FMT-15 */
  TLV("/9/4", "03 04 C1 01 05", "/9/4/1=Integer 5");
  TLV("/9/4", "00 04", "");
  TLV("/9/4", "03 05 C1 01 05", "malformed");
  TLV("/9/4", "03 04 C1 01 05 C1 03 01", "malformed");
  TLV("/9/4", "C1 03 01 03 04 C1 01 05", "malformed");
  TLV("/9/4", "05 04 03 04 C1 01 05", "malformed");
}

static void reads_one_resource(void) { /* FMT-12, DM-29 */
  TLV("/9/0/1", "C1 01 05", "/9/0/1=Integer 5");
  TLV("/9/0/1", "C1 03 01", "malformed");
  TLV("/9/0/1", "C1 01 05 C1 01 05", "malformed");
  TLV("/9/0/1", "", "malformed");
  TLV("/9/0/1", "03 00 C1 01 05", "malformed");
  TLV("/9/0/11", "86 0B 41 00 01 41 01 05", "/9/0/11/0=Integer 1; /9/0/11/1=Integer 5");
  TLV("/9/0/11", "80 0B", "/9/0/11=Multiple ");
  TLV("/9/0/11", "41 00 01 41 03 05", "/9/0/11/0=Integer 1; /9/0/11/3=Integer 5");
  TLV("/9/0/99", "41 00 01", "/9/0/99/0=Opaque AQ==");
  TLV("/9/0/1", "41 00 01", "malformed");
  TLV("/9/0/11", "41 00 01 86 0B 41 01 05 41 02 05", "malformed");
}

static void keeps_multiple_and_single_apart(void) { /* FMT-11 */
  TLV("/9/0", "83 01 41 00 05", "wrong-type");
  TLV("/9/0", "C1 0B 05", "wrong-type");
  TLV("/9/0", "80 01", "wrong-type");
  TLV("/9/0", "83 63 41 00 05 C1 62 05", "/9/0/99/0=Opaque BQ==; /9/0/98=Opaque BQ==");
}

static void takes_any_form_of_identifier_and_length(void) { /* FMT-14 */
  TLV("/9/0", "E1 00 01 05", "/9/0/1=Integer 5");
  TLV("/9/0", "C8 01 01 05", "/9/0/1=Integer 5");
  TLV("/9/0", "D7 01 00 01 05", "/9/0/1=Integer 5");
  TLV("/9/0", "FF 00 01 00 00 01 05", "/9/0/1=Integer 5");
  TLV("/9/0", "E4 16 44 41 B4 00 00", "/9/0/5700=Opaque QbQAAA==");
  TLV("/9/0", "C1", "malformed");
  TLV("/9/0", "C1 01", "malformed");
  TLV("/9/0", "E1 00", "malformed");
  TLV("/9/0", "D8 01 00", "malformed");
  TLV("/9/0", "D8 01 FF FF FF", "malformed");
  TLV("/9/0", "88 0B 03 42 00 01", "malformed");
  TLV("/9/0", "83 0B 42 00 01 C1 01 00", "malformed");
}

static void takes_each_integer_and_no_other_length(void) { /* TYP-01, TYP-02 */
  TLV("/9/0", "C1 01 80", "/9/0/1=Integer -128");
  TLV("/9/0", "C2 01 00 80", "/9/0/1=Integer 128");
  TLV("/9/0", "C2 01 FF 7F", "/9/0/1=Integer -129");
  TLV("/9/0", "C4 05 80 00 00 00", "/9/0/5=Time -2147483648");
  TLV("/9/0", "C8 01 08 80 00 00 00 00 00 00 00", "/9/0/1=Integer -9223372036854775808");
  TLV("/9/0", "C0 01", "wrong-type");
  TLV("/9/0", "C3 01 00 00 01", "wrong-type");
  TLV("/9/0", "C7 05 00 00 00 00 00 00 01", "wrong-type");
}

static void checks_the_other_types(void) { /* TYP-03 to TYP-07 */
  TLV("/9/0", "C8 02 08 C0 45 C9 41 20 5B C0 1A", "/9/0/2=Float -43.5723");
  TLV("/9/0", "C4 02 7F C0 00 00", "wrong-type");
  TLV("/9/0", "C8 02 08 7F F0 00 00 00 00 00 00", "wrong-type");
  TLV("/9/0", "C2 02 41 B4", "wrong-type");
  TLV("/9/0", "C1 03 01", "/9/0/3=Boolean 1");
  TLV("/9/0", "C1 03 02", "wrong-type");
  TLV("/9/0", "C0 03", "wrong-type");
  TLV("/9/0", "C4 06 FF FF FF FF", "/9/0/6=Objlnk 65535:65535");
  TLV("/9/0", "C3 06 00 00 00", "wrong-type");
  TLV("/9/0", "C0 04", "/9/0/4=Opaque ");
  TLV("/9/0", "C1 00 FF", "wrong-type");
  TLV("/9/0", "C2 07 01 02", "/9/0/7=Opaque AQI=");
}

static void refuses_an_id_twice(void) { /* FMT-13 */
  TLV("/9/0", "C1 01 05 C1 01 05", "malformed");
  TLV("/9/0", "C1 01 05 C1 03 01 C1 01 06", "malformed");
  TLV("/9/0", "86 0B 41 00 01 41 00 05", "malformed");
  TLV("/9/0", "89 0B 41 00 01 41 01 02 41 00 05", "malformed");
  TLV("/9/0", "88 0B 09 41 00 01 41 01 02 41 00 05", "malformed");
  /* The same multiple resource in two containers, with something between. */
  TLV("/9/0", "83 0B 41 00 01 C1 01 05 83 0B 41 01 05", "malformed");
  TLV("/9/0", "83 0B 41 00 01 83 0B 41 01 05", "malformed");
  TLV("/9/0", "80 0B C1 01 05 83 0B 41 01 05", "malformed");
  TLV("/9", "03 01 C1 01 01 03 00 C1 01 02 03 01 C1 03 01", "malformed");
  TLV("/9", "00 01 00 00 00 01", "malformed");
  /* Out of order is no fault. */
  TLV("/9/0", "C1 03 01 83 0B 41 00 01 C1 01 05", "/9/0/3=Boolean 1; /9/0/11/0=Integer 1; /9/0/1=Integer 5");
  TLV("/9", "03 02 C1 01 01 03 00 C1 01 02", "/9/2/1=Integer 1; /9/0/1=Integer 2");
}

static void a_server_leaves_out_what_does_not_fit(void) { /* TYP-01 */
  check_tlv(linnet__decode_response, __LINE__, "/9/0/1", "C3 01 00 00 01", "wrong-type");
  check_tlv(linnet__decode_response, __LINE__, "/9/0", "", "");
  check_tlv(linnet__decode_response, __LINE__, "/9/0", "C3 01 00 00 01 C1 03 01 83 01 41 00 05 C0 00",
            "/9/0/3=Boolean 1; /9/0/0=String ");
  check_tlv(linnet__decode_response, __LINE__, "/9/0", "C3 01 00 00 01 C1 03", "malformed");
  check_tlv(linnet__decode_response, __LINE__, "/9/0", "86 0B 43 00 01 01 01 C1 03 00", "malformed");
  check_tlv(linnet__decode_response, __LINE__, "/9/0", "88 0B 08 43 00 01 01 01 41 01 02 C1 03 00",
            "/9/0/11/1=Integer 2; /9/0/3=Boolean 0");
}

/* ---- writing ------------------------------------------------------------------------------------- */

static linnet_record record(const char *path, linnet_value value) {
  linnet_record result = {show_path(path), value, 0};
  return result;
}

#define WRITES(base, hex, ...)                                             \
  check_written(__LINE__, base, hex, (const linnet_record[]){__VA_ARGS__}, \
                sizeof((const linnet_record[]){__VA_ARGS__}) / sizeof(linnet_record))

static void check_written(int line, const char *base, const char *expected, const linnet_record *records,
                          size_t count) {
  size_t length;
  char text[1024] = "";
  const char *bytes = show_written(LINNET_FORMAT_TLV, base, records, count, &length);
  for (size_t i = 0; i < length; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%02X", i > 0 ? " " : "",
             (unsigned char)bytes[i]);
  if (strcmp(length > 0 ? text : bytes, expected) == 0) return;
  fprintf(stderr, "tlv_test.c:%d: is \"%s\", not \"%s\"\n", line, length > 0 ? text : bytes, expected);
  exit(1);
}

static void writes_the_shortest_forms(void) { /* TYP-01, TYP-03, FMT-14 */
  static const struct {
    int64_t number;
    const char *hex;
  } integers[] = {{0, "C1 01 00"},
                  {127, "C1 01 7F"},
                  {128, "C2 01 00 80"},
                  {-128, "C1 01 80"},
                  {-129, "C2 01 FF 7F"},
                  {32768, "C4 01 00 00 80 00"},
                  {INT64_C(2147483648), "C8 01 08 00 00 00 00 80 00 00 00"}};
  for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++)
    WRITES("/9/0", integers[i].hex, record("/9/0/1", linnet_value_integer(integers[i].number)));
  WRITES("/9/0", "C4 02 41 B4 00 00", record("/9/0/2", linnet_value_float(22.5)));
  WRITES("/9/0", "C8 02 08 3F B9 99 99 99 99 99 9A", record("/9/0/2", linnet_value_float(0.1)));
  WRITES("/9/0", "C8 02 08 7E 37 E4 3C 88 00 75 9C", record("/9/0/2", linnet_value_float(1e300)));
  WRITES("/9/0", "C4 02 80 00 00 00", record("/9/0/2", linnet_value_float(-0.0)));
  WRITES("/9/0", "E5 16 45 68 65 6C 6C 6F", record("/9/0/5701", linnet_value_string("hello")));
  WRITES("/9/0", "C8 00 08 31 32 33 34 35 36 37 38", record("/9/0/0", linnet_value_string("12345678")));
}

static void writes_wrappers_where_the_base_needs_them(void) { /* FMT-10, FMT-11, DM-65 */
  WRITES("/9", "03 00 C1 01 01 00 02 23 01 2C C1 01 02", record("/9/0/1", linnet_value_integer(1)),
         record("/9/2", linnet_value_none()), record("/9/300/1", linnet_value_integer(2)));
  WRITES("/9", "C1 01 05", record("/9/65535/1", linnet_value_integer(5)));
  WRITES("/9/0", "86 0B 41 00 01 41 01 05 83 0C 41 00 01 C1 03 01",
         record("/9/0/11/0", linnet_value_integer(1)), record("/9/0/11/1", linnet_value_integer(5)),
         record("/9/0/12/0", linnet_value_integer(1)), record("/9/0/3", linnet_value_boolean(true)));
  WRITES("/9/0", "", record("/9/0", linnet_value_none()));
  linnet_value none_yet = {.type = LINNET_TYPE_MULTIPLE};
  WRITES("/9/0", "80 0B", record("/9/0/11", none_yet));
}

static void refuses_what_is_not_a_payload(void) {
  WRITES("/9/0", "wrong-type", record("/9/0/2", linnet_value_float((double)NAN))); /* TYP-03 */
  WRITES("/9/0", "wrong-type", record("/9/0/2", linnet_value_float((double)INFINITY)));
  WRITES("/9/0", "wrong-type", record("/9/0/0", linnet_value_string("\xFF"))); /* TYP-07 */
  WRITES("/9/0", "wrong-type", record("/9/0/0", linnet_value_none()));
  WRITES("/9/0", "wrong-type", record("/9/0", linnet_value_integer(1)));
  WRITES("/9/0", "invalid-argument", record("/9/1/1", linnet_value_integer(1)));
  WRITES("/9/0", "invalid-argument", record("/9/0/1", linnet_value_integer(1)),
         record("/9/0/1", linnet_value_integer(1)));
  WRITES("/9/0", "invalid-argument", record("/9/0/11/0", linnet_value_integer(1)),
         record("/9/0/11", linnet_value_integer(1)));
  WRITES("/9/0", "invalid-argument", record("/9/0/11/65535", linnet_value_integer(1)));
  WRITES("/", "invalid-argument", record("/9/0/1", linnet_value_integer(1)));
  WRITES("/9", "invalid-argument", record("/9/0/1", linnet_value_integer(1)),
         record("/9/65535/1", linnet_value_integer(1)));
}

/* FMT-16, and every border of the length field, container and value. */
static void writes_and_reads_every_length(void) {
  static const size_t lengths[] = {0, 1, 7, 8, 255, 256, 65535, 65536, 0xFFFFFF - 16};
  linnet_loop *loop = show_loop();
  static const linnet__schema schema = {show_shape, NULL};
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    linnet__buffer out;
    linnet__writer writer;
    linnet_batch *batch = linnet_batch_new(loop);
    uint8_t *data = calloc(1, lengths[i] + 1);
    linnet_record whole = record("/9/3/14/2", linnet_value_opaque(data, lengths[i])), read;
    linnet__buffer_init(&out, loop, SIZE_MAX);
    CHECK_EQUAL(linnet__writer_begin(&writer, LINNET_FORMAT_TLV, show_path("/9"), &out, loop), LINNET_OK);
    CHECK_EQUAL(linnet__writer_put(&writer, &whole), LINNET_OK);
    CHECK_EQUAL(linnet__writer_end(&writer), LINNET_OK);
    CHECK_EQUAL(linnet__decode(batch, LINNET_FORMAT_TLV, show_path("/9"), out.data, out.length, schema),
                LINNET_OK);
    CHECK_EQUAL(linnet_batch_record(batch, 0, &read), LINNET_OK);
    CHECK(linnet_path_equal(read.path, whole.path) && linnet_value_equal(&read.value, &whole.value));
    free(data);
    linnet_batch_unref(batch);
    linnet__buffer_free(&out);
  }
  uint8_t *data = calloc(1, 0x1000000);
  linnet_record large = record("/9/3/4", linnet_value_opaque(data, 0x1000000));
  linnet__buffer out;
  linnet__writer writer;
  linnet__buffer_init(&out, loop, SIZE_MAX);
  linnet__writer_begin(&writer, LINNET_FORMAT_TLV, show_path("/9"), &out, loop);
  CHECK_EQUAL(linnet__writer_put(&writer, &large), LINNET_ERROR_TOO_LARGE);
  large.value.as.bytes.length--;
  linnet__writer_begin(&writer, LINNET_FORMAT_TLV, show_path("/9"), &out, loop);
  CHECK_EQUAL(linnet__writer_put(&writer, &large), LINNET_OK);
  CHECK_EQUAL(linnet__writer_end(&writer), LINNET_ERROR_TOO_LARGE); /* now with its wrapper */
  CHECK_EQUAL(out.length, 0);
  linnet__buffer_free(&out);
  free(data);
  linnet_loop_unref(loop);
}

static void a_full_buffer_is_put_back(void) {
  uint8_t memory[20];
  linnet__buffer out;
  linnet__writer writer;
  linnet__buffer_init_fixed(&out, memory, sizeof memory);
  linnet__buffer_append_text(&out, "abc");
  linnet_record text = record("/9/0/0", linnet_value_string("0123456789012345"));
  CHECK_EQUAL(linnet__writer_begin(&writer, LINNET_FORMAT_TLV, show_path("/9/0"), &out, NULL), LINNET_OK);
  CHECK_EQUAL(linnet__writer_put(&writer, &text), LINNET_ERROR_TOO_LARGE);
  CHECK_EQUAL(linnet__writer_end(&writer), LINNET_ERROR_TOO_LARGE);
  CHECK_EQUAL(out.length, 3);
}

int main(void) {
  return RUN(reads_resources_below_an_instance, reads_instances_below_an_object, reads_a_create_without_id,
             unwraps_the_instance_of_the_path, reads_one_resource, keeps_multiple_and_single_apart,
             takes_any_form_of_identifier_and_length, takes_each_integer_and_no_other_length,
             checks_the_other_types, refuses_an_id_twice, a_server_leaves_out_what_does_not_fit,
             writes_the_shortest_forms, writes_wrappers_where_the_base_needs_them,
             refuses_what_is_not_a_payload, writes_and_reads_every_length, a_full_buffer_is_put_back);
}
