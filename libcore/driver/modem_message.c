/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem_message.c: messages through a modem that is ready: sent with the prompt, received at once or read
 * from its storage and deleted there (3GPP TS 27.005, 3.4, 3.5, 4).
 */
#include <stdlib.h>
#include <string.h>

#include "modem_internal.h"

#define END_OF_TEXT 0x1a
#define CANCEL 0x1b
#define PDU_AND_CENTER (LINNET_SMS_CENTER_SIZE + LINNET_SMS_PDU_SIZE)

/* ---- sending ------------------------------------------------------------------------------------- */

/* True: there is a message that may be sent now. */
static bool has_message(linnet_modem *modem, uint64_t now_ms) {
  linnet_datagram datagram;
  if (modem->holds) return modem->submit_ms <= now_ms;
  do {
    if (!linnet_transport_next(modem->transport, &datagram)) return false;
  } while (datagram.length > sizeof modem->pdu);
  modem->peer = datagram.peer;
  memcpy(modem->pdu, datagram.data, datagram.length);
  modem->pdu_length = datagram.length;
  modem->attempts = 0;
  modem->holds = true;
  return true;
}

void linnet__modem_prompted(linnet_modem *modem, uint64_t now_ms) {
  static const char digits[] = "0123456789ABCDEF";
  char text[2 + 2 * LINNET_SMS_PDU_SIZE + 1] = "00"; /* the service centre that the modem knows */
  size_t length = 2;
  for (size_t i = 0; i < modem->pdu_length; i++) {
    text[length++] = digits[modem->pdu[i] >> 4];
    text[length++] = digits[modem->pdu[i] & 0xf];
  }
  text[length++] = END_OF_TEXT;
  linnet__modem_write(modem, text, length);
  modem->job = LINNET__JOB_TEXT;
  modem->deadline_ms = now_ms + modem->settings[LINNET_MODEM_SUBMIT_MS];
}

/* Trying again may help (TS 24.011, 8.2; TS 27.005, 3.2.5). */
static bool is_temporary(const linnet_modem *modem) {
  static const int codes[] = {-1, 38, 41, 42, 47, 300, 314, 331, 332, 500, 512};
  if (strcmp(modem->error_kind, "+CMS ERROR") != 0) return true;
  for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
    if (codes[i] == modem->error) return true;
  return false;
}

/* It is lost, and CoAP does not try again by itself (SMS-02), but may be told. */
static void give_up(linnet_modem *modem) {
  modem->holds = false;
  modem->counts[LINNET_MODEM_REFUSED]++;
  linnet_transport_unreachable(modem->transport, &modem->peer);
}

static void submit_ended(linnet_modem *modem, linnet__modem_job job, linnet__modem_result result,
                         uint64_t now_ms) {
  if (result == LINNET__RESULT_OK && job == LINNET__JOB_TEXT) {
    modem->holds = false;
    modem->counts[LINNET_MODEM_SENT]++;
    return;
  }
  modem->attempts++;
  if (result == LINNET__RESULT_SILENCE && job == LINNET__JOB_TEXT) {
    modem->holds = false; /* it may have been sent: twice is worse than a time-out of the request */
    modem->counts[LINNET_MODEM_REFUSED]++;
    return;
  }
  if (result == LINNET__RESULT_ERROR) linnet__modem_say_error(modem);
  if ((result == LINNET__RESULT_ERROR && !is_temporary(modem)) ||
      modem->attempts >= modem->settings[LINNET_MODEM_ATTEMPTS])
    give_up(modem);
  else
    modem->submit_ms = now_ms + modem->settings[LINNET_MODEM_RETRY_MS];
}

/* ---- receiving ----------------------------------------------------------------------------------- */

static int digit_of(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'A' && character <= 'F') return character - 'A' + 10;
  if (character >= 'a' && character <= 'f') return character - 'a' + 10;
  return -1;
}

/* The bytes of hexadecimal digits; 0: it is something else. */
static size_t read_digits(const char *line, uint8_t *bytes, size_t room) {
  size_t length = 0;
  for (; *line != 0; line += 2) {
    int high = digit_of(line[0]), low = high < 0 ? -1 : digit_of(line[1]);
    if (low < 0 || length == room) return 0;
    bytes[length++] = (uint8_t)(high << 4 | low);
  }
  return length;
}

static void remember_to_delete(linnet_modem *modem, unsigned index) {
  if (modem->delete_count < LINNET__MODEM_STORED)
    modem->deletes[modem->delete_count++] = index;
  else
    modem->wants_list = true; /* the rest is found the next time */
}

bool linnet__modem_take_pdu(linnet_modem *modem, const char *line) {
  uint8_t bytes[PDU_AND_CENTER];
  size_t length = read_digits(line, bytes, sizeof bytes), used = 0;
  linnet_sms_number center;
  if (length == 0) return false;
  if (modem->follows == LINNET__FOLLOWS_LISTED) remember_to_delete(modem, modem->follows_index);
  /* Old modems leave the service centre out. */
  if (length != modem->follows_length && linnet_sms_parse_center(&center, bytes, length, &used) != LINNET_OK)
    return false;
  if (linnet_transport_receive_sms(modem->transport, bytes + used, length - used) == LINNET_OK)
    modem->counts[LINNET_MODEM_RECEIVED]++;
  return true;
}

