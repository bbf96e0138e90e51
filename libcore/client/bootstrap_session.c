/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bootstrap_session.c: a bootstrap-server on coaps that begins by itself: then the client is the DTLS server
 * (digest 6.1, SEC-03; BS-04). It is let in by what its account has in object 0, and by nothing else.
 */
#include <string.h>

#include "client_internal.h"

static void accept(linnet_client *client, uint16_t account, linnet_transport *transport) {
  const linnet_object *securities = linnet__engine_object(client->engine, 0);
  linnet__keys keys = linnet__security_keys(securities, account);
  char text[LINNET__URI_SIZE];
  linnet__uri uri;
  linnet__security_uri(securities, account, text);
  if (linnet__uri_parse(&uri, text) == LINNET_OK)
    linnet__transport_accept(transport, &keys, uri.host, uri.host_length, client->endpoint);
}

void linnet__bootstrap_listen(linnet_client *client, uint16_t account) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  linnet_transport *transport = linnet__client_transport(client, LINNET_TRANSPORT_UDP, LINNET__SECURE);
  bool secure = account != LINNET_ID_NONE && linnet__client_protection(client, account) == LINNET__SECURE;
  uint64_t hash = secure ? linnet__security_hash(linnet__engine_object(client->engine, 0), account) : 0;
  if (transport == NULL || (bootstrap->listens == transport && bootstrap->listens_with == hash)) return;
  bootstrap->listens = transport;
  bootstrap->listens_with = hash;
  if (bootstrap->peer.transport == transport) bootstrap->peer.transport = NULL;
  if (secure)
    accept(client, account, transport);
  else
    linnet__transport_accept(transport, NULL, NULL, 0, NULL);
}

/* Whoever is at the address of a server is that server. */
static bool is_of_account(const linnet_client *client, const linnet__peer *peer) {
  for (linnet__list *node = client->accounts.next; node != &client->accounts; node = node->next) {
    const linnet__account *account = LINNET__CONTAINER(node, linnet__account, node);
    if (account->peer.transport != NULL && linnet__peer_equal(&account->peer, peer)) return true;
  }
  return false;
}

static void opened(linnet_client *client, const linnet__peer *peer) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  const linnet__peer former = bootstrap->peer;
  if (linnet__bootstrap_busy(client) || is_of_account(client, peer)) {
    linnet__transport_disconnect(peer->transport, &peer->address);
    return;
  }
  if (former.transport != NULL && !linnet__peer_equal(&former, peer))
    linnet__transport_disconnect(former.transport, &former.address);
  bootstrap->peer = *peer;
}

/* True: they are of a session that was not begun here. */
static bool is_of_another(linnet_client *client, const linnet__peer *peer, const linnet__session_news *news) {
  linnet__bootstrap *bootstrap = &client->bootstrap;
  if (news->kind == LINNET__SESSION_ENDED) {
    bool its = !linnet__bootstrap_busy(client) && bootstrap->peer.transport != NULL &&
               linnet__peer_equal(peer, &bootstrap->peer);
    if (its) bootstrap->peer.transport = NULL;
    return its;
  }
  if (news->ours) return false;
  if (news->kind == LINNET__SESSION_OPENED)
    opened(client, peer);
  else
    linnet__coap_report_session(client->handle.loop, client->handle.number, peer, news);
  return true;
}

const linnet__session_news *linnet__bootstrap_news(linnet_client *client, const linnet__peer *peer,
                                                   const linnet__session_news *news) {
  static const linnet__session_news lost = {.kind = LINNET__SESSION_ENDED, .cause = LINNET_CAUSE_CLOSED};
  bool begun = is_of_another(client, peer, news);
  if (begun && !news->replaces) return NULL;
  if (begun) news = &lost; /* of the account at that address */
  if (!linnet__bootstrap_busy(client)) return news;
  if (linnet__peer_equal(peer, &client->bootstrap.peer)) linnet__bootstrap_session(client, news);
  return NULL;
}
