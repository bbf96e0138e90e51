/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.h: the server role: registrations of devices, requests to them, observations.
 *
 * A device is its endpoint name, or the number of its registration; a request is a number. Neither can
 * dangle.
 */
#ifndef LINNET_SERVER_H
#define LINNET_SERVER_H

#include <linnet/address.h>
#include <linnet/batch.h>
#include <linnet/export.h>
#include <linnet/limit.h>
#include <linnet/loop.h>
#include <linnet/model.h>
#include <linnet/operation.h>
#include <linnet/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct linnet_server linnet_server;

/** One reference; NULL: no memory. `model` NULL: one of its own with objects 0 to 7. */
LINNET_API linnet_server *linnet_server_new(linnet_loop *loop, linnet_model *model);
LINNET_API linnet_server *linnet_server_ref(linnet_server *server);
LINNET_API void linnet_server_unref(linnet_server *server);
/** Stops at once; open requests end without a response event. Idempotent. */
LINNET_API void linnet_server_close(linnet_server *server);

LINNET_API uint64_t linnet_server_number(const linnet_server *server);
LINNET_API linnet_loop *linnet_server_loop(const linnet_server *server);
LINNET_API linnet_model *linnet_server_model(const linnet_server *server);

/** Several for SMS, each with its number, are for devices that secure them in several ways: a device that is
 * registered over UDP is asked by SMS where it has a session or keys, else where nothing is secured.
 * WRONG_STATE: it is in use. */
LINNET_API linnet_status linnet_server_add_transport(linnet_server *server, linnet_transport *transport);
/** INVALID_ARGUMENT: also more than 4194304 registrations. */
LINNET_API linnet_status linnet_server_set_limit(linnet_server *server, linnet_limit limit, size_t value);

/* ---- registrations ------------------------------------------------------------------------------- */

/*
 * LINNET_EVENT_REGISTERED, UPDATED (both with the object list as text, if the device sent one), DEREGISTERED,
 * EXPIRED. A Register of an endpoint that is registered already takes the place of the former registration
 * (REG-06): REGISTERED alone tells it. When a registration ends its open requests are answered with
 * LINNET_ERROR_CANCELLED and its observations end, each with an event, before the event of the registration
 * itself; but see linnet_server_keep_observation. An Update from another address makes that the device's
 * address: its observations go on there, as does what waits for it in queue mode; other open requests are
 * answered with CANCELLED. Unknown query parameters are ignored (AMB-11). Over LINNET_LIMIT_REGISTRATIONS a
 * device is told to come back after 60 s (5.03).
 */

LINNET_API size_t linnet_server_registration_count(const linnet_server *server);
/** By index; 0 beyond the end. In the order of registration, but that one takes the place of another that has
 * ended. For lists, not for the path of a message: O(1) or, if some have ended, O(index). */
LINNET_API uint64_t linnet_server_registration_at(const linnet_server *server, size_t index);
/** The number of the registration of an endpoint; 0: not registered. O(1). */
LINNET_API uint64_t linnet_server_find(const linnet_server *server, const char *endpoint);

/** The number of the registration with a location such as "/rd/5a3f"; 0: there is none. O(1). */
LINNET_API uint64_t linnet_server_find_location(const linnet_server *server, const char *location);
/**
 * The number of a registration that comes from an address; 0: there is none. linnet_server_next_at_peer gives
 * the others of the same address (devices behind a gateway), 0 after the last. O(1); the first call makes an
 * index of all. NO_MEMORY.
 */
LINNET_API linnet_status linnet_server_find_peer(linnet_server *server, const linnet_address *peer,
                                                 uint64_t *registration);
LINNET_API uint64_t linnet_server_next_at_peer(const linnet_server *server, uint64_t registration);

/** Facts of a registration; each gives "", 0 or false for a number that is no (longer a) registration. O(1).
 */
