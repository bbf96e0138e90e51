/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server_internal.h: what a server is made of; only for the files of this folder.
 *
 * A registration is one allocation with its name at the end, found by endpoint, by number and, through the
 * number, by location: each O(1). With a name of 12 characters it takes 113 bytes, and some 35 in the map,
 * the array and the heap that find it. It keeps no state of CoAP. Requests and observations hang on it; each
 * ends with it.
 */
#ifndef LINNET_SERVER_SERVER_INTERNAL_H
#define LINNET_SERVER_SERVER_INTERNAL_H

#include <linnet/server.h>
#include <linnet/store.h>

#include "../base/base.h"
#include "../coap/coap.h"
#include "../codec/codec.h"
#include "../data/data.h"
#include "../model/model.h"

/* Digits of a location: a 64-bit number in base 36. */
#define LINNET__LOCATION_SIZE 13
/* MOD-10: how long an alternate path may be, and how many segments it may have. */
#define LINNET__ROOT_SIZE 255
#define LINNET__ROOT_SEGMENTS 8

/*
 * The texts of a registration that an Update may change, each terminated, one after the other: sms, root,
 * links. Devices of a kind say the same, so it is there once for all of them (facts.c).
 */
typedef struct linnet__facts {
  uint32_t references;
  uint32_t links_length; /* what makes them equal begins here */
  uint8_t root_length;
  uint8_t sms_length;
  bool json; /* the root link announces 11543 (REG-23) */
  char text[];
} linnet__facts;

/* What every message of the device touches stands together. */
typedef struct linnet__registration {
  struct linnet__server_request *requests; /* the first of a ring, observations included; or NULL */
  linnet__facts *facts;
  linnet_server *server;
  linnet__peer peer;
  uint64_t expires_ms;
  uint64_t sender; /* of linnet__transport_sender: who registered (SEC-05) */
  uint64_t number;
  uint32_t lifetime_s;
  uint32_t expiry;  /* where in server->expiries it is */
  uint32_t heard_s; /* when a message of it came last, plus 1; 0: it sleeps, as far as we know (QUE-04) */
  uint16_t queued;  /* requests that wait */
  uint16_t open_requests;
  uint16_t observations;
  uint8_t binding; /* index into linnet__bindings */
  uint8_t endpoint_length;
  char endpoint[]; /* terminated */
} linnet__registration;

typedef enum linnet__server_request_state {
  LINNET__SERVER_REQUEST_NEW = 0,   /* nowhere yet */
  LINNET__SERVER_REQUEST_QUEUED,    /* until the device wakes, or has answered what is before it */
  LINNET__SERVER_REQUEST_OPEN,      /* on its way, not answered yet */
  LINNET__SERVER_REQUEST_OBSERVING, /* an OBSERVE whose first value has come */
  LINNET__SERVER_REQUEST_STANDING,  /* one that is kept until its device registers again */
} linnet__server_request_state;

typedef struct linnet__server_request {
  linnet__list node; /* in the ring of the registration: there is no head; or in standing->requests */
  linnet_server *server;
  linnet__registration *registration; /* NULL while STANDING ... */
  struct linnet__standing *standing;  /* ... and then this is not */
  uint64_t number;
  uint64_t exchange;    /* of CoAP */
  uint64_t observation; /* a CANCEL: what it ends */
  linnet_path path;
  linnet_operation operation;
  linnet_format format; /* what was asked for */
  linnet__server_request_state state;
  bool beside; /* by SMS to a device that is registered over UDP */
  bool kept;   /* an OBSERVE that begins again with each registration (REG-13) */
  bool stored; /* there is a record of it */
  /* Made with the request, so that lack of memory later cannot swallow them. */
  linnet_event *response;    /* NULL: it was told */
  linnet_event *ended;       /* an OBSERVE only */
  struct linnet__held *held; /* or NULL: it is sent once, and then it is CoAP's */
} linnet__server_request;

