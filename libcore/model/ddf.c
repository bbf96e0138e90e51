/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ddf.c: OMNA object definition files (LWM2M.xsd, LWM2M-v1_1.xsd of the OMA registry), read with expat.
 *
 * Expat takes its working memory from the C library, because its allocator has no place for a loop, and gives
 * all of it back before the call ends.
 */
#include <expat.h>
#include <string.h>

#include "ddf_words.h"
#include "definition_internal.h"

#define FILE_LIMIT (4u << 20)
#define OBJECTS_LIMIT 4096 /* in one file */
#define DEPTH_LIMIT 64
#define FIRST_ROOM 16

/* Where the struct reader stands. */
typedef enum place { OUTSIDE, IN_FILE, IN_OBJECT, IN_RESOURCES, IN_ITEM } place;

/* A resource while its texts still lie in the pool, which moves as it grows. */
typedef struct draft {
  linnet__resource_facts resource;
  size_t name, units, range;
} draft;

struct reader {
  linnet_loop *loop;
  XML_Parser parser;
  linnet_status status;
  place place;
  size_t depth;
  size_t ignored;          /* how many elements deep in what does not concern us */
  linnet__ddf_field field; /* whose text is being collected, or NONE */
  char element[32];        /* the last one that began, for error texts */
  linnet__buffer text;     /* of that field */
  linnet__buffer pool;     /* the texts of the resources */
  draft *drafts;
  size_t count, room;
  draft item;
  bool has_id;
  struct linnet_definition head;
  size_t name, version;
  linnet__owned_definition *chain, **tail;
  size_t objects;
};

static void stop(struct reader *reader, linnet_status status, const char *reason) {
  if (reader->status != LINNET_OK) return;
  reader->status = status;
  linnet__fail(reader->loop, status, "linnet_model_read_ddf: line %U, element %s: %s",
               (uint64_t)XML_GetCurrentLineNumber(reader->parser), reader->element, reason);
  XML_StopParser(reader->parser, XML_FALSE);
}

static void malformed(struct reader *reader, const char *reason) {
  stop(reader, LINNET_ERROR_MALFORMED, reason);
}

static void no_memory(struct reader *reader) { stop(reader, LINNET_ERROR_NO_MEMORY, "out of memory"); }

/* ---- what the fields say ------------------------------------------------------------------------- */

/* The collected text without the blanks around it. */
static linnet__ddf_text collected(const struct reader *reader) {
  return linnet__ddf_trim((const char *)reader->text.data, reader->text.length);
}

/* Puts the text in the pool, terminated, and says where. */
static size_t keep_text(struct reader *reader, size_t limit) {
  linnet__ddf_text text = collected(reader);
  size_t at = reader->pool.length;
  if (text.length > limit) {
    stop(reader, LINNET_ERROR_TOO_LARGE, "the text is too long");
    return 0;
  }
  if (text.length > 0 && memchr(text.data, '\0', text.length) != NULL) malformed(reader, "a NUL in a text");
  linnet__buffer_append(&reader->pool, text.data, text.length);
  if (linnet__buffer_append_byte(&reader->pool, 0) != LINNET_OK)
    stop(reader, reader->pool.failed, "out of memory");
  return at;
}

static bool read_id(struct reader *reader, linnet__ddf_text text, uint16_t *id) {
  uint64_t number;
  if (!linnet__parse_unsigned(text.data, text.length, LINNET_ID_NONE - 1, &number)) {
    malformed(reader, "an id is a number from 0 to 65534");
    return false;
  }
  *id = (uint16_t)number;
  return true;
}

static bool read_word(struct reader *reader, linnet_status status) {
  if (status != LINNET_OK) malformed(reader, "a word that a definition file does not use here");
  return status == LINNET_OK;
}

