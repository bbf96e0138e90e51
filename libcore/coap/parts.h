/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts.h: what an endpoint is made of, and what its files offer one another.
 *
 *   endpoint -> ports (one a transport) -> remotes (one an address that has state), recent messages
 *   remote   -> confirmables on their way, requests to it, requests of it put off, observers, block-wise
 * transfers
 *
 * Of an address that only asks, and is answered at once, there is no remote: what it asked lately is kept
 * apart, in far less memory.
 *
 * Only the timer of a port, a limit, forget_peer and closing free a remote; only a callback can bring about
 * the last three. So after a callback, and after nothing else, `closed` and `changes` are looked at before a
 * port or a remote is used again.
 */
#ifndef LINNET_COAP_PARTS_H
#define LINNET_COAP_PARTS_H

#include "wire.h"

/* Every one of LINNET_LIMIT_MAP. */
enum {
#define LINNET__LIMIT_INDEX(constant, value, initial, name) LINNET__INDEX_OF_##constant,
  LINNET_LIMIT_MAP(LINNET__LIMIT_INDEX) LINNET__LIMIT_COUNT
#undef LINNET__LIMIT_INDEX
};
/* BW-05, BW-22: a block-wise transfer begins anew so often. */
#define LINNET__RESTARTS 3
/* OB-07: so many latest non-confirmable notifications of an observer are known. */
#define LINNET__NOTED 4

typedef struct linnet__port linnet__port;
typedef struct linnet__remote linnet__remote;
typedef struct linnet__confirmable linnet__confirmable;
typedef struct linnet__pending linnet__pending;
typedef struct linnet__transfer linnet__transfer;

/* A transport of the endpoint. */
struct linnet__port {
  linnet__receiver receiver;
  linnet__list node; /* in coap->ports or, closed, in coap->closed_ports */
  linnet__coap *coap;
  linnet_transport *transport; /* holds a reference */
  bool closed;
  linnet__map remotes;           /* by address */
  linnet__remote *latest_remote; /* that was found, or NULL */
  linnet__list aging;            /* remotes, the longest quiet first */
  linnet__list kept;             /* remotes that are quiet but hold something */
  linnet__timer timer;           /* looks at the head of `aging` */
  /* recent.c: messages that were acted on */
  linnet__map recents; /* by address */
  void *latest_recents;
  size_t sweep;          /* where in `recents` the next look for what has expired begins */
  size_t sweep_step;     /* blocks that are looked at at a time in this round */
  uint32_t recents_seen; /* when they were last looked at (recent.c) */
  uint32_t sweep_next;   /* when the first of those that were seen in this round expires */
  linnet__timer sweep_timer;
};

/* Whom a message comes from or goes to, and by which port. */
typedef struct linnet__contact {
  linnet__port *port;
  linnet__peer peer;
} linnet__contact;

/* An address that has state. */
struct linnet__remote {
  /* What each message to it touches, near one another. */
  linnet__contact contact;
  uint32_t outstanding; /* so many at the head of `queue` await their ACK (CO-34) */
  uint32_t pending_count;
  uint16_t next_id;
  bool aging;
  bool ending;           /* nothing is sent any more */
  uint32_t id_used_s[4]; /* CO-32: when each quarter of the message ids was last used, plus 1; 0: never */
  uint64_t quiet_ms;     /* all that it sent or received lately has expired by then */
  size_t open_requests;  /* of ours, without those that observe */
  linnet__list queue;    /* confirmables */
  linnet__list requests;
  linnet__list node; /* in port->aging or port->kept */
  linnet__list pendings;
  linnet__list observers;
  linnet__list transfers;
  linnet__list pumping; /* in coap->pumping: its queue is to be looked at in the next step */
};

/* What tells a message from the others of its peer (CO-33). */
typedef struct linnet__mark {
  uint64_t hash; /* of the whole datagram: other bytes under the same id are another message */
  uint16_t message_id;
  bool confirmable;
} linnet__mark;

/* What was answered to a message that was acted on: an ACK of that code, with the token of the message if it
 * is not empty, and then the rest. A view. */
typedef struct linnet__recent {
  bool answered;
  uint8_t code;
  const uint8_t *rest;
  size_t rest_length;
} linnet__recent;

