/* SPDX-License-Identifier: Apache-2.0 */
/* event.c: events, how the loop queues them, how they are read; log lines (event.h, docs/architecture.md
 * section 2). */
#include <linnet/event.h>
#include <string.h>

#include "batch_internal.h"
#include "event_internal.h"

enum { LINNET_EVENT_MAP(LINNET__PLACE) KINDS };
LINNET_EVENT_MAP(LINNET__IN_PLACE)

const char *linnet_event_kind_name(linnet_event_kind kind) {
  static const char names[] =
#define EVENT_NAME(constant, value, name) name "\0"
      LINNET_EVENT_MAP(EVENT_NAME);
#undef EVENT_NAME
  return (size_t)kind < KINDS ? linnet__text_at(names, (size_t)kind) : "unknown";
}

/* ---- life ---------------------------------------------------------------------------------------- */

linnet_event *linnet__event_new(linnet_loop *loop, linnet_event_kind kind, uint64_t source) {
  linnet_event *event = linnet__new(loop, sizeof *event);
  if (event == NULL) return NULL;
  event->references = 1;
  event->loop = linnet_loop_ref(loop);
  event->kind = kind;
  event->source = source;
  event->format = LINNET_FORMAT_NONE;
  linnet__list_init(&event->queued.node);
  linnet__list_init(&event->task.node);
  return event;
}

static void destroy(linnet_event *event) {
  linnet_loop *loop = event->loop;
  linnet__free_text(loop, event->endpoint);
  linnet__free_text(loop, event->text);
  linnet__batch_detach(event->batch);
  linnet__batch_detach(event->answers);
  linnet__free(loop, event, sizeof *event);
}

/* How many references are the loop's own. */
static uint32_t own_references(const linnet_event *event) { return event->queued_or_kept ? 1 : 0; }

linnet_event *linnet_event_ref(linnet_event *event) {
  if (event->references == own_references(event)) linnet_loop_ref(event->loop);
  event->references++;
  return event;
}

void linnet_event_unref(linnet_event *event) {
  if (event == NULL) return;
  if (event->references == 1 && linnet__question_forsaken(event)) return;
  linnet_loop *loop = event->loop;
  event->references--;
  bool lets_go = event->references == own_references(event);
  if (event->references == 0) destroy(event);
  if (lets_go) linnet_loop_unref(loop);
}

void linnet__event_set_endpoint(linnet_event *event, const char *endpoint) {
  linnet__free_text(event->loop, event->endpoint);
  event->endpoint = endpoint != NULL ? linnet__copy_text(event->loop, endpoint, strlen(endpoint)) : NULL;
}

void linnet__event_set_text(linnet_event *event, const char *text, size_t length) {
  linnet__free_text(event->loop, event->text);
  event->text = text != NULL ? linnet__copy_text(event->loop, text, length) : NULL;
}

void linnet__event_set_batch(linnet_event *event, linnet_batch *batch) {
  if (batch != NULL) linnet__batch_attach(batch);
  linnet__batch_detach(event->batch);
  event->batch = batch;
}

/* ---- the queue ----------------------------------------------------------------------------------- */

/* loop.h: notifications (and log lines) are dropped first, answers to the application's own requests last. */
static uint8_t priority_of(linnet_event_kind kind) {
  if (kind == LINNET_EVENT_LOG || kind == LINNET_EVENT_NOTIFY) return 0;
  return kind == LINNET_EVENT_RESPONSE ? 2 : 1;
}

/* The loop's own reference goes. It held no loop, so none is given back. */
static void release(linnet__queued *queued) {
  linnet_event *event = LINNET__CONTAINER(queued, linnet_event, queued);
  event->queued_or_kept = false;
  if (--event->references == 0) destroy(event);
}

void linnet__event_emit(linnet_loop *loop, linnet_event *event) {
  if (event == NULL) {
    linnet__loop_lost(loop);
    return;
  }
  event->queued.priority = priority_of(event->kind);
  event->queued.release = release;
  event->queued_or_kept = true;
  bool lets_go = event->references == 1;
  linnet__loop_queue(loop, &event->queued);
  if (lets_go) linnet_loop_unref(loop);
}

void linnet_loop_report(linnet_loop *loop, uint64_t source, linnet_status status, const char *text) {
  linnet_event *event = linnet__event_new(loop, LINNET_EVENT_ERROR, source);
  if (event != NULL) {
    event->status = status;
    linnet__event_set_text(event, text, strlen(text));
  }
  linnet__event_emit(loop, event);
}

linnet_event *linnet_loop_next_event(linnet_loop *loop) {
  linnet__queued *queued = linnet__loop_dequeue(loop);
  linnet__loop_keep(loop, queued);
  return queued != NULL ? LINNET__CONTAINER(queued, linnet_event, queued) : NULL;
}

bool linnet_loop_has_event(const linnet_loop *loop) { return !linnet__loop_queue_empty(loop); }

static void emit_log_line(linnet_loop *loop, linnet_log_level level, const char *text) {
  linnet_event *event = linnet__event_new(loop, LINNET_EVENT_LOG, 0);
  if (event != NULL) {
    event->log_level = level;
    linnet__event_set_text(event, text, strlen(text));
  }
  linnet__event_emit(loop, event);
}

void linnet_loop_set_log_level(linnet_loop *loop, linnet_log_level level) {
  linnet__loop_set_log(loop, level, emit_log_line);
}

/* ---- reading ------------------------------------------------------------------------------------- */

linnet_event_kind linnet_event_get_kind(const linnet_event *event) { return event->kind; }
linnet_loop *linnet_event_loop(const linnet_event *event) { return event->loop; }
uint64_t linnet_event_source(const linnet_event *event) { return event->source; }
linnet_status linnet_event_status(const linnet_event *event) { return event->status; }
linnet_cause linnet_event_cause(const linnet_event *event) { return event->cause; }
unsigned linnet_event_code(const linnet_event *event) { return event->code; }
uint64_t linnet_event_registration(const linnet_event *event) { return event->registration; }
uint64_t linnet_event_request(const linnet_event *event) { return event->request; }
linnet_operation linnet_event_operation(const linnet_event *event) { return event->operation; }
linnet_path linnet_event_path(const linnet_event *event) { return event->path; }
linnet_format linnet_event_format(const linnet_event *event) { return event->format; }
const linnet_batch *linnet_event_batch(const linnet_event *event) { return event->batch; }
linnet_log_level linnet_event_log_level(const linnet_event *event) { return event->log_level; }

const char *linnet_event_endpoint(const linnet_event *event) {
  return event->endpoint != NULL ? event->endpoint : "";
}

const char *linnet_event_text(const linnet_event *event) { return event->text != NULL ? event->text : ""; }
