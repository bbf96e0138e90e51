/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem_start.c: how a modem is told to behave: no echo, error codes, PIN, PDU mode, service centre, new
 * messages at once (3GPP TS 27.005, 3; TS 27.007, 8.3, 9.1).
 */
#include <stdio.h>
#include <string.h>

#include "modem_internal.h"

/* What a step has to do with its failure. */
typedef enum need { NEEDED, WELCOME } need;

typedef enum step_kind { PLAIN, ASK_PIN, GIVE_PIN, SET_CENTER, SET_INDICATION } step_kind;

static const struct step {
  step_kind kind;
  need need;
  const char *command;
} steps[] = {
    {PLAIN, NEEDED, "AT"},
    {PLAIN, NEEDED, "ATE0"},
    {PLAIN, WELCOME, "AT+CMEE=1"}, /* numbers instead of ERROR */
    {ASK_PIN, WELCOME, "AT+CPIN?"},
    {GIVE_PIN, NEEDED, NULL},
    {PLAIN, NEEDED, "AT+CMGF=0"},
    {PLAIN, WELCOME, "AT+CSMS=0"}, /* the modem acknowledges messages, not we */
    {SET_CENTER, NEEDED, NULL},
    {SET_INDICATION, WELCOME, NULL},
};

#define STEPS (sizeof steps / sizeof steps[0])

/* Modems differ in what they take: messages and reports at once, messages at once, a note that one is stored.
 */
static const char *const indications[] = {"2,2,0,1,0", "2,2,0,0,0", "1,2,0,1,0", "1,2,0,0,0",
                                          "2,1,0,2,0", "2,1,0,0,0", "1,1,0,0,0"};

#define INDICATIONS (sizeof indications / sizeof indications[0])

bool linnet__modem_knows_indication(const linnet_modem *modem, const char *text) {
  /* The first two numbers tell whether we hear of messages; some modems put the others as they like. */
  return modem->polls || strncmp(text, indications[modem->alternative], 3) == 0;
}

void linnet__modem_start(linnet_modem *modem, uint64_t now_ms) {
  static const char escape = 0x1b; /* ends a message that a former owner began to write */
  modem->state = LINNET_MODEM_STARTING;
  modem->counts[LINNET_MODEM_STARTS]++;
  modem->step = modem->alternative = 0;
  modem->polls = false;
  modem->pin_given = modem->pin_missing = false;
  modem->follows = LINNET__FOLLOWS_NOTHING;
  modem->read_count = modem->delete_count = 0; /* they are found again in the list */
  modem->storage[0] = 0;
  modem->output_length = modem->output_done = 0;
  linnet__modem_write(modem, &escape, 1);
  modem->job = LINNET__JOB_HUSH;
  /* What was under way when we came runs out, and its answer is not taken for ours. */
  modem->deadline_ms = now_ms + modem->settings[LINNET_MODEM_HUSH_MS];
}

static void ready(linnet_modem *modem, uint64_t now_ms) {
  modem->state = LINNET_MODEM_READY;
  modem->failures = 0;
  modem->wants_list = true; /* what came while nobody listened */
  modem->check_ms = now_ms + modem->settings[LINNET_MODEM_CHECK_MS];
  if (modem->polls)
    linnet__modem_say(modem, LINNET_LOG_WARNING,
                      "it does not tell of new messages: it is asked now and then");
  else
    linnet__modem_say(modem, LINNET_LOG_INFO, "ready");
  if (!modem->polls) modem->failure[0] = 0;
}

/* False: there is nothing to do in this step. */
static bool take_step(linnet_modem *modem, const struct step *step, uint64_t now_ms) {
  uint32_t timeout_ms = modem->settings[LINNET_MODEM_COMMAND_MS];
  switch (step->kind) {
    case GIVE_PIN:
      if (!modem->pin_given) return false;
      linnet__modem_command(modem, LINNET__JOB_START, timeout_ms, now_ms, "AT+CPIN=\"%s\"", modem->pin);
      return true;
    case SET_CENTER:
      if (modem->center[0] == 0) return false;
      linnet__modem_command(modem, LINNET__JOB_START, timeout_ms, now_ms, "AT+CSCA=\"%s\",%d", modem->center,
                            modem->center[0] == '+' ? 145 : 129);
      return true;
    case SET_INDICATION:
      linnet__modem_command(modem, LINNET__JOB_START, timeout_ms, now_ms, "AT+CNMI=%s",
                            indications[modem->alternative]);
      return true;
    default:
      linnet__modem_command(modem, LINNET__JOB_START, timeout_ms, now_ms, "%s", step->command);
      return true;
  }
}

void linnet__modem_next_step(linnet_modem *modem, uint64_t now_ms) {
  modem->job = LINNET__JOB_NONE;
  while (modem->step < STEPS) {
    if (take_step(modem, &steps[modem->step], now_ms)) return;
    modem->step++;
  }
  ready(modem, now_ms);
}

void linnet__modem_hear_pin(linnet_modem *modem, const char *text) {
  if (strcmp(text, "READY") == 0) return;
  if (strcmp(text, "SIM PIN") == 0 && modem->pin[0] != 0) {
    modem->pin_given = true;
    return;
  }
  linnet__modem_say(modem, LINNET_LOG_ERROR, "the SIM wants %s", text);
  modem->pin_missing = true;
}

static bool goes_on(linnet_modem *modem, const struct step *step, linnet__modem_result result) {
  if (modem->pin_missing) return false;
  if (result == LINNET__RESULT_OK) return true;
  if (result == LINNET__RESULT_SILENCE) {
    linnet__modem_say(modem, LINNET_LOG_WARNING, "no answer to %s", modem->command);
    return false;
  }
  if (step->kind == SET_INDICATION) {
    if (modem->alternative + 1 < INDICATIONS) {
      modem->alternative++;
      modem->step--; /* once more */
    } else {
      modem->polls = true;
    }
    return true;
  }
  if (step->kind == GIVE_PIN) {
    linnet__modem_say(modem, LINNET_LOG_ERROR, "the SIM refused the PIN");
    modem->pin[0] = 0; /* a wrong one must not be given until the SIM is locked */
  } else if (step->need == NEEDED) {
    linnet__modem_say_error(modem);
  }
  return step->need == WELCOME;
}

void linnet__modem_step_ended(linnet_modem *modem, linnet__modem_result result, uint64_t now_ms) {
  const struct step *step = &steps[modem->step];
  if (!goes_on(modem, step, result)) {
    linnet__modem_fail(modem, now_ms);
    return;
  }
  modem->step++;
  linnet__modem_next_step(modem, now_ms);
}