static void end_object_field(struct reader *reader) {
  linnet__ddf_text text = collected(reader);
  unsigned numbers[2];
  switch (reader->field) {
    case LINNET__DDF_NAME:
      reader->name = keep_text(reader, LINNET__NAME_LIMIT);
      break;
    case LINNET__DDF_OBJECT_ID:
      reader->has_id = read_id(reader, text, &reader->head.id);
      break;
    case LINNET__DDF_OBJECT_VERSION:
      if (text.length == 0) break;
      if (!linnet__version_read(text.data, text.length, numbers))
        malformed(reader, "a version is two numbers with a point between");
      reader->version = keep_text(reader, LINNET__NAME_LIMIT);
      break;
    case LINNET__DDF_MULTIPLE:
      read_word(reader, linnet__ddf_multiple(text, &reader->head.multiple));
      break;
    case LINNET__DDF_MANDATORY:
      read_word(reader, linnet__ddf_mandatory(text, &reader->head.mandatory));
      break;
    default:
      break;
  }
}

static void end_item_field(struct reader *reader) {
  linnet__ddf_text text = collected(reader);
  linnet__resource_facts *resource = &reader->item.resource;
  switch (reader->field) {
    case LINNET__DDF_NAME:
      reader->item.name = keep_text(reader, LINNET__NAME_LIMIT);
      break;
    case LINNET__DDF_OPERATIONS:
      read_word(reader, linnet__ddf_operations(text, &resource->operations));
      break;
    case LINNET__DDF_MULTIPLE:
      read_word(reader, linnet__ddf_multiple(text, &resource->multiple));
      break;
    case LINNET__DDF_MANDATORY:
      read_word(reader, linnet__ddf_mandatory(text, &resource->mandatory));
      break;
    case LINNET__DDF_TYPE:
      read_word(reader, linnet__ddf_type(text, &resource->type));
      break;
    case LINNET__DDF_RANGE:
      reader->item.range = keep_text(reader, LINNET__RANGE_LIMIT);
      break;
    case LINNET__DDF_UNITS:
      reader->item.units = keep_text(reader, LINNET__UNITS_LIMIT);
      break;
    default:
      break;
  }
}

/* ---- objects and items --------------------------------------------------------------------------- */

static const char *attribute(const char **attributes, const char *name) {
  for (; attributes[0] != NULL; attributes += 2) {
    if (strcmp(attributes[0], name) == 0) return attributes[1];
  }
  return "";
}

static void begin_object(struct reader *reader, const char **attributes) {
  static const struct linnet_definition blank = {.name = "", .version = "1.0"};
  if (++reader->objects > OBJECTS_LIMIT) stop(reader, LINNET_ERROR_TOO_LARGE, "too many objects");
  linnet__buffer_clear(&reader->pool);
  linnet__buffer_append_byte(&reader->pool, 0); /* the empty text is at 0 */
  reader->count = 0;
  reader->head = blank;
  reader->name = reader->version = 0;
  /* The registry's list of reusable resources is an object that has no id of its own. */
  reader->has_id = strcmp(attribute(attributes, "ObjectType"), "CommonResources") == 0;
  if (reader->has_id) reader->head.id = LINNET_ID_NONE;
  reader->place = IN_OBJECT;
}

static void begin_item(struct reader *reader, const char **attributes) {
  static const draft blank;
  const char *id = attribute(attributes, "ID");
  reader->item = blank;
  reader->place = IN_ITEM;
  read_id(reader, linnet__ddf_trim(id, strlen(id)), &reader->item.resource.id);
}

/* The drafts stay ordered; in files they nearly always come so. */
static void end_item(struct reader *reader) {
  linnet__resource_facts *resource = &reader->item.resource;
  reader->place = IN_RESOURCES;
  if (reader->status != LINNET_OK) return;
  if ((resource->operations & LINNET_OPERATION_EXECUTE) != 0) { /* MOD-07 */
    resource->operations = LINNET_OPERATION_EXECUTE;
    resource->type = LINNET_TYPE_NONE;
    resource->multiple = false;
  }
  if (reader->count >= LINNET__RESOURCES_LIMIT) {
    stop(reader, LINNET_ERROR_TOO_LARGE, "too many resources");
    return;
  }
  if (reader->count == reader->room) {
    size_t room = reader->room == 0 ? FIRST_ROOM : 2 * reader->room;
    draft *drafts =
        linnet__resize(reader->loop, reader->drafts, reader->room * sizeof(draft), room * sizeof(draft));
    if (drafts == NULL) {
      no_memory(reader);
      return;
    }
    reader->drafts = drafts;
    reader->room = room;
  }
  size_t at = reader->count;
  while (at > 0 && reader->drafts[at - 1].resource.id > resource->id) at--;
  if (at > 0 && reader->drafts[at - 1].resource.id == resource->id) {
    malformed(reader, "the object has this resource already");
    return;
  }
  memmove(reader->drafts + at + 1, reader->drafts + at, (reader->count - at) * sizeof(draft));
  reader->drafts[at] = reader->item;
  reader->count++;
}

