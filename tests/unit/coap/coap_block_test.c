/* SPDX-License-Identifier: Apache-2.0 */
/* Block-wise transfers, each end against a scripted peer (RFC 7959; BW-01 to BW-25). Blocks have 16 bytes
 * here. */
#include "wire.h"

#define B16 "30313233343536373839616263646566"
#define C16 "41414141414141414141414141414141"

/* ---- a body that comes in ------------------------------------------------------------------------ */

static void collects_a_request_body_BW_03(void) {
  wire w;
  wire_open(&w);
  w.answer_code = LINNET__CHANGED;
  put(&w, "41 03 00 01 4A B1 33 12 2D 16 D1 02 08 FF " B16); /* Block1 0/1/16 */
  got(&w, "61 5F 00 01 4A D1 0E 08");
  CHECK_EQUAL(w.prechecks, 1);                               /* BW-08 */
  put(&w, "41 03 00 02 4B B1 33 12 2D 16 D1 02 18 FF " C16); /* another token: BW-01 */
  got(&w, "61 5F 00 02 4B D1 0E 18");
  CHECK_EQUAL(w.requests, 0);
  put(&w, "41 03 00 03 4A B1 33 12 2D 16 D1 02 20 FF 7A");
  got(&w, "61 44 00 03 4A D1 0E 20");
  CHECK_EQUAL(w.requests, 1);
  CHECK_EQUAL(w.content_format, 11542);
  CHECK_BYTES(w.body, w.body_length, "0123456789abcdefAAAAAAAAAAAAAAAAz", 33);
  CHECK_EQUAL(w.prechecks, 1);
  put(&w, "41 03 00 03 4A B1 33 12 2D 16 D1 02 20 FF 7A"); /* a duplicate of the last */
  got(&w, "61 44 00 03 4A D1 0E 20");
  CHECK_EQUAL(w.requests, 1);
  wire_close(&w);
}

static void takes_a_single_block_for_the_whole(void) {
  wire w;
  wire_open(&w);
  w.answer_code = LINNET__CHANGED;
  put(&w, "41 03 00 01 4A B1 33 D1 03 06 FF 61");
  got(&w, "61 44 00 01 4A D1 0E 06");
  CHECK_BYTES(w.body, w.body_length, "a", 1);
  CHECK_EQUAL(w.prechecks, 0);
  wire_close(&w);
}

static void refuses_ill_sized_blocks_BW_02(void) {
  static const char *const bad[] = {
      "41 03 00 01 4A B1 33 D1 03 08 FF 61",        /* M=1, but short */
      "41 03 00 01 4A B1 33 D1 03 08",              /* M=1, empty */
      "41 03 00 01 4A B1 33 D1 03 09 FF " B16,      /* half a block of 32 */
      "41 03 00 01 4A B1 33 D1 03 00 FF " B16 "61", /* longer than a block */
      "41 03 00 01 4A B1 33 D1 03 10",              /* an empty last one */
      "41 03 00 01 4A B1 33 D1 03 0F FF " B16,      /* SZX 7 */
      "41 03 00 01 4A B1 33 C1 07 FF " B16,         /* also in Block2 */
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    wire w;
    wire_open(&w);
    put(&w, bad[i]);
    CHECK(take(&w));
    CHECK_EQUAL(w.last[1], LINNET__BAD_REQUEST);
    CHECK_EQUAL(w.requests, 0);
    wire_close(&w);
  }
}

