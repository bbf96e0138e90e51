/* SPDX-License-Identifier: Apache-2.0 */
/* client_internal.h: what the files of the client share. */
#ifndef LINNET_CLIENT_CLIENT_INTERNAL_H
#define LINNET_CLIENT_CLIENT_INTERNAL_H

#include <linnet/client.h>
#include <linnet/standard.h>

#include "../engine/engine.h"
#include "retry.h"

#define LINNET__ENDPOINT_LIMIT 252 /* with "ep=" one Uri-Query (MOD-05) */
#define LINNET__BINDING_SIZE 4     /* "UQS" */
#define LINNET__LOCATION_SEGMENTS 8
#define LINNET__LOCATION_SIZE 512
#define LINNET__TRANSPORTS_LIMIT 8
#define LINNET__SMS_NUMBER_LIMIT 15 /* E.164 (SMS-04) */

/* What a server was told, or is to be told (REG-08). */
typedef struct linnet__terms {
  uint32_t lifetime_s;
  char binding[LINNET__BINDING_SIZE];
} linnet__terms;

/* Which request of the account is open. */
typedef enum linnet__account_request {
  LINNET__REQUEST_NONE = 0,
  LINNET__REQUEST_REGISTER,
  LINNET__REQUEST_UPDATE,
  LINNET__REQUEST_DEREGISTER
} linnet__account_request;

typedef enum linnet__sms_session_state {
  LINNET__SMS_SESSION_NONE = 0,
  LINNET__SMS_SESSION_OPENING,
  LINNET__SMS_SESSION_OPEN,
  LINNET__SMS_SESSION_WAITING /* until the next attempt */
} linnet__sms_session_state;

/* A DTLS session by SMS, beside a registration over UDP. */
typedef struct linnet__sms_session {
  linnet__sms_session_state state;
  linnet__retry retry;
  linnet__peer peer;
  linnet__timer timer;
} linnet__sms_session;

/*
 * A server account: one instance of object 0 and one of object 1 with the same Short Server ID (MOD-04). What
 * is small and often looked at comes first: near members take shorter instructions to reach.
 */
typedef struct linnet__account {
  linnet__list node; /* in client->accounts */
  linnet_client *client;
  char *location; /* "/rd/5a3f"; NULL: not registered */
  linnet_client_state state;
  linnet__account_request request;
  linnet__account_request held; /* until the smartcard was looked at (BS-60) */
  uint16_t security;            /* the instance of object 0 ... */
  uint16_t server;              /* ... and of object 1 */
  bool wanted;                  /* to be registered */
  bool leaving;                 /* to be deregistered, at once */
  bool disabled;                /* by Disable: it leaves, and is silent for a while (REG-40) */
  bool update_wanted;
  bool number_changed; /* the client's SMS number, likewise */
  bool list_changed;   /* since the list was sent last */
  bool open;           /* requests from `peer` are for this one (REG-12) */
  bool securing;       /* a handshake is under way */
  bool doubted;        /* the session was, before it began anew */
  bool refreshing;     /* ... for a registration that stands */
  linnet__terms sent;
  linnet_cause cause; /* of the last failure, if it was LINNET_ERROR_SECURITY */
  linnet__retry retry;
  linnet__retry unheard; /* notifications that nobody acknowledged (OBS-09) */
  uint64_t traffic_ms;   /* the last message either way, in queue mode (QUE-05) */
  linnet__peer peer;     /* known once the host was looked up */
  linnet__requester requester;
  uint64_t exchange;
  uint64_t update_ms;     /* when the next Update is due */
  uint64_t secured_ms;    /* when the session began */
  linnet__timer timer;    /* the next attempt, the next Update, the end of Disable */
  linnet__timer lifetime; /* the end of the registration (REG-07) */
  linnet__lookup lookup;
  linnet_address number;        /* by SMS (/0/x/9); of no kind if it has none */
  linnet__buffer session;       /* what can be resumed, of ... */
  uint64_t session_credentials; /* ... these */
  linnet__sms_session sms_session;
  uint64_t trigger_ms;                          /* up to when triggers by SMS are used up (SMS-22) */
  uint16_t segments[LINNET__LOCATION_SEGMENTS]; /* lengths */
  size_t segment_count;
} linnet__account;

