/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linnet.h: everything.
 *
 * Rules that hold for every function:
 *  - A handle is opaque and reference-counted: _new returns one reference, _unref gives it back, and what a
 *    handle was made on lives as long as it. _close acts at once and may be called from anywhere.
 *  - A loop and all that was made on it belong to one thread at a time. Two loops never meet.
 *  - Pointers in arguments are borrowed for the call; pointers returned live until the next call on the same
 *    handle, if nothing else is said.
 *  - A call that returns a status returns LINNET_OK or a negative one, and linnet_error_text(loop) has the
 * words.
 *  - Times are milliseconds (`_ms`) or seconds (`_s`).
 */
#ifndef LINNET_LINNET_H
#define LINNET_LINNET_H

#include <linnet/access.h>
#include <linnet/address.h>
#include <linnet/batch.h>
#include <linnet/bootstrap.h>
#include <linnet/client.h>
#include <linnet/codec.h>
#include <linnet/credentials.h>
#include <linnet/event.h>
#include <linnet/framing.h>
#include <linnet/link.h>
#include <linnet/loop.h>
#include <linnet/message.h>
#include <linnet/model.h>
#include <linnet/object.h>
#include <linnet/secured.h>
#include <linnet/server.h>
#include <linnet/sms.h>
#include <linnet/standard.h>
#include <linnet/status.h>
#include <linnet/store.h>
#include <linnet/transport.h>
#include <linnet/value.h>

#endif
