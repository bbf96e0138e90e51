/* SPDX-License-Identifier: Apache-2.0 */
/* shared.c: what a handler answered for one observer is for all who observe it: one read for each change
 * (digest 5).
 */
#include "engine_internal.h"

/* Records beyond are read anew for each observer. */
#define SHARED_LIMIT 256

static bool has_several(const linnet__engine *engine, uint16_t object) {
  const linnet__served *served = linnet__engine_served(engine, object);
  return served != NULL && served->observations.next->next != &served->observations;
}

static void clear(linnet__engine *engine) {
  linnet_batch_unref(engine->shared);
  engine->shared = NULL;
}

void linnet__shared_forget(linnet__engine *engine) {
  engine->epoch++;
  clear(engine);
}

bool linnet__shared_find(linnet__operation *operation, linnet_path path, uint8_t *code) {
  linnet__engine *engine = operation->engine;
  if (engine->shared == NULL || operation->observation == NULL) return false;
  if (engine->shared_ms != linnet_loop_now(engine->loop)) clear(engine); /* a computed value is of a moment */
  size_t count = engine->shared != NULL ? linnet_batch_count(engine->shared) : 0, found = 0;
  *code = 0;
  for (size_t i = 0; i < count && *code == 0; i++) {
    linnet_record record;
    linnet_batch_record(engine->shared, i, &record);
    if (!linnet_path_within(record.path, path)) continue;
    found++;
    if (operation->answers == NULL) operation->answers = linnet_batch_new(engine->loop);
    if (operation->answers == NULL || linnet_batch_add_record(operation->answers, &record) != LINNET_OK)
      *code = LINNET__INTERNAL_SERVER_ERROR;
  }
  return found > 0;
}

void linnet__shared_keep(const linnet__operation *operation, linnet_path path, uint64_t epoch) {
  linnet__engine *engine = operation->engine;
  const linnet_batch *answers = operation->answers;
  size_t count = answers != NULL ? linnet_batch_count(answers) : 0;
  if (operation->observation == NULL || epoch != engine->epoch || !has_several(engine, path.id[0])) return;
  if (engine->shared_ms != linnet_loop_now(engine->loop)) clear(engine);
  if (engine->shared == NULL) engine->shared = linnet_batch_new(engine->loop);
  engine->shared_ms = linnet_loop_now(engine->loop);
  for (size_t i = 0; engine->shared != NULL && i < count; i++) {
    linnet_record record;
    linnet_batch_record(answers, i, &record);
    if (!linnet_path_within(record.path, path)) continue;
    if (linnet_batch_count(engine->shared) >= SHARED_LIMIT ||
        linnet_batch_add_record(engine->shared, &record) != LINNET_OK)
      clear(engine); /* half an answer is none */
  }
}

/* ---- answers that come later --------------------------------------------------------------------- */

bool linnet__shared_awaits(linnet__observation *observation) {
  const linnet__engine *engine = observation->engine;
  linnet__served *served = linnet__engine_served(engine, observation->path.id[0]);
  if ((served->object->asks & LINNET_OPERATION_READ) == 0) return false;
  for (linnet__list *node = served->observations.next; node != &served->observations; node = node->next) {
    const linnet__observation *other = LINNET__CONTAINER(node, linnet__observation, of_object);
    if (other->reading == NULL || other->reading->epoch != engine->epoch) continue;
    if (!linnet_path_within(other->path, observation->path) &&
        !linnet_path_within(observation->path, other->path))
      continue;
    observation->postponed = true;
    return true;
  }
  return false;
}

void linnet__shared_wake(const linnet__observation *observation) {
  linnet__served *served = linnet__engine_served(observation->engine, observation->path.id[0]);
  if (served == NULL) return;
  for (linnet__list *node = served->observations.next; node != &served->observations; node = node->next) {
    linnet__observation *other = LINNET__CONTAINER(node, linnet__observation, of_object);
    if (!other->postponed) continue;
    other->postponed = false;
    linnet__observation_wake(other);
  }
}
