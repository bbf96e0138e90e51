/* SPDX-License-Identifier: Apache-2.0 */
/* engine.c: the engine's life, its objects, its requesters, the Register payload (digest 2.3). */
#include <string.h>

#include "engine_internal.h"

/* ---- objects ------------------------------------------------------------------------------------- */

/* The place of the object in the order, or where it would be. */
static size_t place(const linnet__engine *engine, uint16_t object) {
  size_t low = 0, high = engine->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (engine->objects[middle].id < object)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

linnet__served *linnet__engine_served(const linnet__engine *engine, uint16_t object) {
  size_t at = place(engine, object);
  if (at == engine->count || engine->objects[at].id != object) return NULL;
  return engine->objects[at].served;
}

linnet_object *linnet__engine_object(const linnet__engine *engine, uint16_t object) {
  linnet__served *served = linnet__engine_served(engine, object);
  return served != NULL ? served->object : NULL;
}

linnet_object *linnet__engine_object_at(const linnet__engine *engine, size_t index) {
  return index < engine->count ? engine->objects[index].served->object : NULL;
}

/* ---- what happens to objects --------------------------------------------------------------------- */

static void list_changed(linnet__engine *engine, uint16_t object) {
  if (engine->hooks.list_changed != NULL) engine->hooks.list_changed(engine->user, object);
}

/* A change at one of them is one of what is observed at the other. Both are of one object; most observations
 * are of another instance. */
static bool concerns(linnet_path path, linnet_path observed) {
  if (path.depth > 1 && observed.depth > 1 && path.id[1] != observed.id[1]) return false;
  return linnet_path_within(path, observed) || linnet_path_within(observed, path);
}

static void changed(linnet__watcher *watcher, linnet_object *object, linnet_path path) {
  linnet__served *served = LINNET__CONTAINER(watcher, linnet__served, watcher);
  linnet__engine *engine = served->engine;
  (void)object;
  linnet__shared_forget(engine);
  for (linnet__list *node = served->observations.next; node != &served->observations; node = node->next) {
    linnet__observation *observation = LINNET__CONTAINER(node, linnet__observation, of_object);
    if (concerns(path, observation->path)) linnet__observation_changed(observation);
  }
  if (engine->hooks.changed != NULL) engine->hooks.changed(engine->user, path);
}

static void instances_changed(linnet__watcher *watcher, linnet_object *object) {
  linnet__served *served = LINNET__CONTAINER(watcher, linnet__served, watcher);
  linnet__engine *engine = served->engine;
  for (linnet__list *node = served->observations.next; node != &served->observations; node = node->next) {
    linnet__observation *observation = LINNET__CONTAINER(node, linnet__observation, of_object);
    if (observation->path.depth < 2)
      linnet__observation_changed(observation);
    else if (!linnet_object_has_instance(object, observation->path.id[1]))
      linnet__observation_due(observation); /* OBS-08 */
  }
  for (linnet__list *node = engine->requesters.next; node != &engine->requesters; node = node->next)
    linnet__attributes_prune(LINNET__CONTAINER(node, linnet__requester, node), linnet_object_id(object),
                             object);
  list_changed(engine, linnet_object_id(object));
}

/* ---- adding and removing ------------------------------------------------------------------------- */

static linnet_status reserve(linnet__engine *engine) {
  if (engine->count < engine->capacity) return LINNET_OK;
  size_t capacity = engine->capacity == 0 ? 8 : 2 * engine->capacity;
  linnet__slot *objects = linnet__resize(engine->loop, engine->objects, engine->capacity * sizeof *objects,
                                         capacity * sizeof *objects);
  if (objects == NULL) return LINNET_ERROR_NO_MEMORY;
  engine->objects = objects;
  engine->capacity = capacity;
  return LINNET_OK;
}

linnet_status linnet__engine_add_object(linnet__engine *engine, linnet_object *object) {
  uint16_t id = linnet_object_id(object);
  if (linnet__engine_served(engine, id) != NULL)
    return linnet__fail(engine->loop, LINNET_ERROR_EXISTS, "adding object %u to \"%s\": it has one",
                        (unsigned)id, engine->endpoint);
  if (object->watcher != NULL)
    return linnet__fail(engine->loop, LINNET_ERROR_EXISTS,
                        "adding object %u to \"%s\": it belongs to a client", (unsigned)id, engine->endpoint);
  linnet__served *served = linnet__new(engine->loop, sizeof *served);
  if (served == NULL || reserve(engine) != LINNET_OK) {
    linnet__free(engine->loop, served, sizeof *served);
    return linnet__fail(engine->loop, LINNET_ERROR_NO_MEMORY, "adding object %u to \"%s\": out of memory",
                        (unsigned)id, engine->endpoint);
  }
  size_t at = place(engine, id);
  memmove(engine->objects + at + 1, engine->objects + at, (engine->count - at) * sizeof *engine->objects);
  engine->objects[at] = (linnet__slot){id, served};
  engine->count++;
  served->watcher = (linnet__watcher){changed, instances_changed};
  served->engine = engine;
  served->object = linnet_object_ref(object);
  linnet__list_init(&served->observations);
  object->watcher = &served->watcher;
  list_changed(engine, id);
  return LINNET_OK;
}

/* The object goes last: its release may run user code. */
static void let_go(linnet__engine *engine, linnet__served *served) {
  linnet_object *object = served->object;
  object->watcher = NULL;
  linnet__free(engine->loop, served, sizeof *served);
  linnet_object_unref(object);
}

linnet_status linnet__engine_remove_object(linnet__engine *engine, uint16_t object) {
  size_t at = place(engine, object);
  linnet__served *served = linnet__engine_served(engine, object);
  if (served == NULL)
    return linnet__fail(engine->loop, LINNET_ERROR_NOT_FOUND, "removing object %u of \"%s\": there is none",
                        (unsigned)object, engine->endpoint);
  for (linnet__list *node; (node = linnet__list_take(&served->observations)) != NULL;)
    linnet__observation_due(LINNET__CONTAINER(node, linnet__observation, of_object));
  for (linnet__list *node = engine->requesters.next; node != &engine->requesters; node = node->next)
    linnet__attributes_prune(LINNET__CONTAINER(node, linnet__requester, node), object, NULL);
  memmove(engine->objects + at, engine->objects + at + 1, (engine->count - at - 1) * sizeof *engine->objects);
  engine->count--;
  list_changed(engine, object);
  let_go(engine, served);
  return LINNET_OK;
}

void linnet__engine_put_links(const linnet__engine *engine, linnet__buffer *out) {
  size_t start = out->length;
  linnet__link_put(out, start, engine->root, linnet_path_root());
  linnet__link_put_quoted(out, "rt", "oma.lwm2m");
  linnet__link_put_parameter(out, "ct", "11543"); /* REG-23 */
  for (size_t i = 0; i < engine->count; i++) {
    const linnet_object *object = engine->objects[i].served->object;
    uint16_t id = engine->objects[i].id;
    if (id == 0) continue; /* REG-21 */
    bool announces = linnet__definition_announces_version(object->definition);
    if (announces || object->count == 0) linnet__link_put(out, start, engine->root, linnet_path_object(id));
    if (announces) linnet__link_put_quoted(out, "ver", linnet_definition_version(object->definition));
    for (size_t k = 0; k < object->count; k++)
      linnet__link_put(out, start, engine->root, linnet_path_instance(id, object->instances[k].id));
  }
}

/* ---- requesters ---------------------------------------------------------------------------------- */

void linnet__engine_add_requester(linnet__engine *engine, linnet__requester *requester) {
  requester->engine = engine;
  linnet__list_init(&requester->observations);
  linnet__list_init(&requester->backlog);
  linnet__list_append(&engine->requesters, &requester->node);
}

/* An Observe whose answer is not known yet becomes a Read: REG-13 makes the server ask again. */
static void forget_observes(const linnet__requester *requester) {
  linnet__list *operations = &requester->engine->operations;
  for (linnet__list *node = operations->next; node != operations; node = node->next) {
    linnet__operation *operation = LINNET__CONTAINER(node, linnet__operation, node);
    if (operation->requester == requester && operation->kind == LINNET_OPERATION_OBSERVE)
      operation->kind = LINNET_OPERATION_READ;
  }
}

void linnet__requester_forget_observations(linnet__requester *requester) {
  if (requester->engine == NULL) return;
  linnet__list *list = &requester->observations;
  while (!linnet__list_empty(list))
    linnet__observation_end(LINNET__CONTAINER(list->next, linnet__observation, of_requester));
  requester->offline = false;
  forget_observes(requester);
}

/* Those with an observer, or those without. */
static linnet__observation *next_suspended(const linnet__requester *requester) {
  for (linnet__list *node = requester->observations.next; node != &requester->observations;
       node = node->next) {
    linnet__observation *observation = LINNET__CONTAINER(node, linnet__observation, of_requester);
    if (observation->observer == NULL) return observation;
  }
  return NULL;
}

void linnet__requester_forget_suspended(linnet__requester *requester) {
  for (linnet__observation *observation; (observation = next_suspended(requester)) != NULL;)
    linnet__observation_end(observation);
}

void linnet__requester_suspend_observations(linnet__requester *requester) {
  if (requester->engine == NULL) return;
  if (!requester->storing) {
    linnet__requester_forget_observations(requester);
    return;
  }
  linnet__requester_forget_suspended(requester);
  for (linnet__list *node = requester->observations.next; node != &requester->observations; node = node->next)
    linnet__observation_suspend(LINNET__CONTAINER(node, linnet__observation, of_requester));
  requester->offline = true;
  requester->delivering = NULL;
  forget_observes(requester);
}

void linnet__requester_set_storing(linnet__requester *requester, bool storing) {
  if (requester->storing == storing) return;
  requester->storing = storing;
  if (storing) return;
  linnet__requester_forget_suspended(requester);
  for (linnet__list *node = requester->observations.next; node != &requester->observations;
       node = node->next) {
    linnet__observation *observation = LINNET__CONTAINER(node, linnet__observation, of_requester);
    if (observation->owed == 0) continue;
    linnet__backlog_forget(observation);
    linnet__observation_due(observation);
  }
}

void linnet__engine_remove_requester(linnet__requester *requester) {
  linnet__engine *engine = requester->engine;
  if (engine == NULL) return;
  linnet__requester_forget_observations(requester);
  linnet__attributes_free(requester);
  for (linnet__list *node = engine->operations.next, *next; node != &engine->operations; node = next) {
    next = node->next;
    linnet__operation *operation = LINNET__CONTAINER(node, linnet__operation, node);
    if (operation->requester == requester) linnet__operation_forsake(operation);
  }
  linnet__list_remove(&requester->node);
  linnet__timer_stop(engine->loop, &requester->backlog_timer);
  requester->engine = NULL;
}

void linnet__requester_online(linnet__requester *requester) {
  const linnet__engine *engine = requester->engine;
  if (!requester->offline) return;
  requester->offline = false;
  if (engine->hooks.online != NULL) engine->hooks.online(engine->user, requester);
  linnet__requester_periods_changed(requester);
}

void linnet__requester_periods_changed(linnet__requester *requester) {
  for (linnet__list *node = requester->observations.next; node != &requester->observations; node = node->next)
    linnet__observation_wake(LINNET__CONTAINER(node, linnet__observation, of_requester));
}

/* ---- life ---------------------------------------------------------------------------------------- */

linnet__engine *linnet__engine_new(linnet__handle *owner, linnet__coap *coap, const char *endpoint,
                                   const linnet__engine_hooks *hooks, void *user) {
  linnet_loop *loop = owner->loop;
  linnet__engine *engine = linnet__new(loop, sizeof *engine);
  if (engine == NULL) return NULL;
  engine->spare = linnet__new(loop, sizeof *engine->spare);
  if (engine->spare == NULL) {
    linnet__free(loop, engine, sizeof *engine);
    return NULL;
  }
  engine->loop = loop;
  engine->owner = owner;
  engine->coap = coap;
  engine->endpoint = endpoint;
  engine->hooks = *hooks;
  engine->user = user;
  linnet__list_init(&engine->requesters);
  linnet__list_init(&engine->operations);
  linnet__list_init(&engine->dirty);
  linnet__task_init(&engine->task, linnet__engine_notify);
  return engine;
}

void linnet__engine_close(linnet__engine *engine) {
  if (engine == NULL || engine->closed) return;
  engine->closed = true;
  linnet__task_cancel(&engine->task);
  linnet__shared_forget(engine);
  while (!linnet__list_empty(&engine->requesters))
    linnet__engine_remove_requester(LINNET__CONTAINER(engine->requesters.next, linnet__requester, node));
  while (engine->count > 0) let_go(engine, engine->objects[--engine->count].served);
}

void linnet__engine_free(linnet__engine *engine) {
  if (engine == NULL) return;
  linnet__engine_close(engine);
  linnet__free(engine->loop, engine->objects, engine->capacity * sizeof *engine->objects);
  linnet__free(engine->loop, engine->spare, sizeof *engine->spare);
  linnet__free(engine->loop, engine, sizeof *engine);
}
