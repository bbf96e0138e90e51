/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_none.c: in place of session.c, sms_session.c and bootstrap_session.c in a build without DTLS: no
 * transport is secure, so there is no session, and no news of one.
 */
#include "client_internal.h"

linnet_status linnet__client_connect(linnet_client *client, uint16_t security, const linnet__peer *peer,
                                     const linnet__packed *former) {
  (void)security, (void)peer, (void)former;
  return linnet__dtls_require(client->handle.loop, "a session");
}

bool linnet__account_needs_session(const linnet__account *account) {
  (void)account;
  return false;
}

bool linnet__account_doubts_session(linnet__account *account) {
  (void)account;
  return false;
}

void linnet__account_secure(linnet__account *account) { (void)account; }

void linnet__account_refresh_session(linnet__account *account) { (void)account; }

void linnet__account_end_session(linnet__account *account) { (void)account; }

void linnet__account_forget_session(linnet__account *account) { (void)account; }

/* What a build with DTLS has saved is left. */
linnet_status linnet__account_restore_session(linnet__account *account, uint64_t credentials,
                                              const void *data, size_t length) {
  (void)account, (void)credentials, (void)data, (void)length;
  return LINNET_OK;
}

void linnet__client_session(linnet_client *client, const linnet__peer *peer,
                            const linnet__session_news *news) {
  (void)client, (void)peer, (void)news;
}

void linnet__sms_session_look(linnet__account *account) { (void)account; }

void linnet__sms_session_renew(linnet__account *account) { (void)account; }

void linnet__sms_session_end(linnet__account *account) { (void)account; }

void linnet__bootstrap_listen(linnet_client *client, uint16_t account) { (void)client, (void)account; }

const linnet__session_news *linnet__bootstrap_news(linnet_client *client, const linnet__peer *peer,
                                                   const linnet__session_news *news) {
  (void)client, (void)peer;
  return news;
}