/* "SM",3 */
void linnet__modem_hear_stored(linnet_modem *modem, const char *text) {
  const char *comma = strchr(text, ',');
  if (strlen(text) < 5 || text[0] != '"' || text[3] != '"' || comma == NULL ||
      modem->read_count == LINNET__MODEM_STORED) {
    modem->wants_list = true;
    return;
  }
  linnet__stored *read = &modem->reads[modem->read_count++];
  memcpy(read->storage, text + 1, 2);
  read->storage[2] = 0;
  read->index = (unsigned)strtoul(comma + 1, NULL, 10);
}

/* "SM",3,20,... or 3,20,... : messages in the first storage. */
void linnet__modem_hear_storage(linnet_modem *modem, const char *text) {
  if (text[0] == '"' && strlen(text) >= 4) {
    memcpy(modem->storage, text + 1, 2);
    modem->storage[2] = 0;
    text = strchr(text, ',') != NULL ? strchr(text, ',') + 1 : "";
  }
  if (strtoul(text, NULL, 10) > 0) modem->wants_list = true;
}

/* ---- what comes next ----------------------------------------------------------------------------- */

static void forget_read(linnet_modem *modem) {
  modem->read_count--;
  memmove(modem->reads, modem->reads + 1, modem->read_count * sizeof modem->reads[0]);
}

static void read_next(linnet_modem *modem, uint32_t timeout_ms, uint64_t now_ms) {
  const linnet__stored *read = &modem->reads[0];
  if (strcmp(read->storage, modem->storage) != 0)
    linnet__modem_command(modem, LINNET__JOB_SELECT, timeout_ms, now_ms, "AT+CPMS=\"%s\"", read->storage);
  else
    linnet__modem_command(modem, LINNET__JOB_READ, timeout_ms, now_ms, "AT+CMGR=%u", read->index);
}

void linnet__modem_next_job(linnet_modem *modem, uint64_t now_ms) {
  uint32_t timeout_ms = modem->settings[LINNET_MODEM_COMMAND_MS];
  if (modem->delete_count > 0) {
    linnet__modem_command(modem, LINNET__JOB_DELETE, timeout_ms, now_ms, "AT+CMGD=%u",
                          modem->deletes[modem->delete_count - 1]);
  } else if (modem->read_count > 0) {
    read_next(modem, timeout_ms, now_ms);
  } else if (modem->wants_list) {
    modem->wants_list = false;
    linnet__modem_command(modem, LINNET__JOB_LIST, timeout_ms, now_ms, "AT+CMGL=4");
  } else if (has_message(modem, now_ms)) {
    linnet__modem_command(modem, LINNET__JOB_SUBMIT, timeout_ms, now_ms, "AT+CMGS=%zu", modem->pdu_length);
  } else if (modem->check_ms <= now_ms) {
    linnet__modem_command(modem, LINNET__JOB_CHECK, timeout_ms, now_ms, "AT+CNMI?");
  }
}

void linnet__modem_job_ended(linnet_modem *modem, linnet__modem_job job, linnet__modem_result result,
                             uint64_t now_ms) {
  bool done = result == LINNET__RESULT_OK;
  switch (job) {
    case LINNET__JOB_SUBMIT:
    case LINNET__JOB_TEXT:
      submit_ended(modem, job, result, now_ms);
      break;
    case LINNET__JOB_SELECT:
      if (done)
        memcpy(modem->storage, modem->reads[0].storage, sizeof modem->storage);
      else
        forget_read(modem);
      break;
    case LINNET__JOB_READ:
      if (done) remember_to_delete(modem, modem->reads[0].index);
      forget_read(modem);
      break;
    case LINNET__JOB_DELETE:
      modem->delete_count--;
      break;
    case LINNET__JOB_CHECK: /* and, as it knows what it was told, does anything wait? */
      if (result != LINNET__RESULT_SILENCE)
        linnet__modem_command(modem, LINNET__JOB_STORAGE, modem->settings[LINNET_MODEM_COMMAND_MS], now_ms,
                              "AT+CPMS?");
      break;
    default:
      break;
  }
  if (result != LINNET__RESULT_SILENCE) return;
  linnet__modem_say(modem, LINNET_LOG_WARNING, "no answer to %s", modem->command);
  linnet__modem_fail(modem, now_ms);
}

uint64_t linnet__modem_idle_until(const linnet_modem *modem) {
  bool busy = modem->delete_count > 0 || modem->read_count > 0 || modem->wants_list;
  if (busy) return 0;
  return modem->holds && modem->submit_ms < modem->check_ms ? modem->submit_ms : modem->check_ms;
}
