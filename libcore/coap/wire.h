/* SPDX-License-Identifier: Apache-2.0 */
/* wire.h: the bytes of a message: what its options say, and how one is written. */
#ifndef LINNET_COAP_WIRE_H
#define LINNET_COAP_WIRE_H

#include "coap.h"

/* What becomes of an option: a member of linnet__facts, as a number, as a block, or as being there. */
typedef enum linnet__option_reading {
  LINNET__READ_NOTHING,
  LINNET__READ_UINT,
  LINNET__READ_BLOCK,
  LINNET__READ_PRESENCE,
  LINNET__READ_ETAG,
  LINNET__READ_PATH,
  LINNET__READ_UNMET /* a condition that nothing here meets */
} linnet__option_reading;

/* What is known of an option (RFC 7252 5.10, RFC 7641 2, RFC 7959 2.1 and 4). */
typedef struct linnet__option_rule {
  char format;
  uint16_t longest;
  uint8_t shortest;
  bool repeatable;
  uint8_t reading; /* linnet__option_reading */
  uint8_t fact;    /* offset in linnet__facts */
} linnet__option_rule;

/* NULL: unknown. */
const linnet__option_rule *linnet__option_find(uint16_t number);
/* A uint of up to four bytes; leading zeros are accepted. */
uint32_t linnet__option_uint(const linnet_option *option);

/* A Block1 or Block2 option (RFC 7959 2.2). */
typedef struct linnet__block {
  bool present;
  bool more;
  uint8_t exponent; /* SZX; 7 is reserved */
  uint32_t number;
} linnet__block;

static inline size_t linnet__block_size(unsigned exponent) { return (size_t)16 << exponent; }
static inline uint64_t linnet__block_offset(const linnet__block *block) {
  return (uint64_t)block->number << (block->exponent + 4U);
}
/* Of so many bytes, how many blocks are before the next one. */
static inline size_t linnet__blocks_before(size_t length, unsigned exponent) {
  return length >> (exponent + 4);
}
/* The largest exponent whose block has at most `size` bytes, 0 to 6. */
uint8_t linnet__block_exponent(size_t size);
#define LINNET__BLOCK_RESERVED 7
#define LINNET__BLOCK_NUMBER_MAX 0xFFFFFU

/* What the options of a message say, in one walk. Options of bad length or repeated against the rule count as
 * unknown (CO-21). */
typedef struct linnet__facts {
  int32_t content_format; /* -1: absent, as with those that follow */
  int32_t accept;
  int32_t observe;
  uint32_t max_age_s;
  uint32_t size1; /* 0: absent or nothing, as size2 */
  uint32_t size2;
  linnet__block block1;
  linnet__block block2;
  uint8_t etag_length;
  uint8_t etag[8];
  uint16_t bad_option; /* the first critical option that is not understood; 0: none */
  bool proxy;          /* Proxy-Uri or Proxy-Scheme */
  bool query;          /* Uri-Query, also an empty one */
  bool dots;           /* a Uri-Path segment "." or ".." (CO-22) */
} linnet__facts;

void linnet__facts_read(linnet__facts *facts, const linnet_message *message);
/* A keyed hash over method, path, query and Accept: what names a block-wise transfer of a peer (BW-07,
 * BW-23). */
uint64_t linnet__message_key(const linnet_loop *loop, const linnet_message *message);

/* Writes a message into memory that is there; options in rising order. `failed`: it did not fit. */
typedef struct linnet__message_writer {
  uint8_t *memory;
  size_t room;
  size_t length;
  uint16_t last_option;
  bool failed;
} linnet__message_writer;

void linnet__write_head(linnet__message_writer *writer, void *memory, size_t room, linnet_message_type type,
                        uint8_t code, uint16_t message_id, const linnet__token *token);
void linnet__write_option(linnet__message_writer *writer, uint16_t number, const void *value, size_t length);
/* The shortest form: zero is empty. */
void linnet__write_uint(linnet__message_writer *writer, uint16_t number, uint32_t value);
/* Only if the block is present. */
void linnet__write_block(linnet__message_writer *writer, uint16_t number, const linnet__block *block);
/* With the marker; nothing for an empty payload (CO-10). */
void linnet__write_payload(linnet__message_writer *writer, const void *data, size_t length);

/* The most that an option takes beside its value. */
#define LINNET__OPTION_HEAD 5
#define LINNET__EMPTY_SIZE 4

/* The frame that this layer puts around a response of the layer above. */
typedef struct linnet__frame {
  linnet_message_type type;
  uint16_t message_id;
  const linnet__token *token;
  int32_t observe; /* -1: none */
  linnet__block block1;
  linnet__block block2;
  uint32_t size1; /* 0: none */
  uint32_t size2; /* 0: none */
  uint8_t etag_length;
  uint8_t etag[8];
  const uint8_t *payload;
  size_t payload_length;
} linnet__frame;

/* Nothing set but the addressing. */
void linnet__frame_init(linnet__frame *frame, linnet_message_type type, uint16_t message_id,
                        const linnet__token *token);
/* At least as many bytes as the response takes. */
size_t linnet__frame_room(const linnet__frame *frame, const linnet__response *response);
/* Returns the length; 0: it did not fit. */
size_t linnet__frame_write(const linnet__frame *frame, const linnet__response *response, void *memory,
                           size_t room);

#endif
