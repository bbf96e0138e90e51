/* SPDX-License-Identifier: Apache-2.0 */
/* server_registration_test.c: Register, Update, De-register and expiry as a device and a program see them
 * (digest 2). */
#include "server/scripted.h"

static void registers_and_tells_all_facts(void) { /* REG-01, REG-03, REG-05 */
  bench b;
  bench_begin(&b);
  device d = device_new(1);
  sent answer;
  linnet_address peer;
  CHECK_EQUAL(ask(&b, &d, POST, "rd?ep=kitchen&lt=60&lwm2m=1.0&b=UQ&sms=15550100", 40, LINKS, &answer), 201);
  linnet_event *event = expect(&b, LINNET_EVENT_REGISTERED);
  uint64_t registration = linnet_event_registration(event);
  char location[32];
  CHECK_TEXT(linnet_event_endpoint(event), "kitchen");
  CHECK_TEXT(linnet_event_text(event), LINKS);
  CHECK_EQUAL(linnet_event_code(event), 201);
  CHECK_EQUAL(linnet_event_source(event), linnet_server_number(b.server));
  CHECK_EQUAL(linnet_server_find(b.server, "kitchen"), registration);
  CHECK_EQUAL(linnet_server_find(b.server, "Kitchen"), 0); /* MOD-05: case-sensitive */
  CHECK_EQUAL(linnet_server_registration_count(b.server), 1);
  CHECK_EQUAL(linnet_server_registration_at(b.server, 0), registration);
  CHECK_EQUAL(linnet_server_registration_at(b.server, 1), 0);
  CHECK_EQUAL(linnet_server_lifetime(b.server, registration), 60);
  CHECK_TEXT(linnet_server_binding(b.server, registration), "UQ");
  CHECK_TEXT(linnet_server_sms_number(b.server, registration), "15550100");
  CHECK_TEXT(linnet_server_lwm2m_version(b.server, registration), "1.0");
  CHECK_TEXT(linnet_server_links(b.server, registration), LINKS);
  CHECK_TEXT(linnet_server_root(b.server, registration), "");
  CHECK_TEXT(linnet_server_location(b.server, registration),
             sent_text(&answer, 8, '/', location, sizeof location));
  CHECK_EQUAL(linnet_server_expires(b.server, registration), b.now + 60000);
  CHECK_EQUAL(linnet_server_peer(b.server, registration, &peer), LINNET_OK);
  CHECK(linnet_address_equal(&peer, &d.address));
  CHECK(linnet_server_lists(b.server, registration, linnet_path_object(3303)));
  CHECK(linnet_server_lists(b.server, registration, linnet_path_instance(3, 0)));
  CHECK(!linnet_server_lists(b.server, registration, linnet_path_instance(3, 1)));
  CHECK(!linnet_server_lists(b.server, registration, linnet_path_object(0)));
  bench_end(&b);
}

static void gives_nothing_of_what_is_no_registration(void) {
  bench b;
  linnet_address peer;
  bench_begin(&b);
  CHECK(!linnet_server_has_registration(b.server, 7));
  CHECK_TEXT(linnet_server_endpoint(b.server, 7), "");
  CHECK_TEXT(linnet_server_location(b.server, 7), "");
  CHECK_TEXT(linnet_server_links(b.server, 7), "");
  CHECK_TEXT(linnet_server_binding(b.server, 7), "");
  CHECK_EQUAL(linnet_server_expires(b.server, 7), 0);
  CHECK_EQUAL(linnet_server_peer(b.server, 7, &peer), LINNET_ERROR_NOT_FOUND);
  bench_end(&b);
}

/* What a server answers to what, and whether it registers: digest 2.5 row by row. */
typedef struct register_case {
  unsigned method;
  const char *uri;
  int format;
  const char *payload;
  unsigned code;
} register_case;

