/* SPDX-License-Identifier: Apache-2.0 */
/* engine_internal.h: what the files of the engine share. */
#ifndef LINNET_ENGINE_ENGINE_INTERNAL_H
#define LINNET_ENGINE_ENGINE_INTERNAL_H

#include "attributes.h"
#include "engine.h"

typedef struct linnet__observation linnet__observation;

/* An object that the engine serves, and who observes something of it. */
typedef struct linnet__served {
  linnet__watcher watcher;
  linnet__engine *engine;
  linnet_object *object; /* held */
  linnet__list observations;
} linnet__served;

typedef struct linnet__slot {
  uint16_t id;
  linnet__served *served;
} linnet__slot;

/*
 * A request on its way, or a notification in the making: checked, then asked about, then done. It outlives
 * the request where a question is deferred, and keeps what is needed to answer.
 */
typedef struct linnet__operation linnet__operation;
typedef struct linnet__operation_type linnet__operation_type;
struct linnet__operation {
  linnet__list node; /* in engine->operations */
  linnet__engine *engine;
  linnet__requester *requester; /* NULL: it has gone */
  linnet_object *object;        /* held */
  const linnet__operation_type *type;
  linnet_operation kind;
  linnet_path path;
  uint16_t instance; /* written or created */
  linnet__apply_mode mode;
  linnet_format format;             /* of the payload that came */
  linnet_format answer;             /* of the payload that goes out ... */
  int32_t answer_number;            /* ... and its number on the wire (FMT-02) */
  bool forced;                      /* a notification that is due whatever the value */
  bool asking;                      /* inside a handler: it must not be ended */
  uint8_t code;                     /* 0, or what it failed with */
  linnet_batch *records;            /* what is to be stored */
  linnet_batch *answers;            /* of computed resources; a NONE record where the handler had no value */
  linnet__observation *observation; /* a notification's; NULL: none, or it has gone */
  linnet__text arguments;           /* of an Execute */
  char *arguments_copy;             /* where they are when the answer is deferred */
  linnet__list questions;           /* the open ones, by queued.node, which questions do not use otherwise */
  uint64_t epoch;                   /* the engine's when it began */
  uint64_t exchange;
  linnet__peer peer;
  linnet__token token;
  /* All questions are answered, or the code is set: goes on and ends the operation. */
  void (*complete)(linnet__operation *operation);
};

struct linnet__engine {
  linnet_loop *loop;
  linnet__handle *owner;
  linnet__coap *coap;
  void *user;
  linnet__slot *objects; /* ordered by id */
  size_t count;
  size_t capacity;
  const char *endpoint;
  linnet__operation *spare; /* so that a request allocates none */
  size_t waiting;           /* operations with open questions */
  bool closed;
  linnet__engine_hooks hooks;
  linnet__list requesters;
  linnet__list operations;
  linnet__list dirty; /* observations to look at */
  linnet__task task;
  uint64_t epoch;       /* counts changes: an answer from before one is not shared after it */
  linnet_batch *shared; /* what handlers answered for notifications at `shared_ms`; NULL: nothing */
  uint64_t shared_ms;
  char root[LINNET__ROOT_SIZE];                /* "" or "/lwm2m" */
  char location[2][LINNET__INTEGER_TEXT_SIZE]; /* of the last Create, until its response is on the wire */
};

/* engine.c */
linnet__served *linnet__engine_served(const linnet__engine *engine, uint16_t object);

/* root.c */
/* The segments of the root: how many there are. */
size_t linnet__root_segments(const linnet__engine *engine, linnet__text segments[LINNET__ROOT_SEGMENTS]);

