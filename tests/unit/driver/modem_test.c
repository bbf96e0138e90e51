/* SPDX-License-Identifier: Apache-2.0 */
/* modem_test.c: AT commands with a modem that the test plays (modem.h; 3GPP TS 27.005; sms.md SMS-12). */
#define _GNU_SOURCE /* pseudo-terminals */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linnet/event.h>
#include <linnet/framing.h>
#include <linnet/modem.h>

#include "check.h"
#include "net/net.h"

#define REPLIES 16

/* A modem that says OK to all, but for what it was told to say. */
typedef struct fake {
  int descriptor;
  char heard[4096]; /* the commands, each on a line */
  char command[600];
  size_t length;
  bool silent;
  struct {
    const char *command; /* that begins so */
    const char *reply;   /* NULL: none */
    int times;           /* -1: always */
  } replies[REPLIES];
  size_t count;
} fake;

typedef struct desk {
  linnet_loop *loop;
  linnet_driver *driver;
  linnet_transport *transport;
  linnet_modem *modem;
  linnet__receiver receiver;
  linnet_address peer;
  char got[512];
  unsigned received;
  unsigned unreachable;
  fake fake;
} desk;

/* ---- the modem ----------------------------------------------------------------------------------- */

static void say(fake *f, const char *text) {
  size_t length = strlen(text);
  CHECK_EQUAL(write(f->descriptor, text, length), (ssize_t)length);
}

static void tell(desk *d, const char *command, const char *reply, int times) {
  fake *f = &d->fake;
  CHECK(f->count < REPLIES);
  f->replies[f->count].command = command;
  f->replies[f->count].reply = reply;
  f->replies[f->count++].times = times;
}

static void answer(fake *f) {
  size_t used = strlen(f->heard);
  snprintf(f->heard + used, sizeof f->heard - used, "%s\n", f->command);
  if (f->silent) return;
  for (size_t i = f->count; i-- > 0;) {
    if (f->replies[i].times == 0 ||
        strncmp(f->command, f->replies[i].command, strlen(f->replies[i].command)) != 0)
      continue;
    if (f->replies[i].times > 0) f->replies[i].times--;
    if (f->replies[i].reply != NULL) say(f, f->replies[i].reply);
    return;
  }
  if (strncmp(f->command, "AT+CMGS=", 8) == 0)
    say(f, "\r\n> ");
  else if (strncmp(f->command, "AT", 2) == 0)
    say(f, "\r\nOK\r\n");
  else
    say(f, "\r\n+CMGS: 7\r\n\r\nOK\r\n"); /* the text of a message */
}

static void play(fake *f) {
  char byte;
  while (read(f->descriptor, &byte, 1) == 1) {
    if (byte == 0x1b) continue;
    if (byte != '\r' && byte != 0x1a) {
      CHECK(f->length + 1 < sizeof f->command);
      f->command[f->length++] = byte;
      continue;
    }
    f->command[f->length] = 0;
    f->length = 0;
    answer(f);
  }
}

static bool heard(const desk *d, const char *command) {
  char line[640];
  snprintf(line, sizeof line, "%s\n", command);
  const char *at = strstr(d->fake.heard, line);
  return at != NULL && (at == d->fake.heard || at[-1] == '\n');
}

/* ---- the desk ------------------------------------------------------------------------------------ */

static void on_received(linnet__receiver *receiver, linnet_transport *transport, const linnet_address *peer,
                        const uint8_t *data, size_t length) {
  desk *d = LINNET__CONTAINER(receiver, desk, receiver);
  (void)transport;
  CHECK(linnet_address_equal(peer, &d->peer));
  size_t used = strlen(d->got);
  if (used + length < sizeof d->got) memcpy(d->got + used, data, length);
  d->received++;
}

static void on_unreachable(linnet__receiver *receiver, linnet_transport *transport,
                           const linnet_address *peer) {
  (void)transport;
  (void)peer;
  LINNET__CONTAINER(receiver, desk, receiver)->unreachable++;
}

