/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decimal.c: doubles to the shortest decimal text and back, exactly rounded (number.h, TYP-03). Printing is
 * free-format digit generation (Steele and White 1990, Burger and Dybvig 1996); reading divides exactly.
 */
#include <float.h>
#include <stddef.h>
#include <string.h>

#include "number.h"

_Static_assert(FLT_RADIX == 2 && DBL_MANT_DIG == 53 && DBL_MAX_EXP == 1024, "double is IEEE 754 binary64");

#define WORDS 128 /* 4096 bits; reading needs the most, about 3700 */
/* No decimal between two doubles' midpoints needs more digits to be told from them. */
#define SIGNIFICANT 768
#define LEAST_EXPONENT (-1074) /* of the last bit of a subnormal */
#define MOST_EXPONENT 971      /* of the last bit of the largest double */
#define HIDDEN_BIT ((uint64_t)1 << 52)

/* A natural number, least word first, without leading zero words; 0 has none. */
typedef struct big {
  size_t count;
  uint32_t word[WORDS];
} big;

static void big_set(big *b, uint64_t number) {
  b->count = 0;
  for (; number > 0; number >>= 32) b->word[b->count++] = (uint32_t)number;
}

static void big_copy(big *to, const big *from) {
  to->count = from->count;
  memcpy(to->word, from->word, from->count * sizeof from->word[0]);
}

