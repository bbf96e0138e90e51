/* SPDX-License-Identifier: Apache-2.0 */
/* list.c: what changes a list (list.h): not inline, as a call is smaller, and there are many. */
#include "list.h"

void linnet__list_append(linnet__list *list, linnet__list *node) {
  node->previous = list->previous;
  node->next = list;
  list->previous->next = node;
  list->previous = node;
}

void linnet__list_remove(linnet__list *node) {
  node->previous->next = node->next;
  node->next->previous = node->previous;
  linnet__list_init(node);
}

void linnet__list_move(linnet__list *list, linnet__list *node) {
  linnet__list_remove(node);
  linnet__list_append(list, node);
}

linnet__list *linnet__list_take(linnet__list *list) {
  linnet__list *node = list->next;
  if (node == list) return NULL;
  linnet__list_remove(node);
  return node;
}
