/* SPDX-License-Identifier: Apache-2.0 */
/* range.c: ranges and enumerations as definition files write them (TYP-06, objects.md OBJ-01, OBJ-02). */
#include <string.h>

#include "definition_internal.h"

/* A bound of an interval: exact where it is a whole number of 64 bits. */
struct bound {
  bool whole;
  int64_t integer;
  double real;
};

/* What is compared: a number, or the length of a text. */
struct quantity {
  bool whole;
  bool length;
  int64_t integer;
  double real;
};

struct scan {
  const char *at;
  size_t items;
  bool matched;
  bool lone; /* nothing but one number so far */
  struct bound last;
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static const char *skip_blanks(const char *at) {
  while (is_blank(*at)) at++;
  return at;
}

/* "-12", "0.5"; not the point of "0..5". */
static bool read_number(struct scan *scan, struct bound *out) {
  const char *start = scan->at, *at = start;
  if (*at == '-') at++;
  if (!is_digit(*at)) return false;
  while (is_digit(*at)) at++;
  out->whole = true;
  if (at[0] == '.' && is_digit(at[1])) {
    out->whole = false;
    for (at++; is_digit(*at);) at++;
  }
  size_t length = (size_t)(at - start);
  out->integer = 0;
  if (out->whole) out->whole = linnet__parse_integer(start, length, &out->integer);
  if (!linnet__parse_float(start, length, &out->real)) return false;
  scan->at = at;
  return true;
}

static int compare(const struct quantity *quantity, const struct bound *bound) {
  if (quantity->whole && bound->whole)
    return quantity->integer < bound->integer ? -1 : quantity->integer > bound->integer;
  return quantity->real < bound->real ? -1 : quantity->real > bound->real;
}

static bool within(const struct quantity *quantity, const struct bound *a, const struct bound *b) {
  /* Radio levels are sometimes written with the larger bound first. */
  bool ordered = a->real <= b->real;
  const struct bound *low = ordered ? a : b, *high = ordered ? b : a;
  return compare(quantity, low) >= 0 && compare(quantity, high) <= 0;
}

/* The rest of "low..high", "low-high", "a-b-c" or "low..". */
static bool read_interval(struct scan *scan, const struct quantity *quantity, const struct bound *low,
                          bool dotted) {
  struct bound high;
  scan->at = skip_blanks(scan->at);
  if (dotted && !is_digit(*scan->at) && *scan->at != '-') {
    if (compare(quantity, low) >= 0) scan->matched = true;
    return true;
  }
  if (!read_number(scan, &high)) return false;
  if (dotted || *scan->at != '-') {
    if (within(quantity, low, &high)) scan->matched = true;
    return true;
  }
  if (compare(quantity, low) == 0) scan->matched = true;
  for (;;) {
    if (compare(quantity, &high) == 0) scan->matched = true;
    if (*scan->at != '-') return true;
    scan->at++;
    if (!read_number(scan, &high)) return false;
  }
}

static bool read_item(struct scan *scan, const struct quantity *quantity) {
  struct bound low;
  if (!read_number(scan, &low)) return false;
  scan->lone = scan->items++ == 0;
  scan->last = low;
  const char *after = skip_blanks(scan->at);
  if (after[0] == '.' && after[1] == '.') {
    while (*after == '.') after++;
    scan->at = after;
    scan->lone = false;
    return read_interval(scan, quantity, &low, true);
  }
  if (scan->at[0] == '-' && is_digit(scan->at[1])) {
    scan->at++;
    scan->lone = false;
    return read_interval(scan, quantity, &low, false);
  }
  if (*after == ':') { /* the meaning of a number, up to the end of its line */
    scan->lone = false;
    while (*after != '\0' && *after != '\n') after++;
    scan->at = after;
  }
  if (compare(quantity, &low) == 0) scan->matched = true;
  return true;
}

/* False at the end, with `failed` if the end is not the end. */
static bool next_item(struct scan *scan, const struct quantity *quantity, bool *failed) {
  bool line_ended = *scan->at == '\n';
  scan->at = skip_blanks(scan->at);
  if (*scan->at == '\0') return false;
  if (*scan->at == ',' || *scan->at == ';') {
    scan->at = skip_blanks(scan->at + 1);
    return true;
  }
  if (strncmp(scan->at, "or ", 3) == 0) {
    scan->at = skip_blanks(scan->at + 3);
    return true;
  }
  if (line_ended && (is_digit(*scan->at) || *scan->at == '-')) return true;
  bool unit = strncmp(scan->at + 1, "ytes", 4) == 0 && (*scan->at == 'b' || *scan->at == 'B') &&
              *skip_blanks(scan->at + 5) == '\0';
  *failed = !unit || !quantity->length;
  return false;
}

static bool numbers_allow(const char *range, const struct quantity *quantity) {
  struct scan scan = {.at = range};
  bool failed = false;
  do {
    if (!read_item(&scan, quantity)) return true;
  } while (next_item(&scan, quantity, &failed));
  if (failed) return true;
  /* One number alone is the longest or the only length of a text, and nothing sure for a number. */
  if (scan.lone) return !quantity->length || compare(quantity, &scan.last) <= 0;
  return scan.matched;
}

/* Words, at least two, separated by "," or ";"; a blank within a word shows that the text is prose. */
static bool words_allow(const char *range, const linnet_value *value) {
  const char *at = range;
  size_t words = 0;
  bool matched = false;
  for (;;) {
    const char *word = at;
    while (is_letter(*at) || is_digit(*at) || *at == '_') at++;
    size_t length = (size_t)(at - word);
    if (length == 0) return true;
    words++;
    if (length == value->as.bytes.length && memcmp(word, value->as.bytes.data, length) == 0) matched = true;
    at = skip_blanks(at);
    if (*at == '\0') return matched || words < 2;
    if (*at != ',' && *at != ';') return true;
    at = skip_blanks(at + 1);
  }
}

bool linnet__range_allows(const char *range, const linnet_value *value) {
  const char *start = skip_blanks(range);
  if (*start == '\0') return true;
  struct quantity quantity = {.whole = true};
  switch (value->type) {
    case LINNET_TYPE_INTEGER:
    case LINNET_TYPE_TIME:
      quantity.integer = value->as.integer;
      quantity.real = linnet__integer_to_float(value->as.integer);
      break;
    case LINNET_TYPE_FLOAT:
      quantity.whole = false;
      quantity.real = value->as.real;
      break;
    case LINNET_TYPE_STRING:
    case LINNET_TYPE_OPAQUE:
      if (is_letter(*start)) return value->type != LINNET_TYPE_STRING || words_allow(start, value);
      quantity.length = true;
      quantity.integer = (int64_t)value->as.bytes.length;
      quantity.real = (double)value->as.bytes.length;
      break;
    default:
      return true;
  }
  return numbers_allow(start, &quantity);
}