LINNET_API bool linnet_server_has_registration(const linnet_server *server, uint64_t registration);
LINNET_API const char *linnet_server_endpoint(const linnet_server *server, uint64_t registration);
LINNET_API uint32_t linnet_server_lifetime(const linnet_server *server, uint64_t registration);
LINNET_API const char *linnet_server_binding(const linnet_server *server, uint64_t registration);
/** The number given as `sms`; "" for none. */
LINNET_API const char *linnet_server_sms_number(const linnet_server *server, uint64_t registration);
/** "1.0". */
LINNET_API const char *linnet_server_lwm2m_version(const linnet_server *server, uint64_t registration);
/** "/rd/5a3f", as text until the next call that takes a registration. */
LINNET_API const char *linnet_server_location(const linnet_server *server, uint64_t registration);
/** The object list as it was registered (link-format, linnet/link.h). */
LINNET_API const char *linnet_server_links(const linnet_server *server, uint64_t registration);
/** The root path: "" or e.g. "/lwm2m" (MOD-10). */
LINNET_API const char *linnet_server_root(const linnet_server *server, uint64_t registration);
/** The version of an object in the list (MOD-09), "1.0" where it tells none; "": it is not listed. Lives
 * until the next call. */
LINNET_API const char *linnet_server_object_version(const linnet_server *server, uint64_t registration,
                                                    uint16_t object);
/** True if the object list has this object, or this instance. */
LINNET_API bool linnet_server_lists(const linnet_server *server, uint64_t registration, linnet_path path);
LINNET_API linnet_status linnet_server_peer(const linnet_server *server, uint64_t registration,
                                            linnet_address *peer);
/** When it expires, in loop time. */
LINNET_API uint64_t linnet_server_expires(const linnet_server *server, uint64_t registration);

/* ---- requests ------------------------------------------------------------------------------------ */

/**
 * Asks a device. LINNET_EVENT_RESPONSE follows, once, with the number of the request, whatever happens but
 * linnet_server_close; for OBSERVE also LINNET_EVENT_NOTIFY for each later value and, when no more
 * can come, LINNET_EVENT_OBSERVATION_ENDED (always, if the code of the response was a success). A value that
 * cannot be decoded does not end an observation. A second OBSERVE of a path ends the first when it is
 * answered.
 *
 *   operation         payload                  text                          path
 *   READ, OBSERVE     -                        -                             depth 1 to 3
 *   DISCOVER          -                        -                             depth 1 to 3; the event's text
 * has the links WRITE             records                  -                             depth 2 (replace) or
 * 3 UPDATE            records                  -                             depth 2 (partial) CREATE records
 * (LINNET_ID_NONE  -                             depth 1; the event's path is the new as instance: client
 * chooses)                           instance, if the client says it EXECUTE           - arguments,
 * "0='now',2"        depth 3 DELETE            -                        -                             depth 2
 *   WRITE_ATTRIBUTES  -                        "pmin=1&pmax=10&gt=5", a      depth 1 to 3
 *                                              bare name unsets
 *
 * `format` is what to send or ask for; LINNET_FORMAT_ANY, to read in, leaves it to the device;
 * LINNET_FORMAT_NONE lets linnet choose: TLV where the model knows the
 * resources, JSON where it does not and the device has it (types travel with it), text for a single value to
 * write. Checked before anything is sent: NOT_FOUND (endpoint), INVALID_ARGUMENT (path depth, arguments,
 * attributes), WRONG_TYPE by the model. What a resource allows, and in which range, is the device's to
 * decide: it answers 4.05 or 4.00. `number` may be NULL.
 */
LINNET_API linnet_status linnet_server_request(linnet_server *server, uint64_t registration,
                                               linnet_operation operation, linnet_path path,
                                               const linnet_batch *payload, const char *text,
                                               linnet_format format, uint64_t *number);

/** How long each request may take from when it is sent; 0 (the default): as CoAP says. For what is sent from
 * now on. */
LINNET_API void linnet_server_set_timeout(linnet_server *server, uint32_t timeout_ms);

/* ---- queue mode ---------------------------------------------------------------------------------- */

/*
 * A device whose binding has a Q is awake for 93 s after each message of it: Register, Update, an answer, a
 * notification (QUE-04). While it is, requests to it go one after the other (LINNET_LIMIT_NSTART at a time),
 * in the order in which they were made. While it is not, they wait, LINNET_LIMIT_QUEUED_REQUESTS of them:
 * LINNET_EVENT_QUEUED tells so with the number of the request, and the answer follows whenever it comes. One
 * that is not answered waits for the next time the device is awake, and is told as queued again, up to
 * LINNET_LIMIT_DELIVERIES times in all. An Update from another address changes nothing of that; a Register
 * ends what waits (REG-06).
 *
 * LINNET_EVENT_TRIGGER_WANTED follows if the device can be woken by a short message (binding UQS): its text
 * is the number to send an Execute of /1/x/8 to (QUE-09), "" if the device gave none. It comes again for what
 * is queued later. A server with a transport for SMS sends that message by itself: linnet_server_set_trigger.
 * A device that is registered over SMS (SQ) is awake for as long as an answer may take there (SMS-15).
 */

