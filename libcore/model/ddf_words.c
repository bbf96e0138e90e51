/* SPDX-License-Identifier: Apache-2.0 */
/* ddf_words.c: the vocabulary of object definition files (LWM2M.xsd, LWM2M-v1_1.xsd of the OMA registry). */
#include "ddf_words.h"

#include <string.h>

struct word {
  const char *text;
  int meaning;
};

static const struct word object_fields[] = {{"Name", LINNET__DDF_NAME},
                                            {"ObjectID", LINNET__DDF_OBJECT_ID},
                                            {"ObjectVersion", LINNET__DDF_OBJECT_VERSION},
                                            {"MultipleInstances", LINNET__DDF_MULTIPLE},
                                            {"Mandatory", LINNET__DDF_MANDATORY},
                                            {NULL, 0}};

static const struct word item_fields[] = {{"Name", LINNET__DDF_NAME},
                                          {"Operations", LINNET__DDF_OPERATIONS},
                                          {"MultipleInstances", LINNET__DDF_MULTIPLE},
                                          {"Mandatory", LINNET__DDF_MANDATORY},
                                          {"Type", LINNET__DDF_TYPE},
                                          {"RangeEnumeration", LINNET__DDF_RANGE},
                                          {"Units", LINNET__DDF_UNITS},
                                          {NULL, 0}};

static const struct word multiplicities[] = {{"", false}, {"single", false}, {"multiple", true}, {NULL, 0}};

static const struct word presences[] = {{"", false}, {"optional", false}, {"mandatory", true}, {NULL, 0}};

static const struct word types[] = {
    {"", LINNET_TYPE_NONE},           {"none", LINNET_TYPE_NONE},
    {"string", LINNET_TYPE_STRING},   {"corelnk", LINNET_TYPE_STRING},
    {"integer", LINNET_TYPE_INTEGER}, {"unsigned integer", LINNET_TYPE_INTEGER},
    {"float", LINNET_TYPE_FLOAT},     {"boolean", LINNET_TYPE_BOOLEAN},
    {"opaque", LINNET_TYPE_OPAQUE},   {"time", LINNET_TYPE_TIME},
    {"objlnk", LINNET_TYPE_OBJLNK},   {NULL, 0}};

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

linnet__ddf_text linnet__ddf_trim(const char *data, size_t length) {
  linnet__ddf_text text = {data == NULL ? "" : data, data == NULL ? 0 : length};
  while (text.length > 0 && is_blank(text.data[text.length - 1])) text.length--;
  while (text.length > 0 && is_blank(text.data[0])) text.data++, text.length--;
  return text;
}

static linnet__ddf_field field_of(const struct word *words, const char *element) {
  for (; words->text != NULL; words++) {
    if (strcmp(words->text, element) == 0) return (linnet__ddf_field)words->meaning;
  }
  return LINNET__DDF_NONE;
}

linnet__ddf_field linnet__ddf_object_field(const char *element) { return field_of(object_fields, element); }

linnet__ddf_field linnet__ddf_item_field(const char *element) { return field_of(item_fields, element); }

bool linnet__ddf_is_companion(const char *root) {
  return strcmp(root, "DDFList") == 0 || strcmp(root, "units") == 0;
}

static bool same_word(const char *word, linnet__ddf_text text) {
  if (strlen(word) != text.length) return false;
  for (size_t i = 0; i < text.length; i++) {
    if (lower(text.data[i]) != word[i]) return false;
  }
  return true;
}

static linnet_status meaning_of(const struct word *words, linnet__ddf_text text, int *meaning) {
  for (; words->text != NULL; words++) {
    if (!same_word(words->text, text)) continue;
    *meaning = words->meaning;
    return LINNET_OK;
  }
  return LINNET_ERROR_MALFORMED;
}

linnet_status linnet__ddf_multiple(linnet__ddf_text text, bool *multiple) {
  int meaning = 0;
  linnet_status status = meaning_of(multiplicities, text, &meaning);
  *multiple = meaning != 0;
  return status;
}

linnet_status linnet__ddf_mandatory(linnet__ddf_text text, bool *mandatory) {
  int meaning = 0;
  linnet_status status = meaning_of(presences, text, &meaning);
  *mandatory = meaning != 0;
  return status;
}

linnet_status linnet__ddf_type(linnet__ddf_text text, uint8_t *type) {
  int meaning = LINNET_TYPE_NONE;
  linnet_status status = meaning_of(types, text, &meaning);
  *type = (uint8_t)meaning;
  return status;
}

linnet_status linnet__ddf_operations(linnet__ddf_text text, uint8_t *operations) {
  unsigned sum = 0;
  for (size_t i = 0; i < text.length; i++) {
    switch (lower(text.data[i])) {
      case 'r':
        sum |= LINNET_OPERATION_READ;
        break;
      case 'w':
        sum |= LINNET_OPERATION_WRITE;
        break;
      case 'e':
        sum |= LINNET_OPERATION_EXECUTE;
        break;
      case ' ':
      case ',':
        break;
      default:
        return LINNET_ERROR_MALFORMED;
    }
  }
  *operations = (uint8_t)sum;
  return LINNET_OK;
}
