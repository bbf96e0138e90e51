/* SPDX-License-Identifier: Apache-2.0 */
/*
 * modem_internal.h: what a modem is made of; only for the files of driver.
 *
 * Bytes become lines (modem_line.c), lines become the answer to the command under way or news
 * (modem_reply.c); one command at a time is sent (modem_command.c) on behalf of a job: telling the modem how
 * to behave (modem_start.c), or sending, reading and deleting messages (modem_message.c).
 */
#ifndef LINNET_DRIVER_MODEM_INTERNAL_H
#define LINNET_DRIVER_MODEM_INTERNAL_H

#include <linnet/framing.h>
#include <linnet/modem.h>

#include "driver_internal.h"

#define LINNET__MODEM_SETTINGS (LINNET_MODEM_HUSH_MS + 1)
#define LINNET__MODEM_COUNTERS (LINNET_MODEM_STARTS + 1)
/* A service centre and a TPDU in hexadecimal digits, and what else a line may hold. */
#define LINNET__MODEM_LINE 512
#define LINNET__MODEM_COMMAND 64
#define LINNET__MODEM_STORED 32
#define LINNET__MODEM_NAME 64

/* Why a command is under way. */
typedef enum linnet__modem_job {
  LINNET__JOB_NONE = 0,
  LINNET__JOB_HUSH,   /* nothing is said, so that what is left of former talk runs out */
  LINNET__JOB_START,  /* a step of the start */
  LINNET__JOB_SUBMIT, /* a message is announced; the prompt is waited for */
  LINNET__JOB_TEXT,   /* and has been written */
  LINNET__JOB_SELECT, /* a storage */
  LINNET__JOB_READ,
  LINNET__JOB_DELETE,
  LINNET__JOB_LIST,
  LINNET__JOB_CHECK,  /* does it still know what it was told? */
  LINNET__JOB_STORAGE /* does it hold messages? */
} linnet__modem_job;

/* How a command ended. */
typedef enum linnet__modem_result {
  LINNET__RESULT_OK,
  LINNET__RESULT_ERROR, /* modem->error has the code, or -1 */
  LINNET__RESULT_SILENCE
} linnet__modem_result;

/* What the next line belongs to. */
typedef enum linnet__modem_follows {
  LINNET__FOLLOWS_NOTHING,
  LINNET__FOLLOWS_NEWS,  /* the PDU of +CMT or +CDS */
  LINNET__FOLLOWS_READ,  /* that of +CMGR */
  LINNET__FOLLOWS_LISTED /* that of +CMGL */
} linnet__modem_follows;

/* A message in a storage of the modem. */
typedef struct linnet__stored {
  char storage[3];
  unsigned index;
} linnet__stored;

struct linnet_modem {
  linnet__part part; /* the driver holds a reference to the modem while it is in its list */
  linnet__watch watch;
  unsigned references;
  linnet_driver *driver;       /* NULL: closed */
  linnet_transport *transport; /* holds a reference */
  linnet_loop *loop;           /* holds a reference */
  linnet_modem_state state;
  char *path; /* NULL: a descriptor that was given */
  char name[LINNET__MODEM_NAME];
  char failure[160];
  uint32_t settings[LINNET__MODEM_SETTINGS];
  uint64_t counts[LINNET__MODEM_COUNTERS];
  char pin[9];
  bool pin_given;   /* the SIM asked for it, and gets it in this start */
  bool pin_missing; /* it wants something that we do not have */
  char center[20];

  char line[LINNET__MODEM_LINE];
  size_t line_length;
  bool line_overlong;
  linnet__modem_follows follows;
  size_t follows_length; /* of the TPDU that follows, as was announced */
  unsigned follows_index;

  char output[LINNET__MODEM_LINE];
  size_t output_length;
  size_t output_done;

  linnet__modem_job job;
  char command[LINNET__MODEM_COMMAND];
  uint64_t deadline_ms; /* of the command, the hush, or the waiting */
  int error;
  const char *error_kind;