/** How long each request made from now on may wait for its device; then it is answered with
 * LINNET_ERROR_TIMED_OUT (QUE-07). 0 (the default): as long as the registration lasts. */
LINNET_API void linnet_server_set_queue_time(linnet_server *server, uint32_t time_ms);
/**
 * How long devices in queue mode stay awake after a message; 93000 ms unless set (QUE-04). It is counted from
 * the whole second in which the message came, so that less than 1000 ms may be no time at all.
 */
LINNET_API void linnet_server_set_awake_time(linnet_server *server, uint32_t time_ms);
/** True if a request would be sent now, not wait for the device to wake. O(1). */
LINNET_API bool linnet_server_is_awake(const linnet_server *server, uint64_t registration);
/** How many requests wait for the device. O(1). */
LINNET_API size_t linnet_server_queued_count(const linnet_server *server, uint64_t registration);

/* ---- UDP and SMS --------------------------------------------------------------------------------- */

/** Over what a device is asked. */
typedef enum linnet_channel {
  LINNET_CHANNEL_REGISTERED =
      0,              /**< what it registered over: UDP with U, UQ, US, UQS, SMS with S, SQ (QUE-10) */
  LINNET_CHANNEL_UDP, /**< UDP; refused for a device that is registered over SMS */
  LINNET_CHANNEL_SMS  /**< SMS, at any time, also to a device that is registered over UDP with US or UQS */
} linnet_channel;

/**
 * Over what the requests that are made from now on go; the default is LINNET_CHANNEL_REGISTERED. A request by
 * SMS to a device that is registered over UDP waits for nothing (QUE-09), is answered by SMS (SMS-07), and
 * says nothing about whether the device is awake on UDP. It fails with WRONG_STATE where the binding of the
 * device has no S, it gave no number, the server has no transport for SMS, or for an Observe: notifications
 * come over UDP. SECURITY: SMS are secured by DTLS, and the device has no session of its own there, which it
 * begins when it registers (SEC-03, SEC-05); or nothing secures them, and it is more than a trigger for a
 * device that is secured over UDP (SMS-20).
 */
LINNET_API void linnet_server_set_channel(linnet_server *server, linnet_channel channel);

/** Who sends the Registration Update Trigger to a device in UQS that sleeps while requests wait for it. */
typedef enum linnet_trigger {
  LINNET_TRIGGER_AUTOMATIC = 0, /**< the server, if it has a transport for SMS and the device gave a number */
  LINNET_TRIGGER_MANUAL         /**< the application, on LINNET_EVENT_TRIGGER_WANTED or as it likes */
} linnet_trigger;
LINNET_API void linnet_server_set_trigger(linnet_server *server, linnet_trigger trigger);

/**
 * Ends an observation with a GET that carries Observe 1 (OBS-05): LINNET_EVENT_RESPONSE with a number of its
 * own follows, in `*cancel` if that is not NULL, and LINNET_EVENT_OBSERVATION_ENDED, whatever the device
 * says. NOT_FOUND: no such observation. WRONG_STATE: its first value has not come yet.
 */
LINNET_API linnet_status linnet_server_cancel(linnet_server *server, uint64_t observation, uint64_t *cancel);
/**
 * Lets an observation outlive its registration: it begins again whenever the device registers, after the 2.01
 * (OBS-13, REG-13), also after it deregistered or expired, with the same number. Its first value then is a
 * LINNET_EVENT_NOTIFY, too; OBSERVATION_ENDED comes if the device refuses it or does not answer, when it is
 * cancelled, or when another observation takes its place. NOT_FOUND: no such observation. WRONG_STATE: its
 * first value has not come yet.
 */
LINNET_API linnet_status linnet_server_keep_observation(linnet_server *server, uint64_t observation);
/** Forgets a request or observation: no events any more; a late notification is answered with RST (OB-10). */
LINNET_API linnet_status linnet_server_forget(linnet_server *server, uint64_t number);
/** The observation of exactly this path on a device; 0: none. */
LINNET_API uint64_t linnet_server_observation(const linnet_server *server, uint64_t registration,
                                              linnet_path path);

#ifdef __cplusplus
}
#endif

#endif
