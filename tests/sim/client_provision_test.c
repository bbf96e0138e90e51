/* SPDX-License-Identifier: Apache-2.0 */
/* client_provision_test.c: accounts that come with the device: from its factory, and from a smartcard
 * (lwm2m-1.0.md 6.1, 6.7; BS-60 to BS-63; ETS 6). */
#include "scripted_bootstrap_server.h"

/* ---- what is given ------------------------------------------------------------------------------- */

static void add(linnet_batch *batch, const char *path, linnet_value value) {
  linnet_path at = linnet_path_root();
  CHECK_EQUAL(linnet_path_parse(&at, path), LINNET_OK);
  CHECK_EQUAL(linnet_batch_add(batch, at, &value), LINNET_OK);
}

/* /0/1 and /1/0: an account of the scripted server. */
static void add_account(linnet_batch *batch, int64_t short_server_id, int64_t lifetime_s) {
  add(batch, "/0/1/0", linnet_value_string(scripted_server_uri));
  add(batch, "/0/1/1", linnet_value_boolean(false));
  add(batch, "/0/1/2", linnet_value_integer(3));
  add(batch, "/0/1/10", linnet_value_integer(short_server_id));
  add(batch, "/1/0/0", linnet_value_integer(short_server_id));
  add(batch, "/1/0/1", linnet_value_integer(lifetime_s));
  add(batch, "/1/0/6", linnet_value_boolean(false));
  add(batch, "/1/0/7", linnet_value_string("U"));
}

static void begin_bare(scripted *s) {
  begin_with(s, 0);
  CHECK_EQUAL(linnet_object_remove_instance(linnet_client_object(s->client, 0), 0), LINNET_OK);
}

/* The next Register, which is accepted. */
static void registers(scripted *s, const char *query) {
  scripted_expect(s, POST, "/rd");
  CHECK_TEXT(scripted_query(s), query);
  scripted_accept_registration(s, "rd/1");
}

/* ---- the factory --------------------------------------------------------------------------------- */

static linnet_status factory(scripted *s, int64_t short_server_id, int64_t lifetime_s) {
  linnet_batch *batch = linnet_batch_new(s->loop);
  add_account(batch, short_server_id, lifetime_s);
  linnet_status status = linnet_client_factory(s->client, batch);
  linnet_batch_unref(batch);
  return status;
}

static void is_made_with_an_account(void) { /* ETS 6, 6.1 step 2 */
  scripted s;
  begin_bare(&s);
  CHECK_EQUAL(factory(&s, 101, 60), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  registers(&s, "ep=node1&lt=60&lwm2m=1.0&b=U");
  CHECK_EQUAL(factory(&s, 102, 60), LINNET_ERROR_WRONG_STATE);
  scripted_end(&s);
}

static void accounts_that_are_there_stay(void) {
  scripted s;
  begin_bare(&s);
  CHECK_EQUAL(linnet_client_add_server(s.client, scripted_server_uri, 7, 77), LINNET_OK);
  CHECK_EQUAL(factory(&s, 101, 60), LINNET_OK);
  CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s.client, 0)), 1);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  registers(&s, "ep=node1&lt=77&lwm2m=1.0&b=U");
  scripted_end(&s);
}

static void the_factory_may_give_a_bootstrap_server(void) {
  scripted s;
  begin_bare(&s);
  linnet_batch *batch = linnet_batch_new(s.loop);
  add(batch, "/0/5/0", linnet_value_string(scripted_server_uri));
  add(batch, "/0/5/1", linnet_value_boolean(true));
  add(batch, "/0/5/2", linnet_value_integer(3));
  CHECK_EQUAL(linnet_client_factory(s.client, batch), LINNET_OK);
  linnet_batch_unref(batch);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  accept_request(&s);
  scripted_end(&s);
}