static void answers_gaps_with_4_08_BW_05(void) {
  wire w;
  wire_open(&w);
  put(&w, "41 03 00 01 4A B1 33 D1 03 18 FF " B16); /* no beginning */
  got(&w, "61 88 00 01 4A D1 0E 10");
  put(&w, "41 03 00 02 4A B1 33 D1 03 08 FF " B16);
  got(&w, "61 5F 00 02 4A D1 0E 08");
  put(&w, "41 03 00 03 4A B1 33 D1 03 28 FF " B16); /* a gap */
  got(&w, "61 88 00 03 4A D1 0E 20");
  put(&w, "41 03 00 04 4A B1 33 10 D1 02 18 FF " B16); /* another Content-Format */
  got(&w, "61 88 00 04 4A D1 0E 10");
  put(&w, "41 03 00 05 4A B1 34 D1 03 18 FF " B16); /* another path: BW-07 */
  got(&w, "61 88 00 05 4A D1 0E 10");
  put(&w, "41 02 00 06 4A B1 33 D1 03 18 FF " B16); /* another method */
  got(&w, "61 88 00 06 4A D1 0E 10");
  CHECK_EQUAL(w.requests, 0);
  put(&w, "41 03 00 07 4A B1 33 D1 03 18 FF " B16); /* the transfer is still there */
  got(&w, "61 5F 00 07 4A D1 0E 18");
  wire_close(&w);
}

static void acknowledges_a_repeated_block_without_storing_it_BW_05(void) {
  wire w;
  wire_open(&w);
  put(&w, "41 03 00 01 4A B1 33 D1 03 08 FF " B16);
  CHECK(take(&w));
  put(&w, "41 03 00 02 4A B1 33 D1 03 18 FF " C16);
  CHECK(take(&w));
  put(&w, "41 03 00 03 4A B1 33 D1 03 18 FF " C16); /* again, as a new message */
  got(&w, "61 5F 00 03 4A D1 0E 18");
  put(&w, "41 03 00 04 4A B1 33 D1 03 20 FF 7A");
  CHECK(take(&w));
  CHECK_BYTES(w.body, w.body_length, "0123456789abcdefAAAAAAAAAAAAAAAAz", 33);
  wire_close(&w);
}

static void starts_anew_at_block_0_BW_05(void) {
  wire w;
  wire_open(&w);
  put(&w, "41 03 00 01 4A B1 33 D1 03 08 FF " B16);
  CHECK(take(&w));
  put(&w, "41 03 00 02 4A B1 33 D1 03 08 FF " C16);
  CHECK(take(&w));
  put(&w, "41 03 00 03 4A B1 33 D1 03 10 FF 7A");
  CHECK(take(&w));
  CHECK_BYTES(w.body, w.body_length, "AAAAAAAAAAAAAAAAz", 17);
  wire_close(&w);
}

static void asks_for_smaller_blocks_and_counts_in_bytes_BW_04(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_BLOCK_SIZE, 16);
  put(&w, "41 03 00 01 4A B1 33 D1 03 09 FF " B16 C16); /* 0/1/32 */
  got(&w, "61 5F 00 01 4A D1 0E 08");                   /* 16, please */
  put(&w, "41 03 00 02 4A B1 33 D1 03 20 FF 7A");       /* 2/0/16 */
  CHECK(take(&w));
  CHECK_EQUAL(w.body_length, 33);
  wire_close(&w);
}

static void refuses_bodies_that_are_too_large_BW_06_BW_10(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_BODY_SIZE, 20);
  put(&w, "41 03 00 01 4A B1 33 D1 03 08 FF " B16);
  got(&w, "61 5F 00 01 4A D1 0E 08");
  put(&w, "41 03 00 02 4A B1 33 D1 03 18 FF " B16);
  got(&w, "61 8D 00 02 4A D1 0E 10 D1 14 14"); /* Block1 1/0/16, Size1 20 */
  put(&w, "41 03 00 03 4A B1 33 D1 03 20 FF 61");
  got(&w, "61 88 00 03 4A D1 0E 20");                        /* the transfer has ended */
  put(&w, "41 03 00 04 4A B1 33 D1 03 08 D1 14 15 FF " B16); /* Size1 21: refused at once */
  got(&w, "61 8D 00 04 4A D0 0E D1 14 14");
  CHECK_EQUAL(w.requests, 0);
  wire_close(&w);
}

static void refuses_early_what_a_precheck_refuses_BW_08(void) {
  wire w;
  wire_open(&w);
  w.precheck_code = LINNET__NOT_FOUND;
  put(&w, "41 03 00 01 4A B1 33 D1 03 08 FF " B16);
  got(&w, "61 84 00 01 4A D0 0E");
  put(&w, "41 03 00 02 4A B1 33 D1 03 18 FF " B16);
  got(&w, "61 88 00 02 4A D1 0E 10");
  wire_close(&w);
}