static void on_closed(linnet__receiver *receiver, linnet_transport *transport) {
  (void)receiver;
  (void)transport;
}

static void pass(desk *d) {
  linnet_event *event;
  CHECK_EQUAL(linnet_driver_step(d->driver, 5), LINNET_OK);
  while ((event = linnet_loop_next_event(d->loop)) != NULL) (void)event;
  play(&d->fake);
}

/* Until something is true; a second is an age here. */
#define UNTIL(d, condition)                             \
  do {                                                  \
    uint64_t end_ms_ = linnet_clock_monotonic() + 5000; \
    while (!(condition)) {                              \
      CHECK(linnet_clock_monotonic() < end_ms_);        \
      pass(d);                                          \
    }                                                   \
  } while (0)

static void prepare(desk *d) {
  memset(d, 0, sizeof *d);
  d->receiver = (linnet__receiver){on_received, on_unreachable, on_closed};
  d->loop = linnet_loop_new("0123456789abcdef", 16);
  linnet_loop_set_log_level(d->loop, LINNET_LOG_DEBUG);
  d->driver = linnet_driver_new(d->loop);
  d->transport = linnet_transport_new(d->loop, LINNET_TRANSPORT_SMS);
  CHECK_EQUAL(linnet_transport_add_framing(d->transport), LINNET_OK);
  CHECK_EQUAL(linnet__transport_attach(d->transport, &d->receiver), LINNET_OK);
  CHECK_EQUAL(linnet_address_parse(&d->peer, "sms:+15550100"), LINNET_OK);
  d->modem = linnet_modem_new(d->driver, d->transport);
  CHECK(d->modem != NULL);
  CHECK_EQUAL(linnet_modem_set(d->modem, LINNET_MODEM_COMMAND_MS, 2000), LINNET_OK);
  CHECK_EQUAL(linnet_modem_set(d->modem, LINNET_MODEM_RETRY_MS, 20), LINNET_OK);
  CHECK_EQUAL(linnet_modem_set(d->modem, LINNET_MODEM_HUSH_MS, 5), LINNET_OK);
}

