/* SPDX-License-Identifier: Apache-2.0 */
/* reassembly.c: messages of several parts in the making (3GPP TS 23.040, 9.2.3.24.1; sms.md SMS-10). */
#include <string.h>

#include "sms.h"

#define MESSAGES 64
#define MESSAGES_OF_SENDER 4
#define TIMEOUT_MS 300000

typedef struct part part;
struct part {
  part *next; /* of the next higher number that has come */
  uint8_t number;
  uint8_t length;
  uint8_t data[];
};

/* A message of which parts have come. */
typedef struct draft {
  linnet__list node;
  linnet_sms_number sender;
  uint16_t reference;
  uint16_t destination_port;
  uint16_t source_port;
  uint8_t part_bits;
  uint8_t port_bits;
  uint8_t parts;
  uint8_t count; /* that have come */
  uint64_t deadline_ms;
  part *first;
} draft;

static draft *of_node(linnet__list *node) { return LINNET__CONTAINER(node, draft, node); }

static size_t part_size(size_t length) { return sizeof(part) + length; }

static void free_draft(linnet__reassembly *reassembly, draft *gone) {
  while (gone->first != NULL) {
    part *first = gone->first;
    gone->first = first->next;
    linnet__free(reassembly->loop, first, part_size(first->length));
  }
  linnet__list_remove(&gone->node);
  reassembly->count--;
  linnet__free(reassembly->loop, gone, sizeof *gone);
}

static void give_up(linnet__reassembly *reassembly, draft *gone) {
  reassembly->dropped += gone->count;
  linnet__log(reassembly->loop, LINNET_LOG_INFO, "SMS from %s: %u of %u parts came; the message is dropped",
              gone->sender.text, (unsigned)gone->count, (unsigned)gone->parts);
  free_draft(reassembly, gone);
}

/* Those whose time is over go; the timer is set to the next. */
static void look_at_time(linnet__timer *timer) {
  linnet__reassembly *reassembly = LINNET__CONTAINER(timer, linnet__reassembly, timer);
  uint64_t now_ms = linnet_loop_now(reassembly->loop), next_ms = LINNET_NEVER;
  for (linnet__list *node = reassembly->drafts.next, *next; node != &reassembly->drafts; node = next) {
    next = node->next;
    if (of_node(node)->deadline_ms <= now_ms)
      give_up(reassembly, of_node(node));
    else if (of_node(node)->deadline_ms < next_ms)
      next_ms = of_node(node)->deadline_ms;
  }
  linnet__timer_arm(reassembly->loop, &reassembly->timer, next_ms, look_at_time);
}

void linnet__reassembly_init(linnet__reassembly *reassembly, linnet_loop *loop) {
  memset(reassembly, 0, sizeof *reassembly);
  reassembly->loop = loop;
  reassembly->limit = MESSAGES;
  reassembly->limit_of_sender = MESSAGES_OF_SENDER;
  reassembly->timeout_ms = TIMEOUT_MS;
  linnet__list_init(&reassembly->drafts);
}

void linnet__reassembly_clear(linnet__reassembly *reassembly) {
  linnet__timer_stop(reassembly->loop, &reassembly->timer);
  while (!linnet__list_empty(&reassembly->drafts)) free_draft(reassembly, of_node(reassembly->drafts.next));
}

/* ---- which message a part is of ------------------------------------------------------------------ */

static bool same_sender(const draft *old, const linnet_sms *sms) {
  return old->sender.kind == sms->number.kind && strcmp(old->sender.text, sms->number.text) == 0;
}

static draft *find(const linnet__reassembly *reassembly, const linnet_sms *sms) {
  for (linnet__list *node = reassembly->drafts.next; node != &reassembly->drafts; node = node->next) {
    draft *old = of_node(node);
    if (old->reference == sms->part_reference && old->part_bits == sms->part_bits &&
        old->parts == sms->parts && old->port_bits == sms->port_bits &&
        old->destination_port == sms->destination_port && old->source_port == sms->source_port &&
        same_sender(old, sms))
      return old;
  }
  return NULL;
}