static void drops_a_transfer_after_its_lifetime_BW_07(void) {
  wire w;
  wire_open(&w);
  put(&w, "41 03 00 01 4A B1 33 D1 03 08 FF " B16);
  CHECK(take(&w));
  wire_wait(&w, 247000);
  put(&w, "41 03 00 02 4A B1 33 D1 03 10 FF 7A");
  got(&w, "61 88 00 02 4A D1 0E 10");
  wire_close(&w);
}

static void bounds_transfers(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_TRANSFERS, 1);
  put(&w, "41 03 00 01 4A B1 33 D1 03 08 FF " B16);
  CHECK(take(&w));
  put(&w, "41 03 00 02 4A B1 34 D1 03 08 FF " B16);
  got(&w, "61 A3 00 02 4A D0 0E"); /* 5.03: the first is alive */
  wire_wait(&w, 93000);
  put(&w, "41 03 00 03 4A B1 34 D1 03 08 FF " B16);
  got(&w, "61 5F 00 03 4A D1 0E 08"); /* its peer would have gone on by now */
  wire_close(&w);
}

/* ---- a response that goes out -------------------------------------------------------------------- */

static void serves_a_large_response_in_blocks_BW_20_BW_23(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_BLOCK_SIZE, 16);
  w.answer_body = "0123456789abcdefAAAAAAAAAAAAAAAAz";
  w.answer_length = 33;
  w.answer_format = 40;
  put(&w, "41 01 00 01 4A B1 33");
  got(&w, "61 45 00 01 4A 44 ........ 81 28 B1 08 51 21 FF " B16); /* ETag, CF, Block2 0/1/16, Size2 33 */
  uint8_t etag[4];
  memcpy(etag, w.last + 6, 4);
  w.answer_body = "something else that is quite long";
  put(&w, "41 01 00 02 4B B1 33 C1 10");
  got(&w, "61 45 00 02 4B 44 ........ 81 28 B1 18 FF " C16);
  CHECK_BYTES(w.last + 6, 4, etag, 4);
  put(&w, "41 01 00 03 4C B1 33 C1 20");
  got(&w, "61 45 00 03 4C 44 ........ 81 28 B1 20 FF 7A");
  CHECK_EQUAL(w.requests, 1);            /* a snapshot, so that the blocks belong together */
  put(&w, "41 01 00 04 4D B1 33 C1 10"); /* it is gone now: computed anew, with another ETag */
  got(&w, "61 45 00 04 4D 44 ........ 81 28 B1 18 FF ................................");
  CHECK(memcmp(w.last + 6, etag, 4) != 0);
  CHECK_EQUAL(w.requests, 2);
  put(&w, "41 01 00 05 4D B1 33 C1 30");
  got(&w, "61 80 00 05 4D"); /* beyond the end */
  wire_close(&w);
}

static void keeps_to_the_size_that_was_asked_for_BW_21(void) {
  wire w;
  wire_open(&w);
  w.answer_body = "0123456789abcdefAAAAAAAAAAAAAAAAz";
  w.answer_length = 33;
  put(&w, "41 01 00 01 4A B1 33 C0"); /* 0/0/16 */
  got(&w, "61 45 00 01 4A 44 ........ D1 06 08 51 21 FF " B16);
  put(&w, "41 01 00 02 4A B1 33 C1 01"); /* 0/0/32: from the beginning, asked anew */
  got(&w, "61 45 00 02 4A 44 ........ D1 06 09 51 21 FF " B16 C16);
  put(&w, "41 01 00 03 4A B1 33 C1 11");
  got(&w, "61 45 00 03 4A 44 ........ D1 06 11 FF 7A");
  w.answer_length = 3;
  put(&w, "41 01 00 04 4A B1 33 C0");
  got(&w, "61 45 00 04 4A D0 0A FF 303132");
  wire_close(&w);
}

