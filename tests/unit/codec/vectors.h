/* SPDX-License-Identifier: Apache-2.0 */
/* vectors.h: docs/spec/vectors.yaml as C, and the definitions its meta.models speaks of. */
#ifndef LINNET_TESTS_CODEC_VECTORS_H
#define LINNET_TESTS_CODEC_VECTORS_H

#include "codec/codec.h"

typedef struct vector_link {
  const char *uri;
  struct {
    const char *name;
    const char *value;
  } parameters[8]; /* up to a NULL name */
} vector_link;

typedef struct vector_argument {
  unsigned digit;
  const char *value;
} vector_argument;

typedef struct wire_vector {
  const char *id;
  const char *format;
  const char *operation;
  linnet_path path;
  bool decodes;
  bool encodes;
  bool semantic;
  bool good;
  const char *payload;
  size_t length;
  const linnet_record *nodes;
  size_t node_count;
  const vector_link *links;
  size_t link_count;
  const vector_argument *arguments;
  size_t argument_count;
} wire_vector;

#include "vectors_table.h"

#define VECTOR_COUNT (sizeof vectors / sizeof vectors[0])

typedef struct vector_resource {
  uint16_t object;
  uint16_t resource;
  linnet_type type;
  bool multiple;
} vector_resource;

/* Object 16 is Portfolio; 65, 66, 67 and 72 are those of the specification's examples; 3442 has one of each
 * type. */
static const vector_resource vector_resources[] = {
    {0, 0, LINNET_TYPE_STRING, false},       {0, 1, LINNET_TYPE_BOOLEAN, false},
    {0, 2, LINNET_TYPE_INTEGER, false},      {0, 3, LINNET_TYPE_OPAQUE, false},
    {0, 4, LINNET_TYPE_OPAQUE, false},       {0, 5, LINNET_TYPE_OPAQUE, false},
    {0, 10, LINNET_TYPE_INTEGER, false},     {1, 0, LINNET_TYPE_INTEGER, false},
    {1, 1, LINNET_TYPE_INTEGER, false},      {1, 2, LINNET_TYPE_INTEGER, false},
    {1, 3, LINNET_TYPE_INTEGER, false},      {1, 4, LINNET_TYPE_NONE, false},
    {1, 5, LINNET_TYPE_INTEGER, false},      {1, 6, LINNET_TYPE_BOOLEAN, false},
    {1, 7, LINNET_TYPE_STRING, false},       {1, 8, LINNET_TYPE_NONE, false},
    {2, 0, LINNET_TYPE_INTEGER, false},      {2, 1, LINNET_TYPE_INTEGER, false},
    {2, 2, LINNET_TYPE_INTEGER, true},       {2, 3, LINNET_TYPE_INTEGER, false},
    {3, 0, LINNET_TYPE_STRING, false},       {3, 1, LINNET_TYPE_STRING, false},
    {3, 2, LINNET_TYPE_STRING, false},       {3, 3, LINNET_TYPE_STRING, false},
    {3, 4, LINNET_TYPE_NONE, false},         {3, 6, LINNET_TYPE_INTEGER, true},
    {3, 7, LINNET_TYPE_INTEGER, true},       {3, 8, LINNET_TYPE_INTEGER, true},
    {3, 9, LINNET_TYPE_INTEGER, false},      {3, 10, LINNET_TYPE_INTEGER, false},
    {3, 11, LINNET_TYPE_INTEGER, true},      {3, 13, LINNET_TYPE_TIME, false},
    {3, 14, LINNET_TYPE_STRING, false},      {3, 15, LINNET_TYPE_STRING, false},
    {3, 16, LINNET_TYPE_STRING, false},      {5, 0, LINNET_TYPE_OPAQUE, false},
    {5, 1, LINNET_TYPE_STRING, false},       {6, 0, LINNET_TYPE_FLOAT, false},
    {6, 1, LINNET_TYPE_FLOAT, false},        {6, 5, LINNET_TYPE_TIME, false},
    {16, 0, LINNET_TYPE_STRING, true},       {65, 0, LINNET_TYPE_OBJLNK, true},
    {65, 1, LINNET_TYPE_STRING, false},      {65, 2, LINNET_TYPE_INTEGER, false},
    {66, 0, LINNET_TYPE_STRING, false},      {66, 1, LINNET_TYPE_STRING, false},
    {66, 2, LINNET_TYPE_OBJLNK, false},      {67, 0, LINNET_TYPE_STRING, false},
    {67, 1, LINNET_TYPE_STRING, false},      {72, 2, LINNET_TYPE_FLOAT, false},
    {3442, 110, LINNET_TYPE_STRING, false},  {3442, 120, LINNET_TYPE_INTEGER, false},
    {3442, 130, LINNET_TYPE_FLOAT, false},   {3442, 140, LINNET_TYPE_BOOLEAN, false},
    {3442, 150, LINNET_TYPE_OPAQUE, false},  {3442, 160, LINNET_TYPE_TIME, false},
    {3442, 170, LINNET_TYPE_OBJLNK, false},  {3442, 1110, LINNET_TYPE_STRING, true},
    {3442, 1120, LINNET_TYPE_INTEGER, true},
};

static bool vector_shape(const void *user, linnet_path path, linnet__shape *shape) {
  (void)user;
  for (size_t i = 0; i < sizeof vector_resources / sizeof vector_resources[0]; i++) {
    const vector_resource *resource = &vector_resources[i];
    if (resource->object != path.id[0] || resource->resource != path.id[2]) continue;
    shape->type = resource->type;
    shape->multiple = resource->multiple;
    return true;
  }
  return false;
}

static const linnet__schema vector_schema = {vector_shape, NULL};

static linnet_format vector_format(const wire_vector *vector) {
  static const struct {
    const char *name;
    linnet_format format;
  } formats[] = {{"tlv", LINNET_FORMAT_TLV},
                 {"json", LINNET_FORMAT_JSON},
                 {"text", LINNET_FORMAT_TEXT},
                 {"link-format", LINNET_FORMAT_LINK}};
  for (size_t i = 0; i < 4; i++)
    if (strcmp(vector->format, formats[i].name) == 0) return formats[i].format;
  return LINNET_FORMAT_NONE;
}

/* What comes from a client is read with the patience of a server. */
static linnet_status vector_decode(linnet_batch *batch, const wire_vector *vector, const void *data,
                                   size_t length) {
  bool response =
      strncmp(vector->operation, "read-response", 13) == 0 || strcmp(vector->operation, "notify") == 0;
  return (response ? linnet__decode_response : linnet__decode)(batch, vector_format(vector), vector->path,
                                                               data, length, vector_schema);
}

#endif