/* Where /3/0/13 gets its time from. */
typedef struct linnet__clock {
  bool written; /* by a server or the application; else it is the loop's wall clock */
  int64_t base_s;
  uint64_t base_ms; /* when it was that */
} linnet__clock;

/*
 * What the client does by itself about an object that was added for it: hooks of the engine, for that object
 * alone. Each may be NULL.
 */
typedef struct linnet__behaviour {
  uint16_t object;
  uint16_t initial_count; /* 0: no instance */
  const linnet__initial *initial;
  linnet_status (*accept)(linnet_client *client, linnet_operation operation, linnet_path path,
                          const linnet_batch *records);
  bool (*current)(const linnet_client *client, linnet_path path, linnet_value *value);
  void (*written)(linnet_client *client, const linnet_batch *records);
  void (*done)(linnet_client *client, linnet_operation operation, linnet_path path);
  /* Of linnet__coap_handler: a body of several blocks for that path. */
  uint8_t (*precheck)(const linnet_client *client, linnet_path path);
  uint32_t (*collecting)(linnet_client *client, linnet_path path);
  void (*collected)(linnet_client *client, uint32_t body, linnet__body_end end);
  /* After linnet_client_restore. */
  void (*restored)(linnet_client *client);
  /* The client closes. */
  void (*stop)(linnet_client *client);
} linnet__behaviour;
#define LINNET__BEHAVIOURS 8 /* of objects 0 to 7 */

typedef struct linnet__statistics linnet__statistics;

typedef enum linnet__bootstrap_phase {
  LINNET__BOOTSTRAP_IDLE = 0,
  LINNET__BOOTSTRAP_WAITING,   /* for the hold-off */
  LINNET__BOOTSTRAP_RESOLVING, /* from here on registrations rest */
  LINNET__BOOTSTRAP_SECURING,
  LINNET__BOOTSTRAP_REQUESTING,
  LINNET__BOOTSTRAP_RECEIVING,
  LINNET__BOOTSTRAP_FINISHING /* the answer to Finish is on its way */
} linnet__bootstrap_phase;

/*
 * What a client does about bootstrap-servers. It is reached through this table alone, which whatever may
 * bring the account of one installs (linnet_client_allow_bootstrap), so that other programs do not link it.
 */
typedef struct linnet__bootstrap_rules {
  /* True if commands are accepted from there. */
  bool (*admits)(const linnet_client *client, const linnet__peer *peer);
  uint8_t (*precheck)(linnet_client *client, const linnet__incoming *request);
  linnet__answer (*request)(linnet_client *client, const linnet__incoming *request,
                            linnet__response *response);
  /* What became of a session. NULL: it was the bootstrap-server's; else what the accounts are to hear. */
  const linnet__session_news *(*session)(linnet_client *client, const linnet__peer *peer,
                                         const linnet__session_news *news);
  /* Begins to wait if a bootstrap is wanted, stops if it is not any more (6.1). */
  void (*look)(linnet_client *client);
  /* Takes back what was half done. */
  void (*close)(linnet_client *client);
} linnet__bootstrap_rules;

