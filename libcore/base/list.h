/* SPDX-License-Identifier: Apache-2.0 */
/* list.h: intrusive, circular, doubly linked list. An unlinked node points to itself. */
#ifndef LINNET_BASE_LIST_H
#define LINNET_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct linnet__list {
  struct linnet__list *next;
  struct linnet__list *previous;
} linnet__list;

/* The structure of `type` whose `member` is at `node`. */
#define LINNET__CONTAINER(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

static inline void linnet__list_init(linnet__list *list) { list->next = list->previous = list; }

static inline bool linnet__list_empty(const linnet__list *list) { return list->next == list; }

/* A node that is in no list, to the end. */
void linnet__list_append(linnet__list *list, linnet__list *node);

static inline void linnet__list_prepend(linnet__list *list, linnet__list *node) {
  linnet__list_append(list->next, node);
}

/* Also for a node that is not in a list. */
void linnet__list_remove(linnet__list *node);
/* From wherever it is to the end of that list. */
void linnet__list_move(linnet__list *list, linnet__list *node);
/* Takes the first node out; NULL if the list is empty. */
linnet__list *linnet__list_take(linnet__list *list);

#endif
