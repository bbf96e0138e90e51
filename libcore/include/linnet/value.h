/* SPDX-License-Identifier: Apache-2.0 */
/* value.h: one value of an LwM2M type, and a value with its path (digest 1.3, appendix C). */
#ifndef LINNET_VALUE_H
#define LINNET_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linnet/export.h>
#include <linnet/path.h>
#include <linnet/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The types of the specification, and two that describe the shape of a batch. */
typedef enum linnet_type {
  LINNET_TYPE_NONE = 0, /**< no value: an executable resource; as a record: an instance without resources;
                             as a definition: the type is that of whatever value is given */
  LINNET_TYPE_STRING,   /**< UTF-8 bytes, not terminated */
  LINNET_TYPE_INTEGER,
  LINNET_TYPE_FLOAT,
  LINNET_TYPE_BOOLEAN,
  LINNET_TYPE_OPAQUE,
  LINNET_TYPE_TIME, /**< seconds since 1970-01-01 UTC, may be negative */
  LINNET_TYPE_OBJLNK,
  LINNET_TYPE_MULTIPLE /**< as a record: a multiple resource that has no instances (depth 3) */
} linnet_type;

/** An object link; 65535:65535 is the null link (TYP-05). */
typedef struct linnet_objlnk {
  uint16_t object;
  uint16_t instance;
} linnet_objlnk;

/** A view of a value: it never owns what `bytes.data` points to. */
typedef struct linnet_value {
  linnet_type type;
  union {
    int64_t integer; /**< INTEGER, TIME */
    double real;     /**< FLOAT */
    bool boolean;    /**< BOOLEAN */
    linnet_objlnk link;
    struct {
      const uint8_t *data;
      size_t length;
    } bytes; /**< STRING, OPAQUE */
  } as;
} linnet_value;

/** A value and where it stands. `time_s` is 0, or when it was measured (Unix seconds; <= 0 with fraction:
 * relative to now). */
typedef struct linnet_record {
  linnet_path path;
  linnet_value value;
  double time_s;
} linnet_record;

LINNET_API linnet_value linnet_value_none(void);
LINNET_API linnet_value linnet_value_integer(int64_t integer);
LINNET_API linnet_value linnet_value_time(int64_t seconds);
LINNET_API linnet_value linnet_value_float(double real);
LINNET_API linnet_value linnet_value_boolean(bool boolean);
/** `text` is terminated and must outlive the view. NULL is the empty string. */
LINNET_API linnet_value linnet_value_string(const char *text);
LINNET_API linnet_value linnet_value_string_n(const char *text, size_t length);
LINNET_API linnet_value linnet_value_opaque(const void *data, size_t length);
LINNET_API linnet_value linnet_value_objlnk(uint16_t object, uint16_t instance);

/** Same type, same value (floats by ==, bytes by content). */
LINNET_API bool linnet_value_equal(const linnet_value *a, const linnet_value *b);

/** "String", "Integer", ... as the specification writes them. Never NULL. */
LINNET_API const char *linnet_type_name(linnet_type type);

/**
 * Turns `value` into one of `type` where nothing is lost: an integer becomes a float or a time and
 * back, a whole float either, a string an opaque and back if it is UTF-8. LINNET_TYPE_NONE takes
 * any value as it is. Otherwise LINNET_ERROR_WRONG_TYPE (also for NaN and infinities, TYP-03, and for a
 * string that is not UTF-8, TYP-07), and *value is unchanged.
 */
LINNET_API linnet_status linnet_value_coerce(linnet_value *value, linnet_type type);

#ifdef __cplusplus
}
#endif

#endif
