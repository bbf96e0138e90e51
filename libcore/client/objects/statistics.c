/* SPDX-License-Identifier: Apache-2.0 */
/* statistics.c: object 7, Connectivity Statistics: counted by the transports (standard.h; objects.md /7). */
#include <string.h>

#include "../client_internal.h"

enum {
  SMS_SENT = 0,
  SMS_RECEIVED = 1,
  SENT = 2,
  RECEIVED = 3,
  LARGEST = 4,
  AVERAGE = 5,
  START = 6,
  STOP = 7,
  PERIOD = 8
};
#define COUNTS ((uint16_t)6)

/* Of one direction. */
typedef struct traffic {
  uint64_t datagrams; /* UDP */
  uint64_t bytes;     /* of their payloads */
  uint64_t headers;   /* bytes of IP and UDP */
  uint64_t messages;  /* short ones */
  uint64_t message_bytes;
} traffic;

struct linnet__statistics {
  linnet_client *client;
  linnet__timer timer;
  bool collecting;
  traffic sent, received; /* when it began */
};

/* IP and UDP headers of a datagram to whoever the transport is for. */
static unsigned header_size(const linnet_client *client, const linnet_transport *transport) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    const linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (account->peer.transport == transport && account->peer.address.kind == LINNET_ADDRESS_IPV6) return 48;
  }
  return 28;
}

static void add_traffic(traffic *sum, const linnet_transport *transport, linnet_transport_counter datagrams,
                        linnet_transport_counter bytes, unsigned header) {
  uint64_t count = linnet_transport_count(transport, datagrams);
  if (linnet_transport_get_kind(transport) == LINNET_TRANSPORT_SMS) {
    sum->messages += count;
    sum->message_bytes += linnet_transport_count(transport, bytes);
    return;
  }
  sum->datagrams += count;
  sum->bytes += linnet_transport_count(transport, bytes);
  sum->headers += count * header;
}

static void measure(const linnet_client *client, traffic *sent, traffic *received) {
  memset(sent, 0, sizeof *sent);
  memset(received, 0, sizeof *received);
  for (size_t i = 0; i < client->transport_count; i++) {
    const linnet_transport *transport = client->transports[i];
    unsigned header = header_size(client, transport);
    add_traffic(sent, transport, LINNET_COUNTER_SENT, LINNET_COUNTER_SENT_BYTES, header);
    add_traffic(received, transport, LINNET_COUNTER_RECEIVED, LINNET_COUNTER_RECEIVED_BYTES, header);
  }
}

/* A transport that was closed and forgotten meanwhile takes its counts along. */
static uint64_t since(uint64_t now, uint64_t before) { return now > before ? now - before : 0; }

static int64_t kilobytes(const traffic *now, const traffic *before) {
  return (int64_t)((since(now->bytes, before->bytes) + since(now->headers, before->headers) + 512) / 1024);
}

static int64_t average(const traffic *sent, const traffic *received, const linnet__statistics *from) {
  uint64_t messages =
      since(sent->datagrams + sent->messages, from->sent.datagrams + from->sent.messages) +
      since(received->datagrams + received->messages, from->received.datagrams + from->received.messages);
  uint64_t bytes =
      since(sent->bytes + sent->message_bytes, from->sent.bytes + from->sent.message_bytes) +
      since(received->bytes + received->message_bytes, from->received.bytes + from->received.message_bytes);
  return messages > 0 ? (int64_t)((bytes + messages / 2) / messages) : 0;
}

static int64_t largest(const linnet_client *client) {
  size_t size = 0;
  for (size_t i = 0; i < client->transport_count; i++) {
    size_t of = linnet__transport_largest(client->transports[i]);
    if (of > size) size = of;
  }
  return (int64_t)size;
}

