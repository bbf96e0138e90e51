/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bootstrap_internal.h: what a bootstrap server is made of; only for the files of this folder.
 *
 * A configuration waits under an endpoint name; a request may wait for a handler's answer; a sequence is a
 * device that is being given a configuration, which it holds, so that the two never look for each other
 * again.
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
#define LINNET__BOOTSTRAP_TRANSPORTS 8

/* The kinds of commands (digest 6.2). */
typedef enum linnet__command_kind {
  LINNET__BOOTSTRAP_DISCOVER = 0,
  LINNET__BOOTSTRAP_DELETE,
  LINNET__BOOTSTRAP_WRITE,
  LINNET__BOOTSTRAP_FINISH
} linnet__command_kind;

typedef struct linnet__command {
  linnet__command_kind kind;
  linnet_path path;
  linnet_format format;  /* of a Write */
  linnet_batch *records; /* of a Write: checked, ordered by path */
} linnet__command;

/* What was said of the access to an instance, or to an object (ACL-03). */
typedef struct linnet__grant {
  linnet_path target;
  uint16_t server;
  uint16_t access; /* not of an owner */
  bool owner;
} linnet__grant;

struct linnet_configuration {
  linnet__handle handle;
  linnet_model *model;
  linnet__command *commands;
  size_t count;
  size_t capacity;
  linnet__grant *grants;
  size_t grant_count;
  size_t grant_capacity;
  bool sealed; /* it was given to a device, checked */
  bool unchecked;
};

/* A configuration under a name. */
typedef struct linnet__entry {
  linnet_configuration *configuration;
  uint32_t size; /* of this allocation */
  uint8_t endpoint_length;
  char endpoint[]; /* terminated */
} linnet__entry;

/* A Bootstrap-Request, while the handler is asked. */
typedef struct linnet__asking {
  linnet__list node; /* in bootstrap->askings once it waits */
  linnet_bootstrap *bootstrap;
  linnet_event *question;              /* bare; NULL: none is open */
  linnet_configuration *configuration; /* the answer; NULL: none yet */
  linnet__peer peer;
  uint64_t exchange;
  uint32_t size; /* of this allocation */
  uint8_t endpoint_length;
  char endpoint[]; /* terminated */
} linnet__asking;

/* Of object 0: where the device has the account of this server, and where an account goes that would be
 * written over it. */
typedef struct linnet__relocation {
  uint16_t from; /* LINNET_ID_NONE: not known */
  uint16_t to;
} linnet__relocation;

typedef struct linnet__sequence {
  linnet__task task; /* begins it, once the answer to the device is on its way */
  linnet_bootstrap *bootstrap;
  linnet_configuration *configuration;
  linnet__peer peer;
  bool securing; /* the handshake that it begins with is under way */
  size_t step;   /* the command that is under way; beyond the last one: Finish */
  linnet__relocation relocation;
  uint64_t number;
  uint64_t exchange;      /* of CoAP; 0 before the first */
  linnet_event *finished; /* made with the sequence, so that lack of memory cannot swallow it */
  uint32_t size;          /* of this allocation */
  uint8_t endpoint_length;
  char endpoint[]; /* terminated */
} linnet__sequence;

struct linnet_bootstrap {
  linnet__handle handle;
  linnet_model *model;
  linnet__coap *coap; /* NULL once closed */
  linnet_transport *transports[LINNET__BOOTSTRAP_TRANSPORTS];
  size_t transport_count;
  linnet__map entries;                 /* by endpoint */
  linnet_configuration *for_everybody; /* or NULL */
  linnet__map sequences;               /* by endpoint */
  linnet__list askings;
  size_t asking_count;
  linnet_handler handler;
  void *user;
  linnet_release release;
  linnet__buffer words; /* texts of events */
};

/* ---- configuration.c ----------------------------------------------------------------------------- */

linnet_status linnet__configuration_append(linnet_configuration *configuration,
                                           const linnet__command *command);
/* Appends the payload of a Write. INVALID_ARGUMENT, WRONG_TYPE, NO_MEMORY, TOO_LARGE. */
linnet_status linnet__command_encode(const linnet__command *command, const linnet__relocation *relocation,
                                     linnet__buffer *out);
/* Where the command goes. */
linnet_path linnet__command_path(const linnet__command *command, const linnet__relocation *relocation);
/* Of what a program hands over, not of what a peer sends. */
#define LINNET__BOOTSTRAP_PAYLOAD_LIMIT ((size_t)1 << 25)
/* For each call that changes it: WRONG_STATE once it is sealed. */
linnet_status linnet__configuration_open(const linnet_configuration *configuration, const char *call);

/* ---- check.c ------------------------------------------------------------------------------------- */

/* What the model says of the records of a Write, which may be coerced. */
linnet_status linnet__records_check(linnet_model *model, linnet_record *records, size_t count);
/* BS-51: would a device accept it? */
linnet_status linnet__configuration_check(const linnet_configuration *configuration, linnet__buffer *why);

/* ---- entries.c ----------------------------------------------------------------------------------- */

void linnet__entries_init(linnet_bootstrap *bootstrap);
void linnet__entries_free(linnet_bootstrap *bootstrap);
/* MOD-05; no zero byte either, as no C string could name such an endpoint. */
bool linnet__bootstrap_endpoint_valid(const char *endpoint, size_t length);
/* What a device of that name is given; NULL: it is not served. */
linnet_configuration *linnet__entries_find(const linnet_bootstrap *bootstrap, const char *endpoint,
                                           size_t length);
/* Checks and seals a configuration that is to be given to `endpoint` (NULL: to everybody). */
linnet_status linnet__configuration_seal(linnet_bootstrap *bootstrap, const char *endpoint,
                                         linnet_configuration *configuration);

/* ---- request.c ----------------------------------------------------------------------------------- */

linnet__answer linnet__bootstrap_requested(linnet_bootstrap *bootstrap, const linnet__incoming *request,
                                           linnet__response *response);
/* Nobody waits for an answer any more. */
void linnet__askings_free(linnet_bootstrap *bootstrap);

/* ---- sequence.c ---------------------------------------------------------------------------------- */

void linnet__sequences_init(linnet_bootstrap *bootstrap);
/* Frees every sequence without a word. */
void linnet__sequences_free(linnet_bootstrap *bootstrap);
/* BS-04: true if the news are of a session that a sequence begins with. */
bool linnet__sequences_session(linnet_bootstrap *bootstrap, const linnet__peer *peer,
                               const linnet__session_news *news);
bool linnet__sequence_running(const linnet_bootstrap *bootstrap, const char *endpoint, size_t length);
/*
 * Begins, in place of one that runs for the endpoint, which ends as CANCELLED. Nothing is sent before the
 * callback that asked has returned. NO_MEMORY. `number` may be NULL.
 */
linnet_status linnet__sequence_begin(linnet_bootstrap *bootstrap, const char *endpoint, size_t length,
                                     linnet_configuration *configuration, const linnet__peer *peer,
                                     uint64_t *number);

#endif
