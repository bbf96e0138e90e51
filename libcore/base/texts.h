/* SPDX-License-Identifier: Apache-2.0 */
/*
 * texts.h: tables of texts without pointers: "one\0two\0three\0". A pointer takes as much as a short text,
 * and has to be relocated.
 */
#ifndef LINNET_BASE_TEXTS_H
#define LINNET_BASE_TEXTS_H

#include <stddef.h>

/* The text at that place, which there has to be. */
const char *linnet__text_at(const char *texts, size_t index);
/* Where a text of `length` bytes stands among the first `count`; `count`: it does not. */
size_t linnet__text_find(const char *texts, size_t count, const char *text, size_t length);

/*
 * Of a list LIST(X) of X(constant, number, ...) a table has a text each, in its order: LIST(LINNET__PLACE) in
 * an enum counts them, LIST(LINNET__IN_PLACE) checks that the numbers go up (or down) from 0 one by one.
 */
#define LINNET__PLACE(constant, ...) LINNET__PLACE_OF_##constant,
#define LINNET__IN_PLACE(constant, number, ...)                                                       \
  _Static_assert((number) == LINNET__PLACE_OF_##constant || (number) == -LINNET__PLACE_OF_##constant, \
                 "a list has every number, in order");

#endif
