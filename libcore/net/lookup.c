/* SPDX-License-Identifier: Apache-2.0 */
/* lookup.c: host names on their way to addresses; who knows the answer is outside (docs/architecture.md,
 * section 2). */
#include <string.h>

#include "text.h"
#include "transport_internal.h"

#define LONGEST_NAME 255 /* RFC 1035 2.3.4 */

static char *join_name(linnet_loop *loop, const char *host, size_t length, uint16_t port) {
  char text[LONGEST_NAME + LINNET__INTEGER_TEXT_SIZE];
  memcpy(text, host, length);
  text[length++] = ':';
  length += linnet__format_unsigned(port, text + length);
  return linnet__copy_text(loop, text, length);
}

static linnet__lookup *of_node(linnet__list *node) { return LINNET__CONTAINER(node, linnet__lookup, node); }

/* Back to idle; gives the transport back too. */
static void settle(linnet__lookup *lookup) {
  linnet_transport *transport = lookup->transport;
  linnet__list_remove(&lookup->node);
  linnet__free_text(transport->handle.loop, lookup->name);
  lookup->name = NULL;
  lookup->transport = NULL;
  linnet_transport_unref(transport);
}

static void answer(linnet_transport *transport, linnet__lookup *lookup, const linnet_address *address) {
  if (address != NULL) {
    lookup->address = *address;
  } else {
    memset(&lookup->address, 0, sizeof lookup->address);
  }
  linnet__list_move(&transport->answered, &lookup->node);
  linnet__task_post(transport->handle.loop, &transport->task);
}

static bool is_in(const linnet__list *list, const char *name) {
  for (const linnet__list *node = list->next; node != list; node = node->next)
    if (strcmp(LINNET__CONTAINER(node, linnet__lookup, node)->name, name) == 0) return true;
  return false;
}

linnet_status linnet__transport_lookup(linnet_transport *transport, linnet__lookup *lookup, const char *host,
                                       size_t host_length, uint16_t port) {
  linnet_loop *loop = transport->handle.loop;
  linnet_address address;
  if (lookup->name != NULL)
    return linnet__fail(loop, LINNET_ERROR_WRONG_STATE, "look-up: this one is under way");
  if (transport->handle.closed) return linnet__transport_too_late(transport, LINNET__WORDS("look-up"));
  linnet_status status = linnet__address_from_host(&address, host, host_length, port);
  if (status == LINNET_ERROR_INVALID_ARGUMENT || host_length > LONGEST_NAME)
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT,
                        "look-up: %n is neither a host name nor an address", host_length, host);
  lookup->name = join_name(loop, host, host_length, port);
  if (lookup->name == NULL) return linnet__fail(loop, LINNET_ERROR_NO_MEMORY, "look-up: out of memory");
  lookup->transport = linnet_transport_ref(transport);
  linnet__list_init(&lookup->node);
  if (status == LINNET_OK) {
    answer(transport, lookup, &address);
  } else {
    /* Somebody who works on the name already answers this one too. */
    linnet__list *list = is_in(&transport->taken, lookup->name) ? &transport->taken : &transport->asked;
    linnet__list_append(list, &lookup->node);
  }
  return LINNET_OK;
}

void linnet__lookup_cancel(linnet__lookup *lookup) {
  if (lookup->name != NULL) settle(lookup);
}

const char *linnet_transport_next_lookup(linnet_transport *transport) {
  linnet__list *first = linnet__list_take(&transport->asked);
  if (first == NULL) return NULL;
  const char *name = of_node(first)->name;
  linnet__list_append(&transport->taken, first);
  for (linnet__list *node = transport->asked.next, *next; node != &transport->asked; node = next) {
    next = node->next;
    if (strcmp(of_node(node)->name, name) != 0) continue;
    linnet__list_move(&transport->taken, node);
  }
  return name;
}

static size_t answer_list(linnet_transport *transport, linnet__list *list, const char *name,
                          const linnet_address *address) {
  size_t count = 0;
  for (linnet__list *node = list->next, *next; node != list; node = next) {
    next = node->next;
    if (strcmp(of_node(node)->name, name) != 0) continue;
    answer(transport, of_node(node), address);
    count++;
  }
  return count;
}

linnet_status linnet_transport_answer_lookup(linnet_transport *transport, const char *name,
                                             const linnet_address *address) {
  linnet_loop *loop = transport->handle.loop;
  if (name == NULL || (address != NULL && address->kind == LINNET_ADDRESS_NONE))
    return linnet__fail(loop, LINNET_ERROR_INVALID_ARGUMENT, "answer look-up: no name, or an empty address");
  size_t count = answer_list(transport, &transport->taken, name, address);
  count += answer_list(transport, &transport->asked, name, address);
  if (count > 0) return LINNET_OK;
  return linnet__fail(loop, LINNET_ERROR_NOT_FOUND, "answer look-up: nobody waits for %n", strlen(name),
                      name);
}

void linnet__lookups_give_up(linnet_transport *transport) {
  while (!linnet__list_empty(&transport->taken)) answer(transport, of_node(transport->taken.next), NULL);
  while (!linnet__list_empty(&transport->asked)) answer(transport, of_node(transport->asked.next), NULL);
}

bool linnet__lookup_tell(linnet_transport *transport) {
  if (linnet__list_empty(&transport->answered)) return false;
  linnet__lookup *lookup = of_node(transport->answered.next);
  linnet_address address = lookup->address;
  settle(lookup);
  lookup->found(lookup, address.kind == LINNET_ADDRESS_NONE ? NULL : &address);
  return true;
}