static void big_multiply_add(big *b, uint32_t factor, uint32_t summand) {
  uint64_t carry = summand;
  for (size_t i = 0; i < b->count; i++) {
    carry += (uint64_t)b->word[i] * factor;
    b->word[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry > 0) b->word[b->count++] = (uint32_t)carry;
}

static void big_multiply_power_of_ten(big *b, unsigned exponent) {
  for (; exponent >= 9; exponent -= 9) big_multiply_add(b, 1000000000, 0);
  for (; exponent > 0; exponent--) big_multiply_add(b, 10, 0);
}

static void big_shift(big *b, unsigned bits) {
  size_t words = bits / 32;
  bits %= 32;
  if (b->count == 0) return;
  if (bits > 0) big_multiply_add(b, (uint32_t)1 << bits, 0);
  if (words == 0) return;
  memmove(b->word + words, b->word, b->count * sizeof b->word[0]);
  memset(b->word, 0, words * sizeof b->word[0]);
  b->count += words;
}

static int big_bits(const big *b) {
  if (b->count == 0) return 0;
  int bits = (int)(b->count - 1) * 32;
  for (uint32_t top = b->word[b->count - 1]; top > 0; top >>= 1) bits++;
  return bits;
}

static int big_compare(const big *a, const big *b) {
  if (a->count != b->count) return a->count < b->count ? -1 : 1;
  for (size_t i = a->count; i-- > 0;)
    if (a->word[i] != b->word[i]) return a->word[i] < b->word[i] ? -1 : 1;
  return 0;
}

/* a >= b */
static void big_subtract(big *a, const big *b) {
  uint64_t borrow = 0;
  for (size_t i = 0; i < a->count; i++) {
    uint64_t take = borrow + (i < b->count ? b->word[i] : 0);
    borrow = a->word[i] < take;
    a->word[i] = (uint32_t)(a->word[i] - take);
  }
  while (a->count > 0 && a->word[a->count - 1] == 0) a->count--;
}

/* ---- printing ------------------------------------------------------------------------------------ */

/* value = rest / scale, and the numbers halfway to its neighbours are low and high / scale away. */
typedef struct generator {
  big rest, low, high, scale;
  bool even; /* then the halfway numbers themselves read back as the value */
} generator;

/* Returns the bits of the mantissa. */
static int generator_init(generator *g, uint64_t mantissa, int exponent) {
  /* Below a power of two the neighbours are half as far. */
  bool uneven = mantissa == HIDDEN_BIT && exponent > LEAST_EXPONENT;
  unsigned extra = uneven ? 2 : 1;
  g->even = mantissa % 2 == 0;
  big_set(&g->rest, mantissa);
  big_set(&g->scale, 1);
  big_set(&g->low, 1);
  int bits = big_bits(&g->rest);
  unsigned up = exponent > 0 ? (unsigned)exponent : 0;
  unsigned down = exponent < 0 ? (unsigned)-exponent : 0;
  big_shift(&g->rest, up + extra);
  big_shift(&g->scale, down + extra);
  big_shift(&g->low, up);
  big_copy(&g->high, &g->low);
  if (uneven) big_shift(&g->high, 1);
  return bits;
}

static void generator_multiply(generator *g, unsigned exponent) {
  big_multiply_power_of_ten(&g->rest, exponent);
  big_multiply_power_of_ten(&g->low, exponent);
  big_multiply_power_of_ten(&g->high, exponent);
}

/* True if what lies above the digits so far, up to the next digit, is the value as well. */
static bool within_high(const generator *g) {
  big above;
  if (big_compare(&g->rest, &g->scale) >= 0) return true;
  big_copy(&above, &g->scale);
  big_subtract(&above, &g->rest);
  int order = big_compare(&g->high, &above);
  return g->even ? order >= 0 : order > 0;
}

static bool within_low(const generator *g) {
  int order = big_compare(&g->rest, &g->low);
  return g->even ? order <= 0 : order < 0;
}

/* Scales so that the value is 0.d1d2d3... times 10^point, and returns the point. */
static int generator_scale(generator *g, int binary_magnitude) {
  /* floor(magnitude * log10(2)) or one less, never more: log10(2) is between 315652 and 315653 / 2^20. */
  int point = binary_magnitude >= 0 ? binary_magnitude * 315652 / 1048576 + 1
                                    : -((-binary_magnitude * 315653 + 1048575) / 1048576) + 1;
  if (point > 0)
    big_multiply_power_of_ten(&g->scale, (unsigned)point);
  else
    generator_multiply(g, (unsigned)-point);
  if (!within_high(g)) return point;
  big_multiply_add(&g->scale, 10, 0);
  return point + 1;
}

/* Writes the digits, at most 17, and returns how many. */
static int generate(generator *g, char digits[18]) {
  for (int count = 0;;) {
    generator_multiply(g, 1);
    int digit = 0;
    for (; big_compare(&g->rest, &g->scale) >= 0; digit++) big_subtract(&g->rest, &g->scale);
    bool low = within_low(g), high = within_high(g);
    if (low || high) {
      big_shift(&g->rest, 1);
      bool up = low && high ? big_compare(&g->rest, &g->scale) >= 0 : high;
      digits[count++] = (char)('0' + digit + (up ? 1 : 0));
      return count;
    }
    digits[count++] = (char)('0' + digit);
  }
}

/* Digits with the decimal point after the first `point` of them, filled up with zeros on either side. */
static size_t lay_out(char *text, const char *digits, int count, int point) {
  size_t length = 0;
  if (point <= 0) {
    text[length++] = '0';
    text[length++] = '.';
    for (int i = point; i < 0; i++) text[length++] = '0';
  }
  for (int i = 0; i < count || i < point; i++) {
    if (i == point && i > 0) text[length++] = '.';
    text[length++] = i < count ? digits[i] : '0';
  }
  return length;
}

size_t linnet__format_float(double number, char text[LINNET__FLOAT_TEXT_SIZE]) {
  uint64_t bits;
  memcpy(&bits, &number, sizeof bits);
  uint64_t mantissa = bits & (HIDDEN_BIT - 1);
  int exponent = (int)(bits >> 52 & 0x7ff);
  if (exponent == 0x7ff) return 0;
  if (exponent > 0) mantissa |= HIDDEN_BIT;
  exponent = exponent > 0 ? exponent - 1075 : LEAST_EXPONENT;
  if (mantissa == 0) return linnet__format_unsigned(0, text);

  size_t length = 0;
  if (number < 0) text[length++] = '-';
  double magnitude = number < 0 ? -number : number;
  if (magnitude < (double)HIDDEN_BIT && linnet__integer_to_float((int64_t)magnitude) == magnitude)
    return length + linnet__format_unsigned((uint64_t)(int64_t)magnitude, text + length);

  generator g;
  char digits[18];
  int size = generator_init(&g, mantissa, exponent);
  int point = generator_scale(&g, exponent - 1 + size);
  int count = generate(&g, digits);
  return length + lay_out(text + length, digits, count, point);
}

/* ---- reading ------------------------------------------------------------------------------------- */

/* What stands in the text: number * 10^exponent. */
typedef struct decimal {
  bool negative;
  int count; /* of its digits, without leading zeros */
  ptrdiff_t exponent;
  big number;
} decimal;

static size_t scan_digits(const char *text, size_t length, size_t at) {
  while (at < length && text[at] >= '0' && text[at] <= '9') at++;
  return at;
}

/* What lies beyond the significant digits only matters as being there: it becomes one more digit. */
static void add_digit(decimal *d, char character) {
  uint32_t digit = (uint32_t)(character - '0');
  if (d->count == 0 && digit == 0) return;
  if (d->count >= SIGNIFICANT) {
    d->exponent++;
    if (digit == 0 || d->count > SIGNIFICANT) return;
    d->exponent--;
    digit = 1;
  }
  big_multiply_add(&d->number, 10, digit);
  d->count++;
}

static bool scan_exponent(const char *text, size_t length, size_t at, ptrdiff_t *exponent) {
  bool negative = at < length && text[at] == '-';
  if (at < length && (text[at] == '-' || text[at] == '+')) at++;
  if (at == length || scan_digits(text, length, at) != length) return false;
  ptrdiff_t magnitude = 0;
  for (; at < length; at++)
    if (magnitude < PTRDIFF_MAX / 100) magnitude = magnitude * 10 + (text[at] - '0');
  *exponent += negative ? -magnitude : magnitude;
  return true;
}

static bool scan(const char *text, size_t length, decimal *d) {
  d->negative = length > 0 && text[0] == '-';
  d->count = 0;
  d->exponent = 0;
  big_set(&d->number, 0);
  size_t start = d->negative ? 1 : 0;
  size_t at = scan_digits(text, length, start);
  if (at == start) return false;
  for (size_t i = start; i < at; i++) add_digit(d, text[i]);
  if (at < length && text[at] == '.') {
    size_t end = scan_digits(text, length, at + 1);
    if (end == at + 1) return false;
    for (size_t i = at + 1; i < end; i++) {
      add_digit(d, text[i]);
      d->exponent--;
    }
    at = end;
  }
  if (at == length) return true;
  return (text[at] == 'e' || text[at] == 'E') && scan_exponent(text, length, at + 1, &d->exponent);
}

/* numerator / denominator as the nearest double, ties to even; false on overflow. */
static bool divide(big *numerator, big *denominator, double *number) {
  /* A quotient of 53 or 54 bits, or fewer when it is subnormal; then made 53 by one step. */
  int exponent = big_bits(numerator) - big_bits(denominator) - 53;
  if (exponent < LEAST_EXPONENT) exponent = LEAST_EXPONENT;
  if (exponent > MOST_EXPONENT) return false;
  if (exponent > 0)
    big_shift(denominator, (unsigned)exponent);
  else
    big_shift(numerator, (unsigned)-exponent);
  big_shift(denominator, 53);
  if (big_compare(numerator, denominator) >= 0) {
    big_shift(denominator, 1);
    exponent++;
  }
  uint64_t quotient = 0;
  for (int i = 0; i < 53; i++) {
    big_shift(numerator, 1);
    quotient <<= 1;
    if (big_compare(numerator, denominator) < 0) continue;
    big_subtract(numerator, denominator);
    quotient |= 1;
  }
  big_shift(numerator, 1);
  int half = big_compare(numerator, denominator);
  if (half > 0 || (half == 0 && quotient % 2 == 1)) quotient++;
  if (quotient == 2 * HIDDEN_BIT) {
    quotient = HIDDEN_BIT;
    exponent++;
  }
  if (exponent > MOST_EXPONENT) return false;
  uint64_t bits =
      quotient < HIDDEN_BIT ? quotient : (quotient - HIDDEN_BIT) | (uint64_t)(exponent + 1075) << 52;
  memcpy(number, &bits, sizeof bits);
  return true;
}

static uint64_t big_low(const big *b) {
  uint64_t low = b->count > 0 ? b->word[0] : 0;
  return b->count > 1 ? low | (uint64_t)b->word[1] << 32 : low;
}

/* Up to 15 digits and 10^22 both numbers are exact doubles, and so one operation rounds exactly once. */
static bool convert_small(const decimal *d, double *number) {
  ptrdiff_t places = d->exponent < 0 ? -d->exponent : d->exponent;
  if (FLT_EVAL_METHOD != 0 || d->count > 15 || places > 22) return false;
  double mantissa = linnet__integer_to_float((int64_t)big_low(&d->number)), power = 1;
  while (places-- > 0) power *= 10;
  *number = d->exponent < 0 ? mantissa / power : mantissa * power;
  return true;
}

static bool convert(decimal *d, double *number) {
  ptrdiff_t magnitude = d->count + d->exponent; /* value < 10^magnitude */
  *number = 0;
  if (d->count == 0 || magnitude < -324) return true;
  if (magnitude > 310) return false;
  if (convert_small(d, number)) return true;
  big denominator;
  big_set(&denominator, 1);
  if (d->exponent > 0)
    big_multiply_power_of_ten(&d->number, (unsigned)d->exponent);
  else
    big_multiply_power_of_ten(&denominator, (unsigned)-d->exponent);
  return divide(&d->number, &denominator, number);
}

bool linnet__parse_float(const char *text, size_t length, double *number) {
  decimal d;
  double magnitude;
  if (!scan(text, length, &d) || !convert(&d, &magnitude)) return false;
  *number = d.negative ? -magnitude : magnitude;
  return true;
}
