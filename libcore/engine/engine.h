/* SPDX-License-Identifier: Apache-2.0 */
/*
 * engine.h: operations of servers on a client's objects, and the notifications they are owed (digest 3 to 5).
 *
 * The engine knows objects, and servers as requesters. It does not know accounts or registrations: whoever
 * owns it decides whose requests come here, and hears through hooks what was done.
 */
#ifndef LINNET_ENGINE_ENGINE_H
#define LINNET_ENGINE_ENGINE_H

#include <linnet/object.h>

#include "../base/base.h"
#include "../coap/coap.h"
#include "../codec/codec.h"
#include "../data/data.h"
#include "../model/model.h"

/* Requests whose questions are not answered yet; one more is answered 5.03. */
#define LINNET__DEFERRED_LIMIT 64
/* Paths that one server may give attributes; one more is answered 5.03. */
#define LINNET__ATTRIBUTES_LIMIT 256
/* A period that is not set. */
#define LINNET__NO_PERIOD UINT32_MAX

/* Of the path that objects may be below (MOD-10). */
#define LINNET__ROOT_SEGMENTS 4
#define LINNET__ROOT_SIZE 64

typedef struct linnet__engine linnet__engine;
typedef struct linnet__attributes linnet__attributes;
typedef struct linnet__owed linnet__owed;

/* A server as the engine sees it: who asks, what it observes, the attributes it assigned (ATT-02). */
typedef struct linnet__requester {
  linnet__engine *engine; /* NULL: not added */
  uint16_t short_server_id;
  bool offline; /* the last notification was not acknowledged (OBS-09), or it is to register */
  bool storing; /* /1/x/6: what it misses meanwhile is kept (OBS-10) */
  linnet__reliability reliability; /* of its notifications (OBS-04) */
  uint16_t attributes_count;
  uint16_t attributes_capacity;
  linnet__attributes *attributes; /* ordered by path; see attributes.h */
  uint32_t default_pmin_s;        /* /1/x/2; LINNET__NO_PERIOD: absent */
  uint32_t default_pmax_s;        /* /1/x/3 */
  linnet__list observations;
  linnet__list node;    /* in the engine */
  linnet__list backlog; /* see backlog.c */
  size_t backlog_count;
  linnet__owed *delivering; /* of the backlog; NULL: none is on its way */
  linnet__timer backlog_timer;
} linnet__requester;

/* What the owner of an engine has a say in. Each may be NULL. None may close the engine. */
typedef struct linnet__engine_hooks {
  /* Has this server the right (section 8)? 0, or the code to refuse with. Object 0 never comes here (AMB-14).
   */
  uint8_t (*authorize)(void *user, const linnet__requester *requester, linnet_operation operation,
                       linnet_path path);
  /* A write or a Create, checked against the definition, or an Execute (`records` NULL): LINNET_OK, or why a
   * built-in object does not want it. */
  linnet_status (*accept)(void *user, linnet_operation operation, linnet_path path,
                          const linnet_batch *records);
  /* The present value of a stored resource that runs by itself, such as a clock: true if *value was replaced.
   */
  bool (*current)(void *user, linnet_path path, linnet_value *value);
  /* A write was stored, before it is `done`. */
  void (*written)(void *user, linnet_path path, const linnet_batch *records);
  /* A server made an instance, which is not told yet: anything but LINNET_OK takes it back. */
  linnet_status (*created)(void *user, linnet__requester *requester, linnet_path path);
  /* An operation was done; its response is not on its way yet, so act in a task (DM-54). */
  void (*done)(void *user, linnet__requester *requester, linnet_operation operation, linnet_path path);
  /* Something at or below `path` has another value, whatever the cause. */
  void (*changed)(void *user, linnet_path path);
  /* A notification was acknowledged, or not (OBS-09): then the first since the server was heard last. */
  void (*notified)(void *user, linnet__requester *requester, linnet_status status);
  /* After one that was not: there is a sign of life. */
  void (*online)(void *user, linnet__requester *requester);
  /* An object came or went, or an instance of it did (DM-68). */
  void (*list_changed)(void *user, uint16_t object);
} linnet__engine_hooks;

/*
 * `owner` is held while user code runs, and its number and `endpoint` are those of the engine's events.
 * `coap` and `endpoint` must live until linnet__engine_close. NULL: no memory.
 */
linnet__engine *linnet__engine_new(linnet__handle *owner, linnet__coap *coap, const char *endpoint,
                                   const linnet__engine_hooks *hooks, void *user);
/* Stops everything, lets the objects go, abandons the open questions. Also from inside a question.
 * Idempotent. */
void linnet__engine_close(linnet__engine *engine);
/* After it was closed and when nothing of it is on the stack. NULL is allowed. */
void linnet__engine_free(linnet__engine *engine);

/* ---- objects ------------------------------------------------------------------------------------- */

