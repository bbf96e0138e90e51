/* SPDX-License-Identifier: Apache-2.0 */
/* notify.c: when an observer is told, and of what (digest 4.1, 5). */
#include "engine_internal.h"

/* After a notification that could not even be queued. */
#define RETRY_MS 5000

/* ---- what is known of the value sent last -------------------------------------------------------- */

void linnet__observation_number(void *user, uint16_t index, double number) {
  linnet__observation *observation = user;
  uint16_t place = observation->numbers++;
  if (place >= observation->samples_count || observation->samples[place].index != index) return;
  observation->samples[place].read = number;
  observation->known++;
}

/* None came or went since the last time. */
static bool are_the_same(const linnet__observation *observation) {
  return observation->numbers == observation->samples_count && observation->known == observation->numbers;
}

static void keep_number(void *user, uint16_t index, double number) {
  linnet__observation *observation = user;
  if (observation->numbers < observation->samples_count)
    observation->samples[observation->numbers++] = (linnet__sample){.index = index, .sent = number};
}

static void resize_samples(linnet__observation *observation, uint16_t count) {
  linnet_loop *loop = observation->engine->loop;
  if (count == observation->samples_count) return;
  linnet__free(loop, observation->samples, observation->samples_count * sizeof(linnet__sample));
  observation->samples = count > 0 ? linnet__new(loop, count * sizeof(linnet__sample)) : NULL;
  observation->samples_count = observation->samples != NULL ? count : 0;
}

/* What was read is sent now. Others than last time are read once more. */
static void keep_numbers(linnet__observation *observation, const linnet__operation *operation) {
  if (are_the_same(observation)) {
    for (uint16_t i = 0; i < observation->numbers; i++)
      observation->samples[i].sent = observation->samples[i].read;
    return;
  }
  resize_samples(observation, observation->numbers);
  observation->numbers = 0;
  linnet__read_numbers(operation, keep_number, observation);
}

uint64_t linnet__observation_hash(const linnet__observation *observation, const linnet__buffer *payload) {
  return linnet__hash(observation->engine->loop, payload->data, payload->length);
}

void linnet__observation_sent(linnet__observation *observation, const linnet__operation *operation,
                              uint64_t hash) {
  observation->sent_ms = linnet_loop_now(observation->engine->loop);
  observation->sent_hash = hash;
  keep_numbers(observation, operation);
  linnet__observation_arm(observation);
}

/* ---- conditions (ATT-10, ATT-11, ATT-14) --------------------------------------------------------- */

static bool crossed(double threshold, double former, double now) {
  return (former <= threshold && now > threshold) || (former >= threshold && now < threshold);
}

static bool meets(const linnet__attributes *thresholds, double former, double now) {
  double difference = now > former ? now - former : former - now;
  for (unsigned i = LINNET__GT; i <= LINNET__LT; i++)
    if (linnet__attributes_set(thresholds, i) &&
        crossed(linnet__attributes_threshold(thresholds, i), former, now))
      return true;
  if (!linnet__attributes_set(thresholds, LINNET__ST)) return false;
  double step = linnet__attributes_threshold(thresholds, LINNET__ST);
  return step > 0 ? difference >= step : difference > 0;
}

static bool condition(const linnet__observation *observation, uint64_t hash) {
  if (hash == observation->sent_hash) return false;
  const linnet__attributes *attributes = linnet__attributes_find(observation->requester, observation->path);
  if (attributes == NULL || !linnet__attributes_have_thresholds(attributes)) return true;
  if (!are_the_same(observation)) return true; /* values that came or went are a change like any other */
  for (uint16_t i = 0; i < observation->numbers; i++)
    if (meets(attributes, observation->samples[i].sent, observation->samples[i].read)) return true;
  return false;
}

/* ---- waking -------------------------------------------------------------------------------------- */

void linnet__observation_wake(linnet__observation *observation) {
  linnet__engine *engine = observation->engine;
  if (!linnet__list_empty(&observation->of_dirty)) return;
  linnet__list_append(&engine->dirty, &observation->of_dirty);
  linnet__task_post(engine->loop, &engine->task);
}

