/* SPDX-License-Identifier: Apache-2.0 */
/* body_receive.c: a response body that comes in blocks (RFC 7959 2.4; BW-20 to BW-24). */
#include <string.h>

#include "parts.h"

void linnet__download_free(linnet__request *request) {
  linnet__download *download = request->download;
  linnet_loop *loop = request->coap->loop;
  if (download == NULL) return;
  request->download = NULL;
  linnet__buffer_free(&download->body);
  linnet__free(loop, download->options, download->options_length);
  linnet__free(loop, download, sizeof *download);
}

/* Room for the body, and what the first block says of it. */
static linnet_status begin(linnet__request *request, const linnet__arrival *arrival) {
  const linnet__coap *coap = request->coap;
  const linnet_message *message = &arrival->message;
  linnet__download *download = linnet__new(coap->loop, sizeof *download);
  if (download == NULL) return LINNET_ERROR_NO_MEMORY;
  linnet__buffer_init(&download->body, coap->loop, coap->limits[LINNET_LIMIT_BODY_SIZE]);
  request->download = download;
  download->first = *message;
  download->content_format = arrival->facts.content_format;
  download->etag_length = arrival->facts.etag_length;
  memcpy(download->etag, arrival->facts.etag, sizeof download->etag);
  download->exponent = request->exponent;
  if (message->options_length == 0) return LINNET_OK;
  download->options = linnet__new(coap->loop, message->options_length);
  if (download->options == NULL) return LINNET_ERROR_NO_MEMORY;
  download->options_length = message->options_length;
  memcpy(download->options, message->options, message->options_length);
  download->first.options = download->options;
  return LINNET_OK;
}

static linnet__download_step give_up(linnet__request *request, linnet_status status, linnet_status *failure) {
  linnet__download_free(request);
  *failure = status;
  return LINNET__DOWNLOAD_FAILED;
}

/* BW-22: what was collected is worth nothing any more. Only a GET may be asked again. */
static linnet__download_step restart(linnet__request *request, linnet_status *failure) {
  if (request->code != LINNET__GET || request->restarts >= LINNET__RESTARTS)
    return give_up(request, LINNET_ERROR_MALFORMED, failure);
  request->restarts++;
  linnet__download_free(request);
  return LINNET__DOWNLOAD_NEXT;
}

/* A response that is no block, while blocks are expected: the rest is no longer there, or something went
 * wrong. */
static linnet__download_step interrupted(linnet__request *request, uint8_t code, linnet_status *failure) {
  bool gone =
      code == LINNET__BAD_REQUEST || code == LINNET__BAD_OPTION || code == LINNET__REQUEST_ENTITY_INCOMPLETE;
  if (gone && request->code == LINNET__GET) return restart(request, failure);
  linnet__download_free(request);
  return LINNET__DOWNLOAD_WHOLE;
}

/* BW-24: all but the last block are full. */
static bool well_sized(const linnet__arrival *arrival) {
  const linnet__block *block = &arrival->facts.block2;
  size_t size = linnet__block_size(block->exponent);
  size_t length = arrival->message.payload_length;
  return block->exponent != LINNET__BLOCK_RESERVED && (block->more ? length == size : length <= size);
}

static bool same_body(const linnet__download *download, const linnet__arrival *arrival) {
  const linnet__facts *facts = &arrival->facts;
  return linnet__block_offset(&facts->block2) == download->body.length &&
         download->first.code == arrival->message.code && download->content_format == facts->content_format &&
         download->etag_length == facts->etag_length &&
         memcmp(download->etag, facts->etag, facts->etag_length) == 0;
}

linnet__download_step linnet__download_advance(linnet__request *request, const linnet__arrival *arrival,
                                               linnet_status *failure) {
  const linnet__facts *facts = &arrival->facts;
  const linnet__block *block = &facts->block2;
  const linnet_message *message = &arrival->message;
  size_t limit = request->coap->limits[LINNET_LIMIT_BODY_SIZE];
  if (!block->present || message->code >> 5 != 2)
    return request->download == NULL ? LINNET__DOWNLOAD_WHOLE : interrupted(request, message->code, failure);
  if (!well_sized(arrival)) return give_up(request, LINNET_ERROR_MALFORMED, failure);
  if (request->download == NULL) {
    if (block->number > 0) return give_up(request, LINNET_ERROR_MALFORMED, failure);
    if (!block->more) return LINNET__DOWNLOAD_WHOLE;
    if (facts->size2 > limit) return give_up(request, LINNET_ERROR_TOO_LARGE, failure);
    linnet_status status = begin(request, arrival);
    if (status != LINNET_OK) return give_up(request, status, failure);
  } else if (!same_body(request->download, arrival)) {
    return restart(request, failure);
  }
  linnet__download *download = request->download;
  linnet_status status = linnet__buffer_append(&download->body, message->payload, message->payload_length);
  if (status != LINNET_OK) return give_up(request, status, failure);
  if (block->exponent < download->exponent) download->exponent = block->exponent; /* BW-21 */
  return block->more ? LINNET__DOWNLOAD_NEXT : LINNET__DOWNLOAD_WHOLE;
}
