/* SPDX-License-Identifier: Apache-2.0 */
/* modem.c: life and run of a modem (modem.h): bytes in, jobs, time-outs, failures and what is done about
 * them. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "modem_internal.h"

#define READS_A_TURN 8
#define LONGEST_RETRY 12 /* times the shortest */

static const struct {
  uint32_t initial, least, most;
  const char *name;
} table[LINNET__MODEM_SETTINGS] = {
#define MODEM_ROW(constant, value, initial, least, most, name) {initial, least, most, name},
    LINNET_MODEM_MAP(MODEM_ROW)
#undef MODEM_ROW
};

/* ---- words and failures -------------------------------------------------------------------------- */

void linnet__modem_say(linnet_modem *modem, linnet_log_level level, const char *format, ...) {
  char text[sizeof modem->failure];
  va_list arguments;
  int length = snprintf(text, sizeof text, "%s: ", modem->name);
  va_start(arguments, format);
  vsnprintf(text + length, sizeof text - (size_t)length, format, arguments);
  va_end(arguments);
  if (level <= LINNET_LOG_WARNING) memcpy(modem->failure, text, sizeof text);
  linnet_loop_log(modem->loop, level, text);
}

/* So that a modem that is broken for good costs little. */
static void wait_a_while(linnet_modem *modem, uint64_t now_ms) {
  uint64_t factor = modem->failures < 4 ? (uint64_t)1 << modem->failures : LONGEST_RETRY;
  modem->failures++;
  modem->state = LINNET_MODEM_WAITING;
  modem->job = LINNET__JOB_NONE;
  modem->deadline_ms = now_ms + factor * modem->settings[LINNET_MODEM_RETRY_MS];
}

void linnet__modem_fail(linnet_modem *modem, uint64_t now_ms) { wait_a_while(modem, now_ms); }

static void shut(linnet_modem *modem) {
  if (modem->watch.descriptor < 0) return;
  linnet__wait_forget(modem->driver, &modem->watch);
  close(modem->watch.descriptor);
  modem->watch = (linnet__watch){.descriptor = -1};
}

void linnet__modem_hang_up(linnet_modem *modem, uint64_t now_ms) {
  if (modem->driver == NULL) return;
  linnet__modem_say(modem, LINNET_LOG_ERROR, "the modem has gone");
  shut(modem);
  wait_a_while(modem, now_ms);
  if (modem->path == NULL) { /* nobody can bring the descriptor back */
    modem->state = LINNET_MODEM_CLOSED;
    modem->deadline_ms = LINNET_NEVER;
  }
}

/* ---- life ---------------------------------------------------------------------------------------- */

linnet_modem *linnet_modem_ref(linnet_modem *modem) {
  modem->references++;
  return modem;
}

void linnet_modem_unref(linnet_modem *modem) {
  if (modem == NULL || --modem->references > 0) return;
  linnet_transport_unref(modem->transport);
  linnet_loop_unref(modem->loop);
  free(modem->path);
  free(modem);
}

linnet_loop *linnet_modem_loop(const linnet_modem *modem) { return modem->loop; }

/* The driver lets it go when it comes to it. */
void linnet_modem_close(linnet_modem *modem) {
  if (modem->driver == NULL) return;
  shut(modem);
  modem->driver = NULL;
  modem->state = LINNET_MODEM_CLOSED;
}

/* ---- settings ------------------------------------------------------------------------------------ */

linnet_status linnet_modem_set(linnet_modem *modem, linnet_modem_setting setting, uint32_t value) {
  char text[80];
  if ((unsigned)setting >= LINNET__MODEM_SETTINGS)
    return linnet_loop_fail(modem->loop, LINNET_ERROR_INVALID_ARGUMENT, "modem: there is no such setting");
  if (value < table[setting].least || value > table[setting].most) {
    snprintf(text, sizeof text, "modem: %s is from %u to %u", table[setting].name,
             (unsigned)table[setting].least, (unsigned)table[setting].most);
    return linnet_loop_fail(modem->loop, LINNET_ERROR_OUT_OF_RANGE, text);
  }
  modem->settings[setting] = value;
  return LINNET_OK;
}

linnet_status linnet_modem_set_pin(linnet_modem *modem, const char *pin) {
  size_t length = pin == NULL ? 0 : strlen(pin);
  if (pin != NULL && (length < 4 || length > 8 || strspn(pin, "0123456789") != length))
    return linnet_loop_fail(modem->loop, LINNET_ERROR_INVALID_ARGUMENT, "modem: a PIN has 4 to 8 digits");
  memset(modem->pin, 0, sizeof modem->pin);
  if (length > 0) memcpy(modem->pin, pin, length);
  return LINNET_OK;
}

