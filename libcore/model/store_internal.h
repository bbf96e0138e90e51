/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_internal.h: how values of a client's object are kept.
 *
 * Arrays ordered by id and hardly longer than needed: a router has many objects and little memory, and reads
 * are binary searches that allocate nothing.
 */
#ifndef LINNET_MODEL_STORE_INTERNAL_H
#define LINNET_MODEL_STORE_INTERNAL_H

#include "model.h"

/* A copy with bytes of its own; `stored` was empty. */
linnet_status linnet__stored_copy(linnet_loop *loop, linnet__stored *stored, const linnet_value *value);
void linnet__stored_free(linnet_loop *loop, linnet__stored *stored);

/* Where the index is, or would be. */
size_t linnet__values_position(const struct linnet__resource_value *values, size_t count, uint16_t index);
/* Stores a copy; `*changed` says if that made a difference. */
linnet_status linnet__resource_put(linnet_loop *loop, linnet__resource *resource, uint16_t index,
                                   const linnet_value *value, bool *changed);
/* Memory for `room` values, so that so many puts need none for their places. TOO_LARGE above 65535. */
linnet_status linnet__resource_reserve(linnet_loop *loop, linnet__resource *resource, size_t room);
/* Gives back memory for places not taken, where that is possible. */
void linnet__resource_trim(linnet_loop *loop, linnet__resource *resource);
/* Takes one value out. It has to be there. */
void linnet__resource_drop(linnet_loop *loop, linnet__resource *resource, uint16_t index);
/* All of them. */
void linnet__resource_clear(linnet_loop *loop, linnet__resource *resource);

/* Makes a resource exist, empty; NULL: no memory. */
linnet__resource *linnet__instance_add(linnet_loop *loop, linnet__instance *instance,
                                       const linnet_resource_definition *definition);
void linnet__instance_remove(linnet_loop *loop, linnet__instance *instance, linnet__resource *resource);
/* A new instance: with what exists without a value, the mandatory executable and write-only resources. */
linnet_status linnet__instance_begin(linnet_loop *loop, linnet__instance *instance, uint16_t id,
                                     const linnet_definition *definition);
void linnet__instance_free(linnet_loop *loop, linnet__instance *instance);

/* Room for one more instance, so that linnet__object_insert cannot fail. */
linnet_status linnet__object_reserve(linnet_object *object);
/* Takes the instance, which must be new, in at its place. */
void linnet__object_insert(linnet_object *object, const linnet__instance *instance);
void linnet__object_remove(linnet_object *object, linnet__instance *instance);
/* LINNET_ERROR_INVALID_ARGUMENT: 65535, or not 0 in a single-instance object (DM-63, DM-64). */
linnet_status linnet__object_check_id(const linnet_object *object, uint16_t instance);

/* The watcher, if there is one. */
void linnet__object_tell(linnet_object *object, linnet_path path);
void linnet__object_tell_instance(linnet_object *object, uint16_t instance); /* it came or went */

#endif
