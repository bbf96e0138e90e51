/* SPDX-License-Identifier: Apache-2.0 */
/* The store of who is let in: credentials.h, SEC-05, SEC-11. */
#include <linnet/credentials.h>
#include <linnet/linnet.h>

#include "base/base.h"
#include "check.h"
#include "dtls/dtls_internal.h"

static linnet_loop *new_loop(void) { return linnet_loop_new("0123456789abcdef0123456789abcdef", 32); }

static linnet_status add_psk(linnet_credentials *credentials, const char *endpoint, const char *identity,
                             const char *key) {
  return linnet_credentials_add_psk(credentials, endpoint, identity, strlen(identity), key, strlen(key));
}

static bool allows(const linnet_credentials *credentials, const char *identity, const char *endpoint) {
  linnet__identity made = {.kind = LINNET__IDENTITY_PSK, .length = (uint8_t)strlen(identity)};
  memcpy(made.name, identity, made.length);
  return linnet__identity_allows(credentials, &made, endpoint, strlen(endpoint));
}

static void lets_an_identity_use_the_names_it_was_added_with(void) { /* SEC-05 */
  linnet_loop *loop = new_loop();
  linnet_credentials *credentials = linnet_credentials_new(loop);
  CHECK_EQUAL(add_psk(credentials, NULL, "kitchen", "key"), LINNET_OK);
  CHECK_EQUAL(add_psk(credentials, "cellar", "gateway", "key"), LINNET_OK);
  CHECK_EQUAL(add_psk(credentials, "attic", "gateway", "key"), LINNET_OK);
  CHECK_EQUAL(linnet_credentials_count(credentials), 2);
  CHECK(allows(credentials, "kitchen", "kitchen"));
  CHECK(!allows(credentials, "kitchen", "kitchen2"));
  CHECK(!allows(credentials, "kitchen", "kitche"));
  CHECK(allows(credentials, "gateway", "cellar") && allows(credentials, "gateway", "attic"));
  CHECK(!allows(credentials, "gateway", "gateway"));
  CHECK(!allows(credentials, "stranger", "stranger"));
  linnet_credentials_unref(credentials);
  linnet_loop_unref(loop);
}

static void refuses_what_is_too_long_or_empty(void) { /* SEC-11, MOD-05 */
  char text[300];
  linnet_loop *loop = new_loop();
  linnet_credentials *credentials = linnet_credentials_new(loop);
  memset(text, 'a', sizeof text);
  CHECK_EQUAL(linnet_credentials_add_psk(credentials, "e", text, 128, text, 64), LINNET_OK);
  CHECK_EQUAL(linnet_credentials_add_psk(credentials, "e", text, 129, text, 64), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_credentials_add_psk(credentials, "e", text, 0, text, 64), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_credentials_add_psk(credentials, "e", text, 10, text, 65), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_credentials_add_psk(credentials, "e", text, 10, text, 0), LINNET_ERROR_OUT_OF_RANGE);
  CHECK(strstr(linnet_error_text(loop), "aaaaaaaaaa") != NULL); /* whose key; and never the key itself */
  text[253] = 0;
  CHECK_EQUAL(linnet_credentials_add_psk(credentials, text, "i", 1, "k", 1), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_credentials_add_psk(credentials, "", "i", 1, "k", 1), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_credentials_add_psk(credentials, NULL, "\xff", 1, "k", 1),
              LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_credentials_count(credentials), 1);
  linnet_credentials_unref(credentials);
  linnet_loop_unref(loop);
}

static void forgets_what_is_removed(void) {
  linnet_loop *loop = new_loop();
  linnet_credentials *credentials = linnet_credentials_new(loop);
  add_psk(credentials, NULL, "kitchen", "key");
  add_psk(credentials, "cellar", "old", "key");
  add_psk(credentials, "cellar", "new", "key");
  add_psk(credentials, "attic", "new", "key");
  CHECK_EQUAL(linnet_credentials_remove(credentials, "nobody"), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_credentials_remove(credentials, "cellar"), LINNET_OK);
  CHECK(!allows(credentials, "old", "cellar") && !allows(credentials, "new", "cellar"));
  CHECK(allows(credentials, "new", "attic") && allows(credentials, "kitchen", "kitchen"));
  CHECK_EQUAL(linnet_credentials_count(credentials), 2);
  CHECK_EQUAL(linnet_credentials_remove_psk(credentials, "new", 3), LINNET_OK);
  CHECK_EQUAL(linnet_credentials_remove_psk(credentials, "new", 3), LINNET_ERROR_NOT_FOUND);
  CHECK_EQUAL(linnet_credentials_count(credentials), 1);
  linnet_credentials_unref(credentials);
  linnet_loop_unref(loop);
}