static int64_t count(const linnet_client *client, uint16_t resource) {
  const linnet__statistics *from = client->statistics;
  traffic sent, received;
  measure(client, &sent, &received);
  switch (resource) {
    case SMS_SENT:
      return (int64_t)since(sent.messages, from->sent.messages);
    case SMS_RECEIVED:
      return (int64_t)since(received.messages, from->received.messages);
    case SENT:
      return kilobytes(&sent, &from->sent);
    case RECEIVED:
      return kilobytes(&received, &from->received);
    case LARGEST:
      return largest(client);
    default:
      return average(&sent, &received, from);
  }
}

static bool current(const linnet_client *client, linnet_path path, linnet_value *value) {
  if (!client->statistics->collecting || path.depth != 3 || path.id[2] >= COUNTS) return false;
  *value = linnet_value_integer(count(client, path.id[2]));
  return true;
}

/* What was counted stays (objects.md /7, Stop). */
static void end(linnet_client *client) {
  linnet__statistics *statistics = client->statistics;
  linnet__timer_stop(client->handle.loop, &statistics->timer);
  if (!statistics->collecting) return;
  int64_t counts[COUNTS];
  for (uint16_t id = 0; id < COUNTS; id++) counts[id] = count(client, id);
  statistics->collecting = false;
  for (uint16_t id = 0; id < COUNTS; id++)
    linnet__client_set_standard(client, 7, id, linnet_value_integer(counts[id]));
}

static void period_over(linnet__timer *timer) {
  end(LINNET__CONTAINER(timer, linnet__statistics, timer)->client);
}

static void begin(linnet_client *client) {
  linnet__statistics *statistics = client->statistics;
  int64_t period_s = linnet__client_standard_integer(client, 7, PERIOD);
  linnet__timer_stop(client->handle.loop, &statistics->timer);
  measure(client, &statistics->sent, &statistics->received);
  for (size_t i = 0; i < client->transport_count; i++)
    linnet__transport_forget_largest(client->transports[i]);
  statistics->collecting = true;
  for (uint16_t id = 0; id < COUNTS; id++) {
    linnet__client_set_standard(client, 7, id, linnet_value_integer(0));
    linnet_client_notify(client, linnet_path_resource(7, 0, id));
  }
  if (period_s > INT32_MAX) period_s = INT32_MAX; /* AMB-27 */
  if (period_s > 0)
    linnet__timer_arm_in(client->handle.loop, &statistics->timer, (uint64_t)period_s * 1000, period_over);
}

static void done(linnet_client *client, linnet_operation operation, linnet_path path) {
  if (operation != LINNET_OPERATION_EXECUTE) return;
  if (path.id[2] == START) begin(client);
  if (path.id[2] == STOP) end(client);
}

static void stop(linnet_client *client) {
  linnet__timer_stop(client->handle.loop, &client->statistics->timer);
  linnet__free(client->handle.loop, client->statistics, sizeof *client->statistics);
  client->statistics = NULL;
}

static const linnet__behaviour behaviour = {.object = 7, .current = current, .done = done, .stop = stop};

static linnet_status furnish(linnet_object *object) {
  linnet_value zero = linnet_value_integer(0);
  linnet_status status = LINNET_OK;
  for (uint16_t id = 0; status == LINNET_OK && id <= (uint16_t)PERIOD; id++) {
    linnet_path path = linnet_path_resource(7, 0, id);
    bool counts = id < COUNTS || id == PERIOD;
    status = counts ? linnet_object_set(object, path, &zero) : linnet_object_offer(object, path);
  }
  return status;
}

linnet_status linnet_client_add_statistics(linnet_client *client) {
  linnet__statistics *statistics = linnet__new(client->handle.loop, sizeof *statistics);
  if (statistics == NULL)
    return linnet__fail(client->handle.loop, LINNET_ERROR_NO_MEMORY, "statistics of \"%s\": out of memory",
                        client->endpoint);
  linnet_status status = linnet__client_add_standard(client, 7, &behaviour, furnish);
  if (status != LINNET_OK) {
    linnet__free(client->handle.loop, statistics, sizeof *statistics);
    return status;
  }
  statistics->client = client;
  client->statistics = statistics;
  return LINNET_OK;
}
