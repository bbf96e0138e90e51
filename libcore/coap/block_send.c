/* SPDX-License-Identifier: Apache-2.0 */
/* block_send.c: the messages of a request, its body in blocks (RFC 7959 2.3, 2.5; BW-01 to BW-06, BW-10,
 * BW-20, BW-21). */
#include <string.h>

#include "parts.h"

static const uint8_t *write_texts(linnet__message_writer *writer, uint16_t option, const uint8_t *at,
                                  size_t count) {
  for (size_t i = 0; i < count; i++) {
    linnet__write_option(writer, option, at + 1, at[0]);
    at += 1 + (size_t)at[0];
  }
  return at;
}

/* What to ask for: the next block, or from the beginning only so much at a time as we want. */
static linnet__block wanted_block(const linnet__request *request) {
  const linnet__download *download = request->download;
  if (download != NULL)
    return (linnet__block){
        .present = true,
        .exponent = download->exponent,
        .number = (uint32_t)linnet__blocks_before(download->body.length, download->exponent)};
  bool negotiates = request->code == LINNET__GET && request->exponent < 6;
  return (linnet__block){.present = negotiates, .exponent = request->exponent};
}

/* Returns the length of the message. */
static size_t write_request(const linnet__request *request, uint8_t *memory, size_t room) {
  linnet__message_writer writer;
  bool follows = request->download != NULL; /* asks for more of a response: no Observe, no body */
  const linnet__upload *upload = &request->upload;
  linnet__block block1 = {.present = false};
  linnet__block block2 = wanted_block(request);
  size_t length = follows ? 0 : upload->length;
  if (upload->blocks && !follows) {
    size_t size = linnet__block_size(upload->exponent);
    length = upload->length - upload->offset;
    block1 = (linnet__block){.present = true,
                             .more = length > size,
                             .exponent = upload->exponent,
                             .number = (uint32_t)linnet__blocks_before(upload->offset, upload->exponent)};
    if (length > size) length = size;
  }
  linnet__write_head(&writer, memory, room, LINNET_MESSAGE_CON, request->code, 0, &request->key.token);
  if (request->observe >= 0 && !follows)
    linnet__write_uint(&writer, LINNET__OPTION_OBSERVE, (uint32_t)request->observe);
  const uint8_t *at = write_texts(&writer, LINNET__OPTION_URI_PATH, request->texts, request->path_count);
  if (request->content_format >= 0 && !follows)
    linnet__write_uint(&writer, LINNET__OPTION_CONTENT_FORMAT, (uint32_t)request->content_format);
  write_texts(&writer, LINNET__OPTION_URI_QUERY, at, request->query_count);
  if (request->accept >= 0) linnet__write_uint(&writer, LINNET__OPTION_ACCEPT, (uint32_t)request->accept);
  linnet__write_block(&writer, LINNET__OPTION_BLOCK2, &block2);
  linnet__write_block(&writer, LINNET__OPTION_BLOCK1, &block1);
  if (block1.present && block1.number == 0 && upload->length <= UINT32_MAX)
    linnet__write_uint(&writer, LINNET__OPTION_SIZE1, (uint32_t)upload->length);
  if (length > 0) linnet__write_payload(&writer, upload->data + upload->offset, length);
  return writer.failed ? 0 : writer.length;
}

linnet_status linnet__request_transmit(linnet__request *request) {
  /* Head and token, six small options, the texts, the marker. */
  size_t room = LINNET__EMPTY_SIZE + 8 + 6 * (size_t)(LINNET__OPTION_HEAD + 4) + request->texts_size +
                LINNET__OPTION_HEAD * (request->path_count + request->query_count) + 1;
  if (request->download == NULL) {
    size_t size = linnet__block_size(request->upload.exponent);
    room += request->upload.blocks ? size : request->upload.length;
  }
  linnet__confirmable_drop(request->confirmable);
  linnet__confirmable *message = linnet__confirmable_new(request->remote, room);
  if (message == NULL) return LINNET_ERROR_NO_MEMORY;
  message->length = write_request(request, message->bytes, room);
  if (message->length == 0 || message->length > linnet__remote_timing(request->remote)->max_message) {
    linnet__confirmable_drop(message);
    return LINNET_ERROR_TOO_LARGE;
  }
  message->request = request;
  request->confirmable = message;
  linnet__confirmable_queue(message);
  return LINNET_OK;
}

/* From the beginning, in blocks of that size. */
static linnet__upload_step restart(linnet__request *request, uint8_t exponent) {
  linnet__upload *upload = &request->upload;
  size_t size = linnet__block_size(exponent);
  if (request->restarts >= LINNET__RESTARTS || upload->length <= size) return LINNET__UPLOAD_DONE;
  if (linnet__blocks_before(upload->length - 1, exponent) > LINNET__BLOCK_NUMBER_MAX)
    return LINNET__UPLOAD_DONE;
  request->restarts++;
  upload->blocks = true;
  upload->exponent = exponent;
  upload->offset = 0;
  return LINNET__UPLOAD_NEXT;
}

linnet__upload_step linnet__upload_advance(linnet__request *request, const linnet__arrival *arrival) {
  linnet__upload *upload = &request->upload;
  const linnet__block *block = &arrival->facts.block1;
  uint8_t code = arrival->message.code;
  size_t size = linnet__block_size(upload->exponent);
  if (upload->data == NULL || request->download != NULL) return LINNET__UPLOAD_DONE;
  if (code == LINNET__REQUEST_ENTITY_TOO_LARGE && block->present && block->exponent < upload->exponent)
    return restart(request, block->exponent); /* BW-06 */
  if (!upload->blocks) return code == LINNET__CONTINUE ? LINNET__UPLOAD_BAD : LINNET__UPLOAD_DONE;
  if (code == LINNET__REQUEST_ENTITY_INCOMPLETE) return restart(request, upload->exponent); /* BW-05 */
  bool last = upload->length - upload->offset <= size;
  if (code >> 5 != 2 || (last && code != LINNET__CONTINUE)) return LINNET__UPLOAD_DONE;
  /* A final answer in mid-transfer stands, unless it says that it is about this block alone. */
  if (code != LINNET__CONTINUE && !block->present) return LINNET__UPLOAD_DONE;
  if (last || !block->present || block->number != linnet__blocks_before(upload->offset, upload->exponent))
    return LINNET__UPLOAD_BAD;
  upload->offset += size;
  if (block->exponent < upload->exponent) upload->exponent = block->exponent; /* BW-04 */
  if (linnet__blocks_before(upload->length - 1, upload->exponent) > LINNET__BLOCK_NUMBER_MAX)
    return LINNET__UPLOAD_BAD;
  return LINNET__UPLOAD_NEXT;
}