linnet_status linnet_modem_set_center(linnet_modem *modem, const char *number) {
  size_t length = number == NULL ? 0 : strlen(number), digits = length > 0 && number[0] == '+';
  if (number != NULL && (length == digits || length >= sizeof modem->center ||
                         strspn(number + digits, "0123456789") != length - digits))
    return linnet_loop_fail(modem->loop, LINNET_ERROR_INVALID_ARGUMENT,
                            "modem: the number of a service centre looks like +15550000");
  memset(modem->center, 0, sizeof modem->center);
  if (length > 0) memcpy(modem->center, number, length);
  return LINNET_OK;
}

/* ---- opening ------------------------------------------------------------------------------------- */

/* Has the descriptor from now on, or closes it. */
static linnet_status begin(linnet_modem *modem, int descriptor, uint64_t now_ms) {
  modem->watch = (linnet__watch){.descriptor = descriptor};
  linnet_status status = linnet__wait_add(modem->driver, &modem->watch);
  if (status != LINNET_OK) {
    char text[sizeof modem->name + 40];
    int error = errno;
    close(descriptor);
    modem->watch.descriptor = -1;
    snprintf(text, sizeof text, "cannot use %s as a modem", modem->name);
    return linnet__driver_fail(modem->loop, text, error);
  }
  linnet__modem_start(modem, now_ms);
  return LINNET_OK;
}

static linnet_status may_open(const linnet_modem *modem) {
  if (modem->driver == NULL)
    return linnet_loop_fail(modem->loop, LINNET_ERROR_CLOSED, "open: the modem is closed");
  if (modem->watch.descriptor >= 0 || modem->path != NULL)
    return linnet_loop_fail(modem->loop, LINNET_ERROR_WRONG_STATE, "open: the modem is open already");
  return LINNET_OK;
}

linnet_status linnet_modem_open(linnet_modem *modem, const char *path) {
  char text[120];
  linnet_status status = may_open(modem);
  if (status != LINNET_OK) return status;
  if (path == NULL || path[0] == 0)
    return linnet_loop_fail(modem->loop, LINNET_ERROR_INVALID_ARGUMENT, "open: no name of a device");
  int descriptor = linnet__modem_open_line(path, modem->settings[LINNET_MODEM_SPEED]);
  if (descriptor < 0) {
    snprintf(text, sizeof text, "cannot open the modem %.80s", path);
    return linnet__driver_fail(modem->loop, text, errno);
  }
  modem->path = strdup(path);
  if (modem->path == NULL) {
    close(descriptor);
    return linnet_loop_fail(modem->loop, LINNET_ERROR_NO_MEMORY, "open: out of memory");
  }
  snprintf(modem->name, sizeof modem->name, "%.60s", path);
  return begin(modem, descriptor, linnet_clock_monotonic());
}

linnet_status linnet_modem_use(linnet_modem *modem, int descriptor) {
  linnet_status status = may_open(modem);
  int flags = status == LINNET_OK ? fcntl(descriptor, F_GETFL) : -1;
  if (status == LINNET_OK && (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0))
    status = linnet__driver_fail(modem->loop, "open: not a descriptor for a modem", errno);
  if (status != LINNET_OK) {
    if (descriptor >= 0) close(descriptor);
    return status;
  }
  snprintf(modem->name, sizeof modem->name, "modem %d", descriptor);
  return begin(modem, descriptor, linnet_clock_monotonic());
}

linnet_modem_state linnet_modem_get_state(const linnet_modem *modem) { return modem->state; }

const char *linnet_modem_failure(const linnet_modem *modem) { return modem->failure; }

uint64_t linnet_modem_count(const linnet_modem *modem, linnet_modem_counter counter) {
  return (unsigned)counter < LINNET__MODEM_COUNTERS ? modem->counts[counter] : 0;
}

/* ---- the run ------------------------------------------------------------------------------------- */

static void receive(linnet_modem *modem, uint64_t now_ms) {
  char bytes[512];
  for (unsigned i = 0; i < READS_A_TURN && modem->watch.readable; i++) {
    ssize_t got = read(modem->watch.descriptor, bytes, sizeof bytes);
    if (got > 0) {
      linnet__modem_hear(modem, bytes, (size_t)got, now_ms);
    } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      modem->watch.readable = false;
    } else if (got == 0 || errno != EINTR) {
      linnet__modem_hang_up(modem, now_ms);
    }
  }
}