static void cuts_the_response_to_a_post_once_BW_25(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_BLOCK_SIZE, 16);
  w.answer_body = "0123456789abcdefz";
  w.answer_length = 17;
  put(&w, "41 02 00 01 4A B1 33 D1 03 08 FF " C16);
  got(&w, "61 5F 00 01 4A D1 0E 08");
  put(&w, "41 02 00 02 4A B1 33 D1 03 10 FF 61");
  got(&w, "61 45 00 02 4A 44 ........ D1 06 08 41 10 11 11 FF " B16); /* Block2, Block1, Size2 */
  put(&w, "41 02 00 03 4A B1 33 C1 10");
  got(&w, "61 45 00 03 4A 44 ........ D1 06 10 FF 7A");
  put(&w, "41 02 00 04 4A B1 33 C1 10"); /* no snapshot: not done again */
  got(&w, "61 88 00 04 4A");
  CHECK_EQUAL(w.requests, 1);
  wire_close(&w);
}

static void cuts_a_diagnostic_text(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_BLOCK_SIZE, 16);
  w.answer_code = LINNET__BAD_REQUEST;
  w.answer_body = "0123456789abcdefAAAAAAAAAAAAAAAAz";
  w.answer_length = 33;
  put(&w, "41 01 00 01 4A B1 33");
  got(&w, "61 80 00 01 4A FF " B16);
  wire_close(&w);
}

static void cuts_an_answer_that_comes_later(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_BLOCK_SIZE, 16);
  w.answer = LINNET__ANSWER_LATER;
  put(&w, "41 01 00 01 4A B1 33");
  wire_wait(&w, 1000);
  got(&w, "60 00 00 01");
  linnet__response response;
  linnet__response_init(w.coap, &response, LINNET__CONTENT);
  linnet__buffer_append_text(response.payload, "0123456789abcdefz");
  CHECK_EQUAL(linnet__coap_respond(w.coap, w.exchange, &response), LINNET_OK);
  wire_step(&w);
  got(&w, "41 45 .... 4A 44 ........ D1 06 08 51 11 FF " B16);
  put_empty(&w, LINNET_MESSAGE_ACK);
  put(&w, "41 01 00 02 4B B1 33 C1 10");
  got(&w, "61 45 00 02 4B 44 ........ D1 06 10 FF 7A");
  CHECK_EQUAL(w.requests, 1);
  wire_close(&w);
}

/* ---- a body that goes out ------------------------------------------------------------------------ */

static const char text33[] = "0123456789abcdefAAAAAAAAAAAAAAAAz";

static void open_sending(wire *w) {
  wire_open(w);
  linnet__coap_set_limit(w->coap, LINNET_LIMIT_BLOCK_SIZE, 16);
  ask(w, LINNET__PUT, "3", -1, text33, 33);
  got(w, "48 03 .... ................ B1 33 D1 03 08 D1 14 21 FF " B16); /* Block1 0/1/16, Size1 33 */
}

static void answer(wire *w, uint8_t code, const char *rest) {
  linnet__token token = last_token(w);
  put_response(w, LINNET_MESSAGE_ACK, code, last_id(w), &token, rest);
}

static void sends_a_body_in_blocks_BW_01_BW_10(void) {
  wire w;
  open_sending(&w);
  linnet__token token = last_token(&w);
  answer(&w, LINNET__CONTINUE, "D1 0E 08");
  got(&w, "48 03 .... ................ B1 33 D1 03 18 FF " C16);
  CHECK_BYTES(last_token(&w).bytes, 8, token.bytes, 8);
  answer(&w, LINNET__CONTINUE, "D1 0E 18");
  got(&w, "48 03 .... ................ B1 33 D1 03 20 FF 7A");
  CHECK_EQUAL(w.responses, 0);
  answer(&w, LINNET__CHANGED, "D1 0E 20");
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.status, LINNET_OK);
  CHECK_EQUAL(w.code, LINNET__CHANGED);
  wire_close(&w);
}

static void sends_what_fits_without_blocks(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_BLOCK_SIZE, 16);
  ask(&w, LINNET__PUT, "3", -1, text33, 16);
  got(&w, "48 03 .... ................ B1 33 FF " B16);
  wire_close(&w);
}

