/* SPDX-License-Identifier: Apache-2.0 */
/* wait.c: one descriptor for sockets, the deadline and the wake-up call (docs/architecture.md, section 6). */
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "driver_internal.h"

/* Beyond what a machine lives, and within what timerfd takes. */
#define LATEST_MS ((uint64_t)1 << 52)

static bool add(linnet_driver *driver, int descriptor, void *owner, uint32_t what) {
  struct epoll_event event = {.events = what, .data.ptr = owner};
  return descriptor >= 0 && epoll_ctl(driver->epoll_descriptor, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

linnet_status linnet__wait_open(linnet_driver *driver) {
  driver->armed_ms = LINNET_NEVER;
  driver->epoll_descriptor = epoll_create1(EPOLL_CLOEXEC);
  driver->timer_descriptor = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  driver->wake_descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (driver->epoll_descriptor >= 0 &&
      add(driver, driver->timer_descriptor, &driver->timer_descriptor, EPOLLIN) &&
      add(driver, driver->wake_descriptor, &driver->wake_descriptor, EPOLLIN))
    return LINNET_OK;
  return linnet__driver_fail(driver->loop, "cannot make a driver", errno);
}

static void close_descriptor(int *descriptor) {
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
}

void linnet__wait_close(linnet_driver *driver) {
  close_descriptor(&driver->epoll_descriptor);
  close_descriptor(&driver->timer_descriptor);
  close_descriptor(&driver->wake_descriptor);
  driver->event_count = 0;
}

linnet_status linnet__wait_add(linnet_driver *driver, linnet__watch *watch) {
  if (add(driver, watch->descriptor, watch, EPOLLIN)) return LINNET_OK;
  return linnet__driver_fail(driver->loop, "cannot wait on a descriptor", errno);
}

void linnet__wait_change(linnet_driver *driver, linnet__watch *watch) {
  uint32_t what = watch->blocked ? EPOLLIN | EPOLLOUT : EPOLLIN;
  struct epoll_event event = {.events = what, .data.ptr = watch};
  epoll_ctl(driver->epoll_descriptor, EPOLL_CTL_MOD, watch->descriptor, &event);
}

void linnet__wait_forget(linnet_driver *driver, const linnet__watch *watch) {
  epoll_ctl(driver->epoll_descriptor, EPOLL_CTL_DEL, watch->descriptor, NULL);
  for (int i = 0; i < driver->event_count; i++)
    if (driver->events[i].data.ptr == watch) driver->events[i].data.ptr = NULL;
}

linnet_status linnet_driver_wait(linnet_driver *driver, int timeout_ms) {
  if (driver->closed) return LINNET_ERROR_CLOSED;
  if (driver->event_count > 0) return LINNET_OK;
  int count = epoll_wait(driver->epoll_descriptor, driver->events, LINNET__DRIVER_EVENTS, timeout_ms);
  if (count < 0 && errno != EINTR) return LINNET_ERROR_SYSTEM;
  driver->event_count = count > 0 ? count : 0;
  return LINNET_OK;
}

void linnet_driver_wake(linnet_driver *driver) {
  int error = errno; /* a signal handler leaves it as it was */
  uint64_t one = 1;
  /* Fails only if it has been woken 2^64 - 2 times already. */
  ssize_t written = write(driver->wake_descriptor, &one, sizeof one);
  (void)written;
  errno = error;
}

/* Reading takes the call back. */
static void hear_wake(linnet_driver *driver) {
  uint64_t calls;
  ssize_t got = read(driver->wake_descriptor, &calls, sizeof calls);
  (void)got;
}

void linnet__wait_collect(linnet_driver *driver) {
  for (int i = 0; i < driver->event_count; i++) {
    void *owner = driver->events[i].data.ptr;
    uint32_t what = driver->events[i].events;
    if (owner == &driver->timer_descriptor) {
      driver->timer_fired = true;
    } else if (owner == &driver->wake_descriptor) {
      hear_wake(driver);
    } else if (owner != NULL) {
      linnet__watch *watch = owner;
      /* What hangs up says so when it is read. */
      watch->readable = watch->readable || (what & (EPOLLIN | EPOLLHUP)) != 0;
      watch->failed = watch->failed || (what & EPOLLERR) != 0;
      watch->blocked = watch->blocked && (what & EPOLLOUT) == 0;
      if ((what & EPOLLOUT) != 0) linnet__wait_change(driver, watch);
    }
  }
  driver->event_count = 0;
}

bool linnet__wait_watch(linnet_driver *driver, int descriptor) {
  return add(driver, descriptor, NULL, EPOLLIN);
}

/* An alarm that is early costs one idle run; setting it anew in every run would cost a call each. */
void linnet__wait_arm(linnet_driver *driver, uint64_t deadline_ms) {
  struct itimerspec when = {0};
  if (!driver->timer_fired && deadline_ms >= driver->armed_ms) return;
  if (deadline_ms < LATEST_MS) {
    when.it_value.tv_sec = (time_t)(deadline_ms / 1000);
    when.it_value.tv_nsec = (long)(deadline_ms % 1000) * 1000000 + 1; /* all zero would be never */
  }
  if (timerfd_settime(driver->timer_descriptor, TFD_TIMER_ABSTIME, &when, NULL) != 0) return;
  driver->armed_ms = deadline_ms;
  driver->timer_fired = false;
}