/* What a request says, kept as long as it may have to be sent, or sent again. */
typedef struct linnet__held {
  linnet__list due; /* in server->due: to be looked at in the next step */
  linnet__timer expiry;
  linnet__server_request *request;
  uint64_t expires_ms; /* QUE-07; 0: its time begins in the next step */
  uint32_t text_length;
  uint32_t payload_length;
  uint8_t deliveries; /* how often it was sent in vain (QUE-06) */
  bool told;          /* the application knows that it waits */
  char data[];        /* the queries, as a text, terminated; then the payload */
} linnet__held;

/* The kept observations of an endpoint that is not registered. */
typedef struct linnet__standing {
  linnet__list requests;
  uint8_t endpoint_length;
  char endpoint[]; /* terminated */
} linnet__standing;

/*
 * Registrations by number: a count that never repeats, above the place in an array. A number stays exact in a
 * double for 2^31 registrations.
 */
#define LINNET__SLOT_BITS 22
#define LINNET__SLOT_LIMIT (UINT32_C(1) << LINNET__SLOT_BITS)

typedef struct linnet__slots {
  linnet_loop *loop;
  uintptr_t *items; /* pointers, or free places in a chain */
  uint32_t capacity;
  uint32_t used; /* places that were ever taken */
  uint32_t count;
  uint32_t first_free;
  uint64_t given;
} linnet__slots;

/* A heap: each entry is a time at or before the end of a registration, above its place (expiry.c). */
typedef struct linnet__expiries {
  uint64_t *entries;
  uint32_t capacity;
  uint32_t count;
  uint64_t armed_ms;
  linnet__timer timer;
} linnet__expiries;

/* Registrations by address, once somebody has asked (peers.c). */
typedef struct linnet__peer_link {
  uint32_t next; /* places */
  uint32_t previous;
} linnet__peer_link;

typedef struct linnet__peers {
  bool on;
  uint32_t capacity;
  linnet__map first; /* of each address */
  linnet__peer_link *links;
} linnet__peers;

#define LINNET__VERSION_SIZE 15

struct linnet_server {
  linnet__handle handle;
  linnet_model *model;
  linnet__coap *coap; /* NULL once closed */
  linnet__map by_endpoint;
  linnet__map facts;
  linnet__slots by_number;
  linnet__map requests; /* by number */
  linnet__expiries expiries;
  linnet__peers peers;
  linnet__map standing; /* by endpoint */
  size_t registration_limit;
  /* What a location has on top of the number, so that locations of a former run mean nothing to this one. */
  uint64_t location_offset;
  uint32_t timeout_ms;
  uint32_t awake_ms;      /* QUE-04 */
  uint32_t queue_time_ms; /* 0: as long as the registration lasts */
  size_t queued;          /* requests that wait, of all devices */
  linnet__list due;       /* held requests whose device is to be looked at */
  linnet__task task;
  linnet_channel channel; /* of the requests that are made now */
  linnet_trigger trigger;
  linnet__map triggers;  /* on their way, by the number of the registration */
  linnet__task restored; /* looks at the times of what was restored */
  uint64_t restored_ms;
  bool recording;         /* what changes is written down */
  bool holding;           /* the loop, until that is stored */
  bool secrets;           /* are in that */
  uint64_t tickets_known; /* how often keys of tickets had changed when they were put there last */
  uint64_t numbers_known; /* up to which count of registrations the records say that it was given */
  linnet__buffer changes;
  size_t changes_taken;
  linnet__buffer saved;
  linnet__buffer words;                    /* texts of events */
  char segment[LINNET__LOCATION_SIZE + 1]; /* Location-Path of the response that is being made */
  char *location;                          /* linnet_server_location: points to location_room */
  char location_room[LINNET__LOCATION_SIZE + 5];
  char *version; /* linnet_server_object_version likewise */
  char version_room[LINNET__VERSION_SIZE + 1];
};

/* ---- registration_parse.c: what a Register or Update says (digest 2.2, 2.3, 2.5) ----------------- */

