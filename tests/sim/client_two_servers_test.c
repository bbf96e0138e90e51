/* SPDX-License-Identifier: Apache-2.0 */
/* client_two_servers_test.c: several accounts, of which nothing is shared (REG-15, ATT-02, AMB-16; int-950,
 * int-951). */
#include "scripted_server.h"

enum { TEXT = 0, LINK = 40 };

/* The harness speaks as one server at a time. */
static linnet_address addresses[2];

static void speak_as(scripted *s, int server) { s->server = addresses[server]; }

static void begin(scripted *s) {
  scripted_begin(s, 600);
  CHECK_EQUAL(linnet_address_parse(&addresses[0], "10.0.0.1:5683"), LINNET_OK);
  CHECK_EQUAL(linnet_address_parse(&addresses[1], "10.0.0.2:5700"), LINNET_OK);
  CHECK_EQUAL(linnet_client_add_server(s->client, "coap://10.0.0.2:5700", 7, 1000), LINNET_OK);
  for (int i = 0; i < 2; i++) { /* ACL-02: what nobody was given, nobody can do */
    const uint16_t ids[] = {1, 7};
    CHECK_EQUAL(linnet_client_set_access(s->client, linnet_path_instance(3, 0), ids[i], LINNET_ACCESS_READ),
                LINNET_OK);
  }
  CHECK_EQUAL(linnet_client_start(s->client), LINNET_OK);
  for (int i = 0; i < 2; i++) {
    speak_as(s, i);
    scripted_expect(s, POST, "/rd");
    CHECK_TEXT(scripted_query(s),
               i == 0 ? "ep=node1&lt=600&lwm2m=1.0&b=U" : "ep=node1&lt=1000&lwm2m=1.0&b=U");
    CHECK(strstr(scripted_payload(s), "</1/0>,</1/1>,") != NULL);
    packet p;
    scripted_answer_begin(s, &p, 201);
    packet_texts(&p, LOCATION_PATH, i == 0 ? "rd/first" : "rd/second", '/');
    scripted_give(s, &p);
  }
  CHECK(!scripted_run(s, s->now));
  scripted_drain(s);
}

static void registers_with_each(void) {
  scripted s;
  begin(&s);
  CHECK_TEXT(linnet_client_location(s.client, 1), "/rd/first");
  CHECK_TEXT(linnet_client_location(s.client, 7), "/rd/second");
  CHECK_EQUAL(linnet_client_next_update(s.client, 1), s.now + 507000);
  CHECK_EQUAL(linnet_client_next_update(s.client, 7), s.now + 907000);
  CHECK_EQUAL(linnet_client_next_update(s.client, LINNET_EVERY_SERVER), s.now + 507000);
  /* One fails, the other goes on. */
  speak_as(&s, 0);
  CHECK(!scripted_run(&s, linnet_client_next_update(s.client, 1) - 1));
  scripted_expect(&s, POST, "/rd/first");
  scripted_answer(&s, 404);
  scripted_expect(&s, POST, "/rd");
  scripted_answer(&s, 403);
  CHECK(!scripted_run(&s, s.now));
  CHECK_EQUAL(linnet_client_get_state(s.client, 1), LINNET_CLIENT_WAITING);
  CHECK_EQUAL(linnet_client_get_state(s.client, 7), LINNET_CLIENT_REGISTERED);
  CHECK_EQUAL(linnet_client_get_state(s.client, LINNET_EVERY_SERVER), LINNET_CLIENT_WAITING);
  speak_as(&s, 1);
  CHECK_EQUAL(scripted_get(&s, "3/0/16", TEXT), 205);
  speak_as(&s, 0);
  request r = REQUEST(GET, "3/0/16");
  scripted_request(&s, &r);
  CHECK(!scripted_run(&s, s.now)); /* REG-12 */
  scripted_end(&s);
}

static unsigned attributes(scripted *s, const char *path, const char *query) {
  request r = REQUEST(PUT, path);
  r.query = query;
  return scripted_ask(s, &r);
}

