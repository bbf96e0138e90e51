/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coap.h: CoAP (RFC 7252, 7641, 7959) as the roles use it: whole requests and whole responses.
 *
 * An endpoint speaks over any number of transports. It takes care of messages, retransmission, deduplication,
 * tokens, block-wise transfers in both directions, sequence numbers and NSTART. All callbacks come from
 * within a step; each may call anything here, also linnet__coap_close.
 */
#ifndef LINNET_COAP_COAP_H
#define LINNET_COAP_COAP_H

#include <linnet/limit.h>
#include <linnet/message.h>
#include <linnet/transport.h>

#include "../base/base.h"
#include "../data/data.h"
#include "../net/net.h"

/* Codes as on the wire: class << 5 | detail. */
#define LINNET__CODE(class, detail) ((uint8_t)((class) << 5 | (detail)))
enum {
  LINNET__GET = 1,
  LINNET__POST = 2,
  LINNET__PUT = 3,
  LINNET__DELETE = 4,
  LINNET__CREATED = LINNET__CODE(2, 1),
  LINNET__DELETED = LINNET__CODE(2, 2),
  LINNET__VALID = LINNET__CODE(2, 3),
  LINNET__CHANGED = LINNET__CODE(2, 4),
  LINNET__CONTENT = LINNET__CODE(2, 5),
  LINNET__CONTINUE = LINNET__CODE(2, 31),
  LINNET__BAD_REQUEST = LINNET__CODE(4, 0),
  LINNET__UNAUTHORIZED = LINNET__CODE(4, 1),
  LINNET__BAD_OPTION = LINNET__CODE(4, 2),
  LINNET__FORBIDDEN = LINNET__CODE(4, 3),
  LINNET__NOT_FOUND = LINNET__CODE(4, 4),
  LINNET__METHOD_NOT_ALLOWED = LINNET__CODE(4, 5),
  LINNET__NOT_ACCEPTABLE = LINNET__CODE(4, 6),
  LINNET__REQUEST_ENTITY_INCOMPLETE = LINNET__CODE(4, 8),
  LINNET__PRECONDITION_FAILED = LINNET__CODE(4, 12),
  LINNET__REQUEST_ENTITY_TOO_LARGE = LINNET__CODE(4, 13),
  LINNET__UNSUPPORTED_CONTENT_FORMAT = LINNET__CODE(4, 15),
  LINNET__INTERNAL_SERVER_ERROR = LINNET__CODE(5, 0),
  LINNET__SERVICE_UNAVAILABLE = LINNET__CODE(5, 3),
  LINNET__PROXYING_NOT_SUPPORTED = LINNET__CODE(5, 5)
};

/* Option numbers. */
enum {
  LINNET__OPTION_IF_MATCH = 1,
  LINNET__OPTION_URI_HOST = 3,
  LINNET__OPTION_ETAG = 4,
  LINNET__OPTION_IF_NONE_MATCH = 5,
  LINNET__OPTION_OBSERVE = 6,
  LINNET__OPTION_URI_PORT = 7,
  LINNET__OPTION_LOCATION_PATH = 8,
  LINNET__OPTION_URI_PATH = 11,
  LINNET__OPTION_CONTENT_FORMAT = 12,
  LINNET__OPTION_MAX_AGE = 14,
  LINNET__OPTION_URI_QUERY = 15,
  LINNET__OPTION_ACCEPT = 17,
  LINNET__OPTION_LOCATION_QUERY = 20,
  LINNET__OPTION_BLOCK2 = 23,
  LINNET__OPTION_BLOCK1 = 27,
  LINNET__OPTION_SIZE2 = 28,
  LINNET__OPTION_PROXY_URI = 35,
  LINNET__OPTION_PROXY_SCHEME = 39,
  LINNET__OPTION_SIZE1 = 60
};

typedef struct linnet__coap linnet__coap;
typedef struct linnet__observer linnet__observer;
typedef struct linnet__request linnet__request;
typedef struct linnet__arrival linnet__arrival;

/* Who a message comes from or goes to (CO-35). */
typedef struct linnet__peer {
  linnet_transport *transport;
  linnet_address address;
} linnet__peer;

bool linnet__peer_equal(const linnet__peer *a, const linnet__peer *b);