static void mistakes_of_the_factory_are_said_and_change_nothing(void) {
  static const struct {
    const char *path;
    linnet_value value;
    linnet_status status;
    const char *words;
  } rows[] = {
      {"/9/0/0",
       {.type = LINNET_TYPE_INTEGER},
       LINNET_ERROR_NOT_FOUND,
       "/9: no such path, endpoint or request"},
      {"/1/3/1",
       {.type = LINNET_TYPE_INTEGER, .as.integer = 60},
       LINNET_ERROR_MALFORMED,
       "/1/3: resource 6 is missing"},
      {"/1/0/2", {.type = LINNET_TYPE_INTEGER, .as.integer = -1}, LINNET_ERROR_OUT_OF_RANGE, NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    scripted s;
    char words[128];
    begin_bare(&s);
    linnet_batch *batch = linnet_batch_new(s.loop);
    add_account(batch, 101, 60);
    add(batch, rows[i].path, rows[i].value);
    linnet_status status = linnet_client_factory(s.client, batch);
    if (status != rows[i].status) printf("%s\n", linnet_error_text(s.loop));
    CHECK_EQUAL(status, rows[i].status);
    snprintf(words, sizeof words, "factory accounts of \"node1\": %s", rows[i].words);
    if (rows[i].words != NULL) CHECK_TEXT(linnet_error_text(s.loop), words);
    linnet_batch_unref(batch);
    CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s.client, 0)), 0);
    CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s.client, 1)), 0);
    CHECK_EQUAL(linnet_client_factory(s.client, NULL), LINNET_ERROR_INVALID_ARGUMENT);
    scripted_end(&s);
  }
}

/* ---- the smartcard ------------------------------------------------------------------------------- */

typedef struct card {
  scripted *s;
  uint8_t content[40000];
  size_t length;
  linnet_status says;
  bool silent;   /* as before */
  bool confused; /* another type */
  bool closes;
  size_t asked, released;
} card;

static linnet_status read_card(linnet_event *question, void *user) {
  card *c = user;
  c->asked++;
  CHECK_EQUAL(linnet_event_operation(question), LINNET_OPERATION_READ);
  CHECK_EQUAL(linnet_event_path(question).depth, 0);
  CHECK_EQUAL(linnet_event_source(question), linnet_client_number(c->s->client));
  CHECK_EQUAL(linnet_question_defer(question), LINNET_ERROR_CLOSED);
  if (c->closes) linnet_client_close(c->s->client);
  if (c->says != LINNET_OK || c->silent) return c->says;
  linnet_value content = c->confused ? linnet_value_integer(1) : linnet_value_opaque(c->content, c->length);
  return linnet_question_answer(question, linnet_path_root(), &content);
}

static void release_card(void *user) { ((card *)user)->released++; }

static void put_number(card *c, unsigned number) {
  c->content[c->length++] = (uint8_t)(number >> 8);
  c->content[c->length++] = (uint8_t)number;
}

static void put_object(card *c, const linnet_batch *batch, uint16_t id, const char *version) {
  const void *data;
  size_t length;
  linnet_batch *part = linnet_batch_new(c->s->loop);
  linnet_record record;
  for (size_t i = 0; linnet_batch_record(batch, i, &record) == LINNET_OK; i++)
    if (record.path.id[0] == id) CHECK_EQUAL(linnet_batch_add_record(part, &record), LINNET_OK);
  CHECK_EQUAL(linnet_batch_encode(part, TLV, linnet_path_object(id), &data, &length), LINNET_OK);
  put_number(c, id);
  for (; *version != 0; version++) c->content[c->length++] = (uint8_t)(*version - '0');
  put_number(c, (unsigned)length);
  memcpy(c->content + c->length, data, length);
  c->length += length;
  linnet_batch_unref(part);
}

static void finish_file(card *c, unsigned count) {
  size_t length = c->length;
  c->length = 0;
  put_number(c, count);
  put_number(c, (unsigned)(length - 4));
  c->length = length;
}