/* The bootstrap of a client (digest 6). */
typedef struct linnet__bootstrap {
  const linnet__bootstrap_rules *rules; /* NULL: there is none */
  linnet__bootstrap_phase phase;
  uint16_t account;                 /* the instance of object 0 */
  bool sought;                      /* its address was asked for */
  bool unasked;                     /* the present attempt is the server's own (BS-04) */
  bool purge_due;                   /* as soon as the present attempt is over */
  bool refreshed;                   /* its account was written during this one */
  linnet_cause cause;               /* of the last failure, if it was LINNET_ERROR_SECURITY */
  unsigned failures;                /* in a row */
  linnet__transaction *transaction; /* NULL: nothing was touched */
  linnet__peer peer;                /* without a transport: not known */
  uint64_t exchange;                /* the Bootstrap-Request; 0: none is open */
  linnet__timer timer;              /* the next attempt, or the end of patience */
  linnet__timer purge;              /* BS-54 */
  linnet__task task;                /* after Finish */
  linnet__lookup lookup;
  linnet_transport *listens; /* where it may begin on coaps; not held, compared only */
  uint64_t listens_with;     /* linnet__security_hash of its account; 0: nobody may */
} linnet__bootstrap;

/* The smartcard, as the application reads it (digest 6.7). */
typedef struct linnet__smartcard {
  linnet_handler handler; /* NULL: there is none */
  void *user;
  linnet_release release;
  bool present;
  uint64_t content;    /* a hash of what it had when it was looked at last */
  linnet_batch *given; /* the instances that are there by it, or by the factory; NULL: none */
  bool looked;         /* at all */
  uint64_t looked_ms;
  linnet__task task; /* zeroed: there was never a handler */
} linnet__smartcard;

struct linnet_client {
  linnet__handle handle;
  linnet__engine *engine;
  linnet__coap *coap;
  char *endpoint;
  linnet_model *model;
  linnet__list accounts;
  bool started;
  bool asleep;         /* queue mode: nobody is listened for (QUE-05) */
  bool accounts_stale; /* object 0 or 1 changed */
  uint8_t transport_count;
  linnet__reliability reliability; /* of notifications to accounts that are to come */
  uint64_t revision;               /* of what there is to save */
  linnet__bootstrap bootstrap;
  linnet__task task;
  linnet__buffer scratch; /* for payloads and texts; kept */
  linnet__clock clock;
  const linnet__behaviour *behaviours[LINNET__BEHAVIOURS]; /* by object; NULL: it only holds values */
  linnet_transport *transports[LINNET__TRANSPORTS_LIMIT];
  linnet__map peers; /* accounts that are registered, by peer */
  linnet__timer awake_timer;
  linnet__statistics *statistics; /* NULL: no object 7 */
  uint32_t pushes;                /* of packages in blocks, so far */
  uint32_t push;                  /* the one under way; 0: none */
  linnet__smartcard smartcard;
  char *sms_number;           /* NULL: not known (SMS-03) */
  uint32_t trigger_count;     /* by unsecured SMS ... */
  uint32_t trigger_period_ms; /* ... in this time (SMS-22) */
  linnet__buffer saved;       /* what linnet_client_save gave last */
};

/* account.c */
/* Makes the accounts what objects 0 and 1 say. NO_MEMORY: some are missing, and the next look at them tries
 * again. */
linnet_status linnet__accounts_sync(linnet_client *client);
/* OBJ-20: what that instance of object 1 says of periods, and nothing else of it, has changed perhaps. */
void linnet__accounts_sync_periods(linnet_client *client, uint16_t server);
linnet__account *linnet__account_find(const linnet_client *client, uint16_t short_server_id);
/* The registered account at that address, or NULL. */
linnet__account *linnet__account_at(const linnet_client *client, const linnet__peer *peer);
/* From now on requests from its address are answered (REG-12). Two accounts at one address: the first is
 * asked. */
void linnet__account_open(linnet__account *account);
/* Does what is to be done about the account now. */
void linnet__account_look(linnet__account *account);
/* It has failed: tells the application and tries again after a while. `response` NULL: there was none. */
void linnet__account_fail(linnet__account *account, linnet_status status, const linnet__incoming *response,
                          const char *what);
/* LINNET_EVENT_ERROR: what failed, with whom, and why. */
void linnet__account_tell_failure(linnet__account *account, linnet_status status,
                                  const linnet__incoming *response, const char *what);
/* The last words of such an event: "4.03 Forbidden", or why there was no response. */
void linnet__client_print_outcome(linnet__buffer *text, linnet_status status, linnet_cause cause,
                                  const linnet__incoming *response);
