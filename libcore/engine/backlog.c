/* SPDX-License-Identifier: Apache-2.0 */
/* backlog.c: notifications stored for a server that is away, and sent in order when it is back (OBS-09 to
 * OBS-11).
 */
#include <string.h>

#include "engine_internal.h"

/* After one that could not even be queued. */
#define RETRY_MS 5000

/* A notification that is owed, as bytes. */
struct linnet__owed {
  linnet__list node; /* in requester->backlog, the oldest first */
  linnet__observation *observation;
  size_t length;
  uint8_t payload[];
};

static linnet__owed *owed_at(linnet__list *node) { return LINNET__CONTAINER(node, linnet__owed, node); }

static void drop(linnet__owed *owed) {
  linnet__observation *observation = owed->observation;
  linnet__requester *requester = observation->requester;
  if (requester->delivering == owed) requester->delivering = NULL;
  linnet__list_remove(&owed->node);
  requester->backlog_count--;
  observation->owed--;
  linnet__free(observation->engine->loop, owed, sizeof *owed + owed->length);
}

/* The one stored last, or NULL. */
static const linnet__owed *newest(const linnet__observation *observation) {
  const linnet__list *backlog = &observation->requester->backlog;
  for (linnet__list *node = backlog->previous; observation->owed > 0 && node != backlog;
       node = node->previous)
    if (owed_at(node)->observation == observation) return owed_at(node);
  return NULL;
}

bool linnet__backlog_wants(const linnet__observation *observation) {
  const linnet__requester *requester = observation->requester;
  if (!requester->storing) return false;
  return requester->offline || observation->observer == NULL || observation->owed > 0;
}

void linnet__backlog_add(linnet__observation *observation, const linnet__buffer *payload) {
  linnet__engine *engine = observation->engine;
  linnet__requester *requester = observation->requester;
  const linnet__owed *last = newest(observation);
  if (last != NULL && last->length == payload->length &&
      (payload->length == 0 || memcmp(last->payload, payload->data, payload->length) == 0))
    return;
  linnet__owed *owed = linnet__new(engine->loop, sizeof *owed + payload->length);
  if (owed == NULL) {
    observation->due = true; /* then only the state of the day is told */
    return;
  }
  owed->observation = observation;
  owed->length = payload->length;
  if (payload->length > 0) memcpy(owed->payload, payload->data, payload->length);
  linnet__list_append(&requester->backlog, &owed->node);
  requester->backlog_count++;
  observation->owed++;
  if (requester->backlog_count > linnet__coap_limit(engine->coap, LINNET_LIMIT_STORED_NOTIFICATIONS))
    drop(owed_at(requester->backlog.next)); /* OBS-10: the oldest */
}

void linnet__backlog_forget(linnet__observation *observation) {
  linnet__list *backlog = &observation->requester->backlog;
  for (linnet__list *node = backlog->next, *next; observation->owed > 0 && node != backlog; node = next) {
    next = node->next;
    if (owed_at(node)->observation == observation) drop(owed_at(node));
  }
}

void linnet__backlog_inherit(linnet__observation *observation, linnet__observation *former) {
  linnet__requester *requester = observation->requester;
  if (former->answer_number != observation->answer_number) return; /* OB-11 */
  for (linnet__list *node = requester->backlog.next; former->owed > 0 && node != &requester->backlog;
       node = node->next) {
    linnet__owed *owed = owed_at(node);
    if (owed->observation != former) continue;
    if (requester->delivering == owed) requester->delivering = NULL;
    owed->observation = observation;
    former->owed--;
    observation->owed++;
  }
}

/* ---- on return ----------------------------------------------------------------------------------- */

static void retry(linnet__timer *timer) {
  linnet__backlog_deliver(LINNET__CONTAINER(timer, linnet__requester, backlog_timer));
}

static linnet_status send(linnet__owed *owed) {
  const linnet__observation *observation = owed->observation;
  linnet__coap *coap = observation->engine->coap;
  linnet__response response;
  linnet__response_init(coap, &response, LINNET__CONTENT);
  response.content_format = observation->answer_number;
  linnet__buffer_append(response.payload, owed->payload, owed->length);
  return linnet__coap_notify(coap, observation->observer, &response, LINNET__CONFIRMABLE);
}

/* One at a time, the next when it was acknowledged (OB-08). Those whose observer has not come back wait. */
void linnet__backlog_deliver(linnet__requester *requester) {
  if (requester->offline || requester->delivering != NULL) return;
  for (linnet__list *node = requester->backlog.next; node != &requester->backlog; node = node->next) {
    linnet__owed *owed = owed_at(node);
    const linnet__observer *observer = owed->observation->observer;
    if (observer == NULL) continue;
    if (linnet__observer_busy(observer)) return; /* what becomes of that is heard of */
    if (send(owed) == LINNET_OK)
      requester->delivering = owed;
    else
      linnet__timer_arm_in(requester->engine->loop, &requester->backlog_timer, RETRY_MS, retry);
    return;
  }
}

bool linnet__backlog_settle(const linnet__observation *observation, linnet_status status) {
  linnet__requester *requester = observation->requester;
  linnet__owed *owed = requester->delivering;
  if (owed == NULL || owed->observation != observation) return false;
  requester->delivering = NULL;
  if (status == LINNET_OK) drop(owed);
  return true;
}