/* BS-62: object_count, size_of_rest, then object 0 and object 1, in version 1.0. */
static void make_file(card *c, int64_t short_server_id, int64_t lifetime_s) {
  linnet_batch *batch = linnet_batch_new(c->s->loop);
  add_account(batch, short_server_id, lifetime_s);
  c->length = 4;
  put_object(c, batch, 0, "0");
  put_object(c, batch, 1, "10");
  finish_file(c, 2);
  linnet_batch_unref(batch);
}

static void begin_with_card(scripted *s, card *c) {
  memset(c, 0, sizeof *c);
  begin_bare(s);
  c->s = s;
  make_file(c, 101, 600);
  CHECK_EQUAL(linnet_client_set_smartcard(s->client, read_card, c, release_card), LINNET_OK);
}

static void is_bootstrapped_by_its_card(void) { /* BS-60, BS-62, BS-63 */
  scripted s;
  card c;
  begin_with_card(&s, &c);
  CHECK_EQUAL(c.asked, 0);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  registers(&s, "ep=node1&lt=600&lwm2m=1.0&b=U");
  CHECK_EQUAL(linnet_client_get_state(s.client, 101), LINNET_CLIENT_REGISTERED);
  scripted_end(&s);
  CHECK_EQUAL(c.released, 1);
}

static void what_fills_the_file_up_is_left_out(void) {
  scripted s;
  card c;
  begin_with_card(&s, &c);
  memset(c.content + c.length, 0xff, 100);
  c.length += 100;
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  registers(&s, "ep=node1&lt=600&lwm2m=1.0&b=U");
  scripted_end(&s);
}

/* Objects that the client does not have, or not in that version, are left out (BS-20). */
static void other_objects_and_versions_are_left_out(void) {
  scripted s;
  card c;
  begin_with_card(&s, &c);
  linnet_batch *batch = linnet_batch_new(s.loop);
  add_account(batch, 101, 600);
  add(batch, "/9/0/0", linnet_value_integer(1));
  add(batch, "/3/0/14", linnet_value_string("Z"));
  c.length = 4;
  put_object(&c, batch, 0, "0");
  put_object(&c, batch, 9, "0");
  put_object(&c, batch, 3, "11");
  put_object(&c, batch, 1, "0");
  finish_file(&c, 4);
  linnet_batch_unref(batch);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  registers(&s, "ep=node1&lt=600&lwm2m=1.0&b=U");
  linnet_value value;
  CHECK_EQUAL(linnet_client_get(s.client, linnet_path_resource(3, 0, 14), &value), LINNET_ERROR_NOT_FOUND);
  scripted_end(&s);
}

static void a_card_comes_before_the_factory(void) { /* 6.1 */
  for (int order = 0; order < 2; order++) {
    scripted s;
    card c;
    if (order == 0) {
      begin_with_card(&s, &c);
      CHECK_EQUAL(factory(&s, 7, 60), LINNET_OK);
    } else {
      begin_bare(&s);
      CHECK_EQUAL(factory(&s, 7, 60), LINNET_OK);
      memset(&c, 0, sizeof c);
      c.s = &s;
      make_file(&c, 101, 600);
      CHECK_EQUAL(linnet_client_set_smartcard(s.client, read_card, &c, release_card), LINNET_OK);
    }
    CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
    registers(&s, "ep=node1&lt=600&lwm2m=1.0&b=U");
    CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s.client, 0)), 1);
    scripted_end(&s);
  }
}