/* A confirmable message of ours (CO-30), queued or on its way. */
struct linnet__confirmable {
  linnet__list node; /* in remote->queue; alone while it waits at its observer */
  linnet__remote *remote;
  linnet__timer timer;
  linnet__request *request; /* whose it is; neither: a separate response, or the last word to an observer */
  linnet__observer *observer;
  linnet__reliability reliability; /* of a notification that waits */
  uint16_t message_id;
  uint16_t sent; /* how often */
  uint32_t timeout_ms;
  size_t length;
  size_t capacity;
  uint8_t bytes[];
};

/* A body on its way out in Block1 (BW-01). */
typedef struct linnet__upload {
  uint8_t *data;
  size_t length;
  size_t offset;    /* of the block that is on its way */
  uint8_t exponent; /* of that block */
  bool blocks;      /* it needs more than one message */
} linnet__upload;

/* A body that comes in by Block2 (BW-20). */
typedef struct linnet__download {
  linnet__buffer body;
  linnet_message first; /* the first block's; its options are below */
  uint8_t *options;
  size_t options_length;
  int32_t content_format;
  uint8_t etag_length;
  uint8_t etag[8];
  uint8_t exponent; /* to ask for next */
} linnet__download;

typedef struct linnet__token_key {
  linnet__token token;
  uint8_t twin; /* 0, unless requests share a token: an observation and what cancels it */
} linnet__token_key;

/* A request of ours, until it is answered, or as long as it observes. */
struct linnet__request {
  linnet__list node; /* in remote->requests, or in coap->ended */
  uint8_t code;
  bool has_token; /* it is in coap->tokens */
  bool observing; /* an answer with Observe has come */
  bool delivered; /* and was told above */
  bool resumed;   /* its first notification is not known */
  uint8_t restarts;
  uint8_t exponent;     /* the largest block */
  linnet__list unarmed; /* in coap->unarmed: sent outside a step, its time begins in the next */
  uint64_t number;
  linnet__coap *coap;
  linnet__remote *remote; /* NULL: it has ended, the callback is to come */
  linnet__token_key key;
  linnet__coap_answered answered;
  void *user;
  linnet__watch watch;              /* of linnet__outgoing */
  linnet__confirmable *confirmable; /* or NULL: acknowledged */
  linnet__timer timer;
  uint32_t timeout_ms; /* 0: none */
  uint64_t deadline_ms;
  linnet_status status; /* why it has ended */
  int32_t content_format;
  int32_t accept;
  int32_t observe;
  uint32_t sequence; /* OB-05: of the freshest notification, and when it came */
  uint64_t sequence_ms;
  uint8_t *texts; /* path and query, each text with two bytes of length before it */
  size_t texts_size;
  size_t path_count;
  size_t query_count;
  linnet__upload upload;
  linnet__download *download; /* or NULL */
  linnet__request *parent;    /* an observation whose notification this one completes (BW-26) */
  linnet__request *child;
};

/* Where a response goes and what it has to say of the request. */
typedef struct linnet__reply {
  uint64_t number;
  linnet__token token;
  linnet__mark mark;
  uint8_t method;
  bool acknowledged; /* by an empty ACK: the response is a separate one */
  bool answered;
  uint32_t size1;                /* that we take at most, to say so; 0: nothing is said */
  linnet__block block1;          /* to be echoed */
  linnet__block block2;          /* as asked */
  const linnet_message *message; /* while it is there */
  uint64_t key;                  /* linnet__message_key, when it is not */
  linnet__transfer *snapshot;    /* that the response is a piece of, or NULL */
} linnet__reply;

/* A request whose answer comes later. */
struct linnet__pending {
  linnet__list node;
  linnet__remote *remote;
  linnet__reply reply;
  linnet__timer timer;
};

/* Who observes a resource of ours. */
struct linnet__observer {
  linnet__list node; /* in remote->observers, or in coap->gone */
  linnet__coap *coap;
  linnet__remote *remote; /* NULL: gone, the callback is to come */
  linnet__token token;
  void *observation;
  linnet__observer_end end;
  uint32_t sequence;
  uint64_t key;                     /* of its request, for the snapshot of a large notification; 0: unknown */
  uint64_t confirmed_ms;            /* OB-09 */
  linnet__confirmable *confirmable; /* on its way, or queued */
  linnet__confirmable *waiting;     /* the newer one */
  struct {
    uint64_t expires_ms; /* 0: unused */
    uint16_t message_id;
  } noted[LINNET__NOTED];
  uint8_t next_noted;
};

typedef enum linnet__transfer_kind {
  LINNET__TRANSFER_UPLOAD,  /* a request body that comes in by Block1 (BW-07) */
  LINNET__TRANSFER_SNAPSHOT /* a response body that is fetched by Block2 (BW-23) */
} linnet__transfer_kind;

