/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.c: over which transport a device is asked, and the short message that wakes it (QUE-09, QUE-10;
 * sms.md SMS-03, SMS-07, SMS-13, SMS-14).
 */
#include <linnet/secured.h>
#include <string.h>

#include "server_internal.h"

#define TRIGGER_RESOURCE 8 /* of object 1: Registration Update Trigger */
#define SERVER_OBJECT 1

/* A trigger that is on its way: one for a registration. */
typedef struct linnet__trigger {
  linnet_server *server;
  uint64_t registration;
} linnet__trigger;

/* ---- over which transport ------------------------------------------------------------------------ */

static bool is_by_sms(const linnet__registration *registration) {
  return registration->peer.address.kind == LINNET_ADDRESS_PHONE;
}

/* Short messages may be sent to it though it is registered over UDP; or why not. */
static const char *beside_fault(const linnet__registration *registration, linnet_operation operation) {
  const linnet_server *server = registration->server;
  if (strchr(linnet__bindings[registration->binding], 'S') == NULL) return "its binding has no SMS";
  if (registration->facts->sms_length == 0) return "it gave no number for SMS";
  if (linnet__coap_transport(server->coap, LINNET_TRANSPORT_SMS) == NULL)
    return "the server has no transport for SMS";
  if (operation == LINNET_OPERATION_OBSERVE || operation == LINNET_OPERATION_CANCEL)
    return "notifications of a device that is registered over UDP come over UDP";
  return NULL;
}

const char *linnet__channel_fault(const linnet__registration *registration, linnet_operation operation) {
  switch (registration->server->channel) {
    case LINNET_CHANNEL_UDP:
      return is_by_sms(registration) ? "it is registered over SMS" : NULL;
    case LINNET_CHANNEL_SMS:
      return is_by_sms(registration) ? NULL : beside_fault(registration, operation);
    default:
      return NULL;
  }
}

bool linnet__channel_is_beside(const linnet__registration *registration) {
  return registration->server->channel == LINNET_CHANNEL_SMS && !is_by_sms(registration);
}

bool linnet__channel_is_for(const linnet__registration *registration, const linnet__peer *peer) {
  return linnet__transport_allows(peer->transport, &peer->address, registration->endpoint,
                                  registration->endpoint_length);
}

static bool has_keys(const linnet_transport *transport, const linnet_address *number) {
  const linnet__counters *counters;
  for (size_t at = 0; (counters = linnet__transport_next_counters(transport, &at)) != NULL;)
    if (linnet_address_equal(&counters->peer, number)) return true;
  return false;
}

/* Of several transports for SMS, as a server has that knows devices with and without keys: the one in which
 * the device has a session, or keys; else one that nothing secures. */
static linnet_transport *transport_for(const linnet__registration *registration,
                                       const linnet_address *number) {
  const linnet__coap *coap = registration->server->coap;
  linnet_transport *first = NULL, *plain = NULL, *transport;
  for (size_t i = 0; (transport = linnet__coap_transport_at(coap, i)) != NULL; i++) {
    if (linnet__coap_transport_index(coap, transport) != i) break; /* that was the last one */
    if (linnet_transport_get_kind(transport) != LINNET_TRANSPORT_SMS) continue;
    if (first == NULL) first = transport;
    bool secure = linnet_transport_is_secure(transport), packets = linnet_transport_has_secured(transport);
    const linnet__peer peer = {transport, *number};
    if (secure ? linnet__channel_is_for(registration, &peer) : packets && has_keys(transport, number))
      return transport;
    if (!secure && !packets && plain == NULL) plain = transport;
  }
  return plain != NULL ? plain : first;
}

static linnet_status number_of(const linnet__registration *registration, linnet__peer *peer) {
  static const char scheme[] = "sms:+";
  char text[sizeof scheme + UINT8_MAX];
  memset(peer, 0, sizeof *peer);
  memcpy(text, scheme, sizeof scheme - 1);
  memcpy(text + sizeof scheme - 1, linnet__registration_sms(registration),
         (size_t)registration->facts->sms_length + 1);
  linnet_status status = linnet_address_parse(&peer->address, text);
  if (status != LINNET_OK) return status;
  peer->transport = transport_for(registration, &peer->address);
  return peer->transport != NULL ? LINNET_OK : LINNET_ERROR_CLOSED;
}

linnet_status linnet__channel_peer(const linnet__server_request *request, linnet__peer *peer) {
  if (request->beside) return number_of(request->registration, peer);
  *peer = request->registration->peer;
  return LINNET_OK;
}

void linnet_server_set_channel(linnet_server *server, linnet_channel channel) {
  if (server != NULL) server->channel = channel;
}

/* SMS-15: as long as an answer may take there. */
uint64_t linnet__channel_awake_ms(const linnet__registration *registration) {
  uint64_t awake_ms = registration->server->awake_ms;
  if (!is_by_sms(registration)) return awake_ms;
  uint64_t answer_ms = linnet__transport_timing(registration->peer.transport)->response_timeout_ms;
  return answer_ms > awake_ms ? answer_ms : awake_ms;
}

