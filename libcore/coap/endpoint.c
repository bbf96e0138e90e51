/* SPDX-License-Identifier: Apache-2.0 */
/* endpoint.c: life, limits and transports of an endpoint (docs/architecture.md 3 and 8; CO-04, CO-39). */
#include "parts.h"

static const size_t default_limits[LINNET__LIMIT_COUNT] = {
#define LIMIT_DEFAULT(constant, value, initial, name) [constant] = (initial),
    LINNET_LIMIT_MAP(LIMIT_DEFAULT)
#undef LIMIT_DEFAULT
};

/* What a limit may be; beyond those named, anything from 1. */
static const struct limit_range {
  linnet_limit limit;
  size_t least;
  size_t most;
} ranges[] = {
    {LINNET_LIMIT_BLOCK_SIZE, 16, 1024},           {LINNET_LIMIT_TRANSFERS, 0, SIZE_MAX},
    {LINNET_LIMIT_OBSERVATIONS, 0, SIZE_MAX},      {LINNET_LIMIT_NSTART, 1, 256},
    {LINNET_LIMIT_QUEUED_REQUESTS, 0, UINT16_MAX}, {LINNET_LIMIT_ALL_QUEUED_REQUESTS, 0, SIZE_MAX},
};

static const void *request_number(const void *item, size_t *length) {
  const linnet__request *request = item;
  *length = sizeof request->number;
  return &request->number;
}

static const void *request_token(const void *item, size_t *length) {
  const linnet__request *request = item;
  *length = sizeof request->key;
  return &request->key;
}

static const void *pending_number(const void *item, size_t *length) {
  const linnet__pending *pending = item;
  *length = sizeof pending->reply.number;
  return &pending->reply.number;
}

static void task_run(linnet__task *task) {
  linnet__coap *coap = LINNET__CONTAINER(task, linnet__coap, task);
  linnet__coap_enter(coap);
  linnet__requests_arm(coap);
  linnet__coap_pump(coap);
  linnet__requests_tell(coap);
  linnet__observers_tell(coap);
  linnet__coap_leave(coap);
}

linnet__coap *linnet__coap_new(linnet_loop *loop, const linnet__coap_handler *handler, void *user) {
  linnet__coap *coap = linnet__new(loop, sizeof *coap);
  if (coap == NULL) {
    linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "CoAP endpoint: no memory");
    return NULL;
  }
  coap->loop = loop;
  coap->handler = *handler;
  coap->user = user;
  for (size_t i = 0; i < LINNET__LIMIT_COUNT; i++) coap->limits[i] = default_limits[i];
  linnet__list *lists[] = {&coap->ports, &coap->closed_ports, &coap->unarmed,  &coap->ended,
                           &coap->gone,  &coap->pumping,      &coap->transfers};
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) linnet__list_init(lists[i]);
  linnet__buffer_init(&coap->answer, loop, SIZE_MAX);
  linnet__buffer_init(&coap->scratch, loop, SIZE_MAX);
  linnet__map_init_numbers(&coap->requests, loop, request_number);
  linnet__map_init(&coap->tokens, loop, request_token);
  linnet__map_init_numbers(&coap->pendings, loop, pending_number);
  linnet__task_init(&coap->task, task_run);
  return coap;
}

static void free_port(linnet__port *port) {
  linnet_loop *loop = port->coap->loop;
  linnet__list_remove(&port->node);
  linnet_transport_unref(port->transport);
  linnet__free(loop, port, sizeof *port);
}

void linnet__coap_leave(linnet__coap *coap) {
  if (--coap->busy > 0) return;
  while (!linnet__list_empty(&coap->closed_ports))
    free_port(LINNET__CONTAINER(coap->closed_ports.next, linnet__port, node));
  if (!coap->closed) return;
  linnet__buffer_free(&coap->answer);
  linnet__buffer_free(&coap->scratch);
  linnet__free(coap->loop, coap, sizeof *coap);
}

bool linnet__arrival_lost(linnet__arrival *arrival, uint64_t changes_before) {
  if (arrival->coap->closed || arrival->contact.port->closed) return true;
  if (arrival->coap->changes != changes_before)
    arrival->remote = linnet__remote_find(arrival->contact.port, &arrival->contact.peer.address);
  return false;
}

/* Ends all that is on it. The memory stays while a call from it is under way. */
static void close_port(linnet__port *port) {
  linnet__coap *coap = port->coap;
  linnet__list *lists[] = {&port->aging, &port->kept};
  port->closed = true;
  linnet__list_move(&coap->closed_ports, &port->node);
  linnet__transport_detach(port->transport, &port->receiver);
  for (size_t i = 0; i < 2; i++)
    while (!linnet__list_empty(lists[i]))
      linnet__remote_end(LINNET__CONTAINER(lists[i]->next, linnet__remote, node));
  linnet__timer_stop(coap->loop, &port->timer);
  linnet__map_free(&port->remotes);
  linnet__recents_free(port);
}