extern const char *const linnet__bindings[7]; /* the last is NULL */
#define LINNET__BINDING_U 0
#define LINNET__BINDING_UQS 5
#define LINNET__BINDING_NONE UINT8_MAX

/* Views into the message; `data` NULL: not given. */
typedef struct linnet__parameters {
  linnet__text endpoint;
  linnet__text sms;
  linnet__text links;
  linnet__text root;   /* without trailing slash; "" for none. Only with links */
  uint32_t lifetime_s; /* 0: not given */
  uint8_t binding;     /* LINNET__BINDING_NONE: not given */
  bool json;
  const char *why; /* words for a diagnostic payload */
} linnet__parameters;

typedef enum linnet__parse_scope {
  LINNET__PARSE_ALL,
  LINNET__PARSE_EARLY /* the payload is not complete yet (BW-08) */
} linnet__parse_scope;

/* 0, or the code to answer with, in the order of 2.5. */
uint8_t linnet__parse_register(linnet__parameters *parameters, const linnet__incoming *request,
                               linnet__parse_scope scope);
uint8_t linnet__parse_update(linnet__parameters *parameters, const linnet__incoming *request,
                             linnet__parse_scope scope);

/* ---- facts.c ------------------------------------------------------------------------------------- */

void linnet__facts_init(linnet_server *server);
/* With a reference for the caller; NULL: no memory. */
linnet__facts *linnet__facts_get(linnet_server *server, const linnet__parameters *parameters);
void linnet__facts_release(linnet_server *server, linnet__facts *facts);
const char *linnet__registration_sms(const linnet__registration *registration);
const char *linnet__registration_root(const linnet__registration *registration);
const char *linnet__registration_links(const linnet__registration *registration);

/* ---- slots.c ------------------------------------------------------------------------------------- */

void linnet__slots_init(linnet__slots *slots, linnet_loop *loop);
void linnet__slots_free(linnet__slots *slots);
/* The number for a registration, which it has to carry from now on; 0: no memory, or every place is taken. */
uint64_t linnet__slots_add(linnet__slots *slots, linnet__registration *registration);
linnet__registration *linnet__slots_find(const linnet__slots *slots, uint64_t number);
/* One that has its number already; false: no memory, or the place is taken. After all of them, chain. */
bool linnet__slots_put(linnet__slots *slots, linnet__registration *registration, uint64_t number);
void linnet__slots_chain(linnet__slots *slots);
void linnet__slots_remove(linnet__slots *slots, uint64_t number);
/* Walks: *place is 0 at first; NULL at the end. Removal of the one returned is allowed. */
linnet__registration *linnet__slots_next(const linnet__slots *slots, uint32_t *place);

/* ---- expiry.c ------------------------------------------------------------------------------------ */

/* A registration with its number and expires_ms, which may be 2^42 ms at most. NO_MEMORY. */
linnet_status linnet__expiry_add(linnet__registration *registration);
/* Its expires_ms was `former_ms`: O(1) if it is later now. */
void linnet__expiry_advance(linnet__registration *registration, uint64_t former_ms);
void linnet__expiry_remove(linnet__registration *registration);
void linnet__expiries_free(linnet_server *server);
/* All of them end so much later, as their registrations do. */
void linnet__expiries_shift(linnet_server *server, uint64_t shift_ms);

/* ---- peers.c ------------------------------------------------------------------------------------- */

void linnet__peers_init(linnet_server *server);
void linnet__peers_free(linnet_server *server);
/* When it has its number; before its address changes or it goes. */
void linnet__peers_add(linnet__registration *registration);
void linnet__peers_remove(linnet__registration *registration);

/* ---- registry.c ---------------------------------------------------------------------------------- */

void linnet__registry_init(linnet_server *server);
/* Frees every registration and request without a word. */
void linnet__registry_free(linnet_server *server);
linnet__registration *linnet__registration_find(const linnet_server *server, uint64_t number);
linnet__registration *linnet__registration_named(const linnet_server *server, const char *endpoint,
                                                 size_t length);
