/* SPDX-License-Identifier: Apache-2.0 */
/* words.h: the words for people are there (log.h; LINNET_WORDS=ON). */
#ifndef LINNET_BASE_WORDS_H
#define LINNET_BASE_WORDS_H

/* A text of a table or of a failure. */
#define LINNET__WORDS(text) text

/* Each message is a line of the log, if LINNET_LOG_DEBUG is on. */
#define LINNET__TRACES 1

#endif
