/* SPDX-License-Identifier: Apache-2.0 */
/* observe.c: observations come and go (digest 5: OBS-01 to OBS-08). */
#include "engine_internal.h"

/* Everything but the CoAP side. */
static void release(linnet__observation *observation) {
  linnet_loop *loop = observation->engine->loop;
  linnet__operation *reading = observation->reading;
  if (reading != NULL) {
    observation->reading = NULL;
    linnet__shared_wake(observation);
    reading->observation = NULL;
    linnet__operation_forsake(reading);
  }
  linnet__backlog_forget(observation);
  linnet__timer_stop(loop, &observation->timer);
  linnet__list_remove(&observation->of_requester);
  linnet__list_remove(&observation->of_object);
  linnet__list_remove(&observation->of_dirty);
  linnet__free(loop, observation->samples, observation->samples_count * sizeof *observation->samples);
  linnet__free(loop, observation, sizeof *observation);
}

void linnet__observation_end(linnet__observation *observation) {
  if (observation->observer != NULL) linnet__coap_unobserve(observation->engine->coap, observation->observer);
  release(observation);
}

void linnet__observation_suspend(linnet__observation *observation) {
  if (linnet__observer_busy(observation->observer)) linnet__observation_due(observation); /* OBS-09 */
  linnet__coap_unobserve(observation->engine->coap, observation->observer);
  observation->observer = NULL;
}

void linnet__engine_unobserved(void *observation) { release(observation); }

static linnet__observation *new_observation(linnet__operation *operation) {
  linnet__engine *engine = operation->engine;
  linnet__observation *observation = linnet__new(engine->loop, sizeof *observation);
  if (observation == NULL) return NULL;
  observation->engine = engine;
  observation->requester = operation->requester;
  observation->path = operation->path;
  observation->answer = operation->answer;
  observation->answer_number = operation->answer_number;
  linnet__list_init(&observation->of_requester);
  linnet__list_init(&observation->of_object);
  linnet__list_init(&observation->of_dirty);
  return observation;
}

/* The observation of that server and path, or NULL. */
static linnet__observation *find_by_path(const linnet__operation *operation) {
  linnet__list *list = &operation->requester->observations;
  for (linnet__list *node = list->next; node != list; node = node->next) {
    linnet__observation *observation = LINNET__CONTAINER(node, linnet__observation, of_requester);
    if (linnet_path_equal(observation->path, operation->path)) return observation;
  }
  return NULL;
}

static linnet__observation *find_by_token(const linnet__operation *operation) {
  return linnet__coap_find_observation(operation->engine->coap, &operation->peer, &operation->token);
}

void linnet__observation_begin(linnet__operation *operation, linnet__response *response) {
  linnet__engine *engine = operation->engine;
  linnet__served *served = linnet__engine_served(engine, operation->path.id[0]);
  linnet__observation *observation = new_observation(operation);
  if (observation == NULL || served == NULL) {
    linnet__free(engine->loop, observation, sizeof *observation);
    return; /* a 2.05 without Observe: the server knows that it has to ask again (OB-02) */
  }
  /* OBS-07: another token replaces. The same one is CoAP's to replace, which goes on counting. */
  const linnet__observation *same = find_by_token(operation);
  linnet__observation *former;
  while ((former = find_by_path(operation)) != NULL) {
    linnet__backlog_inherit(observation, former);
    if (former == same) break;
    linnet__observation_end(former);
  }
  observation->observer =
      linnet__coap_observe(engine->coap, &operation->peer, &operation->token, observation);
  if (observation->observer == NULL) {
    release(observation);
    return;
  }
  linnet__list_append(&operation->requester->observations, &observation->of_requester);
  linnet__list_append(&served->observations, &observation->of_object);
  response->observer = observation->observer;
  linnet__read_numbers(operation, linnet__observation_number, observation);
  linnet__observation_sent(observation, operation, linnet__observation_hash(observation, response->payload));
  if (observation->owed == 0) return;
  linnet__backlog_add(observation, response->payload); /* the last that is told is how it is now */
  linnet__observation_wake(observation);
}

/* OBS-06. */
static uint8_t finish_cancel(linnet__operation *operation, linnet__response *response) {
  linnet__observation *observation = find_by_token(operation);
  if (observation == NULL)
    observation = find_by_path(operation);
  else if (!linnet_path_equal(observation->path, operation->path))
    observation = NULL;
  if (observation != NULL) linnet__observation_end(observation);
  return linnet__read_type.finish(operation, response);
}

static uint8_t check_cancel(linnet__operation *operation, const linnet__incoming *request) {
  return linnet__read_type.check(operation, request);
}

static uint8_t begin_cancel(linnet__operation *operation, const linnet__incoming *request) {
  return linnet__read_type.begin(operation, request);
}

const linnet__operation_type linnet__cancel_type = {check_cancel, begin_cancel, finish_cancel};
