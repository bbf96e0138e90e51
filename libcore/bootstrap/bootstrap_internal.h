/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bootstrap_internal.h: what a bootstrap server is made of; only for the files of this folder.
 *
 * A configuration waits under an endpoint name; a sequence is a device that is being given one. A sequence
 * holds the records it began with, so the two never look at each other again.
 */
#ifndef LINNET_BOOTSTRAP_BOOTSTRAP_INTERNAL_H
#define LINNET_BOOTSTRAP_BOOTSTRAP_INTERNAL_H

#include <linnet/bootstrap.h>

#include "../base/base.h"
#include "../coap/coap.h"
#include "../codec/codec.h"
#include "../data/data.h"
#include "../model/model.h"

/* MOD-05. */
#define LINNET__BOOTSTRAP_ENDPOINT_SIZE 252

typedef struct linnet__configuration {
  linnet_batch *records; /* checked and ordered by path */
  uint32_t size;         /* of this allocation */
  uint8_t endpoint_length;
  char endpoint[]; /* terminated */
} linnet__configuration;

/* The commands of a bootstrap, in their order (digest 6.2). */
typedef enum linnet__bootstrap_command {
  LINNET__BOOTSTRAP_DELETE = 0,
  LINNET__BOOTSTRAP_WRITE,
  LINNET__BOOTSTRAP_FINISH
} linnet__bootstrap_command;

typedef struct linnet__sequence {
  linnet__task task; /* begins it, once the answer to the device is on its way */
  linnet_bootstrap *bootstrap;
  linnet_batch *records;
  linnet__peer peer;
  linnet__bootstrap_command command; /* the one that is under way */
  linnet_path path;                  /* what it is about */
  size_t next;                       /* the first record that is not written yet */
  uint64_t exchange;                 /* of CoAP; 0 before the first */
  linnet_event *finished;            /* made with the sequence, so that lack of memory cannot swallow it */
  uint32_t size;                     /* of this allocation */
  uint8_t endpoint_length;
  char endpoint[]; /* terminated */
} linnet__sequence;

struct linnet_bootstrap {
  linnet__handle handle;
  linnet_model *model;
  linnet__coap *coap;         /* NULL once closed */
  linnet__map configurations; /* by endpoint */
  linnet__map sequences;      /* by endpoint */
  linnet__buffer words;       /* texts of events */
};

/* ---- configuration.c -------------------------------------------------------------------------------- */

void linnet__configurations_init(linnet_bootstrap *bootstrap);
void linnet__configurations_free(linnet_bootstrap *bootstrap);
/* MOD-05; no zero byte either, as no C string could name such an endpoint. */
bool linnet__bootstrap_endpoint_valid(const char *endpoint, size_t length);
/* NULL: the endpoint is not served. */
const linnet__configuration *linnet__configuration_find(const linnet_bootstrap *bootstrap,
                                                        const char *endpoint, size_t length);
/*
 * Appends the TLV of one instance, whose records begin at *index, and leaves *index behind them. `path` gets
 * the instance. INVALID_ARGUMENT, WRONG_TYPE, NO_MEMORY, TOO_LARGE.
 */
linnet_status linnet__configuration_encode(const linnet_batch *records, size_t *index, linnet_path *path,
                                           linnet__buffer *out);

/* ---- sequence.c ------------------------------------------------------------------------------------- */

void linnet__sequences_init(linnet_bootstrap *bootstrap);
/* Frees every sequence without a word. */
void linnet__sequences_free(linnet_bootstrap *bootstrap);
bool linnet__sequence_running(const linnet_bootstrap *bootstrap, const linnet__configuration *configuration);
/*
 * Begins, in place of one that runs for the endpoint, which ends as CANCELLED. Nothing is sent before the
 * callback that asked has returned. NO_MEMORY.
 */
linnet_status linnet__sequence_begin(linnet_bootstrap *bootstrap, const linnet__configuration *configuration,
                                     const linnet__peer *peer);

#endif
