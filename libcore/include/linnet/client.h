/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.h: the client role: objects, server accounts, registrations.
 *
 * Accounts are instances of objects 0 and 1 like any other data: linnet_client_add_server writes them, and
 * what a server writes to /1/x/1 changes the registration (REG-09).
 */
#ifndef LINNET_CLIENT_H
#define LINNET_CLIENT_H

#include <linnet/access.h>
#include <linnet/batch.h>
#include <linnet/event.h>
#include <linnet/export.h>
#include <linnet/limit.h>
#include <linnet/loop.h>
#include <linnet/model.h>
#include <linnet/object.h>
#include <linnet/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct linnet_client linnet_client;

/** Every server account at once, where a Short Server ID is wanted. */
#define LINNET_EVERY_SERVER 0

/**
 * A client with objects 0 (hidden from servers), 1 and 3; Device has /3/0 with its mandatory resources (4,
 * 11, 16), and from linnet_client_start on also the time (13) if linnet_loop_set_wall_clock told it. Once
 * written, /3/0/13 runs on from there. One reference; NULL: no memory, or an endpoint name that is empty, not
 * UTF-8 or over 252 bytes (MOD-05); linnet_error_text of the loop says which. `model` NULL: one of its own
 * with objects 0 to 7.
 */
LINNET_API linnet_client *linnet_client_new(linnet_loop *loop, const char *endpoint, linnet_model *model);
LINNET_API linnet_client *linnet_client_ref(linnet_client *client);
LINNET_API void linnet_client_unref(linnet_client *client);
/** Stops at once, without a word to the servers (linnet_client_deregister first, to be polite). Idempotent.
 */
LINNET_API void linnet_client_close(linnet_client *client);

LINNET_API uint64_t linnet_client_number(const linnet_client *client);
LINNET_API linnet_loop *linnet_client_loop(const linnet_client *client);
LINNET_API linnet_model *linnet_client_model(const linnet_client *client);
LINNET_API const char *linnet_client_endpoint(const linnet_client *client);

/** At most 8 that are open. Of several of a kind the one added last is used for what begins from then on. */
LINNET_API linnet_status linnet_client_add_transport(linnet_client *client, linnet_transport *transport);
/** LINNET_LIMIT_OBSERVATIONS: one more Observe is answered as a Read. Also bounded: 64 requests with open
 * questions (5.03). */
LINNET_API linnet_status linnet_client_set_limit(linnet_client *client, linnet_limit limit, size_t value);

/**
 * Adds an object; the client holds it. EXISTS: it has one of this id. A registered client tells its servers
 * with an Update (REG-08), also when instances come and go.
 */
LINNET_API linnet_status linnet_client_add_object(linnet_client *client, linnet_object *object);
LINNET_API linnet_status linnet_client_remove_object(linnet_client *client, uint16_t object);
/** Borrowed. NULL: there is none. Objects 0, 1 and 3 are the client's own. */
LINNET_API linnet_object *linnet_client_object(const linnet_client *client, uint16_t object);

/**
 * Adds an account: writes /0/x and /1/x. `uri` is "coap://host[:port]" or "coaps://host[:port]"; the host may
 * be a name. With "sms:+15550100" it is the account of a server that is reached by SMS alone, with binding S
 * (SMS-14). `short_server_id` is 1 to 65534, and not used yet. `lifetime_s` > 0. LINNET_ERROR_UNAVAILABLE:
 * coaps in a build without DTLS. A client that was started registers at once; with coaps it has keys by then
 * (linnet_client_set_psk and the like, before the next step) and a transport that is secured.
 */
LINNET_API linnet_status linnet_client_add_server(linnet_client *client, const char *uri,
                                                  uint16_t short_server_id, uint32_t lifetime_s);
/** Where those below take a Short Server ID: the account of the bootstrap-server. */
#define LINNET_BOOTSTRAP_ACCOUNT 65535
/**
 * What the client shows a server on coaps, and wants to be shown: writes /0/x/2 to /0/x/5. A pre-shared key:
 * identity up to 128 bytes, key up to 64. INVALID_ARGUMENT: the account is not on coaps; OUT_OF_RANGE.
 */
LINNET_API linnet_status linnet_client_set_psk(linnet_client *client, uint16_t short_server_id,
                                               const void *identity, size_t identity_length, const void *key,
                                               size_t key_length);