struct linnet__transfer {
  linnet__list node;      /* in coap->transfers, the longest untouched first */
  linnet__list of_remote; /* in remote->transfers */
  linnet__coap *coap;
  linnet__remote *remote;
  linnet__transfer_kind kind;
  uint64_t key;
  uint64_t touched_ms;
  uint64_t expires_ms;
  int32_t content_format;
  uint32_t awaited; /* an upload: for whom `collected` is called; 0: nobody asked */
  linnet__buffer body;
  uint8_t code; /* as with those that follow, of the response */
  uint8_t etag_length;
  uint8_t etag[8];
  int32_t max_age_s;
};

/* A message while it is dealt with. */
struct linnet__arrival {
  linnet__coap *coap;
  linnet__contact contact;
  linnet__remote *remote; /* or NULL: it has no state */
  const uint8_t *data;
  size_t length;
  linnet__mark mark;
  linnet_message message;
  linnet__facts facts;
};

struct linnet__coap {
  linnet_loop *loop;
  void *user;
  bool closed;
  uint32_t busy;            /* how deep in calls from the loop: the memory stays until it is 0 */
  linnet__arrival *arrival; /* the request that the handler is asked about, and where its answer goes */
  linnet__reply *reply;
  size_t limits[LINNET__LIMIT_COUNT];
  linnet__list ports;
  linnet__list closed_ports;
  linnet__list unarmed;
  linnet__list ended; /* requests whose end is told in the next step */
  linnet__list gone;  /* observers likewise */
  linnet__list pumping;
  linnet__list transfers;
  uint64_t changes; /* remotes that came or went */
  size_t remote_count;
  size_t observer_count;
  size_t transfer_count;
  size_t twins; /* requests whose twin is not 0 */
  linnet__task task;
  linnet__coap_counters counters;
  linnet__coap_handler handler;
  linnet__buffer answer;  /* what a handler fills */
  linnet__buffer scratch; /* linnet__response_init */
  linnet__timer pump_timer;
  linnet__timer transfer_timer;
  linnet__map requests; /* by number */
  linnet__map tokens;   /* requests by linnet__token_key */
  linnet__map pendings; /* by number */
};

/* endpoint.c */
static inline void linnet__coap_enter(linnet__coap *coap) { coap->busy++; }
void linnet__coap_leave(linnet__coap *coap);
/* Something that a peer does wrong, as a warning in the log. */
void linnet__coap_warn(const linnet__coap *coap, const linnet_address *address, const char *what);
/* A message as a line of the log; linnet__coap_trace looks whether anybody wants it. */
void linnet__coap_tell(const linnet__contact *contact, const char *verb, const uint8_t *data, size_t length);
static inline void linnet__coap_trace(const linnet__contact *contact, const char *verb, const uint8_t *data,
                                      size_t length) {
  if (LINNET__TRACES && linnet__loop_log_level(contact->port->coap->loop) >= LINNET_LOG_DEBUG)
    linnet__coap_tell(contact, verb, data, length);
}
/* A request that this layer answers with an error. */
void linnet__coap_warn_code(const linnet__coap *coap, const linnet_address *address, uint8_t code);
/* Nothing of the arrival may be used any more: the endpoint or its port has closed. Else its remote is up to
 * date. */
bool linnet__arrival_lost(linnet__arrival *arrival, uint64_t changes_before);

/* peer.c */
linnet__port *linnet__port_find(const linnet__coap *coap, const linnet_transport *transport);
/* Kind, length and as many bytes as there are: what an address is found by. */
size_t linnet__address_key_length(const linnet_address *address);
linnet__remote *linnet__remote_find(linnet__port *port, const linnet_address *address);
/* Found or made; NULL: no memory, or over LINNET_LIMIT_PEERS. */
linnet__remote *linnet__remote_get(linnet__port *port, const linnet_address *address);
/* Something was sent: it expires a lifetime from now. */
void linnet__remote_touch(linnet__remote *remote);
/* Something that held it is gone. */
void linnet__remote_relax(linnet__remote *remote);
/* Ends it: requests and observers are told in the next step, unless the endpoint is closed. */
void linnet__remote_end(linnet__remote *remote);
/* A message id that was not used for a lifetime (CO-32); false: there is none now. */
bool linnet__remote_take_id(linnet__remote *remote, uint16_t *message_id);
linnet_loop *linnet__remote_loop(const linnet__remote *remote);
const linnet__timing *linnet__remote_timing(const linnet__remote *remote);
/* The largest block that goes to it in one message, `overhead` bytes around it. */
uint8_t linnet__port_exponent(const linnet__port *port, size_t overhead);
/* The largest body that goes without blocks. */
size_t linnet__port_whole(const linnet__port *port, size_t overhead);
void linnet__port_init(linnet__port *port, linnet__coap *coap, linnet_transport *transport);