static void plug_in(desk *d) {
  int ends[2];
  CHECK_EQUAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  CHECK_EQUAL(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
  d->fake.descriptor = ends[0];
  CHECK_EQUAL(linnet_modem_use(d->modem, ends[1]), LINNET_OK);
  CHECK_EQUAL(linnet_modem_get_state(d->modem), LINNET_MODEM_STARTING);
}

static bool is_ready(const desk *d) { return linnet_modem_get_state(d->modem) == LINNET_MODEM_READY; }

static void begin(desk *d) {
  prepare(d);
  plug_in(d);
  UNTIL(d, is_ready(d));
  UNTIL(d, heard(d, "AT+CMGL=4"));
}

static void end(desk *d) {
  linnet_modem_close(d->modem);
  CHECK_EQUAL(linnet_modem_get_state(d->modem), LINNET_MODEM_CLOSED);
  linnet__transport_detach(d->transport, &d->receiver);
  linnet_modem_unref(d->modem);
  linnet_transport_unref(d->transport);
  linnet_driver_unref(d->driver);
  linnet_loop_unref(d->loop);
  close(d->fake.descriptor);
}

static void send_text(desk *d, const char *text) {
  CHECK_EQUAL(linnet__transport_send(d->transport, &d->peer, text, strlen(text)), LINNET_OK);
}

static uint64_t count(const desk *d, linnet_modem_counter counter) {
  return linnet_modem_count(d->modem, counter);
}

/* As modems show it, behind the number of the service centre: a DELIVER from +15550100 with two octets. */
#define CENTER "059151550000"
#define DELIVER(hex) \
  CENTER             \
  "04089151551000"   \
  "0004"             \
  "62118271020000"   \
  "02" hex
#define CMT(hex) "\r\n+CMT: ,19\r\n" DELIVER(hex) "\r\n"
#define SUBMIT "0011" /* how the text of a message begins: no service centre, a SUBMIT with validity */

/* ---- the tests ----------------------------------------------------------------------------------- */

static void tells_the_modem_how_to_behave_SMS_12(void) {
  desk d;
  prepare(&d);
  CHECK_EQUAL(linnet_modem_set_center(d.modem, "+15550000"), LINNET_OK);
  plug_in(&d);
  UNTIL(&d, heard(&d, "AT+CMGL=4"));
  CHECK_TEXT(d.fake.heard,
             "AT\nATE0\nAT+CMEE=1\nAT+CPIN?\nAT+CMGF=0\nAT+CSMS=0\nAT+CSCA=\"+15550000\",145\n"
             "AT+CNMI=2,2,0,1,0\nAT+CMGL=4\n");
  CHECK_TEXT(linnet_modem_failure(d.modem), "");
  CHECK_EQUAL(count(&d, LINNET_MODEM_STARTS), 1);
  end(&d);
}

static void sends_with_the_prompt_SMS_12(void) {
  desk d;
  begin(&d);
  send_text(&d, "ab");
  send_text(&d, "cd");
  UNTIL(&d, count(&d, LINNET_MODEM_SENT) == 2);
  /* Number 0, to +15550100, PID 0, 8-bit data, valid for 5 min, two octets; then number 1. */
  CHECK(heard(&d, "AT+CMGS=14"));
  CHECK(heard(&d, "001100089151551000000400026162"));
  CHECK(heard(&d, "001101089151551000000400026364"));
  end(&d);
}

static void hears_messages_at_once(void) {
  desk d;
  begin(&d);
  say(&d.fake, CMT("6162"));
  say(&d.fake, "\r\nRING\r\n\r\n+CREG: 1\r\n" CMT("6364"));
  UNTIL(&d, d.received == 2);
  CHECK_TEXT(d.got, "abcd");
  CHECK_EQUAL(count(&d, LINNET_MODEM_RECEIVED), 2);
  CHECK_EQUAL(count(&d, LINNET_MODEM_GARBAGE), 0);
  end(&d);
}

/* Unsolicited lines may come at any time: before a prompt, before a result. */
static void hears_messages_in_the_middle_of_a_command(void) {
  desk d;
  begin(&d);
  tell(&d, "AT+CMGS", CMT("6162") "\r\n> ", 1);
  tell(&d, SUBMIT, CMT("6364") "\r\n+CMTI: \"ME\",9\r\n\r\n+CMGS: 8\r\n" CMT("6566") "\r\nOK\r\n", 1);
  tell(&d, "AT+CMGR=9", "\r\n+CMGR: 0,,19\r\n" DELIVER("6768") "\r\n\r\nOK\r\n", 1);
  send_text(&d, "x");
  UNTIL(&d, d.received == 4);
  CHECK_TEXT(d.got, "abcdefgh");
  UNTIL(&d, count(&d, LINNET_MODEM_SENT) == 1);
  UNTIL(&d, heard(&d, "AT+CMGD=9"));
  CHECK_EQUAL(count(&d, LINNET_MODEM_STARTS), 1);
  end(&d);
}

/* They are not kept anywhere, so they are taken while the modem is not listened to for the rest. */
static void hears_messages_while_it_starts_and_while_it_waits(void) {
  desk d;
  prepare(&d);
  CHECK_EQUAL(linnet_modem_set(d.modem, LINNET_MODEM_HUSH_MS, 100), LINNET_OK);
  plug_in(&d);
  say(&d.fake, "\r\nOK\r\n" CMT("6162") "\r\n+CMS ERROR: 500\r\n"); /* of somebody before us */
  UNTIL(&d, d.received == 1);
  CHECK_TEXT(d.fake.heard, "");
  UNTIL(&d, is_ready(&d));
  CHECK_EQUAL(count(&d, LINNET_MODEM_STARTS), 1);
  CHECK_EQUAL(linnet_modem_set(d.modem, LINNET_MODEM_RETRY_MS, 1000), LINNET_OK);
  CHECK_EQUAL(linnet_modem_set(d.modem, LINNET_MODEM_COMMAND_MS, 20), LINNET_OK);
  tell(&d, "AT+CMGS", NULL, 1);
  send_text(&d, "x");
  UNTIL(&d, linnet_modem_get_state(d.modem) == LINNET_MODEM_WAITING);
  say(&d.fake, CMT("6364"));
  UNTIL(&d, d.received == 2);
  CHECK_EQUAL(linnet_modem_get_state(d.modem), LINNET_MODEM_WAITING);
  CHECK_TEXT(d.got, "abcd");
  end(&d);
}

static void reads_and_deletes_what_was_stored(void) {
  desk d;
  begin(&d);
  d.fake.heard[0] = 0;
  tell(&d, "AT+CMGR=3", "\r\n+CMGR: 0,,19\r\n" DELIVER("6162") "\r\n\r\nOK\r\n", -1);
  say(&d.fake, "\r\n+CMTI: \"SM\",3\r\n");
  UNTIL(&d, heard(&d, "AT+CMGD=3"));
  CHECK_TEXT(d.fake.heard, "AT+CPMS=\"SM\"\nAT+CMGR=3\nAT+CMGD=3\n");
  CHECK_TEXT(d.got, "ab");
  end(&d);
}

/* What came while nobody listened. */
static void empties_the_storage_at_the_start_and_when_it_is_full(void) {
  static const char list[] =
      "\r\n+CMGL: 1,1,,19\r\n" DELIVER("6162") "\r\n+CMGL: 4,0,,19\r\n" DELIVER("6364") "\r\n\r\nOK\r\n";
  desk d;
  prepare(&d);
  tell(&d, "AT+CMGL=4", list, 1);
  plug_in(&d);
  UNTIL(&d, heard(&d, "AT+CMGD=1") && heard(&d, "AT+CMGD=4"));
  CHECK_TEXT(d.got, "abcd");
  d.fake.heard[0] = 0;
  say(&d.fake, "\r\n^SMMEMFULL: \"SM\"\r\n");
  UNTIL(&d, heard(&d, "AT+CMGL=4"));
  end(&d);
}

/* A status report of a message that the network gave up is a hint. */
static void hears_status_reports(void) {
  desk d;
  begin(&d);
  say(&d.fake, "\r\n+CDS: 23\r\n" CENTER
               "0607089151551000"
               "62118271020000"
               "62118271120000"
               "46"
               "\r\n");
  UNTIL(&d, d.unreachable == 1);
  CHECK_EQUAL(d.received, 0);
  end(&d);
}

static void tries_again_what_the_network_refuses_for_now(void) {
  desk d;
  begin(&d);
  tell(&d, SUBMIT, "\r\n+CMS ERROR: 42\r\n", 2);
  send_text(&d, "x");
  UNTIL(&d, count(&d, LINNET_MODEM_SENT) == 1);
  CHECK(strstr(linnet_modem_failure(d.modem), "+CMS ERROR: 42 (congestion)") != NULL);
  tell(&d, SUBMIT, "\r\nERROR\r\n", 3);
  send_text(&d, "y");
  send_text(&d, "z");
  UNTIL(&d, count(&d, LINNET_MODEM_SENT) == 2);
  CHECK_EQUAL(count(&d, LINNET_MODEM_REFUSED), 1);
  UNTIL(&d, d.unreachable == 1);
  end(&d);
}

static void gives_up_what_the_network_refuses_for_good(void) {
  desk d;
  begin(&d);
  tell(&d, "AT+CMGS", "\r\n+CMS ERROR: 330\r\n", 1);
  tell(&d, SUBMIT, "\r\n+CMS ERROR: 28\r\n", 1);
  send_text(&d, "x");
  UNTIL(&d, d.unreachable == 1);
  CHECK(strstr(linnet_modem_failure(d.modem), "no number of a service centre") != NULL);
  send_text(&d, "y");
  UNTIL(&d, d.unreachable == 2);
  send_text(&d, "z");
  UNTIL(&d, count(&d, LINNET_MODEM_SENT) == 1);
  CHECK_EQUAL(count(&d, LINNET_MODEM_REFUSED), 2);
  end(&d);
}

static void takes_the_indication_that_the_modem_takes(void) {
  desk d;
  prepare(&d);
  tell(&d, "AT+CNMI=2,2", "\r\n+CMS ERROR: 303\r\n", -1);
  tell(&d, "AT+CNMI=1,2", "\r\nERROR\r\n", -1);
  tell(&d, "AT+CMEE", "\r\nERROR\r\n", -1); /* a welcome extra */
  plug_in(&d);
  UNTIL(&d, is_ready(&d));
  CHECK(heard(&d, "AT+CNMI=2,1,0,2,0"));
  CHECK(!heard(&d, "AT+CNMI=2,1,0,0,0"));
  end(&d);
}

static void asks_a_modem_that_does_not_tell(void) {
  desk d;
  prepare(&d);
  CHECK_EQUAL(linnet_modem_set(d.modem, LINNET_MODEM_CHECK_MS, 30), LINNET_OK);
  tell(&d, "AT+CNMI", "\r\nERROR\r\n", -1);
  tell(&d, "AT+CPMS?", "\r\n+CPMS: \"SM\",1,20,\"SM\",1,20,\"SM\",1,20\r\n\r\nOK\r\n", -1);
  plug_in(&d);
  UNTIL(&d, heard(&d, "AT+CMGL=4"));
  d.fake.heard[0] = 0;
  tell(&d, "AT+CMGL=4", "\r\n+CMGL: 1,1,,19\r\n" DELIVER("6162") "\r\n\r\nOK\r\n", 1);
  UNTIL(&d, d.received == 1);
  UNTIL(&d, heard(&d, "AT+CMGD=1"));
  CHECK(strstr(linnet_modem_failure(d.modem), "does not tell of new messages") != NULL);
  end(&d);
}

static void gives_the_pin_once(void) {
  desk d;
  prepare(&d);
  CHECK_EQUAL(linnet_modem_set_pin(d.modem, "123"), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_modem_set_pin(d.modem, "1234"), LINNET_OK);
  tell(&d, "AT+CPIN?", "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n", 2);
  tell(&d, "AT+CPIN=", "\r\n+CME ERROR: 16\r\n", -1);
  plug_in(&d);
  UNTIL(&d, strstr(linnet_modem_failure(d.modem), "the SIM wants SIM PIN") != NULL);
  CHECK(strstr(strstr(d.fake.heard, "AT+CPIN=\"1234\"") + 1, "AT+CPIN=\"") == NULL);
  UNTIL(&d, is_ready(&d)); /* somebody has unlocked it */
  end(&d);
}

static void starts_a_modem_that_was_silent_again(void) {
  desk d;
  begin(&d);
  CHECK_EQUAL(linnet_modem_set(d.modem, LINNET_MODEM_COMMAND_MS, 60), LINNET_OK);
  tell(&d, "AT+CMGS", NULL, 1);
  send_text(&d, "x");
  UNTIL(&d, linnet_modem_get_state(d.modem) == LINNET_MODEM_WAITING);
  CHECK(strstr(linnet_modem_failure(d.modem), "no answer to AT+CMGS=") != NULL);
  UNTIL(&d, count(&d, LINNET_MODEM_SENT) == 1); /* it had not left */
  CHECK(count(&d, LINNET_MODEM_STARTS) >= 2);
  uint64_t starts = count(&d, LINNET_MODEM_STARTS);
  d.fake.silent = true;
  send_text(&d, "y");
  UNTIL(&d, count(&d, LINNET_MODEM_STARTS) >= starts + 2);
  d.fake.silent = false;
  UNTIL(&d, count(&d, LINNET_MODEM_SENT) == 2);
  end(&d);
}

/* Twice is worse than a time-out of the request: whether it left is not known. */
static void does_not_send_again_what_may_have_left(void) {
  desk d;
  begin(&d);
  CHECK_EQUAL(linnet_modem_set(d.modem, LINNET_MODEM_SUBMIT_MS, 50), LINNET_OK);
  tell(&d, SUBMIT, NULL, 1);
  send_text(&d, "x");
  UNTIL(&d, count(&d, LINNET_MODEM_STARTS) == 2);
  UNTIL(&d, is_ready(&d));
  send_text(&d, "y");
  UNTIL(&d, count(&d, LINNET_MODEM_SENT) == 1);
  CHECK_EQUAL(count(&d, LINNET_MODEM_REFUSED), 1);
  CHECK_EQUAL(d.unreachable, 0);
  end(&d);
}

static void notices_that_the_modem_restarted(void) {
  desk d;
  begin(&d);
  tell(&d, "AT+CMGS", "\r\nRDY\r\n", 1);
  send_text(&d, "x");
  UNTIL(&d, count(&d, LINNET_MODEM_SENT) == 1);
  CHECK_EQUAL(count(&d, LINNET_MODEM_STARTS), 2);
  CHECK_EQUAL(linnet_modem_set(d.modem, LINNET_MODEM_CHECK_MS, 30), LINNET_OK);
  tell(&d, "AT+CNMI?", "\r\n+CNMI: 0,0,0,0,0\r\n\r\nOK\r\n", 1); /* without a word */
  send_text(&d, "y");
  UNTIL(&d, count(&d, LINNET_MODEM_STARTS) == 3);
  UNTIL(&d, is_ready(&d));
  CHECK(strstr(d.fake.heard, "AT+CNMI?") != NULL);
  end(&d);
}

static void bears_garbage(void) {
  desk d;
  begin(&d);
  char noise[700];
  for (size_t i = 0; i < sizeof noise - 1; i++) noise[i] = (char)(i * 37 % 255 + 1);
  for (size_t i = 0; i < sizeof noise - 1; i++)
    if (noise[i] == '\r' || noise[i] == '\n') noise[i] = 'x';
  noise[sizeof noise - 1] = 0;
  say(&d.fake, noise);
  say(&d.fake,
      "\r\n\r\nhello there\r\n+CMT: ,20\r\nnot digits\r\n+CMT: ,20\r\nABC\r\n+CMT: ,20\r\n00FF\r\n+CMTI: "
      "nonsense\r\n");
  UNTIL(&d, count(&d, LINNET_MODEM_GARBAGE) >= 4);
  say(&d.fake, CMT("6162"));
  send_text(&d, "x");
  UNTIL(&d, d.received == 1 && count(&d, LINNET_MODEM_SENT) == 1);
  CHECK_EQUAL(count(&d, LINNET_MODEM_STARTS), 1);
  end(&d);
}

static void says_that_the_modem_has_gone(void) {
  desk d;
  begin(&d);
  close(d.fake.descriptor);
  d.fake.descriptor = -1;
  UNTIL(&d, linnet_modem_get_state(d.modem) == LINNET_MODEM_CLOSED);
  CHECK(strstr(linnet_modem_failure(d.modem), "the modem has gone") != NULL);
  end(&d);
}

/* ---- a pseudo-terminal --------------------------------------------------------------------------- */

static int open_master(char *path, size_t size) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
  snprintf(path, size, "%s", ptsname(master));
  return master;
}