/* ---- the trigger --------------------------------------------------------------------------------- */

static const void *trigger_key(const void *item, size_t *length) {
  const linnet__trigger *trigger = item;
  *length = sizeof trigger->registration;
  return &trigger->registration;
}

void linnet__channel_init(linnet_server *server) {
  linnet__map_init_numbers(&server->triggers, server->handle.loop, trigger_key);
}

void linnet__channel_end(linnet_server *server) {
  size_t position = 0;
  for (linnet__trigger *trigger; (trigger = linnet__map_next(&server->triggers, &position)) != NULL;)
    linnet__free(server->handle.loop, trigger, sizeof *trigger);
  linnet__map_free(&server->triggers);
}

static void drop(linnet__trigger *trigger) {
  linnet_server *server = trigger->server;
  linnet__map_remove(&server->triggers, &trigger->registration, sizeof trigger->registration);
  linnet__map_trim(&server->triggers);
  linnet__free(server->handle.loop, trigger, sizeof *trigger);
}

/* What counts is the Update that follows. If the device says no, or nothing, people should know why it sleeps
 * on. */
static void answered(void *user, uint64_t exchange, linnet_status status, const linnet__incoming *response) {
  linnet__trigger *trigger = user;
  linnet_loop *loop = trigger->server->handle.loop;
  const linnet__registration *registration =
      linnet__registration_find(trigger->server, trigger->registration);
  (void)exchange;
  if (registration != NULL && status != LINNET_OK)
    linnet__log(loop, LINNET_LOG_WARNING, "trigger for %s: %s", registration->endpoint,
                linnet_status_text(status));
  else if (registration != NULL && response->code >> 5u != 2)
    linnet__log(loop, LINNET_LOG_WARNING, "trigger for %s: %s", registration->endpoint,
                linnet_code_name(response->code));
  drop(trigger);
}

/* Which of its servers we are, the device does not say: mostly it has but one, and if not, it refuses what is
 * another's. */
static uint16_t server_instance(const linnet__registration *registration) {
  const char *links = linnet__registration_links(registration);
  linnet_link link;
  linnet_path path;
  size_t position = 0;
  while (linnet_link_next(links, registration->facts->links_length, &position, &link) == LINNET_OK) {
    if (link.target == NULL ||
        linnet_link_path(&link, linnet__registration_root(registration), &path) != LINNET_OK)
      continue;
    if (path.depth == 2 && path.id[0] == SERVER_OBJECT) return path.id[1];
  }
  return 0;
}

linnet_status linnet__channel_trigger(const linnet__registration *registration) {
  linnet_server *server = registration->server;
  linnet_loop *loop = server->handle.loop;
  linnet__server_path target;
  linnet__peer peer;
  uint64_t exchange;
  if (linnet__map_find(&server->triggers, &registration->number, sizeof registration->number) != NULL)
    return LINNET_ERROR_EXISTS;
  linnet_status status = number_of(registration, &peer);
  if (status != LINNET_OK) return status;
  if (!linnet__channel_is_for(registration, &peer))
    return LINNET_ERROR_SECURITY; /* it is the device that begins one */
  linnet__trigger *trigger = linnet__new(loop, sizeof *trigger);
  if (trigger == NULL) return LINNET_ERROR_NO_MEMORY;
  trigger->server = server;
  trigger->registration = registration->number;
  status = linnet__map_insert(&server->triggers, trigger);
  if (status != LINNET_OK) {
    linnet__free(loop, trigger, sizeof *trigger);
    return status;
  }
  linnet__server_path_put(
      &target, linnet__registration_root(registration),
      linnet_path_resource(SERVER_OBJECT, server_instance(registration), TRIGGER_RESOURCE));
  linnet__outgoing outgoing = {.code = LINNET__POST,
                               .path = target.segments,
                               .path_count = target.count,
                               .content_format = -1,
                               .accept = -1,
                               .observe = -1};
  status = linnet__coap_send(server->coap, &peer, &outgoing, answered, trigger, &exchange);
  if (status != LINNET_OK) drop(trigger);
  return status;
}

void linnet_server_set_trigger(linnet_server *server, linnet_trigger trigger) {
  if (server != NULL) server->trigger = trigger;
}

void linnet__channel_wake(const linnet__registration *registration) {
  const linnet_server *server = registration->server;
  if (server->trigger != LINNET_TRIGGER_AUTOMATIC ||
      beside_fault(registration, LINNET_OPERATION_EXECUTE) != NULL)
    return;
  linnet_status status = linnet__channel_trigger(registration);
  if (status != LINNET_OK && status != LINNET_ERROR_EXISTS)
    linnet__log(server->handle.loop, LINNET_LOG_WARNING, "trigger for %s: %s", registration->endpoint,
                status == LINNET_ERROR_SECURITY ? "it has no session by SMS, and begins one when it registers"
                                                : linnet_status_text(status));
}