void linnet__coap_close(linnet__coap *coap) {
  if (coap->closed) return;
  linnet__coap_enter(coap);
  coap->closed = true;
  while (!linnet__list_empty(&coap->ports))
    close_port(LINNET__CONTAINER(coap->ports.next, linnet__port, node));
  while (!linnet__list_empty(&coap->ended))
    linnet__request_drop(LINNET__CONTAINER(coap->ended.next, linnet__request, node));
  while (!linnet__list_empty(&coap->gone))
    linnet__observer_free(LINNET__CONTAINER(coap->gone.next, linnet__observer, node));
  linnet__map_free(&coap->requests);
  linnet__map_free(&coap->tokens);
  linnet__map_free(&coap->pendings);
  linnet__timer_stop(coap->loop, &coap->pump_timer);
  linnet__timer_stop(coap->loop, &coap->transfer_timer);
  linnet__task_cancel(&coap->task);
  linnet__coap_leave(coap);
}

static linnet__port *port_of(linnet__receiver *receiver) {
  return LINNET__CONTAINER(receiver, linnet__port, receiver);
}

static void received(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer,
                     const uint8_t *data, size_t length) {
  linnet__port *port = port_of(receiver);
  linnet__coap *coap = port->coap;
  (void)transport;
  linnet__coap_enter(coap);
  linnet__coap_receive(port, peer, data, length);
  linnet__coap_leave(coap);
}

/*
 * CO-39: a hint, believed when a retransmission is refused, too: then nobody is listening there, and waiting
 * longer helps nobody. Where nothing is sent twice (SMS-02), it is the word of a modem or of a service centre
 * that has given up, and believed at once.
 */
static void unreachable(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer) {
  linnet__port *port = port_of(receiver);
  linnet__coap *coap = port->coap;
  linnet__remote *remote = linnet__remote_find(port, peer);
  if (remote == NULL || !remote->outstanding) return;
  linnet__confirmable *confirmable = LINNET__CONTAINER(remote->queue.next, linnet__confirmable, node);
  if (confirmable->sent < 2 && linnet__transport_timing(transport)->max_retransmit > 0) return;
  linnet__coap_enter(coap);
  linnet__confirmable_settle(confirmable, LINNET_ERROR_TIMED_OUT);
  linnet__coap_leave(coap);
}

static void transport_closed(linnet__receiver *receiver, linnet_transport *transport) {
  linnet__port *port = port_of(receiver);
  linnet__coap *coap = port->coap;
  (void)transport;
  linnet__coap_enter(coap);
  close_port(port);
  linnet__coap_leave(coap);
}

static void session_changed(linnet__receiver *receiver, linnet_transport *transport,
                            const linnet_address *address, const linnet__session_news *news) {
  linnet__coap *coap = port_of(receiver)->coap;
  linnet__peer peer = {transport, *address};
  linnet__coap_enter(coap);
  bool stranger = news->kind == LINNET__SESSION_OPENED && !news->resumed && !news->ours;
  if (stranger) linnet__coap_forget_peer(coap, &peer);
  if (!coap->closed && coap->handler.session != NULL) coap->handler.session(coap->user, &peer, news);
  linnet__coap_leave(coap);
}

static void counted(linnet__receiver *receiver, linnet_transport *transport,
                    const linnet__counters *counters) {
  const linnet__coap *coap = port_of(receiver)->coap;
  if (!coap->closed && coap->handler.counted != NULL) coap->handler.counted(coap->user, transport, counters);
}

static bool knows(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *address) {
  const linnet__coap *coap = port_of(receiver)->coap;
  linnet__peer peer = {transport, *address};
  return coap->handler.knows == NULL || coap->handler.knows(coap->user, &peer);
}

static void limit_sessions(const linnet__port *port) {
  const size_t *limits = port->coap->limits;
  linnet__transport_set_session_limit(port->transport, LINNET__DTLS_SESSIONS, limits[LINNET_LIMIT_SESSIONS]);
  linnet__transport_set_session_limit(port->transport, LINNET__DTLS_HANDSHAKES,
                                      limits[LINNET_LIMIT_HANDSHAKES]);
  linnet__transport_set_session_limit(port->transport, LINNET__DTLS_LIVE_SESSIONS,
                                      limits[LINNET_LIMIT_LIVE_SESSIONS]);
}

linnet_status linnet__coap_add_transport(linnet__coap *coap, linnet_transport *transport) {
  if (coap->closed) return LINNET_ERROR_CLOSED;
  linnet__port *port = linnet__new(coap->loop, sizeof *port);
  if (port == NULL) return linnet__fail(coap->loop, LINNET_ERROR_NO_MEMORY, "add transport: no memory");
  linnet__port_init(port, coap, transport);
  port->receiver =
      (linnet__receiver){received, unreachable, transport_closed, session_changed, counted, knows};
  linnet_status status = linnet__transport_attach(transport, &port->receiver);
  if (status != LINNET_OK) {
    free_port(port);
    return status;
  }
  linnet__list_append(&coap->ports, &port->node);
  limit_sessions(port);
  return LINNET_OK;
}