void linnet__observation_changed(linnet__observation *observation) {
  observation->changed = true;
  linnet__observation_wake(observation);
}

void linnet__observation_due(linnet__observation *observation) {
  observation->due = true;
  linnet__observation_wake(observation);
}

static void timer_ran(linnet__timer *timer) {
  linnet__observation_wake(LINNET__CONTAINER(timer, linnet__observation, timer));
}

/* When something is to be looked at again: a held back change at pmin, anything at pmax. */
static uint64_t deadline(const linnet__observation *observation) {
  uint32_t pmin_s, pmax_s;
  linnet__attributes_periods(observation->requester, observation->path, &pmin_s, &pmax_s);
  if (observation->changed) return observation->sent_ms + UINT64_C(1000) * pmin_s;
  if (pmax_s == LINNET__NO_PERIOD) return LINNET_NEVER;
  return observation->sent_ms + UINT64_C(1000) * pmax_s;
}

void linnet__observation_arm(linnet__observation *observation) {
  linnet__timer_arm(observation->engine->loop, &observation->timer, deadline(observation), timer_ran);
}

/* ---- sending ------------------------------------------------------------------------------------- */

/* An error ends the observation, on the wire and here (OB-03, OBS-03, OBS-08). */
static void send_end(linnet__observation *observation, uint8_t code) {
  linnet__response response;
  linnet__response_init(observation->engine->coap, &response, code);
  if (observation->observer != NULL)
    linnet__coap_notify(observation->engine->coap, observation->observer, &response, LINNET__CONFIRMABLE);
  linnet__observation_end(observation);
}

static void send_value(linnet__observation *observation, const linnet__operation *operation,
                       linnet__response *response, uint64_t hash) {
  linnet__engine *engine = observation->engine;
  linnet_status status = LINNET_OK;
  if (linnet__backlog_wants(observation))
    linnet__backlog_add(observation, response->payload);
  else
    status = linnet__coap_notify(engine->coap, observation->observer, response,
                                 observation->requester->reliability);
  if (status == LINNET_OK) {
    linnet__observation_sent(observation, operation, hash);
    return;
  }
  observation->due = true;
  linnet__timer_arm_in(engine->loop, &observation->timer, RETRY_MS, timer_ran);
}

/* The value is known: decides and sends. Ends the operation. */
static void deliver(linnet__operation *operation) {
  linnet__engine *engine = operation->engine;
  linnet__observation *observation = operation->observation;
  linnet__response response;
  uint8_t code = operation->code;
  linnet__response_init(engine->coap, &response, LINNET__CONTENT);
  observation->numbers = observation->known = 0;
  if (code == 0) code = operation->type->finish(operation, &response);
  uint64_t hash = linnet__observation_hash(observation, response.payload);
  if (code >= LINNET__INTERNAL_SERVER_ERROR) {
    /* A handler that fails once must not cost the observation: the next change or pmax tries again. */
    linnet__log(engine->loop, LINNET_LOG_WARNING, "a notification failed with %u", linnet__code_number(code));
    observation->sent_ms = linnet_loop_now(engine->loop);
  } else if (code != 0) {
    operation->observation = NULL;
    observation->reading = NULL;
    send_end(observation, code);
    linnet__operation_end(operation);
    return;
  } else if (operation->forced || condition(observation, hash)) {
    response.observer = observation->observer;
    send_value(observation, operation, &response, hash);
    linnet__operation_end(operation);
    return;
  }
  linnet__operation_end(operation); /* it has no business with the observation any more */
  linnet__observation_arm(observation);
}

/* A deferred answer came. What changed meanwhile is looked at afterwards. */
static void complete(linnet__operation *operation) {
  linnet__observation *observation = operation->observation;
  if (observation->changed || observation->due) linnet__observation_wake(observation);
  linnet__shared_wake(observation);
  deliver(operation);
}