/* operation.c */
/* NULL: no memory. It is the caller's until it completes or linnet__operation_end. */
linnet__operation *linnet__operation_new(linnet__engine *engine, linnet__requester *requester);
/* Abandons open questions and releases everything. */
void linnet__operation_end(linnet__operation *operation);
/* The requester goes: ends the operation, or lets whoever is asking end it. */
void linnet__operation_forsake(linnet__operation *operation);
/* Holds the object. */
void linnet__operation_set_object(linnet__operation *operation, linnet_object *object);
/* True while a question is open: `complete` will follow. */
bool linnet__operation_waits(const linnet__operation *operation);
/* False after user code closed the engine, let the requester go or took the object away. */
bool linnet__operation_stands(const linnet__operation *operation);
/* ask.c: reached through an object that has a handler, so that a program without any does not link it. */
typedef struct linnet__asking {
  /*
   * Asks the handler, if it wants to be asked about `kind`. 0: go on (or wait, linnet__operation_waits), else
   * the code to answer. Afterwards linnet__operation_stands has to be looked at.
   */
  uint8_t (*ask)(linnet__operation *operation, linnet_operation kind, linnet_path path,
                 const linnet__text *arguments);
  /* The same about every computed resource that the operation reads. */
  uint8_t (*ask_computed)(linnet__operation *operation);
  /* Those that are open. */
  void (*abandon)(linnet__operation *operation);
  /* True if an open question to the application will answer this one, too: linnet__shared_wake looks again.
   */
  bool (*awaits)(linnet__observation *observation);
} linnet__asking;

static inline uint8_t linnet__operation_ask(linnet__operation *operation, linnet_operation kind,
                                            linnet_path path, const linnet__text *arguments) {
  const linnet__asking *asking = operation->object->asking;
  return asking != NULL ? asking->ask(operation, kind, path, arguments) : 0;
}
static inline uint8_t linnet__operation_ask_computed(linnet__operation *operation) {
  const linnet__asking *asking = operation->object->asking;
  return asking != NULL ? asking->ask_computed(operation) : 0;
}
/* The code that answers a failure (3.1). */
uint8_t linnet__code_of_status(linnet_status status);
/* Has the server that asks the right to it? 0, or the code. */
uint8_t linnet__operation_authorize(const linnet__operation *operation, linnet_operation kind,
                                    linnet_path path);
/* Does a built-in object want it (linnet__engine_hooks)? */
linnet_status linnet__operation_accept(const linnet__operation *operation, linnet_path path);
/* It is done to what is at `path`: an event tells the application, and the owner of the engine hears of it.
 */
void linnet__operation_did(linnet__operation *operation, linnet_event_kind kind, linnet_path path);

/* One kind of operation. Each function returns 0 to go on, or the code of an error. */
struct linnet__operation_type {
  /* Step 9 of DM-01: the target, without the body. */
  uint8_t (*check)(linnet__operation *operation, const linnet__incoming *request);
  /* Step 10: reads the body and asks. */
  uint8_t (*begin)(linnet__operation *operation, const linnet__incoming *request);
  /* Does it and fills the response but for an error. No user code runs in here. */
  uint8_t (*finish)(linnet__operation *operation, linnet__response *response);
};

extern const linnet__operation_type linnet__read_type;
extern const linnet__operation_type linnet__observe_type;
extern const linnet__operation_type linnet__cancel_type;
extern const linnet__operation_type linnet__discover_type;
extern const linnet__operation_type linnet__write_type;
extern const linnet__operation_type linnet__write_attributes_type;
extern const linnet__operation_type linnet__execute_type;

/* create.c, delete.c: reached through an object whose instances servers may create or delete. */
typedef struct linnet__making {
  const linnet__operation_type *create;
  const linnet__operation_type *remove;
} linnet__making;
extern const linnet__operation_type linnet__delete_type;

/* read.c */
bool linnet__resource_is_readable(const linnet__resource *resource);
/* False: of an object, an instance that the server has no right to. */
bool linnet__operation_reads(const linnet__operation *operation, uint16_t instance);
/* Calls `each` for every number the operation reads: those of the one resource at its path, `index` 0 if
 * single. */
typedef void (*linnet__each_number)(void *user, uint16_t index, double number);
void linnet__read_numbers(const linnet__operation *operation, linnet__each_number each, void *user);

