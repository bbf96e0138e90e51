/* SPDX-License-Identifier: Apache-2.0 */
/*
 * object.h: one object of a client: a definition, its instances and their values, and, if wanted, a
 * handler for what must be computed or may be refused.
 */
#ifndef LINNET_OBJECT_H
#define LINNET_OBJECT_H

#include <linnet/event.h>
#include <linnet/export.h>
#include <linnet/model.h>
#include <linnet/value.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct linnet_object linnet_object;

/**
 * An object without instances, by the definition that the model has for it (linnet_model_find). NULL: unknown
 * to the model, or no memory. Holds the model, and keeps the definition as it is.
 */
LINNET_API linnet_object *linnet_object_new(linnet_model *model, uint16_t object);
LINNET_API linnet_object *linnet_object_ref(linnet_object *object);
LINNET_API void linnet_object_unref(linnet_object *object);
LINNET_API linnet_loop *linnet_object_loop(const linnet_object *object);
/** The number that its questions carry as source. */
LINNET_API uint64_t linnet_object_number(const linnet_object *object);
LINNET_API uint16_t linnet_object_id(const linnet_object *object);
LINNET_API const linnet_definition *linnet_object_definition(const linnet_object *object);

/**
 * A new instance with its mandatory executables and mandatory write-only resources. LINNET_ERROR_EXISTS;
 * LINNET_ERROR_INVALID_ARGUMENT: 65535, or not 0 in a single-instance object (DM-64).
 */
LINNET_API linnet_status linnet_object_add_instance(linnet_object *object, uint16_t instance);
LINNET_API linnet_status linnet_object_remove_instance(linnet_object *object, uint16_t instance);
LINNET_API bool linnet_object_has_instance(const linnet_object *object, uint16_t instance);
LINNET_API size_t linnet_object_instance_count(const linnet_object *object);
/** By index, in ascending order; LINNET_ID_NONE beyond the end. */
LINNET_API uint16_t linnet_object_instance_at(const linnet_object *object, size_t index);

/**
 * Stores a copy of a value, coerced and checked by the definition, whatever servers may do to it; makes the
 * resource exist; tells observers. `path` names a resource (single) or a resource instance (multiple).
 * NOT_FOUND: no such instance, or resource not in the definition.
 */
LINNET_API linnet_status linnet_object_set(linnet_object *object, linnet_path path,
                                           const linnet_value *value);
/** The stored value, as a view until the object changes. NOT_FOUND; NOT_ALLOWED for a computed resource. */
LINNET_API linnet_status linnet_object_get(const linnet_object *object, linnet_path path, linnet_value *out);
/**
 * Appends all stored values at or below a path (depth 1 to 4), ordered; a multiple resource without instances
 * as LINNET_TYPE_MULTIPLE. Computed resources are left out.
 */
LINNET_API linnet_status linnet_object_read(const linnet_object *object, linnet_path path,
                                            linnet_batch *batch);
/** Appends every stored value at or below `path`, in order; computed resources have none. All or nothing
 * (NO_MEMORY). */
LINNET_API linnet_status linnet_object_collect(const linnet_object *object, linnet_path path,
                                               linnet_batch *batch);
/** Makes a resource (or one instance of a multiple one) not exist any more. */
LINNET_API linnet_status linnet_object_unset(linnet_object *object, linnet_path path);
/** Makes a multiple resource exist, without instances if it is new; makes an executable or write-only
 * resource exist. */
LINNET_API linnet_status linnet_object_offer(linnet_object *object, linnet_path path);
/** True if the path (instance, resource or resource instance) exists. */
LINNET_API bool linnet_object_has(const linnet_object *object, linnet_path path);

/**
 * From now on each read of this resource (depth 3) is a question to the handler. Makes it exist; its stored
 * values go, and written ones are not stored. linnet_object_set makes it a stored one again.
 */
LINNET_API linnet_status linnet_object_compute(linnet_object *object, linnet_path path);
/** A computed value changed: looks at what observers are owed. Depth 1 to 4. */
LINNET_API linnet_status linnet_object_notify(linnet_object *object, linnet_path path);

/**
 * Which operations of servers become questions: a sum of READ (computed resources only), WRITE (also partial
 * update), EXECUTE, CREATE, DELETE. Without a handler a write is stored, an execute is an event only,
 * create and delete just happen, as far as allowed below. Values of write-only resources are not kept where
 * the handler is asked about writes. A former handler is released. NULL and 0: no handler. INVALID_ARGUMENT:
 * no such operations.
 */
LINNET_API linnet_status linnet_object_set_handler(linnet_object *object, unsigned operations,
                                                   linnet_handler handler, void *user,
                                                   linnet_release release);

/** What servers may do to instances: a sum of CREATE and DELETE; the default is neither. */
LINNET_API linnet_status linnet_object_allow(linnet_object *object, unsigned operations);

#ifdef __cplusplus
}
#endif

#endif
