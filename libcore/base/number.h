/* SPDX-License-Identifier: Apache-2.0 */
/* number.h: numbers as text and as bytes, without stdio and without locale. */
#ifndef LINNET_BASE_NUMBER_H
#define LINNET_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the longest text of linnet__format_float: 309 digits before or about 330 after the point. */
#define LINNET__FLOAT_TEXT_SIZE 352
#define LINNET__INTEGER_TEXT_SIZE 21

/* Each writes without terminator and returns the length. */
size_t linnet__format_unsigned(uint64_t number, char text[LINNET__INTEGER_TEXT_SIZE]);
size_t linnet__format_integer(int64_t number, char text[LINNET__INTEGER_TEXT_SIZE]);
/* Shortest digits that read back to the same double, plain decimal, no exponent (TYP-03). "1", "0.5", "-0" is
   "0". NaN and infinities have none: length 0. */
size_t linnet__format_float(double number, char text[LINNET__FLOAT_TEXT_SIZE]);

/* Each takes the whole text or fails: no blanks, no "+"; "-" for integers and floats only. */
bool linnet__parse_unsigned(const char *text, size_t length, uint64_t maximum, uint64_t *number);
bool linnet__parse_integer(const char *text, size_t length, int64_t *number);
/* Decimal with optional fraction and exponent, a digit before and after the point, correctly rounded;
   overflow to infinity fails; no hex, no names. */
bool linnet__parse_float(const char *text, size_t length, double *number);

/* The nearest float, as the conversion of the language gives it, for which a small machine takes a library.
 */
double linnet__integer_to_float(int64_t integer);

/* The value of a hexadecimal digit, in either case; 16: it is none. And the digits, in lower case. */
unsigned linnet__hex_digit(char character);
extern const char linnet__hex_digits[16];

uint16_t linnet__get_u16(const uint8_t *bytes);
uint32_t linnet__get_u32(const uint8_t *bytes);
uint64_t linnet__get_u64(const uint8_t *bytes);
void linnet__put_u16(uint8_t *bytes, uint16_t number);
void linnet__put_u32(uint8_t *bytes, uint32_t number);
void linnet__put_u64(uint8_t *bytes, uint64_t number);

#endif
