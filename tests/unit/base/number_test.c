/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as text and bytes (number.h); stdio of the host is the model. */
#include <float.h>
#include <math.h>

#include "base/base.h"
#include "check.h"

static uint64_t state = 88172645463325252u;
static uint64_t draw(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static double from_bits(uint64_t bits) {
  double number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

static const char *float_text(double number) {
  static char text[LINNET__FLOAT_TEXT_SIZE + 1];
  text[linnet__format_float(number, text)] = 0;
  return text;
}

static size_t significant_digits(const char *text) {
  char digits[LINNET__FLOAT_TEXT_SIZE];
  size_t count = 0;
  for (; *text != 0; text++)
    if (*text >= '0' && *text <= '9' && (count > 0 || *text != '0')) digits[count++] = *text;
  while (count > 0 && digits[count - 1] == '0') count--;
  return count;
}

static void check_round_trip(double number) {
  const char *text = float_text(number);
  double back;
  CHECK(strtod(text, NULL) == number);
  CHECK(linnet__parse_float(text, strlen(text), &back));
  CHECK(back == number);
  CHECK(strchr(text, 'e') == NULL);
  char shortest[64];
  for (int precision = 0; precision < 18; precision++) {
    snprintf(shortest, sizeof shortest, "%.*e", precision, number);
    if (strtod(shortest, NULL) == number) break;
  }
  *strchr(shortest, 'e') = 0;
  /* printf tries the nearest of each length only: above a power of two a shorter one may lie on the other
   * side. */
  CHECK(significant_digits(text) <= significant_digits(shortest));
}

static void prints_random_doubles_shortest_and_reads_them_back(void) {
  for (int i = 0; i < 30000; i++) {
    double number = from_bits(draw());
    if (isfinite(number) && number != 0) check_round_trip(number);
  }
}

static void prints_everyday_doubles_shortest_and_reads_them_back(void) {
  for (int i = 0; i < 30000; i++) {
    double number = (double)(int64_t)(draw() % 2000000001) / (i % 3 == 0 ? 1000.0 : i % 3 == 1 ? 7.0 : 1e7);
    if (number != 0) check_round_trip(i % 2 == 0 ? number : -number);
  }
}

static void prints_the_edges(void) {
  for (int exponent = 0; exponent < 2047; exponent++) {
    uint64_t power = (uint64_t)exponent << 52;
    if (power > 0) check_round_trip(from_bits(power));
    check_round_trip(from_bits(power + 1));
    if (power > 0) check_round_trip(from_bits(power - 1));
  }
  check_round_trip(DBL_MAX);
  check_round_trip(5e-324);
  check_round_trip(2.2250738585072011e-308);
  check_round_trip(9007199254740993.0);
}

static void prints_plain_decimals(void) { /* TYP-03 */
  CHECK_TEXT(float_text(0.0), "0");
  CHECK_TEXT(float_text(-0.0), "0");
  CHECK_TEXT(float_text(1), "1");
  CHECK_TEXT(float_text(0.5), "0.5");
  CHECK_TEXT(float_text(-43.5723), "-43.5723");
  CHECK_TEXT(float_text(0.00000000006667), "0.00000000006667");
  CHECK_TEXT(float_text(1e21), "1000000000000000000000");
  CHECK_TEXT(float_text(123456.75), "123456.75");
  CHECK_TEXT(float_text(22.5), "22.5");
  CHECK_TEXT(float_text(0.1 + 0.2), "0.30000000000000004");
  CHECK_EQUAL(strlen(float_text(DBL_MAX)), 309);
}

static void prints_nothing_for_what_is_no_number(void) {
  char text[LINNET__FLOAT_TEXT_SIZE];
  CHECK_EQUAL(linnet__format_float((double)NAN, text), 0);
  CHECK_EQUAL(linnet__format_float(-(double)INFINITY, text), 0);
}

static void check_reads_as_strtod(const char *text) {
  double number;
  CHECK(linnet__parse_float(text, strlen(text), &number));
  double expected = strtod(text, NULL);
  CHECK(memcmp(&number, &expected, sizeof number) == 0);
}

static void reads_random_decimals_as_strtod(void) {
  char text[200];
  for (int i = 0; i < 30000; i++) {
    snprintf(text, sizeof text, "%s%llu.%0*llue%d", i % 2 == 0 ? "-" : "",
             (unsigned long long)(draw() >> (draw() % 64)), (int)(draw() % 40 + 1),
             (unsigned long long)(draw() >> (draw() % 64)), (int)(draw() % 680) - 380);
    double expected = strtod(text, NULL);
    if (isinf(expected)) {
      double number;
      CHECK(!linnet__parse_float(text, strlen(text), &number));
    } else {
      check_reads_as_strtod(text);
    }
  }
}

/* The exact decimal of the number halfway between a double and the next, and one digit more or less. */
static void rounds_halfway_cases_to_even(void) {
  static char text[1200];
  for (int i = 0; i < 3000; i++) {
    uint64_t bits = draw() & ~((uint64_t)1 << 63);
    if (i % 4 == 0) bits %= (uint64_t)1 << 53; /* subnormal and just above */
    long double half = ((long double)from_bits(bits) + (long double)from_bits(bits + 1)) / 2;
    if (!isfinite(from_bits(bits + 1))) continue;
    int length = snprintf(text, sizeof text - 2, "%.1100Lf", half);
    if (length > 1150 || length < 0) continue;
    check_reads_as_strtod(text);
    strcat(text, "1");
    check_reads_as_strtod(text);
  }
}

static void reads_what_stands_in_very_long_texts(void) {
  static char text[70100];
  double number;
  memset(text, '0', sizeof text);
  text[0] = '0', text[1] = '.';
  memcpy(text + 70002, "5e70001", 7);
  CHECK(linnet__parse_float(text, 70009, &number));
  CHECK(number == 5);
  memset(text, '9', 800);
  CHECK(!linnet__parse_float(text, 800, &number));
  memcpy(text + 800, "e-800", 5);
  CHECK(linnet__parse_float(text, 805, &number));
  CHECK(number == 1);
  memcpy(text + 800, "e-99999999999999999999999999", 28);
  CHECK(linnet__parse_float(text, 828, &number));
  CHECK(number == 0);
  /* Only the 1000th digit tells that this is above the midpoint of 1 and the next double. */
  snprintf(text, sizeof text, "1.00000000000000011102230246251565404236316680908203125");
  CHECK(linnet__parse_float(text, strlen(text), &number) && number == 1);
  size_t length = strlen(text);
  memset(text + length, '0', 1000);
  text[length + 1000] = '1';
  CHECK(linnet__parse_float(text, length + 1001, &number) && number == 1 + DBL_EPSILON);
}

static void reads_the_known_hard_cases(void) {
  static const char *const cases[] = {
      "2.2250738585072011e-308",
      "2.2250738585072014e-308",
      "2.4703282292062327e-324",
      "2.4703282292062328e-324",
      "4.9406564584124654e-324",
      "1.7976931348623157e308",
      "9007199254740993",
      "9007199254740992.5",
      "0.1e-6",
      "1e23",
      "8.41e21",
      "6.631236846766476e-316",
      "-0",
      "0e999999",
      "1E+2",
      "007.50",
      "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096"
      "330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730"
      "270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880"};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) check_reads_as_strtod(cases[i]);
}

static void refuses_what_is_no_decimal(void) { /* TYP-03 */
  static const char *const cases[] = {"",      "-",   "+1",   ".5",  "5.",    "1e",    "1e+",
                                      " 1",    "1 ",  "0x10", "nan", "inf",   "1.e5",  "1..2",
                                      "1e5.0", "--1", "1,5",  "1e-", "1e309", "-1e400"};
  double number = 42;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    CHECK(!linnet__parse_float(cases[i], strlen(cases[i]), &number));
  CHECK(number == 42);
}

static void check_integer(int64_t number) {
  char text[LINNET__INTEGER_TEXT_SIZE + 1], expected[32];
  text[linnet__format_integer(number, text)] = 0;
  snprintf(expected, sizeof expected, "%" PRId64, number);
  CHECK_TEXT(text, expected);
  int64_t back;
  CHECK(linnet__parse_integer(text, strlen(text), &back));
  CHECK_EQUAL(back, number);
}

static void prints_and_reads_integers(void) {
  check_integer(0);
  check_integer(INT64_MIN);
  check_integer(INT64_MAX);
  for (int i = 0; i < 10000; i++) check_integer((int64_t)(draw() >> (draw() % 64)) * (i % 2 == 0 ? 1 : -1));
  char text[LINNET__INTEGER_TEXT_SIZE];
  CHECK_BYTES(text, linnet__format_unsigned(UINT64_MAX, text), "18446744073709551615", 20);
}

static void refuses_integers_out_of_range_or_shape(void) {
  int64_t number = 42;
  uint64_t natural = 42;
  static const char *const cases[] = {"",
                                      "-",
                                      "+1",
                                      "1.0",
                                      " 1",
                                      "1a",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999",
                                      "--1"};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    CHECK(!linnet__parse_integer(cases[i], strlen(cases[i]), &number));
  CHECK_EQUAL(number, 42);
  CHECK(!linnet__parse_unsigned("65536", 5, 65535, &natural));
  CHECK(!linnet__parse_unsigned("-1", 2, 65535, &natural));
  CHECK(!linnet__parse_unsigned("5", 1, 3, &natural));
  CHECK(!linnet__parse_unsigned("18446744073709551616", 20, UINT64_MAX, &natural));
  CHECK_EQUAL(natural, 42);
  CHECK(linnet__parse_unsigned("65535", 5, 65535, &natural) && natural == 65535);
  CHECK(linnet__parse_unsigned("18446744073709551615", 20, UINT64_MAX, &natural) && natural == UINT64_MAX);
}

static void puts_numbers_in_network_order(void) {
  uint8_t bytes[8];
  linnet__put_u64(bytes, 0x0102030405060708u);
  CHECK_BYTES(bytes, 8, "\1\2\3\4\5\6\7\10", 8);
  CHECK(linnet__get_u64(bytes) == 0x0102030405060708u);
  CHECK_EQUAL(linnet__get_u32(bytes + 4), 0x05060708);
  CHECK_EQUAL(linnet__get_u16(bytes + 6), 0x0708);
  linnet__put_u32(bytes, 0xfffefdfc);
  linnet__put_u16(bytes + 4, 0xfbfa);
  CHECK_BYTES(bytes, 6, "\xff\xfe\xfd\xfc\xfb\xfa", 6);
}

/* As the conversion of the language: also where the float is rounded, up and down. */
static void makes_floats_of_integers(void) {
  static const int64_t integers[] = {0,
                                     1,
                                     -1,
                                     INT32_MAX,
                                     INT32_MIN,
                                     UINT32_MAX,
                                     INT64_MAX,
                                     INT64_MIN,
                                     INT64_MAX - 511,
                                     INT64_MAX - 512,
                                     (1LL << 53) + 1,
                                     (1LL << 53) + 3,
                                     -(1LL << 53) - 1,
                                     1700000000123LL};
  for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++)
    CHECK(linnet__integer_to_float(integers[i]) == (double)integers[i]);
  for (uint64_t bits = 0x9E3779B97F4A7C15u, i = 0; i < 1000; i++, bits = bits * 0x9E3779B97F4A7C15u + 1)
    CHECK(linnet__integer_to_float((int64_t)bits) == (double)(int64_t)bits);
}

static void reads_hexadecimal_digits(void) {
  for (unsigned i = 0; i < 16; i++) CHECK_EQUAL(linnet__hex_digit(linnet__hex_digits[i]), i);
  for (unsigned i = 10; i < 16; i++) CHECK_EQUAL(linnet__hex_digit((char)('A' + i - 10)), i);
  for (const char *other = "/:@G`g \x01"; *other != 0; other++) CHECK_EQUAL(linnet__hex_digit(*other), 16);
}

int main(void) {
  return RUN(prints_random_doubles_shortest_and_reads_them_back,
             prints_everyday_doubles_shortest_and_reads_them_back, prints_the_edges, prints_plain_decimals,
             prints_nothing_for_what_is_no_number, reads_random_decimals_as_strtod,
             rounds_halfway_cases_to_even, reads_what_stands_in_very_long_texts, reads_the_known_hard_cases,
             refuses_what_is_no_decimal, prints_and_reads_integers, refuses_integers_out_of_range_or_shape,
             puts_numbers_in_network_order, makes_floats_of_integers, reads_hexadecimal_digits);
}