/* ---- keys do not stay in memory ------------------------------------------------------------------ */

static const char secret[] = "this-is-the-key!";
static unsigned left_behind;

static void *watch_reallocate(void *user, void *block, size_t size) {
  (void)user;
  if (block != NULL && size == 0) {
    size_t length = ((size_t *)block)[-1];
    for (size_t i = 0; i + 16 <= length; i++)
      if (memcmp((char *)block + i, secret, 16) == 0) left_behind++;
    free((size_t *)block - 2);
    return NULL;
  }
  size_t *made = realloc(block != NULL ? (size_t *)block - 2 : NULL, size + 16);
  if (made == NULL) return NULL;
  made[1] = size;
  return made + 2;
}

static void wipes_keys_when_they_are_dropped(void) {
  linnet_loop *loop =
      linnet_loop_new_with_memory("0123456789abcdef0123456789abcdef", 32, watch_reallocate, NULL);
  linnet_credentials *credentials = linnet_credentials_new(loop);
  add_psk(credentials, NULL, "replaced", secret);
  add_psk(credentials, NULL, "removed", secret);
  add_psk(credentials, NULL, "last", secret);
  add_psk(credentials, NULL, "replaced", "another");
  linnet_credentials_remove(credentials, "removed");
  linnet_credentials_unref(credentials);
  linnet_loop_unref(loop);
  CHECK_EQUAL(left_behind, 0);
}

/* SEC-11: /0/x/5, when it is replaced, when its account goes, and with the client. */
static void wipes_keys_of_object_0_when_their_values_go(void) {
  linnet_loop *loop =
      linnet_loop_new_with_memory("0123456789abcdef0123456789abcdef", 32, watch_reallocate, NULL);
  linnet_client *client = linnet_client_new(loop, "kitchen", NULL);
  left_behind = 0;
  for (uint16_t id = 1; id <= 3; id++)
    CHECK_EQUAL(linnet_client_add_server(client, "coaps://192.0.2.1", id, 60), LINNET_OK);
  for (uint16_t id = 1; id <= 3; id++)
    CHECK_EQUAL(linnet_client_set_psk(client, id, "id", 2, secret, 16), LINNET_OK);
  CHECK_EQUAL(linnet_client_set_psk(client, 1, "id", 2, "another-key-16by", 16), LINNET_OK);
  CHECK_EQUAL(linnet_object_remove_instance(linnet_client_object(client, 0), 1), LINNET_OK);
  linnet_client_unref(client);
  linnet_loop_unref(loop);
  CHECK_EQUAL(left_behind, 0);
}

static void says_one_clear_line_about_what_it_cannot_read(void) {
  linnet_loop *loop = new_loop();
  linnet_credentials *credentials = linnet_credentials_new(loop);
  linnet_status status = linnet_credentials_add_trust(credentials, "not a certificate", 17);
  CHECK(status == LINNET_ERROR_MALFORMED || status == LINNET_ERROR_UNAVAILABLE);
  CHECK(strstr(linnet_error_text(loop), "authority") != NULL);
  status = linnet_credentials_set_certificate(credentials, "no", 2, "key", 3);
  CHECK(status == LINNET_ERROR_MALFORMED || status == LINNET_ERROR_UNAVAILABLE);
  CHECK_EQUAL(linnet_credentials_count(credentials), 0);
  linnet_credentials_unref(credentials);
  linnet_loop_unref(loop);
}

int main(void) {
  if (strcmp(linnet_dtls_backend(), "none") == 0) {
    printf("skipped: this build has no DTLS\n");
    return 0;
  }
  return RUN(lets_an_identity_use_the_names_it_was_added_with, refuses_what_is_too_long_or_empty,
             forgets_what_is_removed, wipes_keys_when_they_are_dropped,
             wipes_keys_of_object_0_when_their_values_go, says_one_clear_line_about_what_it_cannot_read);
}