/* Holds the object. EXISTS: one of this id, or the object is another client's. */
linnet_status linnet__engine_add_object(linnet__engine *engine, linnet_object *object);
/* Observers of it get 4.04 (OBS-08). NOT_FOUND. */
linnet_status linnet__engine_remove_object(linnet__engine *engine, uint16_t object);
/* NULL: there is none. */
linnet_object *linnet__engine_object(const linnet__engine *engine, uint16_t object);
/* By index, ordered by id; NULL beyond the end. */
linnet_object *linnet__engine_object_at(const linnet__engine *engine, size_t index);
/*
 * Where servers find the objects: "" or e.g. "/lwm2m" (MOD-10). INVALID_ARGUMENT: a segment that is numeric
 * or has other characters than unreserved ones, or more than LINNET__ROOT_SEGMENTS of them.
 */
linnet_status linnet__engine_set_root(linnet__engine *engine, const char *root);
/* The path of a request below the root (MOD-10). NOT_FOUND: outside, or not numeric. */
linnet_status linnet__root_path(const linnet__engine *engine, const linnet__incoming *request,
                                linnet_path *path);
/* Appends the links of a Register payload (2.3). */
void linnet__engine_put_links(const linnet__engine *engine, linnet__buffer *out);

/* ---- requesters ---------------------------------------------------------------------------------- */

/* The requester is the caller's, zeroed but for its numbers. */
void linnet__engine_add_requester(linnet__engine *engine, linnet__requester *requester);
/* Forgets observations, attributes and open requests of it. Also if it was never added. */
void linnet__engine_remove_requester(linnet__requester *requester);
/* Ends its observations without a word: it registers anew or leaves (OBS-08). Attributes stay (ATT-08). */
void linnet__requester_forget_observations(linnet__requester *requester);
/*
 * It registers anew, and may observe anew (OBS-08, REG-13). If it wants notifications to be stored, they are
 * gathered meanwhile, and an observation of the same path and format gets them (OBS-10); else as above.
 */
void linnet__requester_suspend_observations(linnet__requester *requester);
/* It had the time to observe anew. */
void linnet__requester_forget_suspended(linnet__requester *requester);
void linnet__requester_set_storing(linnet__requester *requester, bool storing);
/* It gave a sign of life: sends what was held back (OBS-09). */
void linnet__requester_online(linnet__requester *requester);
/* Its default periods changed (OBJ-20). */
void linnet__requester_periods_changed(linnet__requester *requester);

/* Its attributes as bytes, and back (store.h). `requester` NULL: just looks, and reads on to the end. */
void linnet__requester_save(const linnet__requester *requester, linnet__buffer *out);
linnet_status linnet__requester_restore(linnet__requester *requester, linnet__packed *saved);

/* ---- what comes from CoAP ------------------------------------------------------------------------ */

/* A request of a server that is registered with. */
linnet__answer linnet__engine_request(linnet__engine *engine, linnet__requester *requester,
                                      const linnet__incoming *request, linnet__response *response);
/* The checks that need no body (BW-08): 0, or the code. */
uint8_t linnet__engine_precheck(linnet__engine *engine, linnet__requester *requester,
                                const linnet__incoming *request);
/*
 * What a bootstrap-server does to objects, until it is found good or taken back (BS-52). Nothing of it is
 * told to the application, and no handler is asked.
 */
typedef struct linnet__transaction linnet__transaction;

/* NULL: no memory. */
linnet__transaction *linnet__transaction_new(linnet_loop *loop);
/* Before an object is changed. NO_MEMORY: it must not be. */
linnet_status linnet__transaction_touch(linnet__transaction *transaction, linnet_object *object);
/* Each ends it and frees. NULL is allowed. */
void linnet__transaction_commit(linnet__transaction *transaction);
void linnet__transaction_roll_back(linnet__transaction *transaction);

/*
 * Stores what comes with the device, as a Write of the object by a bootstrap-server would (BS-21): all of it
 * or nothing. MALFORMED, WRONG_TYPE, OUT_OF_RANGE, NO_MEMORY, ...
 */
linnet_status linnet__engine_provide(linnet__engine *engine, linnet__transaction *transaction,
                                     linnet_object *object, const linnet_batch *records);
/*
 * A Write, Delete or Discover of the bootstrap-server (digest 6.3 to 6.5), whose own account is the instance
 * `account` of object 0.
 */
void linnet__engine_bootstrap(linnet__engine *engine, linnet__transaction *transaction, uint16_t account,
                              const linnet__incoming *request, linnet__response *response);
/* The checks that need no body: 0, or the code. */
uint8_t linnet__engine_bootstrap_precheck(const linnet__engine *engine, const linnet__incoming *request);

/* Of linnet__coap_handler. */
void linnet__engine_unobserved(void *observation);
void linnet__engine_notified(void *observation, linnet_status status);

#endif
