/* SPDX-License-Identifier: Apache-2.0 */
/* names.c: the name service of the simulated world (sim.h). */
#include <stdlib.h>
#include <string.h>

#include "sim_internal.h"

static char lower_case(char character) {
  return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

/* Names know no case (RFC 4343). */
static bool same(const char *a, const char *b, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (lower_case(a[i]) != lower_case(b[i])) return false;
  return true;
}

static linnet__host *find(const linnet_world *world, const char *name, size_t length) {
  for (linnet__host *host = world->hosts; host != NULL; host = host->next)
    if (strlen(host->name) == length && same(host->name, name, length)) return host;
  return NULL;
}

linnet_status linnet_world_name(linnet_world *world, const char *name, const char *text) {
  linnet_address address;
  if (name == NULL || name[0] == '\0') return LINNET_ERROR_INVALID_ARGUMENT;
  linnet_status status = linnet_address_parse(&address, text);
  if (status != LINNET_OK) return status;
  size_t length = strlen(name);
  linnet__host *host = find(world, name, length);
  if (host == NULL) {
    host = malloc(sizeof *host + length + 1);
    if (host == NULL) return LINNET_ERROR_NO_MEMORY;
    memcpy(host->name, name, length + 1);
    host->next = world->hosts;
    world->hosts = host;
  }
  host->address = address;
  return LINNET_OK;
}

/* The port is the asker's, whatever port the name was given with. */
static void set_port(linnet_address *address, const char *digits) {
  unsigned port = 0;
  size_t at = address->kind == LINNET_ADDRESS_IPV4 ? 4 : 16;
  if (address->kind != LINNET_ADDRESS_IPV4 && address->kind != LINNET_ADDRESS_IPV6) return;
  for (; *digits >= '0' && *digits <= '9'; digits++) port = port * 10 + (unsigned)(*digits - '0');
  address->bytes[at] = (uint8_t)(port >> 8);
  address->bytes[at + 1] = (uint8_t)port;
}

void linnet__names_answer(linnet_world *world, linnet_transport *transport) {
  const char *name;
  while ((name = linnet_transport_next_lookup(transport)) != NULL) {
    const char *colon = strrchr(name, ':');
    linnet__host *host = colon == NULL ? NULL : find(world, name, (size_t)(colon - name));
    linnet_address address = {0};
    if (host != NULL) {
      address = host->address;
      set_port(&address, colon + 1);
    }
    linnet_transport_answer_lookup(transport, name, host != NULL ? &address : NULL);
  }
}

void linnet__names_free(linnet_world *world) {
  while (world->hosts != NULL) {
    linnet__host *host = world->hosts;
    world->hosts = host->next;
    free(host);
  }
}
