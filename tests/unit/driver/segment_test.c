/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several datagrams to one peer as one message to the kernel (UDP_SEGMENT): nobody but the kernel may notice.
 * sendmmsg of the C library is stood in for by one that looks, and that may refuse.
 */
#define _GNU_SOURCE /* struct mmsghdr */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "party.h"

static unsigned messages; /* that were handed to the kernel and taken */
static unsigned datagrams;
static int refusal; /* what a message of several datagrams is refused with; 0: it is not */

int sendmmsg(int descriptor, struct mmsghdr *headers, unsigned count, int flags) {
  unsigned most = 0;
  while (most < count && (refusal == 0 || headers[most].msg_hdr.msg_iovlen == 1)) most++;
  if (most == 0) {
    errno = refusal;
    return -1;
  }
  int sent = (int)syscall(SYS_sendmmsg, descriptor, headers, most, flags);
  for (int i = 0; i < sent; i++) datagrams += (unsigned)headers[i].msg_hdr.msg_iovlen;
  if (sent > 0) messages += (unsigned)sent;
  return sent;
}

typedef struct scene {
  linnet_loop *loop;
  linnet_driver *driver;
  party a, b, c;
} scene;

static unsigned heard; /* by b: the lengths are those of `texts`, in turn */
static const char *const *texts;

static void compare(party *who) {
  CHECK_BYTES(who->last, who->last_length, texts[heard], strlen(texts[heard]));
  heard++;
}

static void begin(scene *s, const char *local) {
  s->loop = new_loop();
  s->driver = linnet_driver_new(s->loop);
  party_open(&s->a, s->driver, local);
  party_open(&s->b, s->driver, "127.0.0.1:0");
  party_open(&s->c, s->driver, "127.0.0.1:0");
  s->b.act = compare;
  messages = datagrams = heard = 0;
  refusal = 0;
}

static void end(scene *s) {
  party_close(&s->a);
  party_close(&s->b);
  party_close(&s->c);
  linnet_driver_unref(s->driver);
  linnet_loop_unref(s->loop);
}

static void say_all(scene *s, const char *const *all, unsigned count) {
  texts = all;
  heard = s->b.received = 0;
  for (unsigned i = 0; i < count; i++) say(&s->a, linnet_transport_local(s->b.transport), all[i]);
  run_until(s->driver, &s->b.received, count);
}

static const char *const equal[] = {"first", "other", "third", "4th"};

/* Where the kernel knows nothing of it, the datagrams go one by one. */
static bool has_segments(void) {
  int size = 0, descriptor = socket(AF_INET, SOCK_DGRAM, 0);
  socklen_t length = sizeof size;
  bool has = getsockopt(descriptor, IPPROTO_UDP, UDP_SEGMENT, &size, &length) == 0;
  close(descriptor);
  return has;
}

static void a_run_of_one_length_is_one_message(void) {
  static const char *const locals[] = {"127.0.0.1:0", NULL};
  for (unsigned i = 0; i < 2; i++) {
    scene s;
    begin(&s, locals[i]);
    say_all(&s, equal, 4);
    CHECK_EQUAL(datagrams, 4);
    CHECK_EQUAL(messages, has_segments() ? 1 : 4);
    end(&s);
  }
}

static void what_is_longer_begins_a_new_one(void) {
  static const char *const mixed[] = {"22", "22", "1", "22", "333", "333", "1", "1", "1", "22"};
  scene s;
  begin(&s, "127.0.0.1:0");
  say_all(&s, mixed, 10);
  CHECK_EQUAL(datagrams, 10);
  CHECK_EQUAL(messages, has_segments() ? 5 : 10); /* 22 22 1, 22, 333 333 1, 1 1, 22 */
  end(&s);
}

static void each_peer_gets_its_own(void) {
  scene s;
  begin(&s, "127.0.0.1:0");
  texts = equal;
  for (unsigned i = 0; i < 3; i++) {
    say(&s.a, linnet_transport_local(s.b.transport), equal[i]);
    say(&s.a, linnet_transport_local(s.c.transport), "apart");
  }
  run_until(s.driver, &s.b.received, 3);
  run_until(s.driver, &s.c.received, 3);
  CHECK_EQUAL(messages, 6);
  end(&s);
}

static void a_run_that_is_refused_goes_piece_by_piece(void) {
  scene s;
  begin(&s, "127.0.0.1:0");
  refusal = EINVAL; /* larger than what the path takes, say */
  say_all(&s, equal, 4);
  CHECK_EQUAL(messages, 4);
  refusal = 0;
  messages = datagrams = 0;
  say_all(&s, equal, 4);
  CHECK_EQUAL(messages, has_segments() ? 1 : 4);
  refusal = EIO; /* a device that cannot: it is not tried again */
  say_all(&s, equal, 4);
  refusal = 0;
  messages = datagrams = 0;
  say_all(&s, equal, 4);
  CHECK_EQUAL(messages, 4);
  CHECK_EQUAL(datagrams, 4);
  end(&s);
}

int main(void) {
  return RUN(a_run_of_one_length_is_one_message, what_is_longer_begins_a_new_one, each_peer_gets_its_own,
             a_run_that_is_refused_goes_piece_by_piece);
}