/* recent.c */
void linnet__recents_init(linnet__port *port);
void linnet__recents_free(linnet__port *port);
/* False: it is new, or was forgotten. */
bool linnet__recent_find(const linnet__contact *contact, const linnet__mark *mark, linnet__recent *recent);
/*
 * Remembers a message that is acted on, in place of what was known of its id; `ack` is what is to be sent
 * again for a duplicate, or has no length: then duplicates are dropped. Without memory nothing is kept.
 */
void linnet__recent_keep(const linnet__contact *contact, const linnet__mark *mark, const uint8_t *ack,
                         size_t length);
void linnet__recents_forget(linnet__port *port, const linnet_address *address);

/* transmit.c */
/* Tells the layer above that a message comes or goes. */
void linnet__coap_note_traffic(const linnet__contact *contact);
/* An empty RST. */
void linnet__send_reset(const linnet__contact *contact, uint16_t message_id);
/* An empty ACK, which the duplicates of the message get again. */
void linnet__acknowledge(const linnet__contact *contact, const linnet__mark *mark);
linnet_status linnet__send_bytes(const linnet__contact *contact, const uint8_t *data, size_t length);
/* Written in the queue. LIMIT_REACHED: there is no room; TOO_LARGE: the options leave none for the payload.
 */
linnet_status linnet__send_frame(const linnet__contact *contact, const linnet__frame *frame,
                                 const linnet__response *response);
/* Not queued yet. NULL: no memory. Type and message id of the bytes are set when it is sent. */
linnet__confirmable *linnet__confirmable_new(linnet__remote *remote, size_t capacity);
void linnet__confirmable_queue(linnet__confirmable *confirmable);
/* Stops and frees it, and lets the next one go. NULL is allowed. */
void linnet__confirmable_drop(linnet__confirmable *confirmable);
/* The one with that id that awaits its ACK, or NULL. */
linnet__confirmable *linnet__confirmable_find(const linnet__remote *remote, uint16_t message_id);
/* Ends it with OK, RESET or TIMED_OUT and tells whose it is. May call back. */
void linnet__confirmable_settle(linnet__confirmable *confirmable, linnet_status status);
/* Sends the head of the queue if it may go; outside a step, in the next. */
void linnet__remote_pump(linnet__remote *remote);
/* Looks at the queues of all that were put off. */
void linnet__coap_pump(linnet__coap *coap);
void linnet__pump_due(linnet__timer *timer);

/* receive.c */
void linnet__coap_receive(linnet__port *port, const linnet_address *address, const uint8_t *data,
                          size_t length);

/* serve.c: requests that come in */
void linnet__serve(linnet__arrival *arrival);
/* An incoming message as the layer above sees it. */
void linnet__arrival_incoming(const linnet__arrival *arrival, linnet__incoming *incoming);
/* Sends a response to it. */
linnet_status linnet__arrival_answer(const linnet__arrival *arrival, linnet__reply *reply,
                                     const linnet__response *response);
/* A response of this layer's own. */
void linnet__serve_code(linnet__arrival *arrival, linnet__reply *reply, uint8_t code);
void linnet__pending_free(linnet__pending *pending);
/* Sends its empty ACK (CO-36); again if it was sent. */
void linnet__pending_acknowledge(linnet__pending *pending);

/* respond.c: responses that go out */
/* Sends a response by the reply, piggybacked, separate or NON, and remembers it for duplicates. `remote`
 * NULL: none yet. */
linnet_status linnet__reply_send(const linnet__contact *contact, linnet__remote *remote, linnet__reply *reply,
                                 const linnet__response *response);
/* What names the transfers that belong to the request. */
uint64_t linnet__reply_key(const linnet_loop *loop, const linnet__reply *reply);
/*
 * Gives the frame the payload, or the block of it that `asked` wants and that fits (BW-20, BW-21). MALFORMED:
 * there is no such block (BW-23).
 */
linnet_status linnet__frame_cut(linnet__frame *frame, const linnet__port *port,
                                const linnet__response *response, const linnet__block *asked);