static void without_a_card_the_factory_counts(void) {
  scripted s;
  card c;
  begin_with_card(&s, &c);
  c.says = LINNET_ERROR_NOT_FOUND;
  CHECK_EQUAL(factory(&s, 7, 60), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  registers(&s, "ep=node1&lt=60&lwm2m=1.0&b=U");
  scripted_end(&s);
}

static void is_looked_at_before_each_register_and_update(void) { /* BS-60 */
  scripted s;
  card c;
  begin_with_card(&s, &c);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  registers(&s, "ep=node1&lt=600&lwm2m=1.0&b=U");
  size_t before = c.asked;
  c.silent = true;
  uint64_t due = linnet_client_next_update(s.client, 101);
  CHECK(scripted_run(&s, due));
  CHECK_TEXT(scripted_path(&s), "/rd/1");
  CHECK_EQUAL(c.asked, before + 1);
  scripted_answer(&s, 404);
  CHECK(scripted_run(&s, s.now));
  CHECK_TEXT(scripted_path(&s), "/rd");
  scripted_end(&s);
}

static void another_content_takes_the_place_of_the_former(void) { /* BS-60 */
  scripted s;
  card c;
  begin_with_card(&s, &c);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  registers(&s, "ep=node1&lt=600&lwm2m=1.0&b=U");
  make_file(&c, 102, 700);
  CHECK(scripted_run(&s, linnet_client_next_update(s.client, 101)));
  CHECK_TEXT(scripted_path(&s), "/rd");
  CHECK_TEXT(scripted_query(&s), "ep=node1&lt=700&lwm2m=1.0&b=U");
  scripted_accept_registration(&s, "rd/2");
  CHECK_EQUAL(linnet_client_get_state(s.client, 101), LINNET_CLIENT_IDLE);
  CHECK_EQUAL(linnet_client_get_state(s.client, 102), LINNET_CLIENT_REGISTERED);
  scripted_end(&s);
}

static void without_the_card_its_accounts_go(void) { /* BS-60 */
  for (int way = 0; way < 2; way++) {
    scripted s;
    card c;
    begin_with_card(&s, &c);
    CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
    registers(&s, "ep=node1&lt=600&lwm2m=1.0&b=U");
    c.says = LINNET_ERROR_NOT_FOUND;
    if (way == 0)
      CHECK(scripted_silent(&s, 600000)); /* the Update is not sent */
    else
      CHECK_EQUAL(linnet_client_check_smartcard(s.client), LINNET_OK); /* the reader says so */
    CHECK(scripted_silent(&s, 0));
    CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s.client, 0)), 0);
    CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s.client, 1)), 0);
    c.says = LINNET_OK; /* it is back */
    CHECK_EQUAL(linnet_client_check_smartcard(s.client), LINNET_OK);
    registers(&s, "ep=node1&lt=600&lwm2m=1.0&b=U");
    scripted_end(&s);
  }
}

/* A restart, with the card in the reader or another, or without one. */
static void restart_with_card(scripted *before, scripted *after, card *c) {
  restart_with(before, after, 0, 0);
  c->s = after;
  CHECK_EQUAL(linnet_client_set_smartcard(after->client, read_card, c, release_card), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(after->client), LINNET_OK);
}

static void what_a_card_gave_is_known_after_a_restart(void) { /* BS-60 */
  enum { SAME, GONE, ANOTHER };
  for (int way = SAME; way <= ANOTHER; way++) {
    scripted s, after;
    card c;
    begin_with_card(&s, &c);
    CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
    registers(&s, "ep=node1&lt=600&lwm2m=1.0&b=U");
    /* What a server has written since is not undone by the same card. */
    CHECK_EQUAL(scripted_text(&s, PUT, "1/0/1", 0, "500"), 204);
    if (way == GONE) c.says = LINNET_ERROR_NOT_FOUND;
    if (way == ANOTHER) make_file(&c, 102, 700);
    restart_with_card(&s, &after, &c);
    if (way == GONE) {
      CHECK(scripted_silent(&after, 0));
      CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(after.client, 0)), 0);
      CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(after.client, 1)), 0);
    } else {
      registers(&after, way == SAME ? "ep=node1&lt=500&lwm2m=1.0&b=U" : "ep=node1&lt=700&lwm2m=1.0&b=U");
      CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(after.client, 0)), 1);
    }
    scripted_end(&after);
  }
}