/* Step 3 to 9 of DM-01 again: the target may have gone, the right too (OBS-03). */
static uint8_t check(linnet__operation *operation) {
  linnet__engine *engine = operation->engine;
  linnet__list *of_object = &operation->observation->of_object;
  linnet__served *served = linnet__engine_served(engine, operation->path.id[0]);
  if (served == NULL) return LINNET__NOT_FOUND;
  linnet_object *object = served->object;
  linnet__operation_set_object(operation, object);
  /* Another object took the place of the one that was observed. */
  if (linnet__list_empty(of_object)) linnet__list_append(&served->observations, of_object);
  if (operation->path.depth > 1 && !linnet_object_has_instance(object, operation->path.id[1]))
    return LINNET__NOT_FOUND;
  uint8_t code = linnet__operation_authorize(operation, LINNET_OPERATION_READ, operation->path);
  return code != 0 ? code : operation->type->check(operation, NULL);
}

/* Reads the observed value; what it is decides whether it is sent. */
static void read_value(linnet__observation *observation, bool forced) {
  linnet__engine *engine = observation->engine;
  linnet__operation *operation = linnet__operation_new(engine, observation->requester);
  if (operation == NULL) {
    linnet__timer_arm_in(engine->loop, &observation->timer, RETRY_MS, timer_ran);
    return;
  }
  operation->type = &linnet__read_type;
  operation->kind = LINNET_OPERATION_READ;
  operation->path = observation->path;
  operation->answer = observation->answer;
  operation->answer_number = observation->answer_number;
  operation->forced = forced;
  operation->observation = observation;
  operation->complete = complete;
  observation->reading = operation;
  observation->changed = observation->due = false;
  operation->code = check(operation);
  if (operation->code == 0) operation->code = operation->type->begin(operation, NULL);
  if (operation->observation == NULL || engine->closed || operation->requester == NULL)
    linnet__operation_end(operation);
  else if (operation->code != 0 || !linnet__operation_waits(operation))
    deliver(operation);
}

/* Its value may come from a question that another one has put already. */
static bool awaits(linnet__observation *observation) {
  if (observation->engine->waiting == 0) return false;
  const linnet_object *object = linnet__engine_object(observation->engine, observation->path.id[0]);
  return object != NULL && object->asking != NULL && object->asking->awaits(observation);
}

static void look(linnet__observation *observation) {
  const linnet__requester *requester = observation->requester;
  linnet__backlog_deliver(observation->requester);
  if (observation->reading != NULL) return;
  if (requester->offline && !requester->storing) return; /* OBS-09: linnet__requester_online looks again */
  uint32_t pmin_s, pmax_s;
  linnet__attributes_periods(observation->requester, observation->path, &pmin_s, &pmax_s);
  uint64_t elapsed_ms = linnet_loop_now(observation->engine->loop) - observation->sent_ms;
  bool forced = observation->due || (pmax_s != LINNET__NO_PERIOD && elapsed_ms >= UINT64_C(1000) * pmax_s);
  if (!forced && (!observation->changed || elapsed_ms < UINT64_C(1000) * pmin_s))
    linnet__observation_arm(observation);
  else if (!awaits(observation))
    read_value(observation, forced);
}

/* Those that wake while this runs are for the next round. */
void linnet__engine_notify(linnet__task *task) {
  linnet__engine *engine = LINNET__CONTAINER(task, linnet__engine, task);
  linnet__handle *owner = engine->owner;
  linnet__list round;
  linnet__list_init(&round);
  for (linnet__list *node; (node = linnet__list_take(&engine->dirty)) != NULL;)
    linnet__list_append(&round, node);
  linnet__handle_ref(owner);
  for (linnet__list *node; (node = linnet__list_take(&round)) != NULL;)
    look(LINNET__CONTAINER(node, linnet__observation, of_dirty));
  linnet__handle_unref(owner);
}

void linnet__engine_notified(void *user, linnet_status status) {
  linnet__observation *observation = user;
  linnet__requester *requester = observation->requester;
  const linnet__engine *engine = observation->engine;
  bool owed = linnet__backlog_settle(observation, status);
  if (engine->hooks.notified != NULL && (status == LINNET_OK || !requester->offline))
    engine->hooks.notified(engine->user, requester, status);
  if (status == LINNET_OK) {
    linnet__requester_online(requester);
    linnet__backlog_deliver(requester);
    return;
  }
  requester->offline = true;
  if (!owed) linnet__observation_due(observation); /* OBS-09: what was lost is sent when the server is back */
}