static linnet_status fill(struct reader *reader, linnet__owned_definition *owned, const char *pool) {
  size_t size = reader->count * sizeof(linnet__resource_facts);
  if (size == 0) return LINNET_OK;
  linnet__resource_facts *resources = linnet__new(reader->loop, size);
  if (resources == NULL) return LINNET_ERROR_NO_MEMORY;
  for (size_t i = 0; i < reader->count; i++) {
    resources[i] = reader->drafts[i].resource;
    resources[i].name = pool + reader->drafts[i].name;
    resources[i].units = pool + reader->drafts[i].units;
    resources[i].range = pool + reader->drafts[i].range;
  }
  linnet_status status = linnet__definition_fill(reader->loop, owned, resources, reader->count);
  linnet__free(reader->loop, resources, size);
  return status;
}

static void end_object(struct reader *reader) {
  reader->place = IN_FILE;
  if (reader->status != LINNET_OK) return;
  if (!reader->has_id) {
    malformed(reader, "the object has no ObjectID");
    return;
  }
  const char *pool = (const char *)reader->pool.data;
  const char *name = reader->name > 0 ? pool + reader->name : "";
  if (reader->head.id == LINNET_ID_NONE) name = "Common Resources";
  const char *version = reader->version > 0 ? pool + reader->version : "1.0"; /* MOD-08 */
  linnet__owned_definition *owned = linnet__definition_new(reader->loop, reader->head.id, name, version);
  if (owned == NULL) {
    no_memory(reader);
    return;
  }
  owned->definition.multiple = reader->head.multiple;
  owned->definition.mandatory = reader->head.mandatory;
  *reader->tail = owned;
  reader->tail = &owned->next;
  if (fill(reader, owned, pool) != LINNET_OK) no_memory(reader);
}

/* ---- expat's events ------------------------------------------------------------------------------ */

static void remember_element(struct reader *reader, const char *name) {
  size_t length = strlen(name), room = sizeof(reader->element) - 1;
  if (length > room) length = room;
  memcpy(reader->element, name, length);
  reader->element[length] = '\0';
}

static void XMLCALL begin_element(void *user, const char *name, const char **attributes) {
  struct reader *reader = user;
  if (reader->status != LINNET_OK) return;
  remember_element(reader, name);
  if (++reader->depth > DEPTH_LIMIT) {
    malformed(reader, "too many elements within elements");
    return;
  }
  if (reader->ignored > 0 || reader->field != LINNET__DDF_NONE) {
    reader->ignored++;
    return;
  }
  switch (reader->place) {
    case OUTSIDE:
      if (strcmp(name, "LWM2M") == 0)
        reader->place = IN_FILE;
      else if (linnet__ddf_is_companion(name))
        reader->ignored = 1;
      else
        malformed(reader, "an object definition file begins with LWM2M");
      return;
    case IN_FILE:
      if (strcmp(name, "Object") != 0) break;
      begin_object(reader, attributes);
      return;
    case IN_OBJECT:
      if (strcmp(name, "Resources") == 0) {
        reader->place = IN_RESOURCES;
        return;
      }
      reader->field = linnet__ddf_object_field(name);
      break;
    case IN_RESOURCES:
      if (strcmp(name, "Item") != 0) break;
      begin_item(reader, attributes);
      return;
    case IN_ITEM:
      reader->field = linnet__ddf_item_field(name);
      break;
  }
  linnet__buffer_clear(&reader->text);
  if (reader->field == LINNET__DDF_NONE) reader->ignored = 1;
}