/* Not registered any more; the location, the observations, the timers go. */
void linnet__account_drop_registration(linnet__account *account);
/* Timers, look-up and request stop. */
void linnet__account_stop(linnet__account *account);
void linnet__account_free(linnet__account *account);
/* After it was stopped: tries again after a while, or at once with all that is new. */
void linnet__account_retry(linnet__account *account);
void linnet__account_renew(linnet__account *account);
void linnet__account_emit(linnet__account *account, linnet_event_kind kind, linnet_status status,
                          unsigned code, const char *text);

/* The transport for the URI of an instance of object 0, or NULL; and look up where that is. */
linnet_transport *linnet__client_udp(const linnet_client *client, uint16_t security);
linnet_status linnet__client_look_up(const linnet_client *client, uint16_t security, linnet__lookup *lookup);

/* register.c: each sends its request; what comes of it is dealt with there. */
void linnet__account_register(linnet__account *account);
void linnet__account_update(linnet__account *account);
/* An Update, in a while: the server did not acknowledge a notification (OBS-09). */
void linnet__account_ask_after(linnet__account *account);
/* There is a sign of life: that need not be. */
void linnet__account_ask_no_more(linnet__account *account);
void linnet__account_deregister(linnet__account *account);
/* It is not registered any more, because it was to leave. */
void linnet__account_left(linnet__account *account, linnet_status status, unsigned code);
/* What the server is to be told now. */
void linnet__account_terms(const linnet__account *account, linnet__terms *terms);

/* client.c */
/* The transport for coap or coaps, or NULL. */
typedef enum linnet__protection { LINNET__PLAIN = 0, LINNET__SECURE = 1 } linnet__protection;
linnet_transport *linnet__client_transport(const linnet_client *client, linnet_transport_kind kind,
                                           linnet__protection protection);
/* What the URI of an instance of object 0 asks for. */
linnet__protection linnet__client_protection(const linnet_client *client, uint16_t security);
bool linnet__client_has_transport(const linnet_client *client, linnet_transport_kind kind);
linnet_status linnet__client_closed(const linnet_client *client);
/* To be completed and emitted; NULL: no memory. `text` NULL: none. */
linnet_event *linnet__client_event(const linnet_client *client, linnet_event_kind kind, linnet_status status,
                                   const char *text);
/* Accounts will be looked at in a step. */
void linnet__client_post(linnet_client *client);

/* callbacks.c */
extern const linnet__coap_handler linnet__client_coap_handler;
extern const linnet__engine_hooks linnet__client_hooks;

/* servers.c */
/* NULL: *status says why. */
linnet__account *linnet__client_account(const linnet_client *client, uint16_t short_server_id,
                                        const char *call, linnet_status *status);
/* The instance of object 0, also of LINNET_BOOTSTRAP_ACCOUNT; LINNET_ID_NONE: *status says why. */
uint16_t linnet__client_security(const linnet_client *client, uint16_t short_server_id, const char *call,
                                 linnet_status *status);
/* Can a server be there? */
linnet_status linnet__client_check_uri(const linnet_client *client, const char *uri);
/* The lowest id that no instance has. */
uint16_t linnet__client_free_instance(const linnet_object *object);

/* session.c */
/* Begins a handshake with the server at account->peer; a Register or, if it resumes, an Update follows. */
void linnet__account_secure(linnet__account *account);
/* True: it is secured, and there is no session now, or none that can be relied on. */
bool linnet__account_needs_session(const linnet__account *account);
/* True, once for each session: nobody answers, and it may be that the server does not know it any more. */
bool linnet__account_doubts_session(linnet__account *account);
/* Keeps the registration meanwhile. */
void linnet__account_refresh_session(linnet__account *account);
/* Says good-bye, if there is a session. */
void linnet__account_end_session(linnet__account *account);
/* What could be resumed is forgotten, too (BS-03). */
void linnet__account_forget_session(linnet__account *account);
/* Of linnet__coap_handler. */
void linnet__client_session(linnet_client *client, const linnet__peer *peer,
                            const linnet__session_news *news);
