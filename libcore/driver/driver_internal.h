/* SPDX-License-Identifier: Apache-2.0 */
/* driver_internal.h: what a driver is made of; only for the files of driver. */
#ifndef LINNET_DRIVER_DRIVER_INTERNAL_H
#define LINNET_DRIVER_DRIVER_INTERNAL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <linnet/driver.h>

/* Most datagrams a system call moves. */
#define LINNET__BATCH 64
#define LINNET__DRIVER_EVENTS 16

typedef union linnet__socket_address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} linnet__socket_address;

/* A datagram that the kernel had no room for. */
typedef struct linnet__kept linnet__kept;
struct linnet__kept {
  linnet__kept *next;
  linnet_address peer;
  size_t length;
  uint8_t data[];
};

/* What a socket can reach. */
typedef enum linnet__reach {
  LINNET__REACH_IPV4 = 1,
  LINNET__REACH_IPV6 = 2,
  LINNET__REACH_BOTH = 3 /* IPv6, with IPv4 peers as mapped addresses */
} linnet__reach;

/* A descriptor that the driver waits on, and what it knows about it. */
typedef struct linnet__watch {
  int descriptor;
  bool readable;
  bool failed;  /* there is an error to be read */
  bool blocked; /* there is no room to write: EPOLLOUT is asked for */
} linnet__watch;

typedef struct linnet__socket linnet__socket;
struct linnet__socket {
  linnet__watch watch;
  linnet__socket *next;
  linnet_transport *transport; /* holds a reference */
  linnet__reach reach;
  unsigned singles;   /* how often in a row one datagram was there */
  bool segments;      /* the kernel cuts a run of datagrams to one peer itself (UDP_SEGMENT) */
  linnet__kept *kept; /* what was taken from the transport while it was blocked, eldest first */
};

/* Room for a control message with the size of a segment. */
typedef union linnet__segment {
  struct cmsghdr align;
  uint8_t bytes[CMSG_SPACE(sizeof(uint16_t))];
} linnet__segment;

/* The arrays of recvmmsg and sendmmsg. They grow when traffic fills them: a small client stays small. */
typedef struct linnet__batch {
  size_t slots;
  struct mmsghdr *headers;
  struct iovec *vectors;
  linnet__socket_address *peers;
  linnet_datagram *datagrams;
  linnet__segment *segments;
  uint8_t *buffers; /* for receiving */
  size_t buffers_size;
} linnet__batch;

/*
 * What a program adds to a driver beside sockets: a file for a client, gpsd, a modem. The driver knows it by
 * these functions alone, so that a program links those that it asked for.
 */
typedef enum linnet__moment {
  LINNET__BEFORE_STEP, /* what has come from outside is given to the loop */
  LINNET__AFTER_STEP,  /* before any datagram leaves */
  LINNET__AFTER_SEND,
  LINNET__MOMENTS
} linnet__moment;

typedef struct linnet__part linnet__part;
typedef struct linnet__part_rules {
  /* False: whom it served is closed, and it ends. NULL: there is nothing to do then. */
  bool (*at[LINNET__MOMENTS])(linnet__part *part, uint64_t now_ms);
  bool (*readable)(const linnet__part *part);     /* there is more to take at once; NULL: never */
  uint64_t (*deadline)(const linnet__part *part); /* when it has something to do; NULL: never */
  void (*end)(linnet__part *part);                /* it is out of the list: frees it */
} linnet__part_rules;
struct linnet__part {
  linnet__part *next;
  const linnet__part_rules *rules;
  linnet_driver *driver;
};

struct linnet_driver {
  unsigned references;
  bool closed;
  bool running;
  linnet_loop *loop; /* holds a reference */
  linnet__socket *sockets;
  linnet__batch batch;
  int epoll_descriptor;
  int timer_descriptor;
  int wake_descriptor;
  uint64_t armed_ms;                                /* what the timer is set to, or LINNET_NEVER */
  bool timer_fired;                                 /* it stays readable until it is set again */
  struct epoll_event events[LINNET__DRIVER_EVENTS]; /* what linnet_driver_wait saw, for the next run */
  int event_count;
  uint64_t looked_ms; /* when a step looked for what has arrived */
  linnet__part *parts;
};

/* Says "<what>: <words for error number>" and returns LINNET_ERROR_SYSTEM. */
linnet_status linnet__driver_fail(linnet_loop *loop, const char *what, int error);
/* Words for an error number. */
const char *linnet__error_words(int error);

/* clock.c: the wall clock as of its last tick, some milliseconds ago; a quarter of the price. */
int64_t linnet__clock_wall_recent(void);

/* part.c */
void linnet__part_add(linnet_driver *driver, linnet__part *part, const linnet__part_rules *rules);
/* The first of its kind from there on, or NULL: for (p = _first(driver->parts, r); p; p = _first(p->next,
 * r)). */
linnet__part *linnet__part_first(linnet__part *from, const linnet__part_rules *rules);
void linnet__parts_act(linnet_driver *driver, linnet__moment moment, uint64_t now_ms);
bool linnet__parts_readable(const linnet_driver *driver);
uint64_t linnet__parts_deadline(const linnet_driver *driver);
void linnet__parts_end(linnet_driver *driver);

/* peer.c. False: neither IPv4 nor IPv6. A mapped address becomes the IPv4 address it stands for. */
bool linnet__peer_from_socket(linnet_address *address, const linnet__socket_address *from);
/* The length, or 0: such an address cannot be reached. */
socklen_t linnet__peer_to_socket(linnet__socket_address *to, const linnet_address *address,
                                 linnet__reach reach);

/* resolve.c. Looks "host:port" up, in the clear or in a URI; blocks. Unless LINNET_OK, the loop has the
 * words. */
linnet_status linnet__resolve(linnet_loop *loop, const char *name, linnet__reach reach,
                              linnet_address *address);

/* wait.c */
linnet_status linnet__wait_open(linnet_driver *driver);
void linnet__wait_close(linnet_driver *driver);
linnet_status linnet__wait_add(linnet_driver *driver, linnet__watch *watch);
/* A descriptor of somebody who looks by himself, in each turn. It is forgotten when it is closed. */
bool linnet__wait_watch(linnet_driver *driver, int descriptor);
/* Asks for EPOLLOUT while it is blocked. */
void linnet__wait_change(linnet_driver *driver, linnet__watch *watch);
void linnet__wait_forget(linnet_driver *driver, const linnet__watch *watch);
/* Marks those that have something. */
void linnet__wait_collect(linnet_driver *driver);
void linnet__wait_arm(linnet_driver *driver, uint64_t deadline_ms);

/* udp_open.c: in the driver's list when it succeeds. */
linnet_status linnet__udp_open(linnet_driver *driver, linnet_transport *transport, const char *local);
/* Takes it out of the list and frees it. */
void linnet__udp_close(linnet_driver *driver, linnet__socket *socket);

/* udp.c. Receives one batch; the socket stays `readable` if there may be more. */
void linnet__udp_receive(linnet_driver *driver, linnet__socket *socket);
/* Sends until the transport has nothing more or the kernel has no room. */
void linnet__udp_send(linnet_driver *driver, linnet__socket *socket);
void linnet__udp_free_batch(linnet__batch *batch);

#endif
