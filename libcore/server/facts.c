/* SPDX-License-Identifier: Apache-2.0 */
/* facts.c: what registrations say of their devices, once for all that say the same (server_internal.h). */
#include <string.h>

#include "server_internal.h"

#define KEY offsetof(linnet__facts, links_length)

static size_t text_size(const linnet__facts *facts) {
  return (size_t)facts->sms_length + facts->root_length + facts->links_length + 3;
}

static size_t size_of(const linnet__facts *facts) {
  size_t size = offsetof(linnet__facts, text) + text_size(facts);
  return size < sizeof *facts ? sizeof *facts : size;
}

static const void *facts_key(const void *item, size_t *length) {
  const linnet__facts *facts = item;
  *length = offsetof(linnet__facts, text) - KEY + text_size(facts);
  return (const uint8_t *)facts + KEY;
}

void linnet__facts_init(linnet_server *server) {
  linnet__map_init(&server->facts, server->handle.loop, facts_key);
}

static char *put_text(char *out, const linnet__text *text) {
  if (text->length > 0) memcpy(out, text->data, text->length);
  out[text->length] = 0;
  return out + text->length + 1;
}

static linnet__facts *make(linnet_loop *loop, const linnet__parameters *parameters) {
  const linnet__facts sizes = {.references = 1,
                               .links_length = (uint32_t)parameters->links.length,
                               .root_length = (uint8_t)parameters->root.length,
                               .sms_length = (uint8_t)parameters->sms.length,
                               .json = parameters->json};
  if (parameters->links.length > UINT32_MAX / 2) return NULL;
  linnet__facts *facts = linnet__new(loop, size_of(&sizes));
  if (facts == NULL) return NULL;
  *facts = sizes;
  char *end = put_text(facts->text, &parameters->sms);
  end = put_text(end, &parameters->root);
  put_text(end, &parameters->links);
  return facts;
}

linnet__facts *linnet__facts_get(linnet_server *server, const linnet__parameters *parameters) {
  linnet_loop *loop = server->handle.loop;
  size_t length;
  linnet__facts *facts = make(loop, parameters);
  if (facts == NULL) return NULL;
  const void *key = facts_key(facts, &length);
  linnet__facts *known = linnet__map_find(&server->facts, key, length);
  if (known == NULL && linnet__map_insert(&server->facts, facts) == LINNET_OK) return facts;
  linnet__free(loop, facts, size_of(facts));
  if (known != NULL) known->references++;
  return known;
}

void linnet__facts_release(linnet_server *server, linnet__facts *facts) {
  size_t length;
  if (facts == NULL || --facts->references > 0) return;
  const void *key = facts_key(facts, &length);
  linnet__map_remove(&server->facts, key, length);
  linnet__map_trim(&server->facts);
  linnet__free(server->handle.loop, facts, size_of(facts));
}

const char *linnet__registration_sms(const linnet__registration *registration) {
  return registration->facts->text;
}

const char *linnet__registration_root(const linnet__registration *registration) {
  return registration->facts->text + registration->facts->sms_length + 1;
}

const char *linnet__registration_links(const linnet__registration *registration) {
  return linnet__registration_root(registration) + registration->facts->root_length + 1;
}