/* By the segment after "rd"; NULL for anything but the one text that this server gave out. */
linnet__registration *linnet__registration_at(const linnet_server *server, const linnet__text *segment);
/* Writes the segment, terminated. */
void linnet__location_write(const linnet_server *server, uint64_t number,
                            char text[LINNET__LOCATION_SIZE + 1]);

/*
 * Registers, in place of a former registration of the endpoint (REG-06). NULL: no memory; then the endpoint
 * may have lost its former one, which is told.
 */
linnet__registration *linnet__registration_create(linnet_server *server, const linnet__peer *peer,
                                                  const linnet__parameters *parameters);
/* All or nothing. NO_MEMORY. */
linnet_status linnet__registration_update(linnet__registration *registration, const linnet__peer *peer,
                                          const linnet__parameters *parameters);
/* Ends it with what hangs on it, and tells with an event of `kind`. */
void linnet__registration_end(linnet__registration *registration, linnet_event_kind kind);
/*
 * One of before a restart, in place of one of the same name. Before the first of them, `restore`, and after
 * the last one, `restored`. Lifetimes begin with the next step. NO_MEMORY, EXISTS.
 */
linnet_status linnet__registration_restore(linnet_server *server, const linnet__peer *peer,
                                           const linnet__parameters *parameters, uint64_t number,
                                           uint64_t expires_ms);
void linnet__registry_restore(linnet_server *server);
void linnet__registry_restored(linnet_server *server);
/* Without a word: one; all, with what stands. */
void linnet__registration_drop(linnet__registration *registration);
void linnet__registry_clear(linnet_server *server);
/* REGISTERED, UPDATED, DEREGISTERED or EXPIRED. `links` may be NULL. */
void linnet__registration_tell(const linnet__registration *registration, linnet_event_kind kind,
                               const linnet__text *links);

/* ---- request_payload.c, attributes.c ------------------------------------------------------------- */

/* Appends the payload of a WRITE, UPDATE or CREATE and settles *format if it is NONE. */
linnet_status linnet__server_request_payload(linnet__registration *registration, linnet_operation operation,
                                             linnet_path path, const linnet_batch *records,
                                             linnet_format *format, linnet__buffer *out);
/* TLV where the model knows the path, else JSON if the device has it. */
linnet_format linnet__server_request_format(const linnet__registration *registration, linnet_path path);
/*
 * Reads the next of "pmin=1&gt=5&st": `query` is what goes into one Uri-Query option. NOT_FOUND at the end.
 */
linnet_status linnet__attributes_next(const char *text, size_t *position, linnet__text *query);
/* ATT-04 to ATT-06, DM-40; NULL, or what is wrong. `resource` may be NULL: unknown to the model. */
const char *linnet__attributes_fault(const char *text, linnet_path path,
                                     const linnet_resource_definition *resource);

/* ---- request.c ----------------------------------------------------------------------------------- */

#define LINNET__QUERY_LIMIT 5

/* "read", "write", ... for texts. */
const char *linnet__server_operation_words(linnet_operation operation);
/* "read /3/0 of kitchen: " and then what follows; returns `status`. */
linnet_status linnet__server_request_fail(const linnet__registration *registration,
                                          linnet_operation operation, linnet_path path, linnet_status status,
                                          const char *why);

/* What a request needs besides its operation and path. */
typedef struct linnet__server_request_parts {
  linnet__text query[LINNET__QUERY_LIMIT];
  size_t query_count;
  linnet_format format; /* of the payload, or what is asked for */
  const uint8_t *payload;
  size_t payload_length;
  uint64_t observation; /* CANCEL: what it ends */
} linnet__server_request_parts;

/* Whose a request is, and what it is called. */
typedef struct linnet__server_request_origin {
  uint64_t registration; /* for its events */
  const char *endpoint;
  uint64_t number;
} linnet__server_request_origin;

bool linnet__server_operation_exists(linnet_operation operation);
/* Nowhere yet, but found by its number. NULL: no memory. */
linnet__server_request *linnet__server_request_new(linnet_server *server,
                                                   const linnet__server_request_origin *origin,
                                                   linnet_operation operation, linnet_path path,
                                                   const linnet__server_request_parts *parts);
