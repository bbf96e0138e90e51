/* SPDX-License-Identifier: Apache-2.0 */
/* modem_reply.c: what the lines of a modem mean: answers to the command under way, and news at any time (3GPP
 * TS 27.005, 3.4.1; TS 27.007, 9). */
#include <stdlib.h>
#include <string.h>

#include "modem_internal.h"

/* What follows a word; NULL: the line does not begin with it. */
static const char *after(const char *line, const char *word) {
  size_t length = strlen(word);
  if (strncmp(line, word, length) != 0) return NULL;
  line += length;
  while (*line == ' ') line++;
  return line;
}

/* The number after the last comma: the length of the TPDU. */
static size_t last_number(const char *text) {
  const char *comma = strrchr(text, ',');
  return (size_t)strtoul(comma != NULL ? comma + 1 : text, NULL, 10);
}

static void expect_pdu(linnet_modem *modem, linnet__modem_follows follows, const char *text) {
  if (modem->follows != LINNET__FOLLOWS_NOTHING) modem->counts[LINNET_MODEM_GARBAGE]++;
  modem->follows = follows;
  modem->follows_length = last_number(text);
  modem->follows_index = (unsigned)strtoul(text, NULL, 10);
}

/* ---- news ---------------------------------------------------------------------------------------- */

/* What modems say when they have just been switched on; whatever they were told is forgotten. */
static bool is_restart(const char *line) {
  static const char *const words[] = {"RDY",           "^SYSSTART",  "+SYSSTART", "*ATREADY: 1",
                                      "MODEM:STARTUP", "START",      "STARTUP",   "+CFUN: 1",
                                      "+CPIN: READY",  "Call Ready", "SMS Ready"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strcmp(line, words[i]) == 0) return true;
  return false;
}

static bool is_full(const char *line) {
  static const char *const words[] = {"^SMMEMFULL",         "+SMSFULL", "%SMSFULL",          "^SMSFULL",
                                      "+QIND: \"SMSFULL\"", "SMS FULL", "+CIEV: \"SMSFULL\""};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (after(line, words[i]) != NULL) return true;
  return false;
}

/* True: a message follows, which the modem does not keep. */
static bool take_message(linnet_modem *modem, const char *line) {
  const char *text = after(line, "+CMT:");
  if (text == NULL) text = after(line, "+CDS:");
  if (text != NULL) expect_pdu(modem, LINNET__FOLLOWS_NEWS, text);
  return text != NULL;
}

/* True: it was news. */
static bool take_news(linnet_modem *modem, const char *line) {
  const char *text;
  if (take_message(modem, line)) return true;
  if ((text = after(line, "+CMTI:")) != NULL || (text = after(line, "+CDSI:")) != NULL) {
    linnet__modem_hear_stored(modem, text);
  } else if (is_full(line)) {
    linnet__modem_say(modem, LINNET_LOG_WARNING, "the storage for messages is full: it is emptied");
    modem->wants_list = true;
  } else {
    return false;
  }
  return true;
}

/* ---- answers ------------------------------------------------------------------------------------- */

/* True: the command has ended. */
static bool take_result(linnet_modem *modem, const char *line, uint64_t now_ms) {
  const char *text;
  modem->error = -1;
  modem->error_kind = "ERROR";
  if (strcmp(line, "OK") == 0) {
    linnet__modem_end(modem, LINNET__RESULT_OK, now_ms);
    return true;
  }
  if ((text = after(line, "+CMS ERROR:")) != NULL)
    modem->error_kind = "+CMS ERROR";
  else if ((text = after(line, "+CME ERROR:")) != NULL)
    modem->error_kind = "+CME ERROR";
  else if (strcmp(line, "ERROR") != 0 && strcmp(line, "COMMAND NOT SUPPORT") != 0)
    return false;
  if (text != NULL && *text >= '0' && *text <= '9') modem->error = (int)strtol(text, NULL, 10);
  linnet__modem_end(modem, LINNET__RESULT_ERROR, now_ms);
  return true;
}

/* Lines of the answer before its end. */
static bool take_information(linnet_modem *modem, const char *line, uint64_t now_ms) {
  const char *text;
  if ((text = after(line, "+CMGR:")) != NULL && modem->job == LINNET__JOB_READ) {
    expect_pdu(modem, LINNET__FOLLOWS_READ, text);
  } else if ((text = after(line, "+CMGL:")) != NULL && modem->job == LINNET__JOB_LIST) {
    expect_pdu(modem, LINNET__FOLLOWS_LISTED, text);
  } else if ((text = after(line, "+CPIN:")) != NULL && modem->job == LINNET__JOB_START) {
    linnet__modem_hear_pin(modem, text);
  } else if ((text = after(line, "+CPMS:")) != NULL && modem->job == LINNET__JOB_STORAGE) {
    linnet__modem_hear_storage(modem, text);
  } else if ((text = after(line, "+CNMI:")) != NULL && modem->job == LINNET__JOB_CHECK) {
    if (linnet__modem_knows_indication(modem, text)) return true;
    linnet__modem_say(modem, LINNET_LOG_WARNING, "it has forgotten what it was told: starting it again");
    linnet__modem_start(modem, now_ms);
  } else {
    return strcmp(line, modem->command) == 0; /* its echo */
  }
  return true;
}

void linnet__modem_line(linnet_modem *modem, const char *line, uint64_t now_ms) {
  bool is_deaf = modem->job == LINNET__JOB_HUSH || modem->state == LINNET_MODEM_WAITING;
  if (modem->follows != LINNET__FOLLOWS_NOTHING && line[0] != '+') {
    bool taken = linnet__modem_take_pdu(modem, line);
    modem->follows = LINNET__FOLLOWS_NOTHING;
    if (taken) return;
    modem->counts[LINNET_MODEM_GARBAGE]++; /* but it may mean something else */
  }
  if (is_deaf) { /* for all but what nobody will tell again */
    take_message(modem, line);
    return;
  }
  if (take_news(modem, line)) return;
  if (is_restart(line) && !(modem->job == LINNET__JOB_START && after(line, "+CPIN:") != NULL)) {
    linnet__modem_say(modem, LINNET_LOG_WARNING, "it has restarted (%s)", line);
    linnet__modem_start(modem, now_ms);
    return;
  }
  if (modem->job != LINNET__JOB_NONE &&
      (take_information(modem, line, now_ms) || take_result(modem, line, now_ms)))
    return;
  /* Of signal strength, calls and much else modems tell unasked. */
  if (strchr("+^*%#$", line[0]) == NULL && strcmp(line, "OK") != 0 && strcmp(line, "RING") != 0)
    modem->counts[LINNET_MODEM_GARBAGE]++;
}