typedef struct linnet__token {
  uint8_t length;
  uint8_t bytes[8];
} linnet__token;

/* What was received: a whole request or response, its body put together. Views during the callback. */
typedef struct linnet__incoming {
  linnet__peer peer;
  linnet__token token;
  uint8_t code;
  bool confirmable;       /* request: it came as CON */
  bool query;             /* it has Uri-Query options */
  int32_t content_format; /* -1: absent */
  int32_t accept;         /* -1: absent */
  int32_t observe;        /* -1: absent. Request: 0 or 1. Response: the sequence number */
  uint32_t max_age_s;     /* 60 if absent */
  linnet_message message; /* for linnet__incoming_text: the options (of the first block) */
  const uint8_t *payload;
  size_t payload_length;
  uint64_t exchange; /* request: its number, for linnet__coap_respond */
} linnet__incoming;

/*
 * Walks options of one number that carry text (Uri-Path, Uri-Query, Location-Path): start with *position = 0.
 * An only, empty Uri-Path counts as none (CO-24).
 */
bool linnet__incoming_text(const linnet__incoming *incoming, uint16_t option, size_t *position,
                           linnet__text *out);
/* The Uri-Path as numeric ids from segment `skip` on. NOT_FOUND: not numeric, leading zeros, over 65535, more
 * than four (MOD-06). */
linnet_status linnet__incoming_path(const linnet__incoming *incoming, size_t skip, linnet_path *path);
/* 205 for 2.05. */
unsigned linnet__code_number(uint8_t code);
/* "4.04 Not Found", or "4.20" where it has no name. */
void linnet__print_code(linnet__buffer *words, uint8_t code);
/* "4.04 Not Found", and the diagnostic payload if there is one: "4.00 Bad Request (no such name)" (CO-43). */
void linnet__print_outcome(linnet__buffer *words, const linnet__incoming *response);

/* ---- sessions ------------------------------------------------------------------------------------ */

/* Makes the news worth knowing an event or a log line of the role with that number: "handshake with
 * 192.0.2.1:40000, identity "kitchen": the keys of the two sides differ". */
void linnet__coap_report_session(linnet_loop *loop, uint64_t source, const linnet__peer *peer,
                                 const linnet__session_news *news);

/* ---- requests that come in ----------------------------------------------------------------------- */

/* A response to send. The layer above fills it; `payload` is a scratch buffer of the endpoint, empty at
 * first. */
typedef struct linnet__response {
  uint8_t code;
  int32_t content_format;   /* -1: none */
  int32_t max_age_s;        /* -1: none */
  linnet__text location[6]; /* Location-Path segments; must live until the callback (or linnet__coap_respond)
                               returns */
  size_t location_count;
  linnet__buffer *payload;
  linnet__observer *observer; /* of linnet__coap_observe: sends Observe with its next sequence number */
} linnet__response;

typedef enum linnet__answer {
  LINNET__ANSWER_NOW,   /* the response is filled */
  LINNET__ANSWER_LATER, /* linnet__coap_respond follows: an empty ACK goes out in time (CO-36) */
  LINNET__ANSWER_NEVER  /* dropped silently, as if it had not arrived (REG-12) */
} linnet__answer;

typedef enum linnet__observer_end {
  LINNET__OBSERVER_RESET,    /* the peer sent RST, to a CON or a NON */
  LINNET__OBSERVER_REPLACED, /* the peer registered again with the same token */
  LINNET__OBSERVER_CLOSED    /* transport or endpoint closed */
} linnet__observer_end;

/* What became of a request body that came in blocks. */
typedef enum linnet__body_end {
  LINNET__BODY_LOST, /* no more blocks came in time, or it was too large, or its sender is gone */
  LINNET__BODY_WHOLE /* the request follows */
} linnet__body_end;