  size_t step;                                /* of the start */
  size_t alternative;                         /* which indication of new messages it accepted */
  unsigned failures;                          /* in a row */
  uint64_t check_ms;                          /* when an idle modem is looked at again */
  bool wants_list;                            /* there may be messages in the storage */
  bool polls;                                 /* it tells nothing by itself */
  char storage[3];                            /* that is selected; "": not known */
  linnet__stored reads[LINNET__MODEM_STORED]; /* of which the modem told */
  size_t read_count;
  unsigned deletes[LINNET__MODEM_STORED]; /* read, in the selected storage */
  size_t delete_count;

  bool holds; /* a message to send, taken out of the transport */
  linnet_address peer;
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  size_t pdu_length;
  unsigned attempts;
  uint64_t submit_ms; /* not before */
};

/* ---- modem.c ------------------------------------------------------------------------------------- */

/* Keeps and logs "<name>: <text>". */
void linnet__modem_say(linnet_modem *modem, linnet_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Something failed: the start begins anew after a while. */
void linnet__modem_fail(linnet_modem *modem, uint64_t now_ms);
/* The descriptor is of no use any more. */
void linnet__modem_hang_up(linnet_modem *modem, uint64_t now_ms);

/* ---- modem_open.c: a descriptor, or -1 and errno. ------------------------------------------------ */
int linnet__modem_open_line(const char *path, uint32_t speed);

/* ---- modem_line.c -------------------------------------------------------------------------------- */

void linnet__modem_hear(linnet_modem *modem, const char *bytes, size_t length, uint64_t now_ms);

/* ---- modem_reply.c ------------------------------------------------------------------------------- */

/* A whole line, terminated, without white space around it. */
void linnet__modem_line(linnet_modem *modem, const char *line, uint64_t now_ms);

/* ---- modem_command.c ----------------------------------------------------------------------------- */

/* Sends a command of which the answer is given to the job. */
void linnet__modem_command(linnet_modem *modem, linnet__modem_job job, uint32_t timeout_ms, uint64_t now_ms,
                           const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Bytes behind what waits to be written. */
void linnet__modem_write(linnet_modem *modem, const char *bytes, size_t length);
/* Writes what there is room for. */
void linnet__modem_flush(linnet_modem *modem, uint64_t now_ms);
/* The command under way has ended. */
void linnet__modem_end(linnet_modem *modem, linnet__modem_result result, uint64_t now_ms);
/* "+CMS ERROR: 500 (unknown error)" */
void linnet__modem_say_error(linnet_modem *modem);

/* ---- modem_start.c ------------------------------------------------------------------------------- */

void linnet__modem_start(linnet_modem *modem, uint64_t now_ms);
/* After the hush, and after each step. */
void linnet__modem_next_step(linnet_modem *modem, uint64_t now_ms);
void linnet__modem_step_ended(linnet_modem *modem, linnet__modem_result result, uint64_t now_ms);
/* What the modem says of its PIN while it is asked. */
void linnet__modem_hear_pin(linnet_modem *modem, const char *text);
/* True if "+CNMI: ..." says what it was told. */
bool linnet__modem_knows_indication(const linnet_modem *modem, const char *text);

/* ---- modem_message.c ----------------------------------------------------------------------------- */

/* The next command of a modem that is ready and has none. */
void linnet__modem_next_job(linnet_modem *modem, uint64_t now_ms);
void linnet__modem_job_ended(linnet_modem *modem, linnet__modem_job job, linnet__modem_result result,
                             uint64_t now_ms);
void linnet__modem_prompted(linnet_modem *modem, uint64_t now_ms);
/* +CMTI, +CDSI: "SM",3 */
void linnet__modem_hear_stored(linnet_modem *modem, const char *text);
/* +CPMS: "SM",3,20,... while it is asked */
void linnet__modem_hear_storage(linnet_modem *modem, const char *text);
/* The PDU that was announced; false: it is none. */
bool linnet__modem_take_pdu(linnet_modem *modem, const char *line);
/* When it has something to do; LINNET_NEVER. */
uint64_t linnet__modem_idle_until(const linnet_modem *modem);

#endif
