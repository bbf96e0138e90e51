/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base.h: memory, buffers, lists, maps, timers, randomness, numbers, texts, the loop.
 *
 * What every other folder stands on. Nothing here knows CoAP or LwM2M.
 */
#ifndef LINNET_BASE_BASE_H
#define LINNET_BASE_BASE_H

#include "buffer.h"
#include "handle.h"
#include "list.h"
#include "log.h"
#include "map.h"
#include "memory.h"
#include "number.h"
#include "packed.h"
#include "random.h"
#include "runtime.h"
#include "texts.h"
#include "timers.h"
#include "utf8.h"

#endif
