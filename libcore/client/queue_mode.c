/* SPDX-License-Identifier: Apache-2.0 */
/* queue_mode.c: until when a client in queue mode listens, and how its application hears of it (digest 9,
 * QUE-05; OBS-12). */
#include <string.h>

#include "client_internal.h"

/* The binding that the server knows of asks for it. */
static bool is_queued(const linnet__account *account) { return strchr(account->sent.binding, 'Q') != NULL; }

/* MAX_TRANSMIT_WAIT after the last message either way; LINNET_NEVER: always; 0: nothing is expected. */
static uint64_t awake_until(const linnet__account *account) {
  if (account->state == LINNET_CLIENT_IDLE || account->state == LINNET_CLIENT_WAITING) return 0;
  if (account->state != LINNET_CLIENT_REGISTERED || account->request != LINNET__REQUEST_NONE)
    return LINNET_NEVER;
  if (!is_queued(account)) return LINNET_NEVER;
  return account->traffic_ms + linnet__transport_timing(account->peer.transport)->response_timeout_ms;
}

static uint64_t all_awake_until(const linnet_client *client) {
  uint64_t until_ms = linnet__bootstrap_busy(client) ? LINNET_NEVER : 0;
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    uint64_t account_ms = awake_until(LINNET__CONTAINER(node, linnet__account, node));
    if (account_ms > until_ms) until_ms = account_ms;
  }
  return until_ms;
}

static bool any_queued(const linnet_client *client) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next)
    if (is_queued(LINNET__CONTAINER(node, linnet__account, node))) return true;
  return false;
}

static void change(linnet_client *client, bool asleep) {
  if (client->asleep == asleep) return;
  client->asleep = asleep;
  linnet_event_kind kind = asleep ? LINNET_EVENT_ASLEEP : LINNET_EVENT_AWAKE;
  linnet__event_emit(client->handle.loop, linnet__client_event(client, kind, LINNET_OK, NULL));
}

static void window_ended(linnet__timer *timer) {
  linnet__queue_mode_look(LINNET__CONTAINER(timer, linnet_client, awake_timer));
}

void linnet__queue_mode_look(linnet_client *client) {
  linnet_loop *loop = client->handle.loop;
  uint64_t until_ms = any_queued(client) ? all_awake_until(client) : LINNET_NEVER;
  bool asleep = until_ms <= linnet_loop_now(loop);
  linnet__timer_arm(loop, &client->awake_timer, asleep ? LINNET_NEVER : until_ms, window_ended);
  change(client, asleep);
}

void linnet__queue_mode_traffic(linnet_client *client, const linnet__peer *peer) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (!is_queued(account) || !linnet__peer_equal(&account->peer, peer)) continue;
    account->traffic_ms = linnet_loop_now(client->handle.loop);
    if (client->asleep) linnet__client_post(client); /* else the timer looks at it when it runs */
  }
}

uint64_t linnet_client_awake_until(const linnet_client *client, uint16_t short_server_id) {
  if (client->handle.closed) return 0;
  if (short_server_id == LINNET_EVERY_SERVER) return all_awake_until(client);
  const linnet__account *account = linnet__account_find(client, short_server_id);
  return account != NULL ? awake_until(account) : 0;
}