static void opens_a_line_and_opens_it_again(void) {
  desk d;
  char path[64], link[] = "/tmp/linnet-modem-XXXXXX";
  prepare(&d);
  int temporary = mkstemp(link);
  close(temporary);
  unlink(link);
  CHECK_EQUAL(linnet_modem_open(d.modem, link), LINNET_ERROR_SYSTEM);
  CHECK(strstr(linnet_error_text(d.loop), "cannot open the modem /tmp/linnet-modem-") != NULL);
  d.fake.descriptor = open_master(path, sizeof path);
  CHECK_EQUAL(symlink(path, link), 0);
  CHECK_EQUAL(linnet_modem_open(d.modem, link), LINNET_OK);
  CHECK_EQUAL(linnet_modem_open(d.modem, link), LINNET_ERROR_WRONG_STATE);
  UNTIL(&d, is_ready(&d));
  close(d.fake.descriptor); /* pulled out ... */
  d.fake.descriptor = -1;
  UNTIL(&d, linnet_modem_get_state(d.modem) == LINNET_MODEM_WAITING);
  unlink(link);
  send_text(&d, "x");
  for (unsigned i = 0; i < 10; i++) pass(&d);
  d.fake.descriptor = open_master(path, sizeof path); /* ... and put in again */
  CHECK_EQUAL(symlink(path, link), 0);
  UNTIL(&d, count(&d, LINNET_MODEM_SENT) == 1);
  unlink(link);
  end(&d);
}

