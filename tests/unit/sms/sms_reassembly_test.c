/* SPDX-License-Identifier: Apache-2.0 */
/* sms_reassembly_test.c: messages of several parts, in any order, some of them missing (sms.md SMS-10). */
#include "check.h"
#include "sms/sms.h"

typedef struct desk {
  linnet_loop *loop;
  linnet__reassembly reassembly;
  linnet__buffer whole;
} desk;

static void begin(desk *d) {
  d->loop = linnet_loop_new("0123456789abcdef", 16);
  linnet_loop_step(d->loop, 1000);
  linnet__reassembly_init(&d->reassembly, d->loop);
  linnet__buffer_init(&d->whole, d->loop, 65536);
}

static void end(desk *d) {
  size_t used = linnet_loop_memory_used(d->loop);
  linnet__reassembly_clear(&d->reassembly);
  linnet__buffer_free(&d->whole);
  CHECK(linnet_loop_memory_used(d->loop) <= used);
  linnet_loop_unref(d->loop);
}

static linnet_sms part_of(const char *number, uint16_t reference, uint8_t part, uint8_t parts,
                          const char *text) {
  linnet_sms sms = {.coding = 4, .part_bits = 8, .part_reference = reference, .parts = parts, .part = part};
  CHECK_EQUAL(linnet_sms_number_parse(&sms.number, number), LINNET_OK);
  sms.length = (uint8_t)strlen(text);
  memcpy(sms.data, text, sms.length);
  return sms;
}

static bool add(desk *d, const linnet_sms *sms) {
  linnet__buffer_clear(&d->whole);
  return linnet__reassembly_add(&d->reassembly, sms, &d->whole);
}

static void check_whole(desk *d, const char *text) {
  CHECK_BYTES(d->whole.data, d->whole.length, text, strlen(text));
  CHECK_EQUAL(d->reassembly.count, 0);
}

static void puts_parts_together_in_any_order_SMS_10(void) {
  static const uint8_t orders[][3] = {{1, 2, 3}, {3, 2, 1}, {2, 3, 1}, {3, 1, 2}};
  static const char *const texts[] = {"", "one ", "two ", "three"};
  for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
    desk d;
    begin(&d);
    for (size_t j = 0; j < 3; j++) {
      linnet_sms sms = part_of("+15550100", 7, orders[i][j], 3, texts[orders[i][j]]);
      CHECK_EQUAL(add(&d, &sms), j == 2);
      if (j < 2) CHECK(!add(&d, &sms)); /* twice is once */
    }
    check_whole(&d, "one two three");
    end(&d);
  }
}

/* The key is sender, reference, its width, total and ports. */
static void mixes_no_messages_SMS_10(void) {
  desk d;
  begin(&d);
  linnet_sms first = part_of("+15550100", 7, 1, 2, "a");
  linnet_sms others[5];
  for (size_t i = 0; i < 5; i++) others[i] = part_of("+15550100", 7, 2, 2, "x");
  CHECK_EQUAL(linnet_sms_number_parse(&others[0].number, "+15550101"), LINNET_OK);
  others[1].part_reference = 8;
  others[2].part_bits = 16;
  others[3].parts = 3;
  others[4].port_bits = 16;
  others[4].destination_port = 5683;
  d.reassembly.limit_of_sender = 6;
  CHECK(!add(&d, &first));
  for (size_t i = 0; i < 5; i++) CHECK(!add(&d, &others[i]));
  linnet_sms second = part_of("+15550100", 7, 2, 2, "b");
  CHECK(add(&d, &second));
  CHECK_BYTES(d.whole.data, d.whole.length, "ab", 2);
  CHECK_EQUAL(d.reassembly.count, 5);
  end(&d);
}

/* A reference comes round again while a part of the former message is missing. */
static void begins_anew_when_a_part_comes_with_other_content(void) {
  desk d;
  begin(&d);
  linnet_sms old = part_of("+15550100", 7, 1, 2, "old ");
  linnet_sms new = part_of("+15550100", 7, 1, 2, "new ");
  linnet_sms last = part_of("+15550100", 7, 2, 2, "part");
  CHECK(!add(&d, &old));
  CHECK(!add(&d, &new));
  CHECK(add(&d, &last));
  check_whole(&d, "new part");
  CHECK_EQUAL(d.reassembly.dropped, 1);
  end(&d);
}