/* After a bootstrap its accounts are those of the bootstrap-server: the card has said nothing new. */
static void a_card_does_not_undo_a_bootstrap_by_a_restart(void) {
  scripted s, after;
  card c;
  begin_with(&s, 0);
  memset(&c, 0, sizeof c);
  c.s = &s;
  make_file(&c, 102, 700);
  c.says = LINNET_ERROR_NOT_FOUND;
  CHECK_EQUAL(linnet_client_set_smartcard(s.client, read_card, &c, release_card), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  accept_request(&s);
  CHECK_EQUAL(put_security(&s, "0"), 204);
  CHECK_EQUAL(put_server(&s, "1"), 204);
  CHECK_EQUAL(scripted_send(&s, POST, "bs", -1, NULL, 0), 204);
  scripted_expect(&s, POST, "/rd");
  scripted_accept_registration(&s, "rd/1");
  restart_with_card(&s, &after, &c);
  registers(&after, "ep=node1&lt=60&lwm2m=1.0&b=U");
  CHECK_EQUAL(linnet_client_get_state(after.client, 101), LINNET_CLIENT_REGISTERED);
  scripted_end(&after);
}

static void a_card_that_cannot_be_read_changes_nothing(void) {
  scripted s;
  card c;
  begin_with_card(&s, &c);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  registers(&s, "ep=node1&lt=600&lwm2m=1.0&b=U");
  scripted_drain(&s);
  c.says = LINNET_ERROR_SYSTEM;
  CHECK_EQUAL(linnet_client_check_smartcard(s.client), LINNET_OK);
  CHECK(scripted_silent(&s, 0));
  linnet_event *event = scripted_event(&s, LINNET_EVENT_ERROR);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_SYSTEM);
  CHECK_TEXT(linnet_event_text(event), "Smartcard of \"node1\": it cannot be read");
  CHECK_EQUAL(linnet_client_get_state(s.client, 101), LINNET_CLIENT_REGISTERED);
  c.says = LINNET_OK;
  c.confused = true;
  CHECK_EQUAL(linnet_client_check_smartcard(s.client), LINNET_OK);
  CHECK(scripted_silent(&s, 0));
  scripted_event(&s, LINNET_EVENT_ERROR);
  CHECK_EQUAL(linnet_client_get_state(s.client, 101), LINNET_CLIENT_REGISTERED);
  scripted_end(&s);
}

static void a_server_account_besides_is_not_held_up(void) {
  scripted s;
  card c;
  begin_with_card(&s, &c);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  registers(&s, "ep=node1&lt=600&lwm2m=1.0&b=U");
  CHECK_EQUAL(linnet_client_set_smartcard(s.client, NULL, NULL, NULL), LINNET_OK);
  CHECK_EQUAL(c.released, 1);
  CHECK(scripted_run(&s, linnet_client_next_update(s.client, 101)));
  CHECK_TEXT(scripted_path(&s), "/rd/1");
  scripted_end(&s);
}

static void the_client_may_be_closed_meanwhile(void) {
  scripted s;
  card c;
  begin_with_card(&s, &c);
  c.closes = true;
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  CHECK(scripted_silent(&s, 1000));
  CHECK_EQUAL(c.released, 1);
  CHECK_EQUAL(linnet_client_set_smartcard(s.client, read_card, &c, release_card), LINNET_ERROR_CLOSED);
  CHECK_EQUAL(c.released, 2);
  CHECK_EQUAL(linnet_client_check_smartcard(s.client), LINNET_ERROR_CLOSED);
  scripted_end(&s);
}

/* ---- malformed files ----------------------------------------------------------------------------- */

/* Whatever it sends, to whomever the file names. */
static void run_blind(scripted *s, uint64_t until_ms) {
  linnet_datagram datagram;
  for (;;) {
    uint64_t deadline = linnet_loop_step(s->loop, s->now);
    while (linnet_transport_next(s->transport, &datagram)) continue;
    if (deadline > until_ms) break;
    if (deadline > s->now) s->now = deadline;
  }
  s->now = until_ms;
}