static const register_case register_cases[] = {
    /* 1: method and path */
    {GET, "rd?ep=a&lt=60&lwm2m=1.0", 40, LINKS, 405},
    {PUT, "rd?ep=a&lt=60&lwm2m=1.0", 40, LINKS, 405},
    {DELETE, "rd", NO_FORMAT, NULL, 405},
    {5, "rd?ep=a&lt=60&lwm2m=1.0", 40, LINKS, 405},
    {POST, "?ep=a&lt=60&lwm2m=1.0", 40, LINKS, 404},
    {POST, "RD?ep=a&lt=60&lwm2m=1.0", 40, LINKS, 404},
    {POST, "rdx?ep=a&lt=60&lwm2m=1.0", 40, LINKS, 404},
    {POST, "rd/?ep=a&lt=60&lwm2m=1.0", 40, LINKS, 201}, /* one Uri-Path: a trailing slash is the helper's */
    {POST, "rd/a/b?ep=a&lt=60&lwm2m=1.0", 40, LINKS, 404},
    {POST, "dp", NO_FORMAT, NULL, 404},    /* 14.1 */
    {GET, "bspack", NO_FORMAT, NULL, 404}, /* 14.1 */
    {POST, "bs?ep=a", NO_FORMAT, NULL, 404},
    /* 2: ep, lt and lwm2m once each and well formed; REG-31 */
    {POST, "rd", 40, LINKS, 400},
    {POST, "rd?lt=60&lwm2m=1.0", 40, LINKS, 400},
    {POST, "rd?ep=&lt=60&lwm2m=1.0", 40, LINKS, 400},
    {POST, "rd?ep&lt=60&lwm2m=1.0", 40, LINKS, 400},
    {POST, "rd?ep=a&ep=b&lt=60&lwm2m=1.0", 40, LINKS, 400},
    {POST, "rd?ep=\xff&lt=60&lwm2m=1.0", 40, LINKS, 400},
    {POST, "rd?ep=a&lwm2m=1.0", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=&lwm2m=1.0", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=0&lwm2m=1.0", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=-1&lwm2m=1.0", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=6x&lwm2m=1.0", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=4294967295&lwm2m=1.0", 40, LINKS, 201},
    {POST, "rd?ep=a&lt=4294967296&lwm2m=1.0", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=60&lt=60&lwm2m=1.0", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=60", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=60&lwm2m=", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.x", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0&lwm2m=1.0", 40, LINKS, 400},
    /* 3: the version, REG-04 */
    {POST, "rd?ep=a&lt=60&lwm2m=1.1", 40, LINKS, 412},
    {POST, "rd?ep=a&lt=60&lwm2m=1.2", 40, LINKS, 412},
    {POST, "rd?ep=a&lt=60&lwm2m=2.0", 40, LINKS, 412},
    {POST, "rd?ep=a&lt=60&lwm2m=0.9", 40, LINKS, 412},
    {POST, "rd?ep=a&lt=60&lwm2m=1.1&b=XX", NO_FORMAT, NULL, 412}, /* before the checks of 6 and 7 */
    {POST, "rd?lt=60&lwm2m=1.1", 40, LINKS, 400},                 /* after those of 2 */
    /* 6: the object list, REG-20 to REG-26 */
    {POST, "rd?ep=a&lt=60&lwm2m=1.0", NO_FORMAT, NULL, 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0", 40, NULL, 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0", NO_FORMAT, LINKS, 201},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0", 0, LINKS, 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0", 11542, LINKS, 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0", 40, "</1/0>", 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0", 40, "</3/0>", 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0", 40, "</1>,</3>", 201},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0", 40, "</1/0>,</3/0", 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0", 40, "nonsense", 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0", 40, "</1/0>,</3/0>,</44>;ver=\"\xff\"", 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0", 40, "</1/0/>, </3/0>;x;y=\"a,b\",</12345/6>,</odd>",
     201}, /* REG-26, REG-25 */
    {POST, "rd?ep=a&lt=60&lwm2m=1.0", 40, "</>;rt=\"oma.lwm2m\";ct=\"60 11543\",</1/0>,</3/0>", 201},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0", 40, "</x>;rt=\"oma.lwm2m\",</1/0>,</3/0>", 400}, /* outside the root */
    {POST, "rd?ep=a&lt=60&lwm2m=1.0", 40, "</x/1>;rt=oma.lwm2m,</x/1/1/0>,</x/1/3>", 400}, /* MOD-10 */
    /* 7: the binding */
    {POST, "rd?ep=a&lt=60&lwm2m=1.0&b=UQS", 40, LINKS, 201},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0&b=", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0&b=u", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0&b=UT", 40, LINKS, 400}, /* 14.1 */
    {POST, "rd?ep=a&lt=60&lwm2m=1.0&b=U&b=U", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0&sms=%2B15550100", 40, LINKS, 400}, /* REG-01 */
    {POST, "rd?ep=a&lt=60&lwm2m=1.0&sms=+15550100", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0&sms=", 40, LINKS, 400},
    {POST, "rd?ep=a&lt=60&lwm2m=1.0&sms=1234567890123456", 40, LINKS, 400},
    /* 8: AMB-11, and the bare Q of 1.1 (14.1) */
    {POST, "rd?ep=a&lt=60&lwm2m=1.0&et=7&=x&Q", 40, LINKS, 201},
};

static void checks_a_register_in_the_order_of_the_digest(void) { /* 2.5 */
  for (size_t i = 0; i < sizeof register_cases / sizeof register_cases[0]; i++) {
    const register_case *c = &register_cases[i];
    bench b;
    sent answer;
    bench_begin(&b);
    device d = device_new(1);
    unsigned code = ask(&b, &d, c->method, c->uri, c->format, c->payload, &answer);
    if (code != c->code) fprintf(stderr, "%s with %s\n", c->uri, c->payload == NULL ? "nothing" : c->payload);
    CHECK_EQUAL(code, c->code);
    CHECK_EQUAL(linnet_server_registration_count(b.server), c->code == 201);
    CHECK_EQUAL(linnet_loop_has_event(b.loop), c->code == 201);
    bench_end(&b);
  }
}

static void takes_an_endpoint_name_of_252_bytes_and_refuses_a_zero_byte(void) { /* MOD-05 */
  bench b;
  sent answer;
  char name[253];
  bench_begin(&b);
  device d = device_new(1);
  memset(name, 'n', 252);
  name[252] = 0;
  enrolled(&b, &d, name, LINKS);
  enrolled(&b, &d, "tab\there \xc3\xa9",
           LINKS); /* other control characters are a matter of taste, and are printed as '?' */
  draft m;
  draft_begin(&m, 0, POST, d.message_id++, "t", 1);
  draft_option(&m, 11, "rd", 2);
  draft_number(&m, 12, 40);
  draft_option(&m, 15, "ep=a\0b", 6);
  draft_option(&m, 15, "lt=60", 5);
  draft_option(&m, 15, "lwm2m=1.0", 9);
  draft_payload(&m, LINKS, strlen(LINKS));
  deliver(&b, &d, &m);
  CHECK(take(&b, &answer));
  CHECK_EQUAL(sent_code(&answer), 400);
  bench_end(&b);
}

static void updates_what_is_given_and_keeps_the_rest(void) { /* REG-08, REG-05 */
  bench b;
  sent answer;
  char uri[64];
  bench_begin(&b);
  device d = device_new(1);
  uint64_t registration = enrolled(&b, &d, "kitchen", LINKS);
  b.now += 100000;
  CHECK_EQUAL(ask(&b, &d, POST, d.location, NO_FORMAT, NULL, &answer), 204);
  linnet_event *event = expect(&b, LINNET_EVENT_UPDATED);
  CHECK_EQUAL(linnet_event_registration(event), registration);
  CHECK_TEXT(linnet_event_endpoint(event), "kitchen");
  CHECK_TEXT(linnet_event_text(event), "");
  CHECK_EQUAL(linnet_server_expires(b.server, registration), b.now + 300000);
  snprintf(uri, sizeof uri, "%s?lt=20&b=S&sms=123", d.location);
  CHECK_EQUAL(ask(&b, &d, POST, uri, NO_FORMAT, NULL, &answer), 204);
  CHECK_EQUAL(linnet_server_lifetime(b.server, registration), 20);
  CHECK_EQUAL(linnet_server_expires(b.server, registration), b.now + 20000);
  CHECK_TEXT(linnet_server_binding(b.server, registration), "S");
  CHECK_TEXT(linnet_server_sms_number(b.server, registration), "123");
  CHECK_TEXT(linnet_server_links(b.server, registration), LINKS);
  expect(&b, LINNET_EVENT_UPDATED);
  CHECK_EQUAL(ask(&b, &d, POST, d.location, 40, "</1/0>,</3/0>,</5>", &answer), 204);
  CHECK_TEXT(linnet_event_text(expect(&b, LINNET_EVENT_UPDATED)), "</1/0>,</3/0>,</5>");
  CHECK_TEXT(linnet_server_links(b.server, registration), "</1/0>,</3/0>,</5>");
  CHECK_TEXT(linnet_server_sms_number(b.server, registration), "123");
  CHECK_EQUAL(linnet_server_lifetime(b.server, registration), 20);
  CHECK_TEXT(linnet_server_endpoint(b.server, registration), "kitchen");
  bench_end(&b);
}

static const struct {
  const char *query;
  int format;
  const char *payload;
  unsigned code;
} update_cases[] = {
    {"?ep=kitchen", NO_FORMAT, NULL, 400},
    {"?lwm2m=1.0", NO_FORMAT, NULL, 400},
    {"?lt=0", NO_FORMAT, NULL, 400},
    {"?lt=1&lt=2", NO_FORMAT, NULL, 400},
    {"?b=X", NO_FORMAT, NULL, 400},
    {"?sms=x", NO_FORMAT, NULL, 400},
    {"", 40, "</1/0", 400},
    {"", 40, "</1/0>", 400},
    {"", 0, LINKS, 400},
    {"?unknown=1&Q", NO_FORMAT, NULL, 204},
    {"?lt=20&b=X", NO_FORMAT, NULL, 400},
    {"?lt=20", 40, "</1/0>", 400},
};

static void refuses_an_update_as_a_whole(void) { /* 2.5, REG-08 */
  bench b;
  sent answer;
  bench_begin(&b);
  device d = device_new(1);
  uint64_t registration = enrolled(&b, &d, "kitchen", LINKS);
  for (size_t i = 0; i < sizeof update_cases / sizeof update_cases[0]; i++) {
    char uri[64];
    snprintf(uri, sizeof uri, "%s%s", d.location, update_cases[i].query);
    CHECK_EQUAL(ask(&b, &d, POST, uri, update_cases[i].format, update_cases[i].payload, &answer),
                update_cases[i].code);
    CHECK_EQUAL(linnet_server_lifetime(b.server, registration), 300);
    CHECK_TEXT(linnet_server_binding(b.server, registration), "U");
    CHECK_TEXT(linnet_server_links(b.server, registration), LINKS);
  }
  bench_end(&b);
}

static void knows_only_the_locations_it_gave_out(void) { /* 2.1, REG-03 */
  static const char *const others[] = {"rd/0",  "rd/5a3f", "rd/zzzzzzzzzzzzz", "rd/zzzzzzzzzzzzzzzzz",
                                       "rd/-1", "rd/+"};
  bench b;
  sent answer;
  char uri[64];
  bench_begin(&b);
  device d = device_new(1);
  enrolled(&b, &d, "kitchen", LINKS);
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    CHECK_EQUAL(ask(&b, &d, POST, others[i], NO_FORMAT, NULL, &answer), 404);
    CHECK_EQUAL(ask(&b, &d, DELETE, others[i], NO_FORMAT, NULL, &answer), 404);
  }
  snprintf(uri, sizeof uri, "rd/0%s", d.location + 3);
  CHECK_EQUAL(ask(&b, &d, POST, uri, NO_FORMAT, NULL, &answer), 404);
  snprintf(uri, sizeof uri, "%s/1", d.location);
  CHECK_EQUAL(ask(&b, &d, POST, uri, NO_FORMAT, NULL, &answer), 404);
  CHECK_EQUAL(ask(&b, &d, GET, d.location, NO_FORMAT, NULL, &answer), 405);
  CHECK_EQUAL(ask(&b, &d, PUT, d.location, NO_FORMAT, NULL, &answer), 405);
  expect_nothing(&b);
  bench_end(&b);
}

static void deregisters(void) { /* REG-14, AMB-25 */
  bench b;
  sent answer;
  bench_begin(&b);
  device d = device_new(1);
  uint64_t registration = enrolled(&b, &d, "kitchen", LINKS);
  CHECK_EQUAL(ask(&b, &d, DELETE, d.location, NO_FORMAT, NULL, &answer), 202);
  linnet_event *event = expect(&b, LINNET_EVENT_DEREGISTERED);
  CHECK_EQUAL(linnet_event_registration(event), registration);
  CHECK_TEXT(linnet_event_endpoint(event), "kitchen");
  CHECK(!linnet_server_has_registration(b.server, registration));
  CHECK_EQUAL(linnet_server_find(b.server, "kitchen"), 0);
  CHECK_EQUAL(ask(&b, &d, DELETE, d.location, NO_FORMAT, NULL, &answer), 404);
  CHECK_EQUAL(ask(&b, &d, POST, d.location, NO_FORMAT, NULL, &answer), 404);
  pass(&b, b.now + 1000000);
  expect_nothing(&b);
  bench_end(&b);
}

static void expires_when_the_lifetime_elapses_and_not_before(void) { /* REG-07 */
  bench b;
  sent answer;
  bench_begin(&b);
  device d = device_new(1);
  uint64_t registration = enrolled(&b, &d, "kitchen", LINKS);
  pass(&b, b.now + 299999);
  expect_nothing(&b);
  CHECK_EQUAL(ask(&b, &d, POST, d.location, NO_FORMAT, NULL, &answer), 204);
  expect(&b, LINNET_EVENT_UPDATED);
  pass(&b, b.now + 299999);
  expect_nothing(&b);
  pass(&b, b.now + 1);
  linnet_event *event = expect(&b, LINNET_EVENT_EXPIRED);
  CHECK_EQUAL(linnet_event_registration(event), registration);
  CHECK_TEXT(linnet_event_endpoint(event), "kitchen");
  CHECK_EQUAL(linnet_server_registration_count(b.server), 0);
  CHECK_EQUAL(ask(&b, &d, POST, d.location, NO_FORMAT, NULL, &answer), 404);
  bench_end(&b);
}

static void caps_huge_lifetimes(void) { /* AMB-27 */
  bench b;
  sent answer;
  bench_begin(&b);
  device d = device_new(1);
  CHECK_EQUAL(ask(&b, &d, POST, "rd?ep=a&lt=4294967295&lwm2m=1.0", 40, LINKS, &answer), 201);
  uint64_t registration = linnet_server_find(b.server, "a");
  CHECK_EQUAL(linnet_server_lifetime(b.server, registration), 4294967295);
  CHECK_EQUAL(linnet_server_expires(b.server, registration), b.now + (UINT64_C(1) << 31) * 1000);
  bench_end(&b);
}

static void a_register_replaces_the_registration_of_the_endpoint(void) { /* REG-06 */
  bench b;
  sent answer;
  bench_begin(&b);
  device d = device_new(1), other = device_new(2);
  uint64_t first = enrolled(&b, &d, "kitchen", LINKS);
  char former[32];
  strcpy(former, d.location);
  uint64_t second = enrolled(&b, &d, "kitchen", "</1/0>,</3/0>");
  CHECK(first != second);
  CHECK(strcmp(former, d.location) != 0);
  CHECK(!linnet_server_has_registration(b.server, first));
  CHECK_EQUAL(linnet_server_registration_count(b.server), 1);
  CHECK_TEXT(linnet_server_links(b.server, second), "</1/0>,</3/0>");
  CHECK_EQUAL(ask(&b, &d, POST, former, NO_FORMAT, NULL, &answer), 404);
  uint64_t third = enrolled(&b, &other, "kitchen", LINKS);
  linnet_address peer;
  linnet_server_peer(b.server, third, &peer);
  CHECK(linnet_address_equal(&peer, &other.address));
  pass(&b, b.now + 299999);
  expect_nothing(&b);
  pass(&b, b.now + 1);
  CHECK_EQUAL(linnet_event_registration(expect(&b, LINNET_EVENT_EXPIRED)), third);
  expect_nothing(&b);
  bench_end(&b);
}

static void an_update_from_elsewhere_moves_the_registration(void) { /* REG-05 */
  bench b;
  sent answer;
  linnet_address peer;
  bench_begin(&b);
  device d = device_new(1), moved = device_new(2);
  uint64_t registration = enrolled(&b, &d, "kitchen", LINKS);
  CHECK_EQUAL(ask(&b, &moved, POST, d.location, NO_FORMAT, NULL, &answer), 204);
  linnet_server_peer(b.server, registration, &peer);
  CHECK(linnet_address_equal(&peer, &moved.address));
  request(&b, registration, LINNET_OPERATION_READ, "/3/0/0", NULL, NULL, LINNET_FORMAT_NONE, &answer);
  CHECK(linnet_address_equal(&answer.peer, &moved.address));
  bench_end(&b);
}

static void a_repeated_register_is_one_registration(void) { /* CO-33 */
  bench b;
  sent answer, again;
  bench_begin(&b);
  device d = device_new(1);
  CHECK_EQUAL(ask(&b, &d, POST, "rd?ep=a&lt=60&lwm2m=1.0", 40, LINKS, &answer), 201);
  d.message_id--;
  CHECK_EQUAL(ask(&b, &d, POST, "rd?ep=a&lt=60&lwm2m=1.0", 40, LINKS, &again), 201);
  CHECK_BYTES(again.bytes, again.length, answer.bytes, answer.length);
  expect(&b, LINNET_EVENT_REGISTERED);
  expect_nothing(&b);
  bench_end(&b);
}

static void locations_of_a_former_run_mean_nothing(void) { /* REG-03 */
  bench b;
  sent answer;
  bench_begin(&b);
  device d = device_new(1);
  enrolled(&b, &d, "kitchen", LINKS);
  linnet_server_close(b.server);
  linnet_server_unref(b.server);
  linnet_transport_unref(b.transport);
  b.server = linnet_server_new(b.loop, NULL);
  b.transport = linnet_transport_new(b.loop, LINNET_TRANSPORT_UDP);
  linnet_server_add_transport(b.server, b.transport);
  device e = device_new(2);
  for (int i = 0; i < 50; i++) {
    char name[16];
    snprintf(name, sizeof name, "n%d", i);
    enrolled(&b, &e, name, LINKS);
  }
  CHECK_EQUAL(ask(&b, &d, POST, d.location, NO_FORMAT, NULL, &answer), 404);
  bench_end(&b);
}

static void a_full_server_says_when_to_come_back(void) { /* LINNET_LIMIT_REGISTRATIONS, 2.4 */
  bench b;
  sent answer;
  bench_begin(&b);
  device d = device_new(1), e = device_new(2);
  linnet_server_set_limit(b.server, LINNET_LIMIT_REGISTRATIONS, 1);
  enrolled(&b, &d, "one", LINKS);
  CHECK_EQUAL(ask(&b, &e, POST, "rd?ep=two&lt=60&lwm2m=1.0", 40, LINKS, &answer), 503);
  CHECK_EQUAL(sent_number(&answer, 14), 60);
  enrolled(&b, &d, "one", LINKS); /* replacing is not adding */
  CHECK_EQUAL(linnet_server_registration_count(b.server), 1);
  bench_end(&b);
}

static void finds_the_root(void) { /* REG-24, MOD-10 */
  bench b;
  bench_begin(&b);
  device d = device_new(1);
  uint64_t registration =
      enrolled(&b, &d, "kitchen", "</lwm2m>;rt=\"x oma.lwm2m\";ct=11543,</lwm2m/1/0>,</lwm2m/3/0>,</5/0>");
  CHECK_TEXT(linnet_server_root(b.server, registration), "/lwm2m");
  CHECK(linnet_server_lists(b.server, registration, linnet_path_object(3)));
  CHECK(!linnet_server_lists(b.server, registration, linnet_path_object(5)));
  bench_end(&b);
}

static void a_closed_server_answers_nobody(void) {
  bench b;
  sent answer;
  bench_begin(&b);
  device d = device_new(1);
  uint64_t registration = enrolled(&b, &d, "kitchen", LINKS);
  linnet_server_close(b.server);
  linnet_server_close(b.server);
  CHECK_EQUAL(ask(&b, &d, POST, d.location, NO_FORMAT, NULL, &answer), 0);
  CHECK_EQUAL(linnet_server_registration_count(b.server), 0);
  CHECK_EQUAL(linnet_server_registration_at(b.server, 0), 0);
  CHECK(!linnet_server_has_registration(b.server, registration));
  CHECK_EQUAL(linnet_server_find(b.server, "kitchen"), 0);
  CHECK_EQUAL(linnet_server_add_transport(b.server, b.transport), LINNET_ERROR_CLOSED);
  CHECK_EQUAL(linnet_server_request(b.server, registration, LINNET_OPERATION_READ, linnet_path_object(3),
                                    NULL, NULL, LINNET_FORMAT_NONE, NULL),
              LINNET_ERROR_CLOSED);
  expect_nothing(&b);
  bench_end(&b);
}

int main(void) {
  return RUN(
      registers_and_tells_all_facts, gives_nothing_of_what_is_no_registration,
      checks_a_register_in_the_order_of_the_digest,
      takes_an_endpoint_name_of_252_bytes_and_refuses_a_zero_byte, updates_what_is_given_and_keeps_the_rest,
      refuses_an_update_as_a_whole, knows_only_the_locations_it_gave_out, deregisters,
      expires_when_the_lifetime_elapses_and_not_before, caps_huge_lifetimes,
      a_register_replaces_the_registration_of_the_endpoint, an_update_from_elsewhere_moves_the_registration,
      a_repeated_register_is_one_registration, locations_of_a_former_run_mean_nothing,
      a_full_server_says_when_to_come_back, finds_the_root, a_closed_server_answers_nobody);
}
