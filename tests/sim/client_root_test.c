/* SPDX-License-Identifier: Apache-2.0 */
/* client_root_test.c: objects below a path of the client's choice (lwm2m-1.0.md MOD-10, REG-23). */
#include "scripted_server.h"

enum { TEXT = 0, LINK = 40, TLV = 11542 };

static void begin(scripted *s, const char *root) {
  scripted_begin(s, 86400);
  CHECK_EQUAL(linnet_client_set_root(s->client, root), LINNET_OK);
  CHECK_EQUAL(linnet_client_start(s->client), LINNET_OK);
  scripted_expect(s, POST, "/rd");
}

static void announces_the_root_with_its_links(void) {
  scripted s;
  begin(&s, "/lwm2m");
  CHECK_TEXT(scripted_payload(&s), "</lwm2m>;rt=\"oma.lwm2m\";ct=11543,</lwm2m/1/0>,</lwm2m/3/0>");
  scripted_end(&s);
}

static void is_found_below_the_root_only(void) {
  scripted s;
  begin(&s, "/home/lwm2m");
  scripted_accept_registration(&s, "rd/5a3f");
  CHECK_EQUAL(scripted_get(&s, "home/lwm2m/3/0/16", TEXT), 205);
  CHECK_TEXT(scripted_payload(&s), "U");
  CHECK_EQUAL(scripted_get(&s, "3/0/16", TEXT), 404);
  CHECK_EQUAL(scripted_get(&s, "home/3/0/16", TEXT), 404);
  CHECK_EQUAL(scripted_get(&s, "home/lwm2m2/3/0/16", TEXT), 404);
  CHECK_EQUAL(scripted_get(&s, "home/lwm2m", TEXT), 405);
  CHECK_EQUAL(scripted_get(&s, "home", TEXT), 404);
  CHECK_EQUAL(scripted_get(&s, "home/lwm2m/3/0/x", TEXT), 404);
  CHECK_EQUAL(scripted_get(&s, "home/lwm2m/0/0", TEXT), 401);
  CHECK_EQUAL(scripted_get(&s, "home/lwm2m/3/0/16", LINK), 205);
  CHECK_TEXT(scripted_payload(&s), "</home/lwm2m/3/0/16>");
  CHECK_EQUAL(scripted_get(&s, "home/lwm2m/1", LINK), 205);
  CHECK(strncmp(scripted_payload(&s), "</home/lwm2m/1>,</home/lwm2m/1/0>,</home/lwm2m/1/0/0>", 53) == 0);
  request r = REQUEST(GET, "home/lwm2m/3/0/16");
  r.observe = 0;
  CHECK_EQUAL(scripted_ask(&s, &r), 205);
  CHECK(scripted_option(&s, OBSERVE) >= 0);
  scripted_end(&s);
}

static void names_what_was_created_with_its_root(void) {
  scripted s;
  begin(&s, "/lwm2m");
  scripted_accept_registration(&s, "rd/5a3f");
  linnet_model *model = linnet_client_model(s.client);
  CHECK_EQUAL(linnet_model_add_object(model, 3303, "Temperature", "1.0", LINNET_MULTIPLE), LINNET_OK);
  linnet_object *object = linnet_object_new(model, 3303);
  linnet_object_allow(object, LINNET_OPERATION_CREATE);
  CHECK_EQUAL(linnet_client_add_object(s.client, object), LINNET_OK);
  linnet_object_unref(object);
  scripted_take_update(&s);
  CHECK_EQUAL(scripted_send(&s, POST, "lwm2m/3303", TLV, NULL, 0), 201);
  CHECK_TEXT(scripted_texts(&s, LOCATION_PATH, "/", "/"), "/lwm2m/3303/0");
  scripted_end(&s);
}

static void tells_servers_of_another_root(void) {
  scripted s;
  begin(&s, NULL);
  scripted_accept_registration(&s, "rd/5a3f");
  CHECK_EQUAL(linnet_client_set_root(s.client, "/a"), LINNET_OK);
  scripted_expect(&s, POST, "/rd/5a3f");
  CHECK_TEXT(scripted_payload(&s), "</a>;rt=\"oma.lwm2m\";ct=11543,</a/1/0>,</a/3/0>");
  scripted_answer(&s, 204);
  CHECK(!scripted_run(&s, s.now));
  CHECK_EQUAL(linnet_client_set_root(s.client, "/a"), LINNET_OK);
  CHECK(scripted_silent(&s, 1000));
  CHECK_EQUAL(linnet_client_set_root(s.client, "/"), LINNET_OK);
  scripted_expect(&s, POST, "/rd/5a3f");
  CHECK_TEXT(scripted_payload(&s), "</>;rt=\"oma.lwm2m\";ct=11543,</1/0>,</3/0>");
  scripted_end(&s);
}

static void refuses_roots_that_cannot_be(void) {
  static const char *const wrong[] = {
      "lwm2m",      "/1",
      "/a/2",       "/a/",
      "//a",        "/a b",
      "/a/b/c/d/e", "/.",
      "/..",        "/a%20b",
      "/\xC3\xA4",  "/a;b",
      "/a/../b",    "/0123456789012345678901234567890123456789012345678901234567890abc"};
  scripted s;
  scripted_begin(&s, 86400);
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    CHECK_EQUAL(linnet_client_set_root(s.client, wrong[i]), LINNET_ERROR_INVALID_ARGUMENT);
  CHECK_EQUAL(linnet_client_set_root(s.client, "/a/b-1/c.d/e_~"), LINNET_OK);
  linnet_client_close(s.client);
  CHECK_EQUAL(linnet_client_set_root(s.client, "/a"), LINNET_ERROR_CLOSED);
  scripted_end(&s);
}

int main(void) {
  return RUN(announces_the_root_with_its_links, is_found_below_the_root_only,
             names_what_was_created_with_its_root, tells_servers_of_another_root,
             refuses_roots_that_cannot_be);
}