/* A file is taken whole or not at all, and an error tells of the latter. */
static void try_file(card *c, scripted *s) {
  CHECK_EQUAL(linnet_client_check_smartcard(s->client), LINNET_OK);
  run_blind(s, s->now);
  linnet_object *securities = linnet_client_object(s->client, 0),
                *servers = linnet_client_object(s->client, 1);
  size_t accounts = linnet_object_instance_count(securities);
  bool told = false;
  for (linnet_event *event; (event = linnet_loop_next_event(s->loop)) != NULL;)
    told = told || linnet_event_get_kind(event) == LINNET_EVENT_ERROR;
  CHECK_EQUAL(accounts, linnet_object_instance_count(servers));
  CHECK(accounts == 1 || told);
  (void)c;
}

static void files_that_are_cut_or_changed_do_no_harm(void) { /* BS-62; bounded, never a crash */
  scripted s;
  card c;
  begin_with_card(&s, &c);
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  const card good = c;
  for (size_t length = 0; length < good.length; length++) {
    c.length = length;
    try_file(&c, &s);
    CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s.client, 0)), 0);
  }
  for (size_t at = 0; at < good.length; at++) {
    for (unsigned bit = 0; bit < 8; bit++) {
      memcpy(c.content, good.content, good.length);
      c.length = good.length;
      c.content[at] ^= (uint8_t)(1u << bit);
      try_file(&c, &s);
    }
  }
  scripted_end(&s);
}

static void a_file_that_is_too_large_is_refused(void) { /* BS-61: 32 KB */
  scripted s;
  card c;
  begin_with_card(&s, &c);
  memset(c.content + c.length, 0xff, sizeof c.content - c.length); /* as a card pads a file */
  c.length = 32 * 1024 + 1;
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  CHECK(scripted_silent(&s, 0));
  linnet_event *event = scripted_event(&s, LINNET_EVENT_ERROR);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_MALFORMED);
  scripted_end(&s);
}

static void the_padding_of_a_file_does_not_matter(void) { /* BS-62 */
  scripted s;
  card c;
  begin_with_card(&s, &c);
  memset(c.content + c.length, 0xff, sizeof c.content - c.length);
  c.length = 32 * 1024;
  CHECK_EQUAL(linnet_client_start(s.client), LINNET_OK);
  registers(&s, "ep=node1&lt=600&lwm2m=1.0&b=U");
  scripted_end(&s);
}

static void memory_may_fail_at_any_point(void) {
  for (uint32_t at = 0; at < 120; at++) {
    scripted s;
    card c;
    begin_with_card(&s, &c);
    s.fail_after = at;
    s.fail_count = 1;
    if (linnet_client_start(s.client) == LINNET_OK) run_blind(&s, s.now + 1000);
    s.fail_after = UINT32_MAX;
    c.length--;
    linnet_client_check_smartcard(s.client);
    run_blind(&s, s.now);
    c.length++;
    linnet_client_check_smartcard(s.client);
    for (int i = 0; i < 8; i++) run_blind(&s, s.now + 100);
    CHECK_EQUAL(linnet_object_instance_count(linnet_client_object(s.client, 0)), 1);
    scripted_end(&s);
  }
}

int main(void) {
  return RUN(is_made_with_an_account, accounts_that_are_there_stay, the_factory_may_give_a_bootstrap_server,
             mistakes_of_the_factory_are_said_and_change_nothing, is_bootstrapped_by_its_card,
             what_fills_the_file_up_is_left_out, other_objects_and_versions_are_left_out,
             a_card_comes_before_the_factory, without_a_card_the_factory_counts,
             is_looked_at_before_each_register_and_update, another_content_takes_the_place_of_the_former,
             without_the_card_its_accounts_go, what_a_card_gave_is_known_after_a_restart,
             a_card_does_not_undo_a_bootstrap_by_a_restart, a_card_that_cannot_be_read_changes_nothing,
             a_server_account_besides_is_not_held_up, the_client_may_be_closed_meanwhile,
             files_that_are_cut_or_changed_do_no_harm, a_file_that_is_too_large_is_refused,
             the_padding_of_a_file_does_not_matter, memory_may_fail_at_any_point);
}
