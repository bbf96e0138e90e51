/* SPDX-License-Identifier: Apache-2.0 */
/* model.h: definitions, and a client's objects as stores of values. */
#ifndef LINNET_MODEL_MODEL_H
#define LINNET_MODEL_MODEL_H

#include <linnet/codec.h>
#include <linnet/model.h>
#include <linnet/object.h>

#include "../base/base.h"
#include "../codec/codec.h"
#include "../data/data.h"

/* Small, and without pointers: a client has a hundred of them in flash, and each pointer there is relocated.
 */
struct linnet_resource_definition {
  uint16_t id;
  uint8_t operations; /* READ | WRITE | EXECUTE */
  uint8_t type : 4;   /* linnet_type */
  bool multiple : 1;
  bool mandatory : 1;
  uint32_t
      texts; /* how far from here: name, units ("" for none) and range ("" for any), one after the other */
};

struct linnet_definition {
  uint16_t id;
  bool multiple;
  bool mandatory;
  const char *name;
  const char *version;                                /* "1.0" */
  const struct linnet_resource_definition *resources; /* ordered by id */
  size_t count;
};

/* Objects 0 to 7, in order (objects.md). */
extern const struct linnet_definition linnet__core_objects[8];

/* A schema for the codecs: `user` of a model's schema is the model, of a definition's the definition. */
linnet__schema linnet__model_schema(const linnet_model *model);
linnet__schema linnet__definition_schema(const linnet_definition *definition);
/* True if the version must be announced in links (MOD-09): not "1.0", and not an object of the enabler. */
bool linnet__definition_announces_version(const linnet_definition *definition);

/* ---- objects, as the engine sees them ------------------------------------------------------------ */

/* A stored value: numbers inside, longer bytes behind a pointer. */
typedef struct linnet__stored {
  linnet_value value; /* bytes.data belongs to it */
} linnet__stored;

struct linnet__resource_value {
  uint16_t index; /* resource instance id; 0 if the resource is single */
  linnet__stored stored;
};

typedef struct linnet__resource {
  uint16_t id;
  bool multiple;
  bool computed;  /* each read is a question */
  uint16_t count; /* values: 0 or 1 if single, 0 if executable or computed, perhaps 0 if write-only */
  uint16_t room;  /* values that there is memory for */
  struct linnet__resource_value *values; /* ordered by index */
  const linnet_resource_definition *definition;
} linnet__resource;

/* What servers had to do with an instance, so that it is kept over a restart; 0: nothing. */
enum { LINNET__ORIGIN_WRITTEN = 1, LINNET__ORIGIN_CREATED = 2 };

/* BS-23: what the device measures, is, or does is not given to it: the read-only resources of objects 3 to 7.
 */
static inline bool linnet__resource_is_own(uint16_t object, const linnet_resource_definition *resource) {
  return object >= 3 && object <= 7 && (resource->operations & LINNET_OPERATION_WRITE) == 0;
}

typedef struct linnet__instance {
  uint16_t id;
  uint8_t origin;
  uint16_t count;
  uint16_t room;               /* resources that there is memory for */
  linnet__resource *resources; /* those that exist, ordered by id */
} linnet__instance;

/*
 * What an engine wants to know of an object it serves. Called after the fact and whatever the cause, servers'
 * writes included; both must leave the object alone.
 */
typedef struct linnet__watcher {
  /* A value at or below the path is another, is new or is gone: depth 3 after a write, 2 of an instance. */
  void (*changed)(struct linnet__watcher *watcher, linnet_object *object, linnet_path path);
  /* Called before `changed`, of the instance in question. */
  void (*instances_changed)(struct linnet__watcher *watcher, linnet_object *object);
} linnet__watcher;

struct linnet_object {
  linnet__handle handle;
  linnet_model *model;
  const linnet_definition *definition;
  linnet__instance *instances; /* ordered by id */
  size_t count;
  size_t capacity;
  linnet_handler handler;
  void *user;
  linnet_release release;
  unsigned asks;                       /* operations that are questions */
  const struct linnet__asking *asking; /* how the engine asks; NULL: there never was a handler */
  const struct linnet__making *making; /* how servers create and delete; NULL: they were never allowed to */
  unsigned allows;                     /* CREATE, DELETE */
  bool listed;                         /* servers created or deleted instances */
  linnet__watcher *watcher;            /* the engine that serves it, or NULL */
  linnet__list node;                   /* in that engine */
};

linnet__instance *linnet__object_instance(const linnet_object *object, uint16_t instance);
/* The index of the first instance whose id is not below. */
size_t linnet__object_position(const linnet_object *object, uint16_t instance);
linnet__resource *linnet__instance_resource(const linnet__instance *instance, uint16_t resource);
/* NULL: no such resource instance. A single resource's value has index 0. */
const linnet_value *linnet__resource_value(const linnet__resource *resource, uint16_t index);
/* The same from the object on; NULL, or `otherwise`: it has no such thing. `object` may be NULL. */
linnet__resource *linnet__object_resource(const linnet_object *object, uint16_t instance, uint16_t resource);
const linnet_value *linnet__object_value(const linnet_object *object, uint16_t instance, uint16_t resource);
int64_t linnet__object_integer(const linnet_object *object, uint16_t instance, uint16_t resource,
                               int64_t otherwise);

/* linnet_object_set of single resources. */
linnet_status linnet__object_set_integer(linnet_object *object, uint16_t instance, uint16_t resource,
                                         int64_t integer);
linnet_status linnet__object_set_text(linnet_object *object, uint16_t instance, uint16_t resource,
                                      const char *text);
