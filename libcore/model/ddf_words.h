/* SPDX-License-Identifier: Apache-2.0 */
/* ddf_words.h: the vocabulary of object definition files. */
#ifndef LINNET_MODEL_DDF_WORDS_H
#define LINNET_MODEL_DDF_WORDS_H

#include "model.h"

typedef enum linnet__ddf_field {
  LINNET__DDF_NONE = 0, /* an element that says nothing to us */
  LINNET__DDF_NAME,
  LINNET__DDF_OBJECT_ID,
  LINNET__DDF_OBJECT_VERSION,
  LINNET__DDF_MULTIPLE,
  LINNET__DDF_MANDATORY,
  LINNET__DDF_OPERATIONS,
  LINNET__DDF_TYPE,
  LINNET__DDF_RANGE,
  LINNET__DDF_UNITS
} linnet__ddf_field;

/* A view without blanks at its ends. */
typedef struct linnet__ddf_text {
  const char *data;
  size_t length;
} linnet__ddf_text;

linnet__ddf_text linnet__ddf_trim(const char *data, size_t length);

/* What an element within Object, or within Item, says. */
linnet__ddf_field linnet__ddf_object_field(const char *element);
linnet__ddf_field linnet__ddf_item_field(const char *element);
/* True for the roots of the registry's other files, its index and its list of units: they define no object.
 */
bool linnet__ddf_is_companion(const char *root);

/* Each reads a text, in any case; an empty one is Single, Optional, no type, no operation.
 * LINNET_ERROR_MALFORMED. */
linnet_status linnet__ddf_multiple(linnet__ddf_text text, bool *multiple);
linnet_status linnet__ddf_mandatory(linnet__ddf_text text, bool *mandatory);
/* The types of later versions are the nearest of 1.0: Unsigned Integer an Integer, Corelnk a String. */
linnet_status linnet__ddf_type(linnet__ddf_text text, uint8_t *type);
linnet_status linnet__ddf_operations(linnet__ddf_text text, uint8_t *operations);

#endif