/**
 * Certificates: the own one and its private key, and the server's, or that of an authority that vouches for
 * the server, whose certificate then has to name the host of the URI (SEC-13). DER, or PEM. MALFORMED: one of
 * them cannot be read, or the first two do not fit together.
 */
LINNET_API linnet_status linnet_client_set_certificate(linnet_client *client, uint16_t short_server_id,
                                                       const void *certificate, size_t certificate_length,
                                                       const void *key, size_t key_length, const void *server,
                                                       size_t server_length);
/** Raw public keys: the own one, its private key, the server's. UNAVAILABLE: the DTLS backend has none. */
LINNET_API linnet_status linnet_client_set_public_key(linnet_client *client, uint16_t short_server_id,
                                                      const void *own, size_t own_length, const void *key,
                                                      size_t key_length, const void *server,
                                                      size_t server_length);
/**
 * Adds the account of the bootstrap-server: writes /0/x. It is asked, `hold_off_s` seconds (/0/x/11) after
 * the client was started without a server account, or after registrations with all of its servers have
 * failed; then again with growing delays. Meanwhile registrations rest. LINNET_EVENT_BOOTSTRAP_STARTED tells
 * of each attempt, and LINNET_EVENT_BOOTSTRAP_FINISHED, with status, code and a text, how it ended: after a
 * failure all objects are what they were before, after a success the client registers with the servers it was
 * given. No handler is asked about what a bootstrap-server does. It deletes instances of objects 0 to 2, and
 * of objects for which the application has allowed DELETE (linnet_object_allow). EXISTS: there is one
 * already. LINNET_ERROR_UNAVAILABLE: coaps in a build without DTLS.
 */
LINNET_API linnet_status linnet_client_add_bootstrap_server(linnet_client *client, const char *uri,
                                                            uint32_t hold_off_s);
/**
 * Lets the client deal with bootstrap-servers. The calls that may bring the account of one do so themselves:
 * linnet_client_add_bootstrap_server, linnet_client_factory, linnet_client_set_smartcard,
 * linnet_client_restore. It is for a program that writes such an account to object 0 by hand: one that calls
 * none of these has no bootstrap in it, and so is smaller.
 */
LINNET_API linnet_status linnet_client_allow_bootstrap(linnet_client *client);
/**
 * Accounts that the device is made with: instances of objects 0, 1, 2 and of others that the client has, each
 * whole, the records of an instance together. Does nothing if there are accounts already, from a store for
 * instance. All or nothing; what a client would refuse at the end of a bootstrap is MALFORMED. WRONG_STATE:
 * it was started. NOT_FOUND: an object that it does not have.
 */
LINNET_API linnet_status linnet_client_factory(linnet_client *client, const linnet_batch *records);
/**
 * Bootstrap from a smartcard. `handler` reads it: a READ of "/", to be answered with the content of EF
 * LwM2M_Bootstrap as one opaque value (up to 32 KB); LINNET_OK without an answer: there is a card, and its
 * content is as before; NOT_FOUND: there is no card; anything else: it cannot be read, which is told by
 * LINNET_EVENT_ERROR and changes nothing. It is asked when the client starts, before anything else, before
 * each Register and Update with a server that the card gave, and by linnet_client_check_smartcard. Accounts
 * and access control of a card that was removed or changed go, those of the new content come; content that is
 * malformed, or contradicts itself, is told by LINNET_EVENT_ERROR and gives none. Accounts of the factory
 * give way to those of a card. It cannot be deferred. A former handler is released. NULL: none.
 */
LINNET_API linnet_status linnet_client_set_smartcard(linnet_client *client, linnet_handler handler,
                                                     void *user, linnet_release release);
/** Looks at the card in the next step: it may have been changed. */
LINNET_API linnet_status linnet_client_check_smartcard(linnet_client *client);
/**
 * One of U, UQ, S, SQ, US, UQS: writes /1/x/7. /3/0/16 follows where it is still "U", also when a server or
 * a bootstrap-server writes /1/x/7. Default U.
 * LINNET_ERROR_INVALID_ARGUMENT: something else.
 */
LINNET_API linnet_status linnet_client_set_binding(linnet_client *client, uint16_t short_server_id,
                                                   const char *binding);