linnet_status linnet__object_set_opaque(linnet_object *object, uint16_t instance, uint16_t resource,
                                        const void *data, size_t length);

/* What an instance begins with: a number, or nothing of its type; NONE: a resource that is offered. */
typedef struct linnet__initial {
  uint8_t resource;
  uint8_t type; /* linnet_type */
  uint8_t number;
} linnet__initial;
/* Makes the instance, so or not at all. */
linnet_status linnet__object_furnish(linnet_object *object, uint16_t instance, const linnet__initial *initial,
                                     size_t count);

/* How a payload meets what is stored (DM-20 to DM-27, DM-60 to DM-65). */
typedef enum linnet__apply_mode {
  LINNET__APPLY_REPLACE_INSTANCE, /* PUT /o/i */
  LINNET__APPLY_UPDATE_INSTANCE,  /* POST /o/i */
  LINNET__APPLY_REPLACE_RESOURCE, /* PUT /o/i/r */
  LINNET__APPLY_CREATE,           /* POST /o: the instance must not exist */
  /* From a bootstrap-server (BS-20 to BS-23): read-only resources, too; the instance is made if missing. */
  LINNET__APPLY_BOOTSTRAP_INSTANCE, /* PUT /o/i: replaces all but computed ones; none is mandatory */
  LINNET__APPLY_BOOTSTRAP_RESOURCE  /* PUT /o/i/r: touches that one alone */
} linnet__apply_mode;

/* More instances of one resource a server cannot write: TOO_LARGE. A partial update adds to those there are.
 */
#define LINNET__RESOURCE_INSTANCES_LIMIT 1024

/*
 * Checks the records of one instance against definition and mode, coerces them where types differ, gives
 * those with LINNET_ID_NONE the instance's id (DM-65), and drops what is to be ignored (unknown resources
 * DM-26, in a Create also read-only ones DM-61, in a bootstrap write executables, computed ones and the
 * device's own, BS-23). Nothing is stored, and the batch is only changed on success. NOT_ALLOWED 4.05
 * (DM-24); NOT_FOUND 4.04 (no such instance; a resource path that the definition does not know, DM-26); 4.00
 * is EXISTS (DM-63), INVALID_ARGUMENT (DM-64), WRONG_TYPE, OUT_OF_RANGE, MALFORMED (mandatory resources
 * missing DM-21 DM-61, another resource or instance DM-29 FMT-15); TOO_LARGE 4.13.
 */
linnet_status linnet__object_check(linnet_object *object, uint16_t instance, linnet_batch *records,
                                   linnet__apply_mode mode);
/*
 * Stores what linnet__object_check passed, all or nothing (NO_MEMORY), and tells the watcher what changed.
 * Not stored, but told as a change: values of computed resources, and of write-only ones if the handler is
 * asked about writes: it has seen them in the question.
 */
linnet_status linnet__object_apply(linnet_object *object, uint16_t instance, const linnet_batch *records,
                                   linnet__apply_mode mode);

/* ---- over a restart (store.h) -------------------------------------------------------------------- */

typedef enum linnet__save_scope {
  LINNET__SAVE_ALL,
  LINNET__SAVE_FROM_SERVERS /* what they created, deleted and wrote */
} linnet__save_scope;

bool linnet__object_has_state(const linnet_object *object);
void linnet__object_save(const linnet_object *object, linnet__save_scope scope, linnet__buffer *out);
/* Whose state comes next. */
uint16_t linnet__state_object(linnet__packed saved);
/*
 * Reads on to the end of the object's state. `object` NULL: just looks. MALFORMED: it is not in order; look
 * first. NO_MEMORY: part of it was restored.
 */
linnet_status linnet__object_restore(linnet_object *object, linnet__packed *saved);

/* What an object stored at one time (BS-52). */
typedef struct linnet__snapshot {
  bool listed;
  linnet__instance *instances;
  size_t count;
  size_t capacity;
} linnet__snapshot;

/* NO_MEMORY: nothing was taken. */
linnet_status linnet__snapshot_take(linnet__snapshot *snapshot, const linnet_object *object);
void linnet__snapshot_free(linnet_loop *loop, linnet__snapshot *snapshot);
/* Makes the object what it was, and tells the watcher. Cannot fail. The snapshot is empty then. */
void linnet__snapshot_restore(linnet__snapshot *snapshot, linnet_object *object);

/* ---- what a bootstrap leaves (BS-50, BS-51) ------------------------------------------------------ */

/* Is it one of the six (QUE-01)? */
bool linnet__binding_valid(const char *binding, size_t length);

/* Objects 0, 1 and 2 of a device, and what whoever asks knows besides. */
typedef struct linnet__consistency {
  const linnet_object *securities;
  const linnet_object *servers;
  const linnet_object *accesses; /* NULL: there is no object 2 */
  bool partial;      /* the device may have more than that, so partners and accounts are not missed */
  bool refreshed;    /* the account of the bootstrap-server is new: it may be all that was wanted */
  size_t bootstraps; /* how many accounts of bootstrap-servers there may be (BS-53) */
  /* Each gives NULL, or the fault: of a URI, which is to be that of a secure server or not; of a mode. */
  const char *(*uri_fault)(const char *uri, size_t length, bool secure, const void *user);
  const char *(*mode_fault)(int64_t mode, const void *user); /* NULL: there is none */
  /* Is there such an object (depth 1) or instance? NULL: who knows. */
  bool (*has)(linnet_path path, const void *user);
  const void *user;
} linnet__consistency;
/* LINNET_OK, or MALFORMED and the words are in *why. */
linnet_status linnet__consistency_check(const linnet__consistency *consistency, linnet__buffer *why);

#endif