/* False, and closed: it was, or its transport. */
static bool is_open(linnet_modem *modem) {
  if (linnet_transport_is_closed(modem->transport)) linnet_modem_close(modem);
  return modem->driver != NULL;
}

static bool hear(linnet__part *part, uint64_t now_ms) {
  linnet_modem *modem = (linnet_modem *)part;
  if (!is_open(modem)) return false;
  if (modem->watch.descriptor >= 0 && (modem->watch.readable || modem->watch.failed)) {
    modem->watch.readable = true;
    modem->watch.failed = false;
    receive(modem, now_ms);
  }
  return true;
}

/* After a failure: from the beginning, with the device as it is now. */
static void try_again(linnet_modem *modem, uint64_t now_ms) {
  if (modem->watch.descriptor >= 0) {
    linnet__modem_start(modem, now_ms);
    return;
  }
  int descriptor = linnet__modem_open_line(modem->path, modem->settings[LINNET_MODEM_SPEED]);
  if (descriptor >= 0 && begin(modem, descriptor, now_ms) == LINNET_OK) return;
  wait_a_while(modem, now_ms);
}

static bool work(linnet__part *part, uint64_t now_ms) {
  linnet_modem *modem = (linnet_modem *)part;
  if (!is_open(modem)) return false;
  if (modem->state == LINNET_MODEM_WAITING && modem->deadline_ms <= now_ms) try_again(modem, now_ms);
  if (modem->job != LINNET__JOB_NONE && modem->deadline_ms <= now_ms && modem->watch.descriptor >= 0) {
    modem->watch.readable = true; /* it may have answered while the program was busy */
    receive(modem, now_ms);
  }
  if (modem->job != LINNET__JOB_NONE && modem->deadline_ms <= now_ms) {
    if (modem->job == LINNET__JOB_HUSH)
      linnet__modem_next_step(modem, now_ms);
    else
      linnet__modem_end(modem, LINNET__RESULT_SILENCE, now_ms);
  }
  if (modem->state == LINNET_MODEM_READY && modem->job == LINNET__JOB_NONE)
    linnet__modem_next_job(modem, now_ms);
  if (modem->watch.descriptor >= 0) linnet__modem_flush(modem, now_ms);
  return true;
}

static bool readable(const linnet__part *part) { return ((const linnet_modem *)part)->watch.readable; }

static uint64_t deadline(const linnet__part *part) {
  const linnet_modem *modem = (const linnet_modem *)part;
  if (modem->state == LINNET_MODEM_CLOSED) return LINNET_NEVER;
  bool idle = modem->state == LINNET_MODEM_READY && modem->job == LINNET__JOB_NONE;
  return idle ? linnet__modem_idle_until(modem) : modem->deadline_ms;
}

static void end(linnet__part *part) {
  linnet_modem *modem = (linnet_modem *)part;
  linnet_modem_close(modem);
  linnet_modem_unref(modem);
}

static const linnet__part_rules rules = {.at = {[LINNET__BEFORE_STEP] = hear, [LINNET__AFTER_SEND] = work},
                                         .readable = readable,
                                         .deadline = deadline,
                                         .end = end};

linnet_modem *linnet_modem_new(linnet_driver *driver, linnet_transport *transport) {
  linnet_loop *loop = driver->loop;
  linnet_status status = LINNET_OK;
  const char *why = NULL;
  if (driver->closed) {
    status = LINNET_ERROR_CLOSED;
    why = "new modem: the driver is closed";
  } else if (transport == NULL || linnet_transport_loop(transport) != loop) {
    status = LINNET_ERROR_INVALID_ARGUMENT;
    why = "new modem: the transport belongs to another loop";
  } else if (!linnet_transport_has_framing(transport)) {
    status = LINNET_ERROR_INVALID_ARGUMENT;
    why = "new modem: the transport does not carry TPDUs (linnet_transport_add_framing)";
  }
  linnet_modem *modem = why == NULL ? calloc(1, sizeof *modem) : NULL;
  if (modem == NULL) {
    linnet_loop_fail(loop, why != NULL ? status : LINNET_ERROR_NO_MEMORY,
                     why != NULL ? why : "new modem: out of memory");
    return NULL;
  }
  modem->references = 2;
  modem->watch.descriptor = -1;
  modem->driver = driver;
  modem->loop = linnet_loop_ref(loop);
  modem->transport = linnet_transport_ref(transport);
  modem->deadline_ms = LINNET_NEVER;
  for (size_t i = 0; i < LINNET__MODEM_SETTINGS; i++) modem->settings[i] = table[i].initial;
  linnet__part_add(driver, &modem->part, &rules);
  return modem;
}