typedef struct linnet__coap_handler {
  /* A whole request. */
  linnet__answer (*request)(void *user, const linnet__incoming *request, linnet__response *response);
  /*
   * Before the body of a larger request is collected (BW-08): 0 to go on, or the code to refuse with. The
   * payload is the first block only. NULL: always go on.
   */
  uint8_t (*precheck)(void *user, const linnet__incoming *request);
  /*
   * The first of several blocks of a body was taken. A number other than 0: `collected` tells its end, once.
   * Both must do nothing to the endpoint. NULL: nobody wants to know.
   */
  uint32_t (*collecting)(void *user, const linnet__incoming *request);
  void (*collected)(void *user, uint32_t body, linnet__body_end end);
  /* The observer is gone and must not be used again. */
  void (*unobserved)(void *user, void *observation, linnet__observer_end end);
  /* What became of a confirmable notification: OK acknowledged, TIMED_OUT (the observer stays, OBS-09). */
  void (*notified)(void *user, void *observation, linnet_status status);
  /* Of linnet__receiver. */
  bool (*knows)(void *user, const linnet__peer *peer);
  /*
   * Before a message of a phone number is looked at. False: it is as if it had not come, no ACK and no RST
   * (SMS-05, SMS-21). NULL: everybody is heard.
   */
  bool (*hears)(void *user, const linnet__peer *peer, const uint8_t *data, size_t length);
  /*
   * Before this layer answers a request by itself: with an error, or a block. False: the request is dropped
   * silently, as if it had not arrived (REG-12). It must change nothing. NULL: everybody is welcome.
   */
  bool (*welcome)(void *user, const linnet__peer *peer);
  /* A message came from that peer or goes to it. It must change nothing. NULL: nobody wants to know. */
  void (*traffic)(void *user, const linnet__peer *peer);
  /*
   * What became of a DTLS session. One that a peer began, and that resumes no former one, starts with nothing
   * known of the peer: its requests were CANCELLED, its observers CLOSED. NULL: nobody wants to know.
   */
  void (*session)(void *user, const linnet__peer *peer, const linnet__session_news *news);
  /* Of linnet__receiver. */
  void (*counted)(void *user, const linnet_transport *transport, const linnet__counters *counters);
} linnet__coap_handler;

/* A request that the layer above answers with an error, and why, as a warning in the log. */
void linnet__coap_warn_refusal(const linnet__coap *coap, const linnet__incoming *request,
                               const linnet__response *response);

/* NULL: no memory. The handler is copied. The endpoint does not hold the loop: its owner does. */
linnet__coap *linnet__coap_new(linnet_loop *loop, const linnet__coap_handler *handler, void *user);
/* Ends everything at once, without callbacks; frees when no callback is running any more. */
void linnet__coap_close(linnet__coap *coap);
/* Holds a reference until it closes or is closed. WRONG_STATE: attached elsewhere. */
linnet_status linnet__coap_add_transport(linnet__coap *coap, linnet_transport *transport);
/* The first open transport of a kind; NULL: there is none. */
linnet_transport *linnet__coap_transport(const linnet__coap *coap, linnet_transport_kind kind);
/* Which one it is, in the order in which they were added; and back: the last one that there is, or NULL. */
size_t linnet__coap_transport_index(const linnet__coap *coap, const linnet_transport *transport);
linnet_transport *linnet__coap_transport_at(const linnet__coap *coap, size_t index);
linnet_status linnet__coap_set_limit(linnet__coap *coap, linnet_limit limit, size_t value);
size_t linnet__coap_limit(const linnet__coap *coap, linnet_limit limit);

/* A response in which everything is unset. Its payload is the endpoint's scratch, emptied. */
void linnet__response_init(linnet__coap *coap, linnet__response *response, uint8_t code);

/* Answers a request that was put off. NOT_FOUND: it is too late, or the peer has gone. */
linnet_status linnet__coap_respond(linnet__coap *coap, uint64_t exchange, const linnet__response *response);

/*
 * Remembers who observes: peer and token of a GET with Observe 0. `observation` is the caller's, handed to
 * unobserved and notified. An observer with the same peer and token is replaced (OBS-07): unobserved
 * tells so later in the same step; until then the former can be unobserved, but no longer notified. NULL: no
 * memory or over LINNET_LIMIT_OBSERVATIONS.
 */
linnet__observer *linnet__coap_observe(linnet__coap *coap, const linnet__peer *peer,
                                       const linnet__token *token, void *observation);
/* The `observation` of that peer and token, or NULL. */
void *linnet__coap_find_observation(const linnet__coap *coap, const linnet__peer *peer,
                                    const linnet__token *token);
