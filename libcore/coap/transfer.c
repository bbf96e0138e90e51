/* SPDX-License-Identifier: Apache-2.0 */
/* transfer.c: what is kept of block-wise transfers, bounded in number and time (RFC 7959 2.4, 2.5; BW-07,
 * BW-23). */
#include "parts.h"

static void expire_due(linnet__timer *timer) {
  linnet__coap *coap = LINNET__CONTAINER(timer, linnet__coap, transfer_timer);
  uint64_t now_ms = linnet_loop_now(coap->loop);
  uint64_t next_ms = LINNET_NEVER;
  for (linnet__list *node = coap->transfers.next, *after; node != &coap->transfers; node = after) {
    linnet__transfer *transfer = LINNET__CONTAINER(node, linnet__transfer, node);
    after = node->next;
    if (transfer->expires_ms > now_ms) {
      if (transfer->expires_ms < next_ms) next_ms = transfer->expires_ms;
      continue;
    }
    if (transfer->kind == LINNET__TRANSFER_UPLOAD)
      linnet__coap_warn(coap, &transfer->remote->contact.peer.address,
                        "no more blocks of a body that it began");
    linnet__transfer_free(transfer);
  }
  linnet__timer_arm(coap->loop, timer, next_ms, expire_due);
}

linnet__transfer *linnet__transfer_find(linnet__remote *remote, linnet__transfer_kind kind, uint64_t key) {
  for (linnet__list *node = remote->transfers.next; node != &remote->transfers; node = node->next) {
    linnet__transfer *transfer = LINNET__CONTAINER(node, linnet__transfer, of_remote);
    if (transfer->kind == kind && transfer->key == key) return transfer;
  }
  return NULL;
}

void linnet__transfer_tell(linnet__transfer *transfer, linnet__body_end end) {
  const linnet__coap *coap = transfer->coap;
  uint32_t awaited = transfer->awaited;
  transfer->awaited = 0;
  if (awaited != 0 && !coap->closed) coap->handler.collected(coap->user, awaited, end);
}

void linnet__transfer_free(linnet__transfer *transfer) {
  linnet__coap *coap = transfer->coap;
  linnet__transfer_tell(transfer, LINNET__BODY_LOST);
  linnet__list_remove(&transfer->node);
  linnet__list_remove(&transfer->of_remote);
  coap->transfer_count--;
  linnet__remote_relax(transfer->remote);
  linnet__buffer_free(&transfer->body);
  linnet__free(coap->loop, transfer, sizeof *transfer);
}

void linnet__transfer_touch(linnet__transfer *transfer) {
  linnet__coap *coap = transfer->coap;
  transfer->touched_ms = linnet_loop_now(coap->loop);
  transfer->expires_ms = transfer->touched_ms + linnet__remote_timing(transfer->remote)->exchange_lifetime_ms;
  linnet__list_move(&coap->transfers, &transfer->node);
  if (!linnet__timer_armed(&coap->transfer_timer) || coap->transfer_timer.deadline_ms > transfer->expires_ms)
    linnet__timer_arm(coap->loop, &coap->transfer_timer, transfer->expires_ms, expire_due);
}

/*
 * Room for one more: the eldest snapshot goes, as it can be computed again; else the longest untouched
 * upload, but only one whose peer would have sent its next block by now, so that a flood of beginnings stops
 * no transfer that is alive.
 */
static bool make_room(linnet__coap *coap) {
  linnet__transfer *victim = NULL;
  for (linnet__list *node = coap->transfers.next; node != &coap->transfers; node = node->next) {
    linnet__transfer *transfer = LINNET__CONTAINER(node, linnet__transfer, node);
    uint64_t alive_ms = transfer->touched_ms + linnet__remote_timing(transfer->remote)->response_timeout_ms;
    bool stale = linnet_loop_now(coap->loop) >= alive_ms;
    if (transfer->kind == LINNET__TRANSFER_SNAPSHOT || (victim == NULL && stale)) victim = transfer;
    if (transfer->kind == LINNET__TRANSFER_SNAPSHOT) break;
  }
  if (victim == NULL) return false;
  linnet__transfer_free(victim);
  return true;
}

linnet__transfer *linnet__transfer_new(linnet__remote *remote, linnet__transfer_kind kind, uint64_t key) {
  linnet__coap *coap = remote->contact.port->coap;
  linnet__transfer *former = linnet__transfer_find(remote, kind, key);
  if (former != NULL) linnet__transfer_free(former);
  if (coap->transfer_count >= coap->limits[LINNET_LIMIT_TRANSFERS]) {
    coap->counters.refused_by_limit++;
    if (!make_room(coap)) {
      linnet__coap_warn(coap, &remote->contact.peer.address, "a body in blocks while too many others do");
      return NULL;
    }
  }
  linnet__transfer *transfer = linnet__new(coap->loop, sizeof *transfer);
  if (transfer == NULL) return NULL;
  transfer->coap = coap;
  transfer->remote = remote;
  transfer->kind = kind;
  transfer->key = key;
  /* A response of our own may be larger than what we take from others. */
  size_t limit = kind == LINNET__TRANSFER_UPLOAD ? coap->limits[LINNET_LIMIT_BODY_SIZE] : SIZE_MAX;
  linnet__buffer_init(&transfer->body, coap->loop, limit);
  linnet__list_init(&transfer->node);
  linnet__list_append(&remote->transfers, &transfer->of_remote);
  coap->transfer_count++;
  linnet__transfer_touch(transfer);
  return transfer;
}
