/* SPDX-License-Identifier: Apache-2.0 */
/* response.c: responses to our requests (RFC 7252 5.3, RFC 7959 2.4 and 2.5; CO-40). */
#include "parts.h"

/* The response with the body that was put together, if it was. */
static void whole(const linnet__request *request, const linnet__arrival *arrival,
                  linnet__incoming *incoming) {
  linnet__arrival_incoming(arrival, incoming);
  incoming->exchange = request->number;
  if (request->download == NULL) return;
  incoming->message = request->download->first;
  incoming->payload = request->download->body.data;
  incoming->payload_length = request->download->body.length;
}

static void deliver_last(linnet__request *request, const linnet__arrival *arrival) {
  linnet__incoming incoming;
  linnet__request_detach(request);
  whole(request, arrival, &incoming);
  incoming.observe = -1;
  if (request->answered != NULL) request->answered(request->user, request->number, LINNET_OK, &incoming);
  linnet__request_free(request);
}

void linnet__request_respond(linnet__request *request, linnet__arrival *arrival) {
  linnet_status status = LINNET_ERROR_MALFORMED;
  linnet__request_continue(request);
  if (request->observe == 0 && request->watch != NULL && request->watch(request, arrival)) return;
  linnet__upload_step upload = linnet__upload_advance(request, arrival);
  if (upload == LINNET__UPLOAD_DONE) {
    linnet__download_step download = linnet__download_advance(request, arrival, &status);
    if (download == LINNET__DOWNLOAD_WHOLE) {
      deliver_last(request, arrival);
      return;
    }
    if (download == LINNET__DOWNLOAD_NEXT) status = LINNET_OK;
  } else if (upload == LINNET__UPLOAD_NEXT) {
    status = LINNET_OK;
  }
  if (status == LINNET_OK) status = linnet__request_transmit(request);
  if (status != LINNET_OK) linnet__request_fail(request, status);
}
