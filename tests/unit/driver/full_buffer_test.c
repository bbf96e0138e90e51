/* SPDX-License-Identifier: Apache-2.0 */
/* What happens when the kernel has no room: sendmmsg and sendto of the C library are stood in for by some
 * that say so. */
#define _GNU_SOURCE /* struct mmsghdr */
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "party.h"

static int room = -1;   /* how many messages the kernel still takes; -1: any number */
static unsigned passed; /* datagrams that it took */

int sendmmsg(int descriptor, struct mmsghdr *messages, unsigned count, int flags) {
  if (room == 0) {
    errno = EAGAIN;
    return -1;
  }
  if (room > 0 && count > (unsigned)room) count = (unsigned)room;
  int sent = (int)syscall(SYS_sendmmsg, descriptor, messages, count, flags);
  if (room > 0 && sent > 0) room -= sent;
  for (int i = 0; i < sent; i++) passed += (unsigned)messages[i].msg_hdr.msg_iovlen;
  return sent;
}

ssize_t sendto(int descriptor, const void *data, size_t length, int flags, const struct sockaddr *peer,
               socklen_t peer_length) {
  if (room == 0) {
    errno = EAGAIN;
    return -1;
  }
  ssize_t sent = syscall(SYS_sendto, descriptor, data, length, flags, peer, peer_length);
  if (sent < 0) return sent;
  if (room > 0) room--;
  passed++;
  return sent;
}

static void remember(party *who) {
  static unsigned expected;
  char text[16];
  snprintf(text, sizeof text, "%u", expected++);
  CHECK_BYTES(who->last, who->last_length, text, strlen(text));
}

#define SAID 400

static void keeps_datagrams_in_order_until_there_is_room(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  party a, b;
  party_open(&a, driver, "127.0.0.1:0");
  party_open(&b, driver, "127.0.0.1:0");
  b.act = remember;
  room = 5;
  for (unsigned i = 0; i < SAID; i++) {
    char text[16];
    snprintf(text, sizeof text, "%u", i);
    say(&a, linnet_transport_local(b.transport), text);
  }
  CHECK_EQUAL(linnet_driver_run(driver), LINNET_OK);
  CHECK(passed >= 5 && passed < SAID / 2);
  run_until(driver, &b.received, passed);
  CHECK_EQUAL(b.received, passed);
  room = 1;
  run_until(driver, &b.received, passed + 1);
  CHECK(passed < SAID);
  room = -1;
  run_until(driver, &b.received, SAID);
  party_close(&a);
  party_close(&b);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
}

static void forgets_what_is_kept_when_it_closes(void) {
  linnet_loop *loop = new_loop();
  linnet_driver *driver = linnet_driver_new(loop);
  party a;
  party_open(&a, driver, "127.0.0.1:0");
  room = 0;
  for (unsigned i = 0; i < 10; i++) say(&a, linnet_transport_local(a.transport), "x");
  CHECK_EQUAL(linnet_driver_run(driver), LINNET_OK);
  party_close(&a);
  linnet_driver_unref(driver);
  linnet_loop_unref(loop);
}

int main(void) {
  return RUN(keeps_datagrams_in_order_until_there_is_room, forgets_what_is_kept_when_it_closes);
}