/* write.c */
/* True if the application was asked, so that the object may be another than when it was checked. */
bool linnet__operation_asked(const linnet__operation *operation, linnet_operation kind);
/* Decodes the body into operation->records; 0 or the code. */
uint8_t linnet__operation_decode(linnet__operation *operation, const linnet__incoming *request);

/* observe.c: observations come and go. */
/* Begins or refreshes the observation of an Observe that was answered with this payload. */
void linnet__observation_begin(linnet__operation *operation, linnet__response *response);
void linnet__observation_end(linnet__observation *observation);
/* Its observer goes; it stays, for its backlog. */
void linnet__observation_suspend(linnet__observation *observation);

/* backlog.c: what is owed to a server that is away. */
/* True if the next notification has to be stored. */
bool linnet__backlog_wants(const linnet__observation *observation);
/* Stores it; the oldest of all goes if there are too many. */
void linnet__backlog_add(linnet__observation *observation, const linnet__buffer *payload);
void linnet__backlog_forget(linnet__observation *observation);
/* The former's belong to the new one, if the format is the same. */
void linnet__backlog_inherit(linnet__observation *observation, linnet__observation *former);
/* Sends the oldest, if nothing hinders. */
void linnet__backlog_deliver(linnet__requester *requester);
/* True if what was acknowledged, or not, came from the backlog. */
bool linnet__backlog_settle(const linnet__observation *observation, linnet_status status);

/* shared.c: one read of a computed resource for all who observe it. */
/* True: the notification has what another one was answered about that resource, or *code is the failure. */
bool linnet__shared_find(linnet__operation *operation, linnet_path path, uint8_t *code);
/* The notification was answered about that resource, by a question put in that epoch. */
void linnet__shared_keep(const linnet__operation *operation, linnet_path path, uint64_t epoch);
/* Something changed, or it is over. */
void linnet__shared_forget(linnet__engine *engine);
/* Of linnet__asking. */
bool linnet__shared_awaits(linnet__observation *observation);
/* The observation has its answers, or needs none any more. */
void linnet__shared_wake(const linnet__observation *observation);

/* notify.c: observations are looked at. */
void linnet__observation_changed(linnet__observation *observation);
/* Its target may be gone, or a value was lost: to be sent whatever it is. */
void linnet__observation_due(linnet__observation *observation);
/* Sets the timer by the periods in force. */
void linnet__observation_arm(linnet__observation *observation);
/* Tells two values apart by their payloads. */
uint64_t linnet__observation_hash(const linnet__observation *observation, const linnet__buffer *payload);
/* Remembers what was just sent. */
void linnet__observation_sent(linnet__observation *observation, const linnet__operation *operation,
                              uint64_t hash);
/* Puts it on the list of those that the engine's task looks at. */
void linnet__observation_wake(linnet__observation *observation);
void linnet__engine_notify(linnet__task *task);

/* The operation that reads for the observation has come to a number, `index` 0 if it is a single one. */
void linnet__observation_number(void *observation, uint16_t index, double number);

typedef struct linnet__sample {
  double sent; /* last */
  double read; /* by the operation that was last */
  uint16_t index;
} linnet__sample;

struct linnet__observation {
  linnet__engine *engine;
  linnet__requester *requester;
  linnet__observer *observer; /* NULL: suspended */
  linnet__operation *reading; /* a notification with open questions */
  linnet_path path;
  bool postponed; /* waits for what another one is asking */
  bool changed;   /* something at or below the path changed since the last look */
  bool due;
  uint16_t samples_count;
  uint16_t numbers;        /* read by the operation that was last, ... */
  uint16_t known;          /* ... of them in `samples` */
  linnet__sample *samples; /* of a numeric resource, in order */
  linnet_format answer;    /* constant (OB-11) */
  int32_t answer_number;
  linnet__list of_requester;
  linnet__list of_object;
  linnet__list of_dirty;
  uint64_t sent_ms;
  uint64_t sent_hash;  /* of the payload sent last */
  size_t owed;         /* in the backlog */
  linnet__timer timer; /* pmin or pmax, whichever is next */
};

#endif