static void goes_on_with_smaller_blocks_BW_04(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_BLOCK_SIZE, 32);
  ask(&w, LINNET__PUT, "3", -1, text33, 33);
  got(&w, "48 03 .... ................ B1 33 D1 03 09 D1 14 21 FF " B16 C16);
  answer(&w, LINNET__CONTINUE, "D1 0E 08");
  got(&w, "48 03 .... ................ B1 33 D1 03 20 FF 7A"); /* 32 bytes are sent: block 2 of 16 */
  answer(&w, LINNET__CHANGED, "D1 0E 20");
  CHECK_EQUAL(w.responses, 1);
  wire_close(&w);
}

static void ignores_the_wish_for_larger_blocks_BW_04(void) {
  wire w;
  open_sending(&w);
  answer(&w, LINNET__CONTINUE, "D1 0E 0E");
  got(&w, "48 03 .... ................ B1 33 D1 03 18 FF " C16);
  wire_close(&w);
}

static void starts_anew_after_4_08_but_not_forever_BW_05(void) {
  wire w;
  open_sending(&w);
  for (int i = 0; i < 3; i++) {
    answer(&w, LINNET__CONTINUE, "D1 0E 08");
    got(&w, "48 03 .... ................ B1 33 D1 03 18 FF " C16);
    answer(&w, LINNET__REQUEST_ENTITY_INCOMPLETE, "");
    got(&w, "48 03 .... ................ B1 33 D1 03 08 D1 14 21 FF " B16);
    CHECK_EQUAL(w.responses, 0);
  }
  answer(&w, LINNET__REQUEST_ENTITY_INCOMPLETE, "");
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.code, LINNET__REQUEST_ENTITY_INCOMPLETE);
  wire_close(&w);
}

static void falls_back_to_smaller_blocks_after_4_13_BW_06(void) {
  wire w;
  wire_open(&w);
  ask(&w, LINNET__PUT, "3", -1, text33, 33);
  got(&w, "48 03 .... ................ B1 33 FF " B16 C16 "7A");
  answer(&w, LINNET__REQUEST_ENTITY_TOO_LARGE, "D1 0E 00"); /* 16, please */
  got(&w, "48 03 .... ................ B1 33 D1 03 08 D1 14 21 FF " B16);
  answer(&w, LINNET__REQUEST_ENTITY_TOO_LARGE, "D1 0E 00"); /* still: then that is the answer */
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.code, LINNET__REQUEST_ENTITY_TOO_LARGE);
  wire_close(&w);
}

static void takes_an_early_error_for_the_answer(void) {
  wire w;
  open_sending(&w);
  answer(&w, LINNET__NOT_FOUND, "");
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.code, LINNET__NOT_FOUND);
  silent(&w);
  wire_close(&w);
}

static void fails_at_answers_that_fit_no_block(void) {
  static const char *const bad[] = {"", "D1 0E 18"};
  for (size_t i = 0; i < 2; i++) {
    wire w;
    open_sending(&w);
    answer(&w, LINNET__CONTINUE, bad[i]);
    CHECK_EQUAL(w.responses, 1);
    CHECK_EQUAL(w.status, LINNET_ERROR_MALFORMED);
    wire_close(&w);
  }
}

/* ---- a response that comes in -------------------------------------------------------------------- */

static void open_fetching(wire *w) {
  wire_open(w);
  ask(w, LINNET__GET, "3", -1, NULL, 0);
  got(w, "48 01 .... ................ B1 33");
  answer(w, LINNET__CONTENT, "41 01 81 28 B1 08 51 21 FF " B16); /* ETag 1, CF 40, Block2 0/1/16, Size2 33 */
  got(w, "48 01 .... ................ B1 33 C1 10");
}

