/* SPDX-License-Identifier: Apache-2.0 */
/* session.c: what a server's application hears of DTLS sessions with its devices (coap.h). */
#include <string.h>

#include "parts.h"

static void put_words(linnet__buffer *out, const linnet__peer *peer, const linnet__session_news *news) {
  char address[LINNET_ADDRESS_TEXT_SIZE];
  linnet__print(out, "%s with %s", news->kind == LINNET__SESSION_FAILED ? "handshake" : "session",
                linnet_address_text(&peer->address, address));
  if (news->identity != NULL) {
    linnet__print(out, ", ");
    linnet__identity_print(out, news->identity);
  }
  linnet__print(out, ": %s%s", news->told ? "the peer says: " : "", linnet_cause_text(news->cause));
}

static void emit(linnet_loop *loop, uint64_t source, linnet_cause cause, const char *text) {
  linnet_event *event = linnet__event_new(loop, LINNET_EVENT_ERROR, source);
  if (event != NULL) {
    event->status = LINNET_ERROR_SECURITY;
    event->cause = cause;
    linnet__event_set_text(event, text, strlen(text));
  }
  linnet__event_emit(loop, event);
}

/* Peers that go, or come no further, are no failure of the server: they are for the log. */
static bool is_failure(const linnet__session_news *news) {
  return news->kind == LINNET__SESSION_FAILED && news->cause != LINNET_CAUSE_TIMED_OUT &&
         news->cause != LINNET_CAUSE_LIMIT && news->cause != LINNET_CAUSE_CLOSED;
}

void linnet__coap_report_session(linnet_loop *loop, uint64_t source, const linnet__peer *peer,
                                 const linnet__session_news *news) {
  char room[512];
  linnet__buffer words;
  if (news->kind == LINNET__SESSION_OPENED) return;
  linnet__buffer_init_fixed(&words, room, sizeof room - 1);
  put_words(&words, peer, news);
  room[words.length] = 0;
  if (is_failure(news))
    emit(loop, source, news->cause, room);
  else
    linnet__log(loop, LINNET_LOG_INFO, "%s", room);
}