/* Makes a request, and sends or queues it; its number in *number if that is not NULL. */
linnet_status linnet__server_request_send(linnet__registration *registration, linnet_operation operation,
                                          linnet_path path, const linnet__server_request_parts *parts,
                                          uint64_t *number);
/* Hands it to CoAP: it is OPEN then. */
linnet_status linnet__server_request_transmit(linnet__server_request *request,
                                              const linnet__server_request_parts *parts);
/* Takes an OBSERVE up that was answered with that token, at the address where the device is now. */
linnet_status linnet__server_request_resume(linnet__server_request *request, const linnet__token *token);
linnet__server_request *linnet__server_request_find(const linnet_server *server, uint64_t number);
/* Into the ring of a registration, as its latest; and out of it. */
void linnet__server_request_join(linnet__server_request *request, linnet__registration *registration);
void linnet__server_request_leave(linnet__server_request *request);
/* Takes it out of everything, CoAP included, and frees it, without an event. */
void linnet__server_request_free(linnet__server_request *request);
/* The same after the events that tell that nothing more will come. `why` goes into their texts. */
void linnet__server_request_cancel(linnet__server_request *request, const char *why);

/* Ends it with a RESPONSE that tells so, or an OBSERVATION_ENDED if there was one already. */
void linnet__server_request_failed(linnet__server_request *request, linnet_status status, const char *why);

/* A path as options, below the root of a device. */
#define LINNET__ID_DIGITS 5
typedef struct linnet__server_path {
  linnet__text segments[LINNET__ROOT_SEGMENTS + 4];
  size_t count;
  char root[LINNET__ROOT_SIZE];
  char ids[4][LINNET__ID_DIGITS];
} linnet__server_path;
void linnet__server_path_put(linnet__server_path *out, const char *root, linnet_path path);

/* ---- channel.c: UDP or SMS (QUE-09, QUE-10) ------------------------------------------------------ */

void linnet__channel_init(linnet_server *server);
void linnet__channel_end(linnet_server *server);
/* Why what the server is set to cannot be done with this device; NULL: it can. */
const char *linnet__channel_fault(const linnet__registration *registration, linnet_operation operation);
/* Requests that are made now go by SMS though the device is registered over UDP. */
bool linnet__channel_is_beside(const linnet__registration *registration);
/* Where the request goes. */
linnet_status linnet__channel_peer(const linnet__server_request *request, linnet__peer *peer);
/* Is the device there: has it a session of its own by SMS, where those are secured (SEC-05)? */
bool linnet__channel_is_for(const linnet__registration *registration, const linnet__peer *peer);
/* How long the device stays awake after a message (QUE-04, SMS-15). */
uint64_t linnet__channel_awake_ms(const linnet__registration *registration);
/* Sends it the Registration Update Trigger by SMS. EXISTS: one is on its way. */
linnet_status linnet__channel_trigger(const linnet__registration *registration);
/* The same if the server is to do so by itself. */
void linnet__channel_wake(const linnet__registration *registration);
/* ---- changes.c, state.c: what is kept over a restart (store.h) ----------------------------------- */

void linnet__changes_init(linnet_server *server);
void linnet__changes_end(linnet_server *server);
/* A record in the making: between the two the blob is appended. */
size_t linnet__change_begin(linnet__buffer *out, bool deletes, const char *kind, const char *name,
                            size_t length);
void linnet__change_end(linnet__buffer *out, size_t start);
/* Written down, if somebody wants it to be. */
void linnet__change_registration(const linnet__registration *registration);
void linnet__change_registration_gone(const linnet__registration *registration);
void linnet__change_request(linnet__server_request *request);
void linnet__change_request_gone(const linnet__server_request *request);
/* Of linnet__coap_handler: so far the secured packets to and from a number are (SMS-42). */
void linnet__change_counters(linnet_server *server, const linnet_transport *transport,
                             const linnet__counters *counters);
