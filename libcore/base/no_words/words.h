/* SPDX-License-Identifier: Apache-2.0 */
/* words.h: the words for people are left out, to save flash (log.h; LINNET_WORDS=OFF): what happened is told
 * by statuses and codes, and linnet_error_text gives the text of the status. */
#ifndef LINNET_BASE_WORDS_H
#define LINNET_BASE_WORDS_H

#define LINNET__WORDS(text) ""
#define LINNET__TRACES 0

/* The arguments are checked and not evaluated. */
#define linnet__fail(loop, status, ...) \
  (0 ? linnet__fail(loop, status, __VA_ARGS__) : linnet__fail_tersely(loop, status))

#endif
