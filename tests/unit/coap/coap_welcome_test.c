/* SPDX-License-Identifier: Apache-2.0 */
/* coap_welcome_test.c: who is not welcome hears nothing (REG-12); and what the layer above hears of messages
 * (QUE-05). */
#include "wire.h"

#define B16 "30313233343536373839616263646566"

/* Each of these has an answer of the CoAP layer. */
static const char *const answered[] = {
    "41 03 00 01 4A B1 33 D1 03 08 FF " B16, /* a first block */
    "41 03 00 02 4A B1 33 D1 03 18 FF " B16, /* a later one */
    "41 03 00 03 4A B1 33 D1 03 08 FF 61",   /* one that is too short */
    "41 01 00 04 4A B1 33 A0",               /* an unknown critical option */
    "41 07 00 05 4A B1 33",                  /* no such method */
    "41 01 00 06 4A B2 2E 2E",               /* ".." */
    "41 03 00 07 4A B1 33 C1 10",            /* a later block of an answer to a PUT */
};

static void answers_those_who_are_welcome(void) {
  wire w;
  wire_open(&w);
  for (size_t i = 0; i < sizeof answered / sizeof answered[0]; i++) {
    put(&w, answered[i]);
    CHECK(take(&w));
  }
  wire_close(&w);
}

static void drops_what_strangers_send_REG_12(void) {
  wire w;
  wire_open(&w);
  w.unwelcome = true;
  for (size_t i = 0; i < sizeof answered / sizeof answered[0]; i++) {
    put(&w, answered[i]);
    CHECK(!take(&w));
  }
  CHECK_EQUAL(w.requests, 0);
  CHECK_EQUAL(w.prechecks, 0);
  /* What the layer above answers, it is asked about. */
  w.answer = LINNET__ANSWER_NEVER;
  put(&w, "41 01 00 08 4A B1 33");
  CHECK(!take(&w));
  CHECK_EQUAL(w.requests, 1);
  wire_close(&w);
}

static void tells_of_each_message_both_ways(void) {
  wire w;
  wire_open(&w);
  put(&w, "41 01 00 01 4A B1 33");
  CHECK(take(&w));
  CHECK_EQUAL(w.traffic, 2);
  put(&w, "41 01 00 01 4A B1 33"); /* the same again is a message, too */
  CHECK(take(&w));
  CHECK_EQUAL(w.traffic, 4);
  put(&w, "50 01"); /* not even a message */
  CHECK(!take(&w));
  w.answer = LINNET__ANSWER_NEVER;
  put(&w, "41 01 00 02 4A B1 33");
  CHECK(!take(&w));
  CHECK(w.traffic >= 5);
  wire_close(&w);
}

int main(void) {
  return RUN(answers_those_who_are_welcome, drops_what_strangers_send_REG_12,
             tells_of_each_message_both_ways);
}