static void gives_up_after_five_minutes_SMS_10(void) {
  desk d;
  begin(&d);
  linnet_sms first = part_of("+15550100", 7, 1, 2, "a");
  linnet_sms second = part_of("+15550100", 7, 2, 2, "b");
  linnet_sms other = part_of("+15550101", 9, 1, 2, "c");
  CHECK(!add(&d, &first));
  linnet_loop_step(d.loop, 1000 + 200000);
  CHECK(!add(&d, &other));
  linnet_loop_step(d.loop, 1000 + 299999);
  CHECK_EQUAL(d.reassembly.count, 2);
  linnet_loop_step(d.loop, 1000 + 300000);
  CHECK_EQUAL(d.reassembly.count, 1);
  CHECK(!add(&d, &second));
  CHECK_EQUAL(linnet_loop_deadline(d.loop), 1000 + 500000);
  linnet_loop_step(d.loop, 1000 + 600000);
  CHECK_EQUAL(d.reassembly.count, 0);
  CHECK_EQUAL(linnet_loop_deadline(d.loop), LINNET_NEVER);
  CHECK_EQUAL(d.reassembly.dropped, 3);
  end(&d);
}

/* One sender cannot crowd the others out, nor fill the memory. */
static void keeps_a_bounded_number_of_messages(void) {
  desk d;
  begin(&d);
  linnet_sms quiet = part_of("+15550199", 1, 1, 2, "a");
  CHECK(!add(&d, &quiet));
  for (uint16_t i = 0; i < 100; i++) {
    linnet_sms sms = part_of("+15550100", i, 1, 2, "x");
    CHECK(!add(&d, &sms));
  }
  CHECK_EQUAL(d.reassembly.count, 5);
  linnet_sms rest = part_of("+15550199", 1, 2, 2, "b");
  CHECK(add(&d, &rest));
  for (unsigned i = 0; i < 200; i++) {
    char number[16];
    snprintf(number, sizeof number, "+1555%04u", i);
    linnet_sms sms = part_of(number, 1, 1, 255, "x");
    CHECK(!add(&d, &sms));
  }
  CHECK_EQUAL(d.reassembly.count, 64);
  end(&d);
}

static void makes_messages_of_255_parts(void) {
  desk d;
  begin(&d);
  for (unsigned i = 255; i > 0; i--) {
    linnet_sms sms = part_of("+15550100", 0xBEEF, (uint8_t)i, 255, "");
    memset(sms.data, (int)i, 134);
    sms.length = 134;
    CHECK_EQUAL(add(&d, &sms), i == 1);
  }
  CHECK_EQUAL(d.whole.length, 34170);
  CHECK_EQUAL(d.whole.data[0], 1);
  CHECK_EQUAL(d.whole.data[34169], 255);
  end(&d);
}

typedef struct budget {
  unsigned left;
} budget;

static void *reallocate(void *user, void *block, size_t size) {
  budget *b = user;
  if (size == 0) {
    free(block);
    return NULL;
  }
  if (b->left == 0) return NULL;
  b->left--;
  return realloc(block, size);
}

static void bears_the_want_of_memory(void) {
  for (unsigned after = 0; after < 6; after++) {
    desk d;
    budget memory = {100};
    d.loop = linnet_loop_new_with_memory("0123456789abcdef", 16, reallocate, &memory);
    linnet_loop_step(d.loop, 1000);
    linnet__reassembly_init(&d.reassembly, d.loop);
    linnet__buffer_init(&d.whole, d.loop, 65536);
    linnet_sms parts[] = {part_of("+15550100", 7, 1, 2, "a"), part_of("+15550100", 7, 2, 2, "b")};
    memory.left = after;
    add(&d, &parts[0]);
    bool whole = add(&d, &parts[1]);
    memory.left = 100;
    if (!whole && add(&d, &parts[0])) CHECK_BYTES(d.whole.data, d.whole.length, "ab", 2);
    end(&d);
  }
}

int main(void) {
  return RUN(puts_parts_together_in_any_order_SMS_10, mixes_no_messages_SMS_10,
             begins_anew_when_a_part_comes_with_other_content, gives_up_after_five_minutes_SMS_10,
             keeps_a_bounded_number_of_messages, makes_messages_of_255_parts, bears_the_want_of_memory);
}