void linnet__coap_unobserve(linnet__coap *coap, linnet__observer *observer);
bool linnet__observer_busy(const linnet__observer *observer); /* a confirmable notification is on its way */

typedef enum linnet__reliability { LINNET__NON_CONFIRMABLE = 0, LINNET__CONFIRMABLE = 1 } linnet__reliability;

/*
 * Sends a notification (an error code ends the observation on the wire; the caller unobserves). While a
 * confirmable one is on its way, the newer one waits and replaces what waits (OB-06, OB-08).
 * When the one on its way times out, what waits is dropped with it. At least once a day a notification is
 * sent as confirmable, whatever is asked (OB-09). CLOSED: the observer has gone, unobserved will tell.
 */
linnet_status linnet__coap_notify(linnet__coap *coap, linnet__observer *observer,
                                  const linnet__response *response, linnet__reliability reliability);

/* ---- requests that go out ------------------------------------------------------------------------ */

/* What takes the responses to an Observe 0: linnet__coap_watch. True: it was a notification. */
typedef bool (*linnet__watch)(linnet__request *request, const linnet__arrival *arrival);
bool linnet__coap_watch(linnet__request *request, const linnet__arrival *arrival);

/* A request; views, copied by linnet__coap_send. */
typedef struct linnet__outgoing {
  uint8_t code;
  const linnet__text *path;
  size_t path_count;
  const linnet__text *query;
  size_t query_count;
  int32_t content_format;     /* -1: none */
  int32_t accept;             /* -1: none */
  int32_t observe;            /* -1: none, 0: register, 1: cancel */
  linnet__watch watch;        /* linnet__coap_watch, to observe */
  const linnet__token *token; /* NULL: a new one. To cancel an observation: the token it has */
  const uint8_t *payload;
  size_t payload_length;
  uint32_t timeout_ms; /* for the whole exchange, queue included; 0: none but CoAP's own */
} linnet__outgoing;

/*
 * What became of a request. OK: `response` is there, whatever its code. TIMED_OUT, RESET, TOO_LARGE,
 * MALFORMED (a response that cannot be understood), CANCELLED (transport closed), NO_MEMORY: `response` is
 * NULL. After an Observe 0 it is called for each notification that is newer than those before (OB-05), while
 * response->observe >= 0; with observe -1 or a status other than OK the observation has ended.
 */
typedef void (*linnet__coap_answered)(void *user, uint64_t exchange, linnet_status status,
                                      const linnet__incoming *response);

/* Sends, or queues behind what the peer has not answered yet (CO-34). Always confirmable. *exchange is its
 * number. */
linnet_status linnet__coap_send(linnet__coap *coap, const linnet__peer *peer, const linnet__outgoing *request,
                                linnet__coap_answered answered, void *user, uint64_t *exchange);
/*
 * Takes up an observation that began elsewhere: at another address of the peer, or before a restart. As
 * linnet__coap_send of an Observe 0, with the token that it has; but it was answered already, nothing is
 * sent, and whatever notification comes first is newer.
 */
linnet_status linnet__coap_resume(linnet__coap *coap, const linnet__peer *peer,
                                  const linnet__outgoing *request, linnet__coap_answered answered, void *user,
                                  uint64_t *exchange);
/*
 * No callback any more; `user` is forgotten. A response that comes later is rejected with RST, which is how
 * an observation is cancelled (OBS-05). False: there was no such exchange.
 */
bool linnet__coap_forget(linnet__coap *coap, uint64_t exchange);
/* The token of a request that is open or observes. */
linnet_status linnet__coap_token(const linnet__coap *coap, uint64_t exchange, linnet__token *token);
/* Drops all that is known of a peer, its open requests with CANCELLED, its observers with CLOSED; told in
 * this step or the next. */
void linnet__coap_forget_peer(linnet__coap *coap, const linnet__peer *peer);

/* Counters since the endpoint was made, for tests and diagnosis. */
typedef struct linnet__coap_counters {
  uint64_t messages_in;
  uint64_t messages_out;
  uint64_t malformed;
  uint64_t duplicates;
  uint64_t retransmissions;
  uint64_t timeouts;
  uint64_t refused_by_limit;
} linnet__coap_counters;
const linnet__coap_counters *linnet__coap_get_counters(const linnet__coap *coap);

#endif