/* linnet__transport_connect_keys with the URI and the keys of an instance of object 0. */
linnet_status linnet__client_connect(linnet_client *client, uint16_t security, const linnet__peer *peer,
                                     const linnet__packed *former);
/* A session that was saved can be resumed (state.c). */
linnet_status linnet__account_restore_session(linnet__account *account, uint64_t credentials,
                                              const void *data, size_t length);

/* sms_session.c */
/* There is one if there should be, and none if not. */
void linnet__sms_session_look(linnet__account *account);
/* It begins anew: the server may not know a former one any more. */
void linnet__sms_session_renew(linnet__account *account);
void linnet__sms_session_end(linnet__account *account);
/* False: it was of another session. */
bool linnet__sms_session_news(linnet__account *account, const linnet__peer *peer,
                              const linnet__session_news *news);

/* True while registrations rest. */
static inline bool linnet__bootstrap_busy(const linnet_client *client) {
  return client->bootstrap.phase >= LINNET__BOOTSTRAP_RESOLVING;
}
/* The address of the bootstrap-server, or how it is found out, may be another from now on. */
static inline void linnet__bootstrap_moved(linnet_client *client) {
  if (!linnet__bootstrap_busy(client)) client->bootstrap.sought = false;
}

/* bootstrap.c */
/* What became of the session with the bootstrap-server. */
void linnet__bootstrap_session(linnet_client *client, const linnet__session_news *news);
/* BS-54: true if its account will go, and when; so it shall. */
bool linnet__bootstrap_purges(const linnet_client *client, uint64_t *left_ms);
void linnet__bootstrap_purge_in(linnet_client *client, uint64_t delay_ms);
/* bootstrap_session.c: lets the bootstrap-server of that account begin on coaps, if it may. */
void linnet__bootstrap_listen(linnet_client *client, uint16_t account);
/* Of linnet__bootstrap_rules. */
const linnet__session_news *linnet__bootstrap_news(linnet_client *client, const linnet__peer *peer,
                                                   const linnet__session_news *news);

/* standard.c */
/* Makes the object, with what its instance begins with, and adds it. */
linnet_status linnet__client_add_standard(linnet_client *client, const linnet__behaviour *behaviour);
/* Sets a resource of the client's single-instance object, if it is still there. */
void linnet__client_set_standard(linnet_client *client, uint16_t object, uint16_t resource, int64_t integer);
/* A resource of it, or NULL. */
const linnet__resource *linnet__client_standard_resource(const linnet_client *client, uint16_t object,
                                                         uint16_t resource);
/* Its integer; 0 if absent. */
int64_t linnet__client_standard_integer(const linnet_client *client, uint16_t object, uint16_t resource);
/* Of linnet__engine_hooks, for whatever object has behaviour. */
linnet_status linnet__behaviour_accept(linnet_client *client, linnet_operation operation, linnet_path path,
                                       const linnet_batch *records);
bool linnet__behaviour_current(const linnet_client *client, linnet_path path, linnet_value *value);
void linnet__behaviour_written(linnet_client *client, linnet_path path, const linnet_batch *records);
void linnet__behaviour_done(linnet_client *client, linnet_operation operation, linnet_path path);
/* Of linnet__coap_handler. */
uint8_t linnet__behaviour_precheck(const linnet_client *client, const linnet__incoming *request);
uint32_t linnet__behaviour_collecting(linnet_client *client, const linnet__incoming *request);
void linnet__behaviour_collected(linnet_client *client, uint32_t body, linnet__body_end end);
void linnet__behaviour_restored(linnet_client *client);
/* The object goes. */
void linnet__behaviour_remove(linnet_client *client, uint16_t object);
void linnet__behaviour_stop(linnet_client *client);

