/* SPDX-License-Identifier: Apache-2.0 */
/* link.h: reads link-format (RFC 6690; LF-02, REG-26): what Register, Discover and Bootstrap Discover carry.
 */
#ifndef LINNET_LINK_H
#define LINNET_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include <linnet/export.h>
#include <linnet/path.h>
#include <linnet/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One link: views into the text it was read from. */
typedef struct linnet_link {
  const char *target; /**< between "<" and ">"; NULL for a bare parameter such as lwm2m="1.0" (BS-41) */
  size_t target_length;
  const char *parameters; /**< after the ">", from the first ";"; for a bare parameter: itself */
  size_t parameters_length;
} linnet_link;

/** One parameter of a link: views; the value without quotes, escapes not resolved. */
typedef struct linnet_link_parameter {
  const char *name;
  size_t name_length;
  const char *value; /**< NULL: the parameter has no value */
  size_t value_length;
} linnet_link_parameter;

/**
 * Reads the next link; start with *position = 0. LINNET_OK: there is one. LINNET_ERROR_NOT_FOUND: the end.
 * LINNET_ERROR_MALFORMED: not link-format.
 */
LINNET_API linnet_status linnet_link_next(const char *text, size_t length, size_t *position,
                                          linnet_link *out);

/** The next parameter of a link, in the same manner. */
LINNET_API linnet_status linnet_link_next_parameter(const linnet_link *link, size_t *position,
                                                    linnet_link_parameter *out);

/** The first parameter of that name (LF-03). False: there is none. */
LINNET_API bool linnet_link_find(const linnet_link *link, const char *name, linnet_link_parameter *out);

/**
 * The target as a path below `root` ("" or "/" for none, else e.g. "/lwm2m"); a trailing slash is tolerated.
 * LINNET_ERROR_NOT_FOUND: outside the root, or not numeric.
 */
LINNET_API linnet_status linnet_link_path(const linnet_link *link, const char *root, linnet_path *path);

#ifdef __cplusplus
}
#endif

#endif
