/* SPDX-License-Identifier: Apache-2.0 */
/*
 * definition_internal.h: definitions that a model owns, and how files and declarations make them.
 *
 * A definition's head (id, name, version) never moves. Its resources and their texts lie together in one
 * block, which is made anew when a resource is added: definitions are written rarely and read all the time.
 */
#ifndef LINNET_MODEL_DEFINITION_INTERNAL_H
#define LINNET_MODEL_DEFINITION_INTERNAL_H

#include "model.h"

/* Bounds of what a definition may hold; more is LINNET_ERROR_TOO_LARGE. */
#define LINNET__NAME_LIMIT 255
#define LINNET__UNITS_LIMIT 255
#define LINNET__RANGE_LIMIT 1023
#define LINNET__RESOURCES_LIMIT 4096

/* What a definition of a resource is made of. */
typedef struct linnet__resource_facts {
  uint16_t id;
  uint8_t type;
  uint8_t operations;
  bool multiple;
  bool mandatory;
  const char *name;
  const char *units;
  const char *range;
} linnet__resource_facts;

void linnet__resource_facts_of(const linnet_resource_definition *resource, linnet__resource_facts *facts);

typedef struct linnet__owned_definition linnet__owned_definition;
struct linnet__owned_definition {
  struct linnet_definition definition; /* first: a pointer to it is a pointer to this */
  linnet__owned_definition *next;
  size_t size;
  void *contents; /* resources, then their texts */
  size_t contents_size;
  uint32_t users; /* objects made of it: as long as there are any, it does not change */
};

/* A version as the specification writes it (MOD-08). False: not "digits.digits". */
bool linnet__version_read(const char *text, size_t length, unsigned version[2]);

/* Without resources. `name` and `version` are copied. NULL: no memory. */
linnet__owned_definition *linnet__definition_new(linnet_loop *loop, uint16_t id, const char *name,
                                                 const char *version);
void linnet__definition_free(linnet_loop *loop, linnet__owned_definition *owned);
/*
 * Gives it `count` resources, ordered by id, in place of those it has (which may be where the texts come
 * from). LINNET_ERROR_NO_MEMORY leaves it as it was.
 */
linnet_status linnet__definition_fill(linnet_loop *loop, linnet__owned_definition *owned,
                                      const linnet__resource_facts *resources, size_t count);

/*
 * Takes a chain of definitions (linked by `next`) into the model, all or none: LINNET_ERROR_NO_MEMORY leaves
 * them with the caller. The same id and version hides what was there.
 */
linnet_status linnet__model_take(linnet_model *model, linnet__owned_definition *chain);

/* Counts an object made of the definition. Constant tables need no counting. */
void linnet__definition_hold(const linnet_definition *definition);
void linnet__definition_release(const linnet_definition *definition);

/*
 * True if the value, which has the type of the resource, lies in the range, or if the text is none that can
 * be read: intervals and numbers ("0..100", "0-255 bytes", "1,2,4", "0..3, 99", "1..", "0: off"), for strings
 * and opaques of the length in bytes, or words a string may be ("U,UQ,S").
 */
bool linnet__range_allows(const char *range, const linnet_value *value);

#endif