static void XMLCALL end_element(void *user, const char *name) {
  struct reader *reader = user;
  if (reader->status != LINNET_OK) return;
  reader->depth--;
  if (reader->ignored > 0) {
    reader->ignored--;
    return;
  }
  remember_element(reader, name);
  if (reader->field != LINNET__DDF_NONE) {
    if (reader->text.failed != LINNET_OK)
      stop(reader, reader->text.failed, "the text is too long, or out of memory");
    else if (reader->place == IN_OBJECT)
      end_object_field(reader);
    else
      end_item_field(reader);
    reader->field = LINNET__DDF_NONE;
    return;
  }
  switch (reader->place) {
    case IN_ITEM:
      end_item(reader);
      break;
    case IN_RESOURCES:
      reader->place = IN_OBJECT;
      break;
    case IN_OBJECT:
      end_object(reader);
      break;
    case IN_FILE:
    case OUTSIDE:
      reader->place = OUTSIDE;
      break;
  }
}

static void XMLCALL collect(void *user, const char *text, int length) {
  struct reader *reader = user;
  if (reader->status != LINNET_OK || reader->field == LINNET__DDF_NONE || reader->ignored > 0) return;
  linnet__buffer_append(&reader->text, text, (size_t)length);
}

/* Definition files declare no entities; those that do want to grow (a "billion laughs") or to look around. */
static void XMLCALL refuse_entity(void *user, const char *name, int is_parameter, const char *value,
                                  int value_length, const char *base, const char *system_id,
                                  const char *public_id, const char *notation) {
  (void)name, (void)is_parameter, (void)value, (void)value_length;
  (void)base, (void)system_id, (void)public_id, (void)notation;
  struct reader *reader = user;
  remember_element(reader, "DOCTYPE");
  malformed(reader, "entities are not read");
}

/* ---- the call ------------------------------------------------------------------------------------ */

static void parse(struct reader *reader, const void *data, size_t length) {
  XML_SetUserData(reader->parser, reader);
  XML_SetElementHandler(reader->parser, begin_element, end_element);
  XML_SetCharacterDataHandler(reader->parser, collect);
  XML_SetEntityDeclHandler(reader->parser, refuse_entity);
  /* Else expat would ask the system for entropy. */
  XML_SetHashSalt(reader->parser, (unsigned long)linnet__hash(reader->loop, "ddf", 3) | 1);
  if (XML_Parse(reader->parser, data, (int)length, XML_TRUE) == XML_STATUS_OK) return;
  enum XML_Error error = XML_GetErrorCode(reader->parser);
  if (error == XML_ERROR_NO_MEMORY)
    no_memory(reader);
  else
    malformed(reader, XML_ErrorString(error));
}

linnet_status linnet_model_read_ddf(linnet_model *model, const void *data, size_t length) {
  linnet_loop *loop = linnet_model_loop(model);
  if (data == NULL || length == 0)
    return linnet__fail(loop, LINNET_ERROR_MALFORMED, "linnet_model_read_ddf: line 1, element none: no XML");
  if (length > FILE_LIMIT)
    return linnet__fail(loop, LINNET_ERROR_TOO_LARGE, "linnet_model_read_ddf: more than 4 MiB of XML");
  struct reader reader = {.loop = loop, .element = "none"};
  reader.tail = &reader.chain;
  reader.parser = XML_ParserCreate(NULL);
  if (reader.parser == NULL)
    return linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "linnet_model_read_ddf: out of memory");
  linnet__buffer_init(&reader.text, loop, (size_t)4 * LINNET__RANGE_LIMIT);
  linnet__buffer_init(&reader.pool, loop, FILE_LIMIT + 1);
  parse(&reader, data, length);
  if (reader.status == LINNET_OK) {
    reader.status = linnet__model_take(model, reader.chain);
    if (reader.status != LINNET_OK) linnet__fail(loop, reader.status, "linnet_model_read_ddf: out of memory");
  }
  while (reader.status != LINNET_OK && reader.chain != NULL) {
    linnet__owned_definition *next = reader.chain->next;
    linnet__definition_free(loop, reader.chain);
    reader.chain = next;
  }
  XML_ParserFree(reader.parser);
  linnet__buffer_free(&reader.text);
  linnet__buffer_free(&reader.pool);
  linnet__free(loop, reader.drafts, reader.room * sizeof(draft));
  return reader.status;
}