/**
 * The objects are below that path instead of "/", e.g. "/lwm2m": announced in Register and put before each
 * path by servers, but not by a bootstrap-server (MOD-10). NULL or "": none. Registered servers are told.
 * INVALID_ARGUMENT: more than 4 segments or 63 characters, others than letters, digits and "-._~", or a
 * segment that is a number.
 */
LINNET_API linnet_status linnet_client_set_root(linnet_client *client, const char *root);
/**
 * The number of this device, digits only: what servers with an S in their binding are told as `sms` (SMS-03,
 * SMS-04). NULL or "": it is not known. INVALID_ARGUMENT: not up to 15 digits.
 */
LINNET_API linnet_status linnet_client_set_sms_number(linnet_client *client, const char *number);

/**
 * The number of a server, /0/x/9, digits with or without "+": where SMS to it go, and the only one of which
 * SMS are listened to (SMS-04, SMS-05). A server that was added as "sms:+15550100" has it already.
 * INVALID_ARGUMENT: not 1 to 15 digits; NOT_FOUND: there is no such account.
 */
LINNET_API linnet_status linnet_client_set_server_number(linnet_client *client, uint16_t short_server_id,
                                                         const char *number);

/** /0/x/6: how short messages are secured (sms.md 4). */
typedef enum linnet_sms_security {
  LINNET_SMS_DTLS = 1, /**< DTLS with a pre-shared key, on a transport of linnet_transport_secure */
  LINNET_SMS_SECURED_PACKETS = 2, /**< secured.h, as smartcards have it */
  LINNET_SMS_UNSECURED = 3
} linnet_sms_security;

/**
 * How short messages to and from a server are secured; what comes otherwise is ignored (SMS-21). DTLS:
 * identity and key, kept in /0/x/3 and /0/x/5, or, beside a coaps URI, in /0/x/7 and /0/x/8 with the lengths
 * that these may have (6 or 7; 16, 32, 48: AMB-30); with none of either those of the account serve here, too.
 * A client that is registered over UDP and secures its SMS by DTLS keeps a session by SMS with each such
 * server, so that it can be reached. Secured packets: /0/x/7 and /0/x/8. A server on coaps that sends SMS
 * unsecured may ask for an Update and nothing else (SMS-22). INVALID_ARGUMENT, OUT_OF_RANGE: they do not fit.
 */
LINNET_API linnet_status linnet_client_set_sms_security(linnet_client *client, uint16_t short_server_id,
                                                        linnet_sms_security mode, const void *parameters,
                                                        size_t parameters_length, const void *key,
                                                        size_t key_length);

/**
 * How many Registration Update Triggers by unsecured SMS a client on coaps takes from a server, one after the
 * other, and in which time they may come anew; the others are ignored (SMS-22: anybody may send SMS in a
 * server's name). Default 3 in 180 s. `count` 0: none. Secured ones are not limited. OUT_OF_RANGE: not 1 to
 * 86400 s.
 */
LINNET_API linnet_status linnet_client_set_trigger_limit(linnet_client *client, uint32_t count,
                                                         uint32_t period_s);

/**
 * Registers with every server, and keeps registered: LINNET_EVENT_REGISTERED, UPDATED, DEREGISTERED, and
 * ERROR for each failed attempt, with status, code, registration = Short Server ID and a text. Tries again
 * with growing delays: after a timeout, 5.xx or unknown host from 5 s to 10 min, after a refusal (4.xx) from
 * 1 min to 1 h, after 5.03 as its Max-Age says; always up to half as much more, at random. WRONG_STATE: no
 * transport, or the account of a bootstrap-server without linnet_client_allow_bootstrap.
 */
LINNET_API linnet_status linnet_client_start(linnet_client *client);
/** Sends an Update now. WRONG_STATE: not registered. */
LINNET_API linnet_status linnet_client_update(linnet_client *client, uint16_t short_server_id);
/**
 * Leaves; LINNET_EVENT_DEREGISTERED follows for each account, whatever the server says, also where there was
 * no registration yet. linnet_client_start registers again. WRONG_STATE: not started, or left already.
 */
LINNET_API linnet_status linnet_client_deregister(linnet_client *client, uint16_t short_server_id);