/* Keeps the whole payload if only a block of it is in the frame (BW-23). Without memory it is computed anew.
 */
void linnet__snapshot_keep(linnet__remote *remote, uint64_t key, const linnet__frame *frame,
                           const linnet__response *response);

/* block_receive.c: what became of a request with Block1 */
typedef enum linnet__collected {
  LINNET__COLLECTED_WHOLE,   /* `body` has it all */
  LINNET__COLLECTED_ANSWERED /* a block was answered, or refused; or the arrival is lost */
} linnet__collected;
linnet__collected linnet__block1_collect(linnet__arrival *arrival, linnet__reply *reply,
                                         linnet__buffer *body);

/* transfer.c */
linnet__transfer *linnet__transfer_find(linnet__remote *remote, linnet__transfer_kind kind, uint64_t key);
/* A new one in place of a former of the same key. NULL: no memory or over LINNET_LIMIT_TRANSFERS; counted. */
linnet__transfer *linnet__transfer_new(linnet__remote *remote, linnet__transfer_kind kind, uint64_t key);
void linnet__transfer_touch(linnet__transfer *transfer);
void linnet__transfer_free(linnet__transfer *transfer);
/* Of an upload: tells who awaits it. It is told nothing more. */
void linnet__transfer_tell(linnet__transfer *transfer, linnet__body_end end);

/* observer.c */
/* Without looking at it: a handler may have given it up after it put it into its response. */
bool linnet__observer_known(const linnet__remote *remote, const linnet__observer *observer);
/* Its next sequence number (OB-04). */
int32_t linnet__observer_next(linnet__observer *observer);
void linnet__observer_settled(linnet__observer *observer, linnet_status status);
/* A RST for a non-confirmable notification (OB-07). True: it was one. May call back. */
bool linnet__observer_reset(linnet__remote *remote, uint16_t message_id);
/* To be told in the next step; or freed at once if the endpoint is closed. */
void linnet__observer_lose(linnet__observer *observer);
void linnet__observers_tell(linnet__coap *coap);
void linnet__observer_free(linnet__observer *observer);

/* request.c */
void linnet__request_acknowledged(linnet__request *request);
/* A response has come: what is on the way has done its work, and only the time of the whole exchange counts.
 */
void linnet__request_continue(linnet__request *request);
/* Ends it with a status. Calls back. */
void linnet__request_fail(linnet__request *request, linnet_status status);
/* To be told in the next step; or freed at once if the endpoint is closed. */
void linnet__request_lose(linnet__request *request, linnet_status status);
void linnet__requests_tell(linnet__coap *coap);
void linnet__requests_arm(linnet__coap *coap);
void linnet__request_free(linnet__request *request);
/* Out of every list and map; what it has on the way is stopped. */
void linnet__request_detach(linnet__request *request);
/* Both. NULL is allowed. */
void linnet__request_drop(linnet__request *request);
linnet__request *linnet__request_by_token(const linnet__arrival *arrival);
/* To whom a request goes. NULL: the loop has the words, and *status says which. */
linnet__remote *linnet__request_remote(linnet__coap *coap, const linnet__peer *peer, linnet_status *status);
/* In every list and map; NULL, with *status, if that cannot be. */
linnet__request *linnet__request_new(linnet__remote *remote, const linnet__outgoing *outgoing,
                                     linnet__coap_answered answered, void *user, linnet_status *status);

/* block_send.c: the messages of a request */
/* Builds and queues the message that its state asks for. */
linnet_status linnet__request_transmit(linnet__request *request);
typedef enum linnet__upload_step {
  LINNET__UPLOAD_DONE, /* the response is the answer */
  LINNET__UPLOAD_NEXT, /* another block is to be sent */
  LINNET__UPLOAD_BAD   /* the response does not fit the blocks */
} linnet__upload_step;
linnet__upload_step linnet__upload_advance(linnet__request *request, const linnet__arrival *arrival);

/* body_receive.c */
typedef enum linnet__download_step {
  LINNET__DOWNLOAD_WHOLE, /* the response is all there is, or the last piece has come */
  LINNET__DOWNLOAD_NEXT,  /* another block is to be asked for */
  LINNET__DOWNLOAD_FAILED /* *failure says why */
} linnet__download_step;
linnet__download_step linnet__download_advance(linnet__request *request, const linnet__arrival *arrival,
                                               linnet_status *failure);
void linnet__download_free(linnet__request *request);

/* response.c: responses to our requests */
void linnet__request_respond(linnet__request *request, linnet__arrival *arrival);

#endif
