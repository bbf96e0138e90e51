/* SPDX-License-Identifier: Apache-2.0 */
/* consistency.c: is what a bootstrap left behind something that this client can work with? (digest 6.6) */
#include "client_internal.h"

/* BS-53: the present account, and its replacement. */
#define BOOTSTRAP_ACCOUNTS 2
enum { MODE = 2 };
enum { MODE_NOSEC = 3, MODE_EST = 4 };

static const char *uri_fault(const char *uri, size_t length, bool secure, const void *user) {
  (void)user;
  return linnet__uri_fault(uri, length, secure);
}

static const char *mode_fault(int64_t mode, const void *user) {
  const linnet_client *client = user;
  if (mode == MODE_EST) return "enrolment over EST is not offered"; /* SEC-14 */
  bool able = mode == MODE_NOSEC || linnet__dtls_require(client->handle.loop, "it") == LINNET_OK;
  return able ? NULL : "this device has no DTLS";
}

static bool has(linnet_path path, const void *user) {
  const linnet_client *client = user;
  const linnet_object *object = linnet__engine_object(client->engine, path.id[0]);
  return object != NULL && (path.depth < 2 || linnet_object_has_instance(object, path.id[1]));
}

/* Keys that are there, but not in a form that the mode can use (SEC-11 to SEC-13). */
static linnet_status check_keys(const linnet_client *client, linnet__buffer *why) {
  const linnet_object *securities = linnet__engine_object(client->engine, 0);
  const linnet_transport *transport = linnet__client_transport(client, LINNET_TRANSPORT_UDP, LINNET__SECURE);
  if (transport == NULL) transport = linnet__client_transport(client, LINNET_TRANSPORT_SMS, LINNET__SECURE);
  if (transport == NULL) return LINNET_OK; /* a later one will tell */
  for (size_t i = 0; i < linnet_object_instance_count(securities); i++) {
    uint16_t instance = linnet_object_instance_at(securities, i);
    if (linnet__security_number(securities, instance, MODE) == MODE_NOSEC) continue;
    linnet__keys keys = linnet__security_keys(securities, instance);
    if (linnet__transport_check_keys(transport, &keys) != LINNET_OK) {
      linnet__print(why, "/0/%u: the keys are malformed, or of a mode that this device has not",
                    (unsigned)instance);
      return LINNET_ERROR_MALFORMED;
    }
  }
  return LINNET_OK;
}

linnet_status linnet__client_check_accounts(const linnet_client *client, linnet__buffer *why) {
  const linnet__consistency consistency = {.securities = linnet__engine_object(client->engine, 0),
                                           .servers = linnet__engine_object(client->engine, 1),
                                           .accesses = linnet__engine_object(client->engine, 2),
                                           .refreshed = client->bootstrap.refreshed,
                                           .bootstraps = BOOTSTRAP_ACCOUNTS,
                                           .uri_fault = uri_fault,
                                           .mode_fault = mode_fault,
                                           .has = has,
                                           .user = client};
  linnet_status status = linnet__consistency_check(&consistency, why);
  return status == LINNET_OK ? check_keys(client, why) : status;
}