/* device.c: the same; the clock runs as it did before, whatever was saved of it. */
void linnet__device_restored(linnet_client *client, const linnet__clock *clock);

/* provision.c */
/*
 * Stores accounts and what else comes without a server, the records of an object together, and checks them
 * (BS-51). The transaction has what is to be taken back on failure; the words are in *why, then.
 */
linnet_status linnet__client_provide(linnet_client *client, linnet__transaction *transaction,
                                     const linnet_batch *records, linnet__buffer *why);
/* It was done. */
void linnet__client_provided(linnet_client *client);

/* smartcard.c */
/* The handler is released. */
void linnet__smartcard_close(linnet_client *client);
void linnet__smartcard_free(linnet_client *client);
/* For a restart: what it had, and what is there by it. Back, or, with NULL, only looked at. */
void linnet__smartcard_save(const linnet_client *client, linnet__buffer *out);
linnet_status linnet__smartcard_restore(linnet_client *client, linnet__packed *saved);
/* It has yet to be looked at for the first time (6.1, step 1). */
bool linnet__smartcard_is_due(const linnet_client *client);
/* BS-60: the request has to wait for a look at the card, and is sent after it. */
bool linnet__smartcard_holds(linnet__account *account, linnet__account_request request);
/* What is there by these records goes when a card with other accounts comes. */
linnet_status linnet__smartcard_note(linnet_client *client, const linnet_batch *records);
/* Nothing is there by a card any more: a server has given all. */
void linnet__smartcard_forget(linnet_client *client);

/* consistency.c: LINNET_OK, or the words are in *why. */
linnet_status linnet__client_check_accounts(const linnet_client *client, linnet__buffer *why);

/* sms_security.c: which transport short messages of an instance of object 0 take, or NULL; whether they may
 * come over this one (SMS-20, SMS-21). */
linnet_transport *linnet__sms_transport(const linnet_client *client, uint16_t security);
bool linnet__sms_accepts(const linnet__account *account, const linnet_transport *transport);
/* Of linnet__coap_handler: SMS-05, SMS-21, SMS-22. */
bool linnet__sms_knows(const linnet_client *client, const linnet__peer *peer);
bool linnet__sms_hears(const linnet_client *client, const linnet__peer *peer, const uint8_t *data,
                       size_t length);
/* How many triggers by unsecured SMS are taken, and in which time; as it is at first. */
void linnet__sms_init(linnet_client *client);
/* Gives the transport the keys for secured packets, where the account has some. */
linnet_status linnet__sms_prepare(linnet_client *client, uint16_t security);
/* The same where it is spoken to by short messages: by which transport, and its number (SMS-14, SMS-16). */
linnet_status linnet__sms_reach(linnet_client *client, uint16_t security, linnet_transport **transport,
                                linnet_address *number);

/* objects/security.c */
linnet_status linnet__security_add(linnet_object *object, uint16_t instance, const char *uri,
                                   uint16_t short_server_id);
linnet_status linnet__security_add_bootstrap(linnet_object *object, uint16_t instance, const char *uri,
                                             uint32_t hold_off_s);
/* The first account of a bootstrap-server, or LINNET_ID_NONE; and how many there are. */
uint16_t linnet__security_bootstrap(const linnet_object *object);
size_t linnet__security_bootstraps(const linnet_object *object);
bool linnet__security_is_bootstrap(const linnet_object *object, uint16_t instance);
#define LINNET__SECURITY_SMS_MODE 6
#define LINNET__SECURITY_HOLD_OFF 11
#define LINNET__SECURITY_ACCOUNT_TIMEOUT 12
/* Seconds, at most 2^31; 0: absent. */
uint32_t linnet__security_number(const linnet_object *object, uint16_t instance, uint16_t resource);
/* True if it is a server account; false: the bootstrap-server's, or incomplete. */
bool linnet__security_account(const linnet_object *object, uint16_t instance, uint16_t *short_server_id);
/* What the instance says of keys and certificates: views. */
linnet__keys linnet__security_keys(const linnet_object *object, uint16_t instance);
/* The same for short messages secured by DTLS (AMB-30). */
linnet__keys linnet__security_sms_keys(const linnet_object *object, uint16_t instance);
/* session.c: of its URI and keys, the same after a restart. */
uint64_t linnet__security_hash(const linnet_object *securities, uint16_t instance);
/* Of an opaque resource; none where it is absent. */
linnet__text linnet__security_bytes(const linnet_object *object, uint16_t instance, uint16_t resource);
/* Is it reached by SMS (SMS-14)? */
bool linnet__security_is_by_sms(const linnet_object *object, uint16_t instance);
void linnet__security_uri(const linnet_object *object, uint16_t instance, char uri[LINNET__URI_SIZE]);
/* Where SMS to and from the server go (SMS-04, SMS-14); of no kind if nothing says so. */
void linnet__security_number_of(const linnet_object *object, uint16_t instance, linnet_address *address);

