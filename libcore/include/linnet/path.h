/* SPDX-License-Identifier: Apache-2.0 */
/* path.h: where something is in a client's tree of objects (MOD-06). */
#ifndef LINNET_PATH_H
#define LINNET_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/export.h>
#include <linnet/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The id that names nothing: MAX_ID of the specification (1.2 of the digest). */
#define LINNET_ID_NONE UINT16_MAX

/** Room for the longest text of a path with its terminator: "/65535/65535/65535/65535". */
#define LINNET_PATH_TEXT_SIZE 25

/** A path: object, instance, resource, resource instance. Ids beyond `depth` are zero. */
typedef struct linnet_path {
  uint16_t id[4];
  uint8_t depth; /**< how many ids are meant: 0 is the root */
} linnet_path;

/** The paths of depth 0 to 4. */
static inline linnet_path linnet_path_root(void) {
  linnet_path path = {{0, 0, 0, 0}, 0};
  return path;
}

static inline linnet_path linnet_path_object(uint16_t object) {
  linnet_path path = {{object, 0, 0, 0}, 1};
  return path;
}

static inline linnet_path linnet_path_instance(uint16_t object, uint16_t instance) {
  linnet_path path = {{object, instance, 0, 0}, 2};
  return path;
}

static inline linnet_path linnet_path_resource(uint16_t object, uint16_t instance, uint16_t resource) {
  linnet_path path = {{object, instance, resource, 0}, 3};
  return path;
}

static inline linnet_path linnet_path_resource_instance(uint16_t object, uint16_t instance, uint16_t resource,
                                                        uint16_t index) {
  linnet_path path = {{object, instance, resource, index}, 4};
  return path;
}

/**
 * Reads "/3/0/1" (the leading slash may be missing; "/" and "" are the root). Decimal, no leading
 * zeros, no sign, no empty segment, ids up to 65535, four at most; anything else is
 * LINNET_ERROR_INVALID_ARGUMENT and leaves *path alone.
 */
LINNET_API linnet_status linnet_path_parse(linnet_path *path, const char *text);

/** Writes the path as text into `text` and returns it. The root is "/". */
LINNET_API const char *linnet_path_text(linnet_path path, char text[LINNET_PATH_TEXT_SIZE]);

/** Same depth, same ids. */
LINNET_API bool linnet_path_equal(linnet_path a, linnet_path b);

/** Orders by ids from the left; a path comes before those below it. Negative, zero, positive. */
LINNET_API int linnet_path_compare(linnet_path a, linnet_path b);

/** True if `path` is `ancestor` or lies below it. */
LINNET_API bool linnet_path_within(linnet_path path, linnet_path ancestor);

#ifdef __cplusplus
}
#endif

#endif
