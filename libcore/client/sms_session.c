/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sms_session.c: the DTLS session by SMS of a client that is registered over UDP (US, UQS), through which its
 * server reaches it at any time (SEC-03, QUE-09; sms.md 4.1: SMS-30, SMS-33).
 *
 * It is the client that begins sessions, so there has to be one before the server wants to send a trigger. It
 * stays for as long as the registration does: each handshake is some six messages that somebody pays for.
 */
#include <string.h>

#include "client_internal.h"

/* After it ended: the server may be starting again. */
#define REOPEN_MS 60000

/* The peer that there should be a session with; false: none. */
static bool wanted(const linnet__account *account, linnet__peer *peer) {
  memset(peer, 0, sizeof *peer); /* padding is compared, too */
  if (account->location == NULL || linnet__binding_is_sms(account->sent.binding) ||
      strchr(account->sent.binding, 'S') == NULL || account->number.kind != LINNET_ADDRESS_PHONE)
    return false;
  peer->transport = linnet__sms_transport(account->client, account->security);
  peer->address = account->number;
  return peer->transport != NULL && linnet_transport_is_secure(peer->transport);
}

static void failed(linnet__account *account, linnet_status status, linnet_cause cause);

static void begin(linnet__account *account, const linnet__peer *peer) {
  linnet__sms_session *session = &account->sms_session;
  linnet__timer_stop(account->client->handle.loop, &session->timer);
  session->peer = *peer;
  session->state = LINNET__SMS_SESSION_OPENING;
  linnet_status status = linnet__client_connect(account->client, account->security, peer, NULL);
  if (status != LINNET_OK) failed(account, status, LINNET_CAUSE_NONE);
}

static void try_again(linnet__timer *timer) {
  linnet__sms_session *session = LINNET__CONTAINER(timer, linnet__sms_session, timer);
  linnet__account *account = LINNET__CONTAINER(session, linnet__account, sms_session);
  session->state = LINNET__SMS_SESSION_NONE;
  linnet__sms_session_look(account);
}

static void wait(linnet__account *account, uint64_t delay_ms) {
  linnet__sms_session *session = &account->sms_session;
  session->state = LINNET__SMS_SESSION_WAITING;
  linnet__timer_arm_in(account->client->handle.loop, &session->timer, delay_ms, try_again);
}

static void failed(linnet__account *account, linnet_status status, linnet_cause cause) {
  linnet_client *client = account->client;
  linnet__sms_session *session = &account->sms_session;
  linnet__buffer *text = &client->scratch;
  char number[LINNET_ADDRESS_TEXT_SIZE];
  wait(account, linnet__retry_delay(client->handle.loop, &session->retry, LINNET__FAILURE_SMS_SESSION));
  account->cause = cause;
  linnet__buffer_clear(text);
  linnet__print(text, "DTLS session of \"%s\" with %s: %s", client->endpoint,
                linnet_address_text(&session->peer.address, number),
                status == LINNET_ERROR_SECURITY ? linnet_cause_text(cause) : linnet_status_text(status));
  linnet__account_emit(account, LINNET_EVENT_ERROR, status, 0, linnet__buffer_text(text));
}

void linnet__sms_session_look(linnet__account *account) {
  linnet__sms_session *session = &account->sms_session;
  linnet__peer peer;
  if (!wanted(account, &peer)) {
    linnet__sms_session_end(account);
    return;
  }
  if (session->state != LINNET__SMS_SESSION_NONE && linnet__peer_equal(&session->peer, &peer)) return;
  linnet__sms_session_end(account);
  begin(account, &peer);
}

void linnet__sms_session_renew(linnet__account *account) {
  linnet__peer peer;
  if (wanted(account, &peer))
    begin(account, &peer);
  else
    linnet__sms_session_end(account);
}

void linnet__sms_session_end(linnet__account *account) {
  linnet__sms_session *session = &account->sms_session;
  bool there = session->state == LINNET__SMS_SESSION_OPENING || session->state == LINNET__SMS_SESSION_OPEN;
  linnet__timer_stop(account->client->handle.loop, &session->timer);
  if (there) linnet__transport_disconnect(session->peer.transport, &session->peer.address);
  memset(&session->peer, 0, sizeof session->peer);
  session->state = LINNET__SMS_SESSION_NONE;
  linnet__retry_reset(&session->retry);
}

bool linnet__sms_session_news(linnet__account *account, const linnet__peer *peer,
                              const linnet__session_news *news) {
  linnet__sms_session *session = &account->sms_session;
  bool there = session->state == LINNET__SMS_SESSION_OPENING || session->state == LINNET__SMS_SESSION_OPEN;
  if (!there || !linnet__peer_equal(peer, &session->peer)) return false;
  if (news->kind == LINNET__SESSION_OPENED) {
    session->state = LINNET__SMS_SESSION_OPEN;
    linnet__retry_reset(&session->retry);
  } else if (session->state == LINNET__SMS_SESSION_OPENING) {
    failed(account, LINNET_ERROR_SECURITY, news->cause);
  } else {
    wait(account, REOPEN_MS);
  }
  return true;
}