typedef enum linnet_client_state {
  LINNET_CLIENT_IDLE = 0,    /**< not started, or deregistered */
  LINNET_CLIENT_RESOLVING,   /**< looking the host up */
  LINNET_CLIENT_REGISTERING, /**< waiting for the answer to a Register */
  LINNET_CLIENT_REGISTERED,
  LINNET_CLIENT_WAITING, /**< failed, or disabled by its server; the next attempt is scheduled */
  LINNET_CLIENT_DEREGISTERING
} linnet_client_state;

/** LINNET_EVERY_SERVER: the state of the account that is farthest from registered. */
LINNET_API linnet_client_state linnet_client_get_state(const linnet_client *client, uint16_t short_server_id);
/** Where the server keeps the registration ("/rd/5a3f"); "" when not registered. */
LINNET_API const char *linnet_client_location(const linnet_client *client, uint16_t short_server_id);
/** When the next Update is due, in loop time; LINNET_NEVER when not registered. */
LINNET_API uint64_t linnet_client_next_update(const linnet_client *client, uint16_t short_server_id);

/**
 * Queue mode (a binding with Q): until when the client has to listen for that server, in loop time: 93 s
 * after the last message to or from it (QUE-05), or LINNET_NEVER while it registers or updates. After that
 * the radio may be off until the step that the loop asked for: the server keeps what it has until the client
 * says something, with an Update or a notification. What comes in nevertheless is answered. LINNET_NEVER: no
 * queue mode; 0: not registered, nothing is expected. LINNET_EVERY_SERVER: the latest. LINNET_EVENT_ASLEEP
 * and AWAKE tell when the client as a whole goes to sleep and wakes.
 */
LINNET_API uint64_t linnet_client_awake_until(const linnet_client *client, uint16_t short_server_id);
/**
 * Registers anew, as if for the first time, host name and all: after the address of this device has changed
 * (REG-10, QUE-08). Retries that wait are made now. WRONG_STATE: not started, leaving, or silenced by
 * Disable.
 */
LINNET_API linnet_status linnet_client_register_anew(linnet_client *client, uint16_t short_server_id);

typedef enum linnet_reliability {
  LINNET_CONFIRMABLE = 0,
  LINNET_NON_CONFIRMABLE /**< one a day is confirmable nevertheless (OB-09) */
} linnet_reliability;

/**
 * How notifications go to a server from now on (OBS-04); the default is LINNET_CONFIRMABLE.
 * LINNET_EVERY_SERVER: to all, also those that are still to be added. What a server misses while it is
 * disabled or does not acknowledge is stored and sent in order when it is back, if /1/x/6 says so (OBS-10);
 * LINNET_LIMIT_STORED_NOTIFICATIONS bounds it.
 */
LINNET_API linnet_status linnet_client_set_reliability(linnet_client *client, uint16_t short_server_id,
                                                       linnet_reliability reliability);

/**
 * Gives a server rights, a sum of linnet_access, in place of those it had: on an instance (depth 2, which
 * need not exist yet), or to create instances of an object (depth 1). LINNET_EVERY_SERVER: those without an
 * entry of their own, for instances only. Writes object 2, which the client gets with the first call, or with
 * its second account; an instance of it that is new has no owner. Who creates an instance owns it.
 * INVALID_ARGUMENT: objects 0 and 2, other rights.
 */
LINNET_API linnet_status linnet_client_set_access(linnet_client *client, linnet_path path,
                                                  uint16_t short_server_id, unsigned access);
/**
 * Makes a server the owner of an instance: it has all rights, unless it has an entry of its own, and may
 * write the Access Control instance. LINNET_EVERY_SERVER: nobody owns it.
 */
LINNET_API linnet_status linnet_client_set_owner(linnet_client *client, linnet_path path,
                                                 uint16_t short_server_id);
/** What that server may do now to an instance, or, of an object (depth 1), whether it may create. */
LINNET_API unsigned linnet_client_access(const linnet_client *client, linnet_path path,
                                         uint16_t short_server_id);

/** Shorthands for the object that the path names. */
LINNET_API linnet_status linnet_client_set(linnet_client *client, linnet_path path,
                                           const linnet_value *value);
LINNET_API linnet_status linnet_client_get(const linnet_client *client, linnet_path path, linnet_value *out);
LINNET_API linnet_status linnet_client_notify(linnet_client *client, linnet_path path);

#ifdef __cplusplus
}
#endif

#endif