static void keeps_attributes_and_observations_apart(void) {
  scripted s;
  linnet_value level = linnet_value_integer(50);
  begin(&s);
  CHECK_EQUAL(linnet_client_set(s.client, linnet_path_resource(3, 0, 9), &level), LINNET_OK);
  request r = REQUEST(GET, "3/0/9");
  r.observe = 0;
  r.accept = TEXT;
  for (int i = 0; i < 2; i++) {
    speak_as(&s, i);
    CHECK_EQUAL(attributes(&s, "3/0/9", i == 0 ? "pmin=10" : "pmin=20"), 204);
    CHECK_EQUAL(scripted_get(&s, "3/0/9", LINK), 205);
    CHECK_TEXT(scripted_payload(&s), i == 0 ? "</3/0/9>;pmin=10" : "</3/0/9>;pmin=20");
    s.token = 0x10;
    CHECK_EQUAL(scripted_ask(&s, &r), 205);
    CHECK(scripted_option(&s, OBSERVE) >= 0);
  }
  level.as.integer = 51;
  CHECK_EQUAL(linnet_client_set(s.client, linnet_path_resource(3, 0, 9), &level), LINNET_OK);
  uint64_t begin_ms = s.now;
  for (int i = 0; i < 2; i++) {
    speak_as(&s, i);
    CHECK(scripted_run(&s, begin_ms + 20000));
    CHECK_EQUAL(s.now, begin_ms + (i == 0 ? 10000 : 20000));
    CHECK_EQUAL(s.message.code, CODE(205));
    scripted_acknowledge(&s, LINNET_MESSAGE_ACK);
  }
  /* The first leaves; the second still observes. */
  CHECK(!scripted_run(&s, s.now));
  CHECK_EQUAL(linnet_client_deregister(s.client, 1), LINNET_OK);
  speak_as(&s, 0);
  scripted_expect(&s, DELETE, "/rd/first");
  scripted_answer(&s, 202);
  s.now += 30000;
  level.as.integer = 52;
  CHECK_EQUAL(linnet_client_set(s.client, linnet_path_resource(3, 0, 9), &level), LINNET_OK);
  speak_as(&s, 1);
  CHECK(scripted_run(&s, s.now));
  CHECK_TEXT(scripted_payload(&s), "52");
  scripted_acknowledge(&s, LINNET_MESSAGE_ACK);
  CHECK(!scripted_run(&s, s.now + 1000));
  scripted_end(&s);
}

/* REG-09, REG-41: what is written to and executed on /1/x concerns the account of that instance. */
static void tells_only_the_server_concerned(void) {
  scripted s;
  begin(&s);
  linnet_value lifetime = linnet_value_integer(2000);
  CHECK_EQUAL(linnet_client_set(s.client, linnet_path_resource(1, 1, 1), &lifetime), LINNET_OK);
  speak_as(&s, 1);
  scripted_expect(&s, POST, "/rd/second");
  CHECK_TEXT(scripted_query(&s), "lt=2000");
  scripted_answer(&s, 204);
  CHECK(!scripted_run(&s, s.now + 1000));
  /* The account goes with its instances, silently; the other server hears of a shorter list (BS-33). */
  CHECK_EQUAL(linnet_object_remove_instance(linnet_client_object(s.client, 0), 1), LINNET_OK);
  speak_as(&s, 0);
  scripted_expect(&s, POST, "/rd/first");
  CHECK(strstr(scripted_payload(&s), "</1/0>,</2/0>,</3/0>") != NULL);
  scripted_answer(&s, 204);
  speak_as(&s, 1);
  CHECK(!scripted_run(&s, s.now));
  CHECK(!linnet_object_has_instance(linnet_client_object(s.client, 1), 1));
  CHECK_TEXT(linnet_client_location(s.client, 7), "");
  request r = REQUEST(GET, "3/0/16");
  scripted_request(&s, &r);
  CHECK(!scripted_run(&s, s.now));
  scripted_end(&s);
}

int main(void) {
  return RUN(registers_with_each, keeps_attributes_and_observations_apart, tells_only_the_server_concerned);
}