/* Keys of tickets of DTLS may have changed. */
void linnet__change_tickets(linnet_server *server);
void linnet__state_write_counters(const linnet__counters *counters, linnet__buffer *out);
void linnet__state_write_numbers(const linnet_server *server, linnet__buffer *out);
void linnet__state_write_registration(const linnet__registration *registration, linnet__buffer *out);
void linnet__state_write_request(const linnet__server_request *request, linnet__buffer *out);

/* ---- waiting.c: queue mode (digest 9) ------------------------------------------------------------ */

void linnet__waiting_init(linnet_server *server);
void linnet__waiting_end(linnet_server *server);
/* The binding has a Q: requests wait until the device is awake, and go one at a time. */
bool linnet__waiting_is_for(const linnet__registration *registration);
/* NULL, or why one more request cannot wait. */
const char *linnet__waiting_full(const linnet__registration *registration);
/* Lets a new request wait for the next step; NO_MEMORY. */
linnet_status linnet__waiting_add(linnet__server_request *request, const linnet__server_request_parts *parts);
/* Out of the queue, if it is in; its held copy goes. */
void linnet__waiting_release(linnet__server_request *request);
/* A message of the device came: it is awake (QUE-04), and hears in the next step what waits for it. */
void linnet__waiting_hear(linnet__registration *registration);
/* A request is over: the next one goes. */
void linnet__waiting_go_on(linnet__registration *registration);
/* Its answer did not come: true if it waits for the next time the device is awake (QUE-06). */
bool linnet__waiting_put_back(linnet__server_request *request);
/* Before the first step the time was not known: deadlines are so much later. */
void linnet__waiting_shift(const linnet__registration *registration, uint64_t shift_ms);
/* The device has moved: what is on its way to where it was is sent to the new place when it goes on. */
void linnet__waiting_recall(linnet__registration *registration);

/* ---- response.c, observation.c ------------------------------------------------------------------- */

void linnet__server_request_answered(void *user, uint64_t exchange, linnet_status status,
                                     const linnet__incoming *response);
/* Fills an event from a response: code, status, format, batch, text. */
void linnet__server_event_fill(linnet_event *event, const linnet__server_request *request,
                               const linnet__incoming *response);
/* Sets status and a text such as "read /3/0 of kitchen: the peer did not answer in time". */
void linnet__server_event_fail(linnet_event *event, const linnet__server_request *request,
                               linnet_status status, const char *why);

/* The first value of an OBSERVE has come and is told. */
void linnet__server_observation_begin(linnet__server_request *request);
/* A notification, an end, or a failure. */
void linnet__server_observation_continue(linnet__server_request *request, linnet_status status,
                                         const linnet__incoming *response);
/* Tells OBSERVATION_ENDED and frees. */
void linnet__server_observation_end(linnet__server_request *request, linnet_status status, const char *why);
/* The answer to an OBSERVE that began again: a value, or the end. */
void linnet__server_observation_renewed(linnet__server_request *request, linnet_status status,
                                        const linnet__incoming *response);
/* The device has a new address, and goes on there (OBS-08: an Update ends nothing). */
void linnet__server_observation_move(linnet__server_request *request);

/* ---- standing.c: observations that outlive registrations (OBS-13, REG-13) ------------------------ */

void linnet__standing_init(linnet_server *server);
void linnet__standing_free(linnet_server *server);
/* Takes the kept observations out of a registration that ends. */
void linnet__standing_collect(linnet__registration *registration);
/* Gives those of its endpoint to a new registration: they are sent in the next step, after its 2.01 (OBS-13).
 */
void linnet__standing_renew(linnet__registration *registration);
/* What stands for an endpoint; NULL: no memory. */
linnet__standing *linnet__standing_get(linnet_server *server, const char *endpoint, size_t length);
/* A request that is nowhere else. */
void linnet__standing_add(linnet__standing *standing, linnet__server_request *request);
/* A request that is freed. */
void linnet__standing_release(linnet__server_request *request);

#endif
