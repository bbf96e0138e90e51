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

/* What is counted, of each direction. */
enum { DATAGRAMS, BYTES, HEADERS, MESSAGES, MESSAGE_BYTES, KINDS };
enum { OUT, IN, DIRECTIONS };

typedef struct traffic {
  uint64_t of[DIRECTIONS][KINDS]; /* UDP, their payloads, their IP and UDP headers; short messages */
} traffic;

struct linnet__statistics {
  linnet_client *client;
  linnet__timer timer;
  bool collecting;
  traffic begun; /* what there was when it began */
};

/* IP and UDP headers of a datagram to whoever the transport is for. */
static unsigned header_size(const linnet_client *client, const linnet_transport *transport) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    const linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (account->peer.transport == transport && account->peer.address.kind == LINNET_ADDRESS_IPV6) return 48;
  }
  return 28;
}

static void measure(const linnet_client *client, traffic *sum) {
  static const linnet_transport_counter counters[DIRECTIONS][2] = {
      {LINNET_COUNTER_SENT, LINNET_COUNTER_SENT_BYTES},
      {LINNET_COUNTER_RECEIVED, LINNET_COUNTER_RECEIVED_BYTES}};
  memset(sum, 0, sizeof *sum);
  for (size_t i = 0; i < client->transport_count; i++) {
    const linnet_transport *transport = client->transports[i];
    bool sms = linnet_transport_get_kind(transport) == LINNET_TRANSPORT_SMS;
    for (size_t direction = 0; direction < DIRECTIONS; direction++) {
      uint64_t *of = sum->of[direction], count = linnet_transport_count(transport, counters[direction][0]);
      of[sms ? MESSAGES : DATAGRAMS] += count;
      of[sms ? MESSAGE_BYTES : BYTES] += linnet_transport_count(transport, counters[direction][1]);
      if (!sms) of[HEADERS] += count * header_size(client, transport);
    }
  }
}

/* A transport that was closed and forgotten meanwhile takes its counts along. */
static void measure_since(const linnet_client *client, const traffic *begun, traffic *found) {
  measure(client, found);
  for (size_t direction = 0; direction < DIRECTIONS; direction++)
    for (size_t kind = 0; kind < KINDS; kind++) {
      uint64_t before = begun->of[direction][kind], *now = &found->of[direction][kind];
      *now = *now > before ? *now - before : 0;
    }
}

static int64_t kilobytes(const uint64_t of[KINDS]) {
  return (int64_t)((of[BYTES] + of[HEADERS] + 512) / 1024);
}

static int64_t average(const traffic *found) {
  uint64_t messages = 0, bytes = 0;
  for (size_t direction = 0; direction < DIRECTIONS; direction++) {
    const uint64_t *of = found->of[direction];
    messages += of[DATAGRAMS] + of[MESSAGES];
    bytes += of[BYTES] + of[MESSAGE_BYTES];
  }
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
  traffic found;
  measure_since(client, &client->statistics->begun, &found);
  switch (resource) {
    case SMS_SENT:
    case SMS_RECEIVED:
      return (int64_t)found.of[resource == SMS_SENT ? OUT : IN][MESSAGES];
    case SENT:
    case RECEIVED:
      return kilobytes(found.of[resource == SENT ? OUT : IN]);
    case LARGEST:
      return largest(client);
    default:
      return average(&found);
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
  for (uint16_t id = 0; id < COUNTS; id++) linnet__client_set_standard(client, 7, id, counts[id]);
}

static void period_over(linnet__timer *timer) {
  end(LINNET__CONTAINER(timer, linnet__statistics, timer)->client);
}

static void begin(linnet_client *client) {
  linnet__statistics *statistics = client->statistics;
  int64_t period_s = linnet__client_standard_integer(client, 7, PERIOD);
  linnet__timer_stop(client->handle.loop, &statistics->timer);
  measure(client, &statistics->begun);
  for (size_t i = 0; i < client->transport_count; i++)
    linnet__transport_forget_largest(client->transports[i]);
  statistics->collecting = true;
  for (uint16_t id = 0; id < COUNTS; id++) {
    linnet__client_set_standard(client, 7, id, 0);
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

static const linnet__initial initial[] = {
    {SMS_SENT, LINNET_TYPE_INTEGER, 0}, {SMS_RECEIVED, LINNET_TYPE_INTEGER, 0},
    {SENT, LINNET_TYPE_INTEGER, 0},     {RECEIVED, LINNET_TYPE_INTEGER, 0},
    {LARGEST, LINNET_TYPE_INTEGER, 0},  {AVERAGE, LINNET_TYPE_INTEGER, 0},
    {START, LINNET_TYPE_NONE, 0},       {STOP, LINNET_TYPE_NONE, 0},
    {PERIOD, LINNET_TYPE_INTEGER, 0}};

static const linnet__behaviour behaviour = {.object = 7,
                                            .initial = initial,
                                            .initial_count = sizeof initial / sizeof initial[0],
                                            .current = current,
                                            .done = done,
                                            .stop = stop};

linnet_status linnet_client_add_statistics(linnet_client *client) {
  linnet__statistics *statistics = linnet__new(client->handle.loop, sizeof *statistics);
  if (statistics == NULL)
    return linnet__fail(client->handle.loop, LINNET_ERROR_NO_MEMORY, "statistics of \"%s\": out of memory",
                        client->endpoint);
  linnet_status status = linnet__client_add_standard(client, &behaviour);
  if (status != LINNET_OK) {
    linnet__free(client->handle.loop, statistics, sizeof *statistics);
    return status;
  }
  statistics->client = client;
  client->statistics = statistics;
  return LINNET_OK;
}