linnet_transport *linnet__coap_transport(const linnet__coap *coap, linnet_transport_kind kind) {
  for (linnet__list *node = coap->ports.next; node != &coap->ports; node = node->next) {
    const linnet__port *port = LINNET__CONTAINER(node, linnet__port, node);
    if (!port->closed && linnet_transport_get_kind(port->transport) == kind) return port->transport;
  }
  return NULL;
}

void linnet__coap_warn(const linnet__coap *coap, const linnet_address *address, const char *what) {
  char text[LINNET_ADDRESS_TEXT_SIZE];
  if (linnet__loop_log_level(coap->loop) < LINNET_LOG_WARNING) return;
  linnet__log(coap->loop, LINNET_LOG_WARNING, "%s sends %s", linnet_address_text(address, text), what);
}

void linnet__coap_warn_code(const linnet__coap *coap, const linnet_address *address, uint8_t code) {
  char text[LINNET_ADDRESS_TEXT_SIZE];
  if (linnet__loop_log_level(coap->loop) < LINNET_LOG_WARNING) return;
  linnet__log(coap->loop, LINNET_LOG_WARNING, "%s sends a request that is answered with %s",
              linnet_address_text(address, text), linnet_code_name(code));
}

void linnet__coap_warn_refusal(const linnet__coap *coap, const linnet__incoming *request,
                               const linnet__response *response) {
  static const char *const methods[] = {"request", "GET", "POST", "PUT", "DELETE"};
  char address[LINNET_ADDRESS_TEXT_SIZE];
  if (linnet__loop_log_level(coap->loop) < LINNET_LOG_WARNING) return;
  const char *method = methods[request->code < sizeof methods / sizeof methods[0] ? request->code : 0];
  const linnet__buffer *why = response->payload;
  linnet__log(coap->loop, LINNET_LOG_WARNING, "%s: its %s is refused: %s%s%n",
              linnet_address_text(&request->peer.address, address), method, linnet_code_name(response->code),
              why->length > 0 ? ", " : "", why->length, (const char *)why->data);
}

size_t linnet__coap_transport_index(const linnet__coap *coap, const linnet_transport *transport) {
  size_t index = 0;
  for (const linnet__list *node = coap->ports.next; node != &coap->ports; node = node->next, index++)
    if (LINNET__CONTAINER(node, linnet__port, node)->transport == transport) return index;
  return 0;
}

linnet_transport *linnet__coap_transport_at(const linnet__coap *coap, size_t index) {
  const linnet__list *node = coap->ports.next;
  if (node == &coap->ports) return NULL;
  while (index-- > 0 && node->next != &coap->ports) node = node->next;
  return LINNET__CONTAINER(node, linnet__port, node)->transport;
}

linnet_status linnet__coap_set_limit(linnet__coap *coap, linnet_limit limit, size_t value) {
  size_t least = 1;
  size_t most = SIZE_MAX;
  if ((size_t)limit >= LINNET__LIMIT_COUNT)
    return linnet__fail(coap->loop, LINNET_ERROR_INVALID_ARGUMENT, "set limit: there is no limit %d",
                        (int)limit);
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
    if (ranges[i].limit != limit) continue;
    least = ranges[i].least;
    most = ranges[i].most;
  }
  if (value < least || value > most)
    return linnet__fail(coap->loop, LINNET_ERROR_OUT_OF_RANGE, "set limit: %U is not from %U to %U",
                        (uint64_t)value, (uint64_t)least, (uint64_t)most);
  coap->limits[limit] = value;
  for (linnet__list *node = coap->ports.next; node != &coap->ports; node = node->next)
    limit_sessions(LINNET__CONTAINER(node, linnet__port, node));
  return LINNET_OK;
}

size_t linnet__coap_limit(const linnet__coap *coap, linnet_limit limit) {
  return (size_t)limit < LINNET__LIMIT_COUNT ? coap->limits[limit] : 0;
}

void linnet__response_init(linnet__coap *coap, linnet__response *response, uint8_t code) {
  linnet__buffer_clear(&coap->scratch);
  response->code = code;
  response->content_format = response->max_age_s = -1;
  response->location_count = 0; /* of the segments themselves none is looked at then */
  response->payload = &coap->scratch;
  response->observer = NULL;
}

void linnet__coap_forget_peer(linnet__coap *coap, const linnet__peer *peer) {
  linnet__port *port = linnet__port_find(coap, peer->transport);
  if (port == NULL) return;
  linnet__remote *remote = linnet__remote_find(port, &peer->address);
  if (remote != NULL) linnet__remote_end(remote);
  linnet__recents_forget(port, &peer->address);
}

const linnet__coap_counters *linnet__coap_get_counters(const linnet__coap *coap) { return &coap->counters; }