static void is_closed_with_its_transport_and_its_driver(void) {
  desk d;
  begin(&d);
  linnet_transport_close(d.transport);
  UNTIL(&d, linnet_modem_get_state(d.modem) == LINNET_MODEM_CLOSED);
  end(&d);
  begin(&d);
  linnet_driver_close(d.driver);
  CHECK_EQUAL(linnet_modem_get_state(d.modem), LINNET_MODEM_CLOSED);
  CHECK_EQUAL(linnet_modem_open(d.modem, "/dev/null"), LINNET_ERROR_CLOSED);
  CHECK(linnet_modem_new(d.driver, d.transport) == NULL);
  end(&d);
}

static void says_what_it_cannot_do(void) {
  desk d;
  prepare(&d);
  linnet_transport *bare = linnet_transport_new(d.loop, LINNET_TRANSPORT_SMS);
  CHECK(linnet_modem_new(d.driver, bare) == NULL);
  CHECK(strstr(linnet_error_text(d.loop), "does not carry TPDUs") != NULL);
  linnet_transport_unref(bare);
  CHECK_EQUAL(linnet_modem_set(d.modem, LINNET_MODEM_ATTEMPTS, 0), LINNET_ERROR_OUT_OF_RANGE);
  CHECK_EQUAL(linnet_modem_set_center(d.modem, "+"), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_modem_set_center(d.modem, "555-1234"), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_modem_use(d.modem, -1), LINNET_ERROR_SYSTEM);
  d.fake.descriptor = -1;
  end(&d);
}

int main(void) {
  return RUN(tells_the_modem_how_to_behave_SMS_12, sends_with_the_prompt_SMS_12, hears_messages_at_once,
             hears_messages_while_it_starts_and_while_it_waits, hears_messages_in_the_middle_of_a_command,
             reads_and_deletes_what_was_stored, empties_the_storage_at_the_start_and_when_it_is_full,
             hears_status_reports, tries_again_what_the_network_refuses_for_now,
             gives_up_what_the_network_refuses_for_good, takes_the_indication_that_the_modem_takes,
             asks_a_modem_that_does_not_tell, gives_the_pin_once, starts_a_modem_that_was_silent_again,
             does_not_send_again_what_may_have_left, notices_that_the_modem_restarted, bears_garbage,
             says_that_the_modem_has_gone, opens_a_line_and_opens_it_again,
             is_closed_with_its_transport_and_its_driver, says_what_it_cannot_do);
}