/* objects/server.c */
linnet_status linnet__server_add(linnet_object *object, uint16_t instance, uint16_t short_server_id,
                                 uint32_t lifetime_s);
/* OBS-10; true where it is absent. */
bool linnet__server_stores(const linnet_object *object, uint16_t instance);
/* The instance with that Short Server ID, or LINNET_ID_NONE. */
uint16_t linnet__server_find(const linnet_object *object, uint16_t short_server_id);
/* A number of the instance, or `otherwise` where it is absent or does not fit. */
uint32_t linnet__server_number(const linnet_object *object, uint16_t instance, uint16_t resource,
                               uint32_t otherwise);
void linnet__server_binding(const linnet_object *object, uint16_t instance,
                            char binding[LINNET__BINDING_SIZE]);
/* Does it register over SMS (QUE-10)? */
bool linnet__binding_is_sms(const char *binding);
/* Can this client do it with the transports it has (QUE-02)? */
bool linnet__binding_supported(const linnet_client *client, const char *binding, size_t length);
/* Of linnet__engine_hooks, for object 1. */
linnet_status linnet__server_accept(const linnet_client *client, const linnet_batch *records);
void linnet__server_executed(linnet_client *client, linnet_path path);

/* objects/device.c */
linnet_status linnet__device_add(linnet_object *object);
/* Makes /3/0/13 exist if the time is known and nobody decided about it. */
/* queue_mode.c */
/* Something that decides about sleep may have changed. */
void linnet__queue_mode_look(linnet_client *client);
/* Of linnet__coap_handler. */
void linnet__queue_mode_traffic(linnet_client *client, const linnet__peer *peer);

/* access.c */
/* Of linnet__engine_hooks. */
uint8_t linnet__access_authorize(const linnet_client *client, const linnet__requester *requester,
                                 linnet_operation operation, linnet_path path);
/* Object 2 is there from now on. */
linnet_status linnet__access_require(linnet_client *client);
/* A server made an instance, or deleted one (ACL-10, ACL-13). */
linnet_status linnet__access_created(linnet_client *client, const linnet__requester *requester,
                                     linnet_path path);
void linnet__access_deleted(linnet_client *client, linnet_path path);
/* Warns of what somebody who adds a second server may not know (AMB-13). */
void linnet__access_look(const linnet_client *client);
/* An account that is about to be freed leaves object 2, and takes along what is only its own (BS-33). */
void linnet__access_leave(linnet_client *client, linnet__account *account);

void linnet__device_begin_clock(linnet_client *client);
bool linnet__device_current(const linnet_client *client, linnet_path path, linnet_value *value);
/* A server wrote to /3, maybe the time that was written before. */
void linnet__device_written(linnet_client *client, const linnet_batch *records);
/* /3/0/13 has another value. */
void linnet__device_changed(linnet_client *client, linnet_path path);
void linnet__device_executed(linnet_client *client, linnet_path path);
/* /3/0/16 names what the application made the client use (QUE-02). */
linnet_status linnet__device_support(linnet_client *client, const char *binding);

#endif
