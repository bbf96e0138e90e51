/* SPDX-License-Identifier: Apache-2.0 */
/* modem_command.c: one command at a time, its end, and the words of its errors (3GPP TS 27.005, 3.2.5; TS
 * 27.007, 9.2). */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "modem_internal.h"

void linnet__modem_write(linnet_modem *modem, const char *bytes, size_t length) {
  if (length > sizeof modem->output - modem->output_length) return; /* no command is that long */
  memcpy(modem->output + modem->output_length, bytes, length);
  modem->output_length += length;
}

void linnet__modem_command(linnet_modem *modem, linnet__modem_job job, uint32_t timeout_ms, uint64_t now_ms,
                           const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(modem->command, sizeof modem->command, format, arguments);
  va_end(arguments);
  modem->job = job;
  modem->deadline_ms = now_ms + timeout_ms;
  linnet__modem_write(modem, modem->command, strlen(modem->command));
  linnet__modem_write(modem, "\r", 1);
}

void linnet__modem_flush(linnet_modem *modem, uint64_t now_ms) {
  while (modem->output_done < modem->output_length && !modem->watch.blocked) {
    ssize_t written = write(modem->watch.descriptor, modem->output + modem->output_done,
                            modem->output_length - modem->output_done);
    if (written >= 0) {
      modem->output_done += (size_t)written;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      modem->watch.blocked = true;
      linnet__wait_change(modem->driver, &modem->watch);
      return;
    } else if (errno != EINTR) {
      linnet__modem_hang_up(modem, now_ms);
      return;
    }
  }
  if (modem->output_done == modem->output_length) modem->output_done = modem->output_length = 0;
}

void linnet__modem_end(linnet_modem *modem, linnet__modem_result result, uint64_t now_ms) {
  linnet__modem_job job = modem->job;
  modem->job = LINNET__JOB_NONE;
  modem->check_ms = now_ms + modem->settings[LINNET_MODEM_CHECK_MS];
  if (job == LINNET__JOB_START)
    linnet__modem_step_ended(modem, result, now_ms);
  else
    linnet__modem_job_ended(modem, job, result, now_ms);
}

/* ---- words --------------------------------------------------------------------------------------- */

typedef struct words {
  int code;
  const char *text;
} words;

static const words message_errors[] = {
    {1, "unassigned number"},
    {8, "barred by the operator"},
    {10, "call barred"},
    {21, "the message was rejected"},
    {27, "the destination is out of service"},
    {28, "unknown subscriber"},
    {29, "the facility was rejected"},
    {30, "unknown subscriber"},
    {38, "the network is out of order"},
    {41, "a temporary failure of the network"},
    {42, "congestion"},
    {47, "resources unavailable"},
    {50, "the facility is not subscribed to"},
    {69, "the facility is not implemented"},
    {300, "the modem failed"},
    {301, "the service is reserved"},
    {302, "not allowed"},
    {303, "not supported"},
    {304, "invalid PDU"},
    {310, "no SIM"},
    {311, "the SIM wants its PIN"},
    {313, "the SIM failed"},
    {314, "the SIM is busy"},
    {320, "the storage failed"},
    {321, "no such message in the storage"},
    {322, "the storage is full"},
    {330, "no number of a service centre"},
    {331, "no network"},
    {332, "the network did not answer"},
    {500, "unknown error"},
};

static const words equipment_errors[] = {
    {3, "not allowed"},
    {4, "not supported"},
    {10, "no SIM"},
    {11, "the SIM wants its PIN"},
    {12, "the SIM wants its PUK"},
    {13, "the SIM failed"},
    {14, "the SIM is busy"},
    {16, "the PIN is wrong"},
    {20, "the storage is full"},
    {30, "no network"},
    {100, "unknown error"},
};

static const char *find(const words *table, size_t count, int code) {
  for (size_t i = 0; i < count; i++)
    if (table[i].code == code) return table[i].text;
  return NULL;
}

void linnet__modem_say_error(linnet_modem *modem) {
  const char *text =
      strcmp(modem->error_kind, "+CMS ERROR") == 0
          ? find(message_errors, sizeof message_errors / sizeof message_errors[0], modem->error)
          : find(equipment_errors, sizeof equipment_errors / sizeof equipment_errors[0], modem->error);
  if (modem->error < 0)
    linnet__modem_say(modem, LINNET_LOG_WARNING, "%s: %s", modem->command, modem->error_kind);
  else
    linnet__modem_say(modem, LINNET_LOG_WARNING, "%s: %s: %d (%s)", modem->command, modem->error_kind,
                      modem->error, text != NULL ? text : "see TS 27.005, 3.2.5");
}
