/* SPDX-License-Identifier: Apache-2.0 */
/* data.h: paths, values, batches of records, events. */
#ifndef LINNET_DATA_DATA_H
#define LINNET_DATA_DATA_H

#include <linnet/batch.h>
#include <linnet/event.h>
#include <linnet/operation.h>
#include <linnet/path.h>
#include <linnet/value.h>

#include "batch_internal.h"
#include "event_internal.h"

#endif