static void collects_a_response_BW_20(void) {
  wire w;
  open_fetching(&w);
  answer(&w, LINNET__CONTENT, "41 01 81 28 B1 18 FF " C16);
  got(&w, "48 01 .... ................ B1 33 C1 20");
  CHECK_EQUAL(w.responses, 0);
  answer(&w, LINNET__CONTENT, "41 01 81 28 B1 20 FF 7A");
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.content_format, 40);
  CHECK_BYTES(w.body, w.body_length, text33, 33);
  silent(&w);
  wire_close(&w);
}

static void negotiates_its_block_size_early_BW_21(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_BLOCK_SIZE, 32);
  ask(&w, LINNET__GET, "3", -1, NULL, 0);
  got(&w, "48 01 .... ................ B1 33 C1 01");
  answer(&w, LINNET__CONTENT, "D1 0A 08 FF " B16); /* smaller */
  got(&w, "48 01 .... ................ B1 33 C1 10");
  answer(&w, LINNET__CONTENT, "D1 0A 10 FF 7A");
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.body_length, 17);
  wire_close(&w);
}

static void starts_anew_when_the_representation_changes_but_not_forever_BW_22(void) {
  wire w;
  open_fetching(&w);
  for (int i = 0; i < 3; i++) {
    answer(&w, LINNET__CONTENT, "41 02 81 28 B1 18 FF " C16); /* another ETag */
    got(&w, "48 01 .... ................ B1 33");
    answer(&w, LINNET__CONTENT, "41 01 81 28 B1 08 FF " B16);
    got(&w, "48 01 .... ................ B1 33 C1 10");
  }
  answer(&w, LINNET__CONTENT, "41 02 81 28 B1 18 FF " C16);
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.status, LINNET_ERROR_MALFORMED);
  wire_close(&w);
}

static void starts_anew_when_the_end_has_moved_BW_23(void) {
  wire w;
  open_fetching(&w);
  answer(&w, LINNET__BAD_REQUEST, "");
  got(&w, "48 01 .... ................ B1 33");
  answer(&w, LINNET__CONTENT, "FF 7A");
  CHECK_EQUAL(w.responses, 1);
  CHECK_BYTES(w.body, w.body_length, "z", 1);
  wire_close(&w);
}

static void takes_an_error_in_mid_transfer_for_the_answer(void) {
  wire w;
  open_fetching(&w);
  answer(&w, LINNET__NOT_FOUND, "");
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.code, LINNET__NOT_FOUND);
  CHECK_EQUAL(w.body_length, 0);
  wire_close(&w);
}

static void fails_at_ill_formed_blocks_BW_24(void) {
  static const char *const bad[] = {"D1 0A 08 FF 61", "D1 0A 18 FF " B16, "D1 0A 0F FF " B16,
                                    "D1 0A 00 FF " B16 "61"};
  for (size_t i = 0; i < 4; i++) {
    wire w;
    wire_open(&w);
    ask(&w, LINNET__GET, "3", -1, NULL, 0);
    CHECK(take(&w));
    answer(&w, LINNET__CONTENT, bad[i]);
    CHECK_EQUAL(w.responses, 1);
    CHECK_EQUAL(w.status, LINNET_ERROR_MALFORMED);
    wire_close(&w);
  }
}

static void fails_at_bodies_that_are_too_large(void) {
  wire w;
  wire_open(&w);
  linnet__coap_set_limit(w.coap, LINNET_LIMIT_BODY_SIZE, 20);
  ask(&w, LINNET__GET, "3", -1, NULL, 0);
  CHECK(take(&w));
  answer(&w, LINNET__CONTENT, "D1 0A 08 51 21 FF " B16); /* Size2 33 */
  CHECK_EQUAL(w.status, LINNET_ERROR_TOO_LARGE);
  ask(&w, LINNET__GET, "3", -1, NULL, 0);
  CHECK(take(&w));
  answer(&w, LINNET__CONTENT, "D1 0A 08 FF " B16);
  CHECK(take(&w));
  answer(&w, LINNET__CONTENT, "D1 0A 18 FF " B16);
  CHECK_EQUAL(w.responses, 2);
  CHECK_EQUAL(w.status, LINNET_ERROR_TOO_LARGE);
  wire_close(&w);
}

