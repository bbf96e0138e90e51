/* SPDX-License-Identifier: Apache-2.0 */
/* number.c: integers as text and as big-endian bytes (number.h; floats are in decimal.c). */
#include "number.h"

#include <string.h>

size_t linnet__format_unsigned(uint64_t number, char text[LINNET__INTEGER_TEXT_SIZE]) {
  char digits[LINNET__INTEGER_TEXT_SIZE];
  size_t count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  for (size_t i = 0; i < count; i++) text[i] = digits[count - 1 - i];
  return count;
}

size_t linnet__format_integer(int64_t number, char text[LINNET__INTEGER_TEXT_SIZE]) {
  if (number >= 0) return linnet__format_unsigned((uint64_t)number, text);
  char digits[LINNET__INTEGER_TEXT_SIZE];
  size_t length = linnet__format_unsigned(0 - (uint64_t)number, digits);
  text[0] = '-';
  memcpy(text + 1, digits, length);
  return length + 1;
}

bool linnet__parse_unsigned(const char *text, size_t length, uint64_t maximum, uint64_t *number) {
  uint64_t result = 0;
  if (length == 0) return false;
  for (size_t i = 0; i < length; i++) {
    if (text[i] < '0' || text[i] > '9') return false;
    uint64_t digit = (uint64_t)(text[i] - '0');
    if (digit > maximum || result > (maximum - digit) / 10) return false;
    result = result * 10 + digit;
  }
  *number = result;
  return true;
}

bool linnet__parse_integer(const char *text, size_t length, int64_t *number) {
  uint64_t magnitude;
  if (length == 0 || text[0] != '-') {
    if (!linnet__parse_unsigned(text, length, INT64_MAX, &magnitude)) return false;
    *number = (int64_t)magnitude;
    return true;
  }
  if (!linnet__parse_unsigned(text + 1, length - 1, (uint64_t)INT64_MAX + 1, &magnitude)) return false;
  *number = magnitude > INT64_MAX ? INT64_MIN : -(int64_t)magnitude;
  return true;
}

/* Both halves are exact, so that the sum is rounded once. */
double linnet__integer_to_float(int64_t integer) {
  return (double)(int32_t)(integer >> 32) * 4294967296.0 + (double)(uint32_t)integer;
}

const char linnet__hex_digits[16] = "0123456789abcdef";

unsigned linnet__hex_digit(char character) {
  if (character >= '0' && character <= '9') return (unsigned)(character - '0');
  char letter = (char)(character | 0x20);
  return letter >= 'a' && letter <= 'f' ? (unsigned)(letter - 'a' + 10) : 16;
}

/* In one piece each, so that the compiler sees that it is a load or a store. */
uint16_t linnet__get_u16(const uint8_t *bytes) { return (uint16_t)(bytes[0] << 8 | bytes[1]); }

uint32_t linnet__get_u32(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

uint64_t linnet__get_u64(const uint8_t *bytes) {
  return (uint64_t)linnet__get_u32(bytes) << 32 | linnet__get_u32(bytes + 4);
}

void linnet__put_u16(uint8_t *bytes, uint16_t number) {
  bytes[0] = (uint8_t)(number >> 8);
  bytes[1] = (uint8_t)number;
}

void linnet__put_u32(uint8_t *bytes, uint32_t number) {
  bytes[0] = (uint8_t)(number >> 24);
  bytes[1] = (uint8_t)(number >> 16);
  bytes[2] = (uint8_t)(number >> 8);
  bytes[3] = (uint8_t)number;
}

void linnet__put_u64(uint8_t *bytes, uint64_t number) {
  linnet__put_u32(bytes, (uint32_t)(number >> 32));
  linnet__put_u32(bytes + 4, (uint32_t)number);
}