/* Room for one more: the sender's eldest goes if it has as many as it may, then the eldest of all. */
static void make_room(linnet__reassembly *reassembly, const linnet_sms *sms) {
  draft *eldest = NULL;
  size_t count = 0;
  for (linnet__list *node = reassembly->drafts.next; node != &reassembly->drafts; node = node->next) {
    if (!same_sender(of_node(node), sms)) continue;
    if (eldest == NULL) eldest = of_node(node);
    count++;
  }
  if (eldest != NULL && count >= reassembly->limit_of_sender) give_up(reassembly, eldest);
  if (reassembly->count >= reassembly->limit) give_up(reassembly, of_node(reassembly->drafts.next));
}

static draft *begin(linnet__reassembly *reassembly, const linnet_sms *sms) {
  make_room(reassembly, sms);
  draft *new = linnet__new(reassembly->loop, sizeof *new);
  if (new == NULL) return NULL;
  new->sender = sms->number;
  new->reference = sms->part_reference;
  new->destination_port = sms->destination_port;
  new->source_port = sms->source_port;
  new->part_bits = sms->part_bits;
  new->port_bits = sms->port_bits;
  new->parts = sms->parts;
  new->deadline_ms = linnet_loop_now(reassembly->loop) + reassembly->timeout_ms;
  linnet__list_append(&reassembly->drafts, &new->node);
  reassembly->count++;
  if (!linnet__timer_armed(&reassembly->timer))
    linnet__timer_arm(reassembly->loop, &reassembly->timer, new->deadline_ms, look_at_time);
  return new;
}

/* ---- parts --------------------------------------------------------------------------------------- */

/* Where the part of that number is, or would have to be. */
static part **place_of(draft *old, uint8_t number) {
  part **link = &old->first;
  while (*link != NULL && (*link)->number < number) link = &(*link)->next;
  return link;
}

static bool put(linnet__reassembly *reassembly, draft *old, part **link, const linnet_sms *sms) {
  part *new = linnet__new(reassembly->loop, part_size(sms->length));
  if (new == NULL) return false;
  new->number = sms->part;
  new->length = sms->length;
  memcpy(new->data, sms->data, sms->length);
  new->next = *link;
  *link = new;
  old->count++;
  return true;
}

static bool complete(linnet__reassembly *reassembly, draft *old, linnet__buffer *whole) {
  for (const part *next = old->first; next != NULL; next = next->next)
    linnet__buffer_append(whole, next->data, next->length);
  free_draft(reassembly, old);
  return whole->failed == LINNET_OK;
}

/* What the message knows of that part. */
typedef enum knowledge { UNKNOWN, KNOWN, CONTRADICTED } knowledge;

static knowledge compare(part *const *link, const linnet_sms *sms) {
  const part *known = *link;
  if (known == NULL || known->number != sms->part) return UNKNOWN;
  bool same = known->length == sms->length && memcmp(known->data, sms->data, sms->length) == 0;
  return same ? KNOWN : CONTRADICTED;
}

bool linnet__reassembly_add(linnet__reassembly *reassembly, const linnet_sms *sms, linnet__buffer *whole) {
  draft *old = find(reassembly, sms);
  if (old != NULL) {
    knowledge known = compare(place_of(old, sms->part), sms);
    if (known == KNOWN) return false;
    if (known == CONTRADICTED) { /* the reference is in use again, and the former message will not be whole */
      give_up(reassembly, old);
      old = NULL;
    }
  }
  if (old == NULL) old = begin(reassembly, sms);
  if (old == NULL) return false;
  if (!put(reassembly, old, place_of(old, sms->part), sms)) {
    if (old->count == 0) free_draft(reassembly, old);
    return false;
  }
  return old->count == old->parts && complete(reassembly, old, whole);
}
