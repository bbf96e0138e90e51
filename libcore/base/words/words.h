/* SPDX-License-Identifier: Apache-2.0 */
/* words.h: the words for people are there (log.h; LINNET_WORDS=ON). */
#ifndef LINNET_BASE_WORDS_H
#define LINNET_BASE_WORDS_H

/* A text of a table or of a failure. */
#define LINNET__WORDS(text) text

#endif
