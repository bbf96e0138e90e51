/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h: is it UTF-8 (RFC 3629: no surrogates, no overlong forms, up to U+10FFFF)? */
#ifndef LINNET_BASE_UTF8_H
#define LINNET_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool linnet__utf8_valid(const void *text, size_t length);
/* How many bytes the first character takes, 1 to 4; 0 if there is none or it is not UTF-8. */
size_t linnet__utf8_first(const void *text, size_t length);
/* Writes a code point as 1 to 4 bytes and returns how many; 0 if it is none. */
size_t linnet__utf8_encode(uint32_t code_point, uint8_t bytes[4]);

#endif