static void never_repeats_a_post_to_get_its_response_again(void) {
  wire w;
  wire_open(&w);
  ask(&w, LINNET__POST, "3", -1, "a", 1);
  got(&w, "48 02 .... ................ B1 33 FF 61");
  answer(&w, LINNET__CONTENT, "41 01 D1 06 08 FF " B16);
  got(&w, "48 02 .... ................ B1 33 C1 10"); /* without the body */
  answer(&w, LINNET__CONTENT, "41 02 D1 06 18 FF " B16);
  CHECK_EQUAL(w.responses, 1);
  CHECK_EQUAL(w.status, LINNET_ERROR_MALFORMED);
  silent(&w);
  wire_close(&w);
}

/* SMS-11: whatever is sent fits in one short message. */
static void fits_blocks_to_small_transports(void) {
  wire w;
  wire_open(&w);
  CHECK_EQUAL(linnet_transport_set_mtu(w.transport, 64), LINNET_OK);
  static uint8_t body[100];
  memset(body, 'x', sizeof body);
  ask(&w, LINNET__PUT, "3", -1, body, sizeof body);
  CHECK(take(&w));
  CHECK(w.last_length <= 64);
  w.answer_body = body;
  w.answer_length = sizeof body;
  w.answer_format = 11542;
  put(&w, "48 01 00 01 11 22 33 44 55 66 77 88 B1 33");
  CHECK(take(&w));
  CHECK(w.last_length <= 64);
  CHECK_EQUAL(w.last[1], LINNET__CONTENT);
  wire_close(&w);
}

static void refuses_options_that_leave_no_room(void) {
  wire w;
  wire_open(&w);
  CHECK_EQUAL(linnet_transport_set_mtu(w.transport, 64), LINNET_OK);
  char segment[101];
  memset(segment, 'x', 100);
  segment[100] = '\0';
  linnet__text path = {segment, 100};
  linnet__peer peer = {w.transport, w.address};
  linnet__outgoing outgoing = {
      .code = LINNET__GET, .path = &path, .path_count = 1, .content_format = -1, .accept = -1, .observe = -1};
  CHECK_EQUAL(linnet__coap_send(w.coap, &peer, &outgoing, wire_answered, &w, NULL), LINNET_ERROR_TOO_LARGE);
  silent(&w);
  wire_close(&w);
}

int main(void) {
  return RUN(
      collects_a_request_body_BW_03, takes_a_single_block_for_the_whole, refuses_ill_sized_blocks_BW_02,
      answers_gaps_with_4_08_BW_05, acknowledges_a_repeated_block_without_storing_it_BW_05,
      starts_anew_at_block_0_BW_05, asks_for_smaller_blocks_and_counts_in_bytes_BW_04,
      refuses_bodies_that_are_too_large_BW_06_BW_10, refuses_early_what_a_precheck_refuses_BW_08,
      drops_a_transfer_after_its_lifetime_BW_07, bounds_transfers,
      serves_a_large_response_in_blocks_BW_20_BW_23, keeps_to_the_size_that_was_asked_for_BW_21,
      cuts_the_response_to_a_post_once_BW_25, cuts_a_diagnostic_text, cuts_an_answer_that_comes_later,
      sends_a_body_in_blocks_BW_01_BW_10, sends_what_fits_without_blocks, goes_on_with_smaller_blocks_BW_04,
      ignores_the_wish_for_larger_blocks_BW_04, starts_anew_after_4_08_but_not_forever_BW_05,
      falls_back_to_smaller_blocks_after_4_13_BW_06, takes_an_early_error_for_the_answer,
      fails_at_answers_that_fit_no_block, collects_a_response_BW_20, negotiates_its_block_size_early_BW_21,
      starts_anew_when_the_representation_changes_but_not_forever_BW_22,
      starts_anew_when_the_end_has_moved_BW_23, takes_an_error_in_mid_transfer_for_the_answer,
      fails_at_ill_formed_blocks_BW_24, fails_at_bodies_that_are_too_large,
      never_repeats_a_post_to_get_its_response_again, fits_blocks_to_small_transports,
      refuses_options_that_leave_no_room);
}
