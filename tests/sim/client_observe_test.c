/* SPDX-License-Identifier: Apache-2.0 */
/* client_observe_test.c: observations and the conditions of notifications (lwm2m-1.0.md sections 4.1 and 5).
 */
#include "scripted_server.h"

enum { TEXT = 0, TLV = 11542, JSON = 11543 };

static void set(scripted *s, linnet_path path, int64_t number) {
  linnet_value value = linnet_value_integer(number);
  CHECK_EQUAL(linnet_client_set(s->client, path, &value), LINNET_OK);
}

static void set_level(scripted *s, int64_t number) { set(s, linnet_path_resource(3, 0, 9), number); }

static void begin(scripted *s) {
  scripted_begin(s, UINT32_MAX);
  set_level(s, 50);
  set(s, linnet_path_resource_instance(3, 0, 7, 0), 3800);
  set(s, linnet_path_resource_instance(3, 0, 7, 1), 5000);
  scripted_register(s);
  scripted_drain(s);
}

static unsigned attributes(scripted *s, const char *path, const char *query) {
  request r = REQUEST(PUT, path);
  r.query = query;
  return scripted_ask(s, &r);
}

/* Returns the token. */
static uint8_t observe(scripted *s, const char *path, int accept) {
  request r = REQUEST(GET, path);
  r.accept = accept;
  r.observe = 0;
  CHECK_EQUAL(scripted_ask(s, &r), 205);
  CHECK(scripted_option(s, OBSERVE) >= 0); /* OBS-01 */
  return s->token;
}

/* The next thing the client sends, `within_ms`, is a confirmable notification with that token; it is
 * acknowledged. */
static int64_t notification(scripted *s, uint64_t within_ms, uint8_t token, const char *text) {
  CHECK(scripted_run(s, s->now + within_ms));
  CHECK_EQUAL(s->message.type, LINNET_MESSAGE_CON); /* OBS-04 */
  CHECK_EQUAL(s->message.code, CODE(205));
  CHECK_EQUAL(s->message.token_length, 1);
  CHECK_EQUAL(s->message.token[0], token);
  CHECK_TEXT(scripted_payload(s), text);
  int64_t sequence = scripted_option(s, OBSERVE);
  CHECK(sequence >= 0);
  scripted_acknowledge(s, LINNET_MESSAGE_ACK);
  linnet_loop_step(s->loop, s->now);
  return sequence;
}

static void notifies_of_each_change(void) {
  scripted s;
  begin(&s);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  int64_t sequence = scripted_option(&s, OBSERVE);
  CHECK_TEXT(scripted_payload(&s), "50");
  CHECK(scripted_silent(&s, 100000));
  for (int i = 51; i < 60; i++) {
    char text[8];
    sprintf(text, "%d", i);
    set_level(&s, i);
    int64_t next = notification(&s, 0, token, text);
    CHECK(next > sequence);                                 /* OB-04 */
    CHECK_EQUAL(scripted_option(&s, CONTENT_FORMAT), TEXT); /* OB-11 */
    sequence = next;
  }
  set_level(&s, 59); /* the same */
  CHECK(scripted_silent(&s, 100000));
  /* Several changes before a step are one notification; there and back is none. */
  set_level(&s, 1);
  set_level(&s, 2);
  notification(&s, 0, token, "2");
  set_level(&s, 3);
  set_level(&s, 2);
  CHECK(scripted_silent(&s, 100000));
  scripted_end(&s);
}

/* OBS-02: the whole target, in the format of the first answer. */
static void notifies_of_instances_and_objects(void) {
  scripted s;
  begin(&s);
  uint8_t resource = observe(&s, "3/0/7", JSON);
  uint8_t object = observe(&s, "3", TLV);
  set(&s, linnet_path_resource_instance(3, 0, 7, 1), 4000);
  notification(&s, 0, resource,
               "{\"bn\":\"/3/0/7/\",\"e\":[{\"n\":\"0\",\"v\":3800},{\"n\":\"1\",\"v\":4000}]}");
  CHECK(scripted_run(&s, s.now));
  CHECK_EQUAL(s.message.token[0], object);
  CHECK_EQUAL(scripted_option(&s, CONTENT_FORMAT), TLV);
  CHECK_EQUAL(s.message.payload[0], 0x08); /* FMT-10 */
  scripted_acknowledge(&s, LINNET_MESSAGE_ACK);
  /* A server's write counts like any other change. */
  CHECK(!scripted_run(&s, s.now));
  CHECK_EQUAL(scripted_text(&s, PUT, "3/0/14", TEXT, "+02:00"), 204);
  CHECK(scripted_run(&s, s.now));
  CHECK_EQUAL(s.message.token[0], object);
  scripted_end(&s);
}

/* OBS-05: Reset. */
static void ends_an_observation_on_reset(void) {
  scripted s;
  begin(&s);
  observe(&s, "3/0/9", TEXT);
  set_level(&s, 51);
  CHECK(scripted_run(&s, s.now));
  scripted_acknowledge(&s, LINNET_MESSAGE_RST);
  CHECK(scripted_silent(&s, 1000));
  set_level(&s, 52);
  CHECK(scripted_silent(&s, 1000000));
  scripted_end(&s);
}

/* OBS-05, OBS-06, int-303. */
static void ends_an_observation_on_cancel(void) {
  scripted s;
  begin(&s);
  uint8_t other = observe(&s, "3/0/7", JSON);
  for (int same_token = 0; same_token < 2; same_token++) {
    uint8_t token = observe(&s, "3/0/9", TEXT);
    request cancel = REQUEST(GET, "3/0/9");
    cancel.accept = TEXT;
    cancel.observe = 1;
    if (same_token) s.token = (uint8_t)(token - 1);
    CHECK_EQUAL(scripted_ask(&s, &cancel), 205);
    CHECK_EQUAL(scripted_option(&s, OBSERVE), -1);
    CHECK_TEXT(scripted_payload(&s), same_token ? "61" : "50");
    set_level(&s, 61);
    CHECK(scripted_silent(&s, 1000000));
  }
  request cancel = REQUEST(GET, "3/0/16"); /* nothing there: a plain Read */
  cancel.observe = 1;
  CHECK_EQUAL(scripted_ask(&s, &cancel), 205);
  set(&s, linnet_path_resource_instance(3, 0, 7, 0), 1);
  notification(&s, 0, other, "{\"bn\":\"/3/0/7/\",\"e\":[{\"n\":\"0\",\"v\":1},{\"n\":\"1\",\"v\":5000}]}");
  scripted_end(&s);
}

/* OBS-07: another token replaces, the same refreshes. */
static void replaces_an_observation(void) {
  scripted s;
  begin(&s);
  observe(&s, "3/0/9", TEXT);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  set_level(&s, 51);
  int64_t sequence = notification(&s, 0, token, "51");
  CHECK(scripted_silent(&s, 1000));
  s.token = (uint8_t)(token - 1);
  CHECK_EQUAL(observe(&s, "3/0/9", TEXT), token);
  CHECK(scripted_option(&s, OBSERVE) > sequence);
  set_level(&s, 52);
  notification(&s, 0, token, "52");
  CHECK(scripted_silent(&s, 1000));
  scripted_end(&s);
}

/* Three Observes that arrive in one step: the same token twice, then another. One observation is left. */
static void keeps_one_observation_of_several_in_a_step(void) {
  scripted s;
  begin(&s);
  request r = REQUEST(GET, "3/0/9");
  r.accept = TEXT;
  r.observe = 0;
  s.token = 0x20;
  scripted_request(&s, &r);
  s.token = 0x20;
  scripted_request(&s, &r);
  scripted_request(&s, &r);
  for (int i = 0; i < 3; i++) {
    CHECK(scripted_run(&s, s.now));
    CHECK_EQUAL(s.message.code, CODE(205));
  }
  set_level(&s, 51);
  notification(&s, 0, 0x22, "51");
  CHECK(scripted_silent(&s, 1000));
  scripted_end(&s);
}

/* OBS-08: the target goes, the observation ends with 4.04. */
static void ends_with_not_found_when_the_target_goes(void) {
  for (int way = 0; way < 3; way++) {
    scripted s;
    begin(&s);
    linnet_object *location = linnet_object_new(linnet_client_model(s.client), 6);
    CHECK_EQUAL(linnet_object_add_instance(location, 0), LINNET_OK);
    linnet_value value = linnet_value_float(48.5);
    CHECK_EQUAL(linnet_object_set(location, linnet_path_resource(6, 0, 0), &value), LINNET_OK);
    CHECK_EQUAL(linnet_client_add_object(s.client, location), LINNET_OK);
    scripted_take_update(&s);
    CHECK_EQUAL(attributes(&s, "6/0/0", "pmin=0"), 204);
    uint8_t token = observe(&s, "6/0/0", TEXT);
    if (way == 0) CHECK_EQUAL(linnet_object_unset(location, linnet_path_resource(6, 0, 0)), LINNET_OK);
    if (way == 1) CHECK_EQUAL(linnet_object_remove_instance(location, 0), LINNET_OK);
    if (way == 2) CHECK_EQUAL(linnet_client_remove_object(s.client, 6), LINNET_OK);
    bool told = false;
    while (scripted_run(&s, s.now + 100)) {
      if (s.message.code == POST) {
        scripted_answer(&s, 204);
        continue;
      }
      CHECK(!told);
      told = true;
      CHECK_EQUAL(s.message.code, CODE(404));
      CHECK_EQUAL(s.message.token[0], token);
      scripted_acknowledge(&s, LINNET_MESSAGE_ACK);
    }
    CHECK(told);
    if (way == 0) CHECK_EQUAL(linnet_object_set(location, linnet_path_resource(6, 0, 0), &value), LINNET_OK);
    CHECK(scripted_silent(&s, 100000));
    linnet_object_unref(location);
    scripted_end(&s);
  }
}

/* OBS-08: an Update does not end observations, a new Register does. */
static void forgets_observations_on_a_new_registration(void) {
  scripted s;
  begin(&s);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  CHECK_EQUAL(linnet_client_update(s.client, 1), LINNET_OK);
  scripted_take_update(&s);
  set_level(&s, 51);
  notification(&s, 0, token, "51");
  CHECK_EQUAL(attributes(&s, "3/0/9", "pmin=5"), 204);
  CHECK_EQUAL(linnet_client_update(s.client, 1), LINNET_OK);
  scripted_expect(&s, POST, "/rd/5a3f");
  scripted_answer(&s, 404);
  scripted_expect(&s, POST, "/rd");
  scripted_accept_registration(&s, "rd/2");
  set_level(&s, 52);
  CHECK(scripted_silent(&s, 100000));
  CHECK_EQUAL(scripted_get(&s, "3/0/9", 40), 205); /* ATT-08 */
  CHECK_TEXT(scripted_payload(&s), "</3/0/9>;pmin=5");
  scripted_end(&s);
}

/* ATT-10, ATT-12: nothing before pmin; at pmin the value of that moment, or nothing. */
static void holds_changes_back_until_pmin(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(attributes(&s, "3/0/9", "pmin=10"), 204);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  uint64_t begin_ms = s.now;
  s.now += 2000;
  set_level(&s, 51);
  CHECK(!scripted_run(&s, begin_ms + 5000));
  set_level(&s, 52);
  CHECK(!scripted_run(&s, begin_ms + 9999));
  notification(&s, 1, token, "52");
  begin_ms = s.now;
  set_level(&s, 60);
  CHECK(!scripted_run(&s, begin_ms + 5000));
  set_level(&s, 52);
  CHECK(!scripted_run(&s, begin_ms + 100000));
  set_level(&s, 53); /* pmin is long over */
  notification(&s, 0, token, "53");
  scripted_end(&s);
}

/* int-301: one at the latest at pmax, changed or not. */
static void notifies_at_pmax(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(attributes(&s, "3/0/9", "pmin=5&pmax=15"), 204);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  int64_t sequence = scripted_option(&s, OBSERVE);
  for (int i = 0; i < 5; i++) {
    uint64_t last = s.now;
    CHECK(!scripted_run(&s, last + 14999));
    int64_t next = notification(&s, 1, token, "50");
    CHECK_EQUAL(s.now, last + 15000);
    CHECK(next > sequence);
    sequence = next;
  }
  /* ATT-07: a pmax below pmin does not count; one of 0 is none. */
  CHECK_EQUAL(attributes(&s, "3/0/9", "pmin=20"), 204);
  CHECK(scripted_silent(&s, 100000));
  CHECK_EQUAL(attributes(&s, "3/0/9", "pmin=0&pmax=0"), 204);
  CHECK(scripted_silent(&s, 100000));
  scripted_end(&s);
}

/* ATT-03, OBJ-20: resource, instance, object, then /1/x/2 and /1/x/3. */
static void inherits_periods(void) {
  scripted s;
  begin(&s);
  set(&s, linnet_path_resource(1, 0, 2), 2);
  set(&s, linnet_path_resource(1, 0, 3), 40);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  static const struct {
    const char *path, *query;
    uint64_t pmin_s, pmax_s;
  } levels[] = {{NULL, NULL, 2, 40},
                {"3", "pmin=3&pmax=30", 3, 30},
                {"3/0", "pmin=4&pmax=20", 4, 20},
                {"3/0/9", "pmin=5&pmax=10", 5, 10},
                {"3/0/9", "pmin&pmax", 4, 20},
                {"3/0", "pmin&pmax", 3, 30},
                {"3", "pmin&pmax", 2, 40}};
  int value = 100;
  for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
    char text[8];
    if (levels[i].path != NULL) CHECK_EQUAL(attributes(&s, levels[i].path, levels[i].query), 204);
    sprintf(text, "%d", --value);
    set_level(&s, value);
    notification(&s, 60000, token, text);
    uint64_t last = s.now;
    CHECK(!scripted_run(&s, last + 1000 * levels[i].pmax_s - 1));
    notification(&s, 1, token, text);
    last = s.now;
    sprintf(text, "%d", --value);
    set_level(&s, value);
    CHECK(!scripted_run(&s, last + 1000 * levels[i].pmin_s - 1));
    notification(&s, 1, token, text);
  }
  scripted_end(&s);
}

/* OBJ-20: from the server itself, and while it observes already. */
static void takes_new_default_periods_at_once(void) {
  scripted s;
  begin(&s);
  set(&s, linnet_path_resource(1, 0, 3), 40);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  uint64_t began = s.now;
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/3", TEXT, "25"), 204);
  CHECK(!scripted_run(&s, began + 25000 - 1));
  notification(&s, 100, token, "50");
  CHECK_EQUAL(scripted_text(&s, PUT, "1/0/2", TEXT, "5"), 204);
  uint64_t last = s.now;
  set_level(&s, 99);
  CHECK(!scripted_run(&s, last + 4000));
  notification(&s, 1100, token, "99");
  scripted_end(&s);
}

/* The worked examples of 4.1 (ATT-11): whether going from what was sent last to the new value is told. */
static void notifies_when_thresholds_are_met(void) {
  static const struct {
    const char *query;
    int from, to;
    bool told;
  } cases[] = {{"gt=45&st=10&lt", 20, 35, true},     {"gt=45&st=10&lt", 45, 50, true},
               {"gt=45&st=10&lt", 50, 40, true},     {"gt=45&st=10&lt", 35, 20, true},
               {"gt=45&st=10&lt", 20, 29, false},    {"gt=45&st=10&lt", 46, 50, false},
               {"lt=20&gt=85&st=10", 17, 24, true},  {"lt=20&gt=85&st=10", 75, 90, true},
               {"lt=20&gt=85&st=10", 50, 10, true},  {"lt=20&gt=85&st=10", 87, 99, true},
               {"lt=20&gt=85&st=10", 30, 35, false}, {"lt=20&gt&st", 50, 30, false},
               {"lt=20&gt&st", 50, 20, false},       {"lt=20&gt&st", 20, 21, true},
               {"lt=20&gt&st", 50, 19, true},        {"lt&gt&st=0", 50, 51, true},
               {"lt&gt&st=5", 50, 45, true},         {"lt&gt&st=5", 50, 46, false}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    scripted s;
    char text[8];
    begin(&s);
    set_level(&s, cases[i].from);
    CHECK_EQUAL(attributes(&s, "3/0/9", cases[i].query), 204);
    uint8_t token = observe(&s, "3/0/9", TEXT);
    set_level(&s, cases[i].to);
    sprintf(text, "%d", cases[i].to);
    if (cases[i].told)
      notification(&s, 0, token, text);
    else
      CHECK(scripted_silent(&s, 1000000));
    scripted_end(&s);
  }
}

/* ATT-11: compared with what was notified, so small steps add up; ATT-14: each resource instance by itself.
 */
static void compares_with_what_was_notified(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(attributes(&s, "3/0/9", "st=10"), 204);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  for (int level = 51; level < 60; level++) {
    set_level(&s, level);
    CHECK(scripted_silent(&s, 1000));
  }
  set_level(&s, 60);
  notification(&s, 0, token, "60");
  CHECK_EQUAL(attributes(&s, "3/0/7", "gt=4500"), 204);
  token = observe(&s, "3/0/7", JSON);
  set(&s, linnet_path_resource_instance(3, 0, 7, 0), 4400);
  set(&s, linnet_path_resource_instance(3, 0, 7, 1), 4600);
  CHECK(scripted_silent(&s, 1000));
  set(&s, linnet_path_resource_instance(3, 0, 7, 1), 4500);
  CHECK(scripted_silent(&s, 1000));
  set(&s, linnet_path_resource_instance(3, 0, 7, 1), 4499);
  notification(&s, 0, token,
               "{\"bn\":\"/3/0/7/\",\"e\":[{\"n\":\"0\",\"v\":4400},{\"n\":\"1\",\"v\":4499}]}");
  set(&s, linnet_path_resource_instance(3, 0, 7, 2), 1);
  notification(
      &s, 0, token,
      "{\"bn\":\"/3/0/7/\",\"e\":[{\"n\":\"0\",\"v\":4400},{\"n\":\"1\",\"v\":4499},{\"n\":\"2\",\"v\":1}]}");
  scripted_end(&s);
}

/* ATT-13, AMB-09: attributes of a resource do not concern observers of what is above. */
static void leaves_attributes_of_resources_out_above_them(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(attributes(&s, "3/0/9", "pmin=100&st=50"), 204);
  uint8_t token = observe(&s, "3/0", TLV);
  set_level(&s, 51);
  CHECK(scripted_run(&s, s.now));
  CHECK_EQUAL(s.message.token[0], token);
  scripted_end(&s);
}

/* OBS-09: not acknowledged: kept, silent, and sent again after the next Update, for which the lifetime is too
 * long to be waited for. */
static void asks_after_a_server_that_lost_a_notification(void) {
  scripted s;
  begin(&s);
  uint8_t token = observe(&s, "3/0/9", TEXT);
  set_level(&s, 51);
  for (int copy = 0; copy < 5; copy++) {
    CHECK(scripted_run(&s, s.now + 93000));
    CHECK_EQUAL(s.message.code, CODE(205));
  }
  CHECK(scripted_silent(&s, 93000));
  set_level(&s, 52);
  CHECK(scripted_silent(&s, 50000));
  CHECK(scripted_silent(&s, 20000));
  scripted_expect(&s, POST, "/rd/5a3f");
  scripted_answer(&s, 204);
  notification(&s, 0, token, "51");
  notification(&s, 0, token, "52");
  set_level(&s, 53);
  notification(&s, 0, token, "53");
  CHECK(scripted_silent(&s, 1000000));
  scripted_end(&s);
}

/* LINNET_LIMIT_OBSERVATIONS: a 2.05 without Observe (OB-02). */
static void refuses_observations_over_the_limit(void) {
  scripted s;
  begin(&s);
  CHECK_EQUAL(linnet_client_set_limit(s.client, LINNET_LIMIT_OBSERVATIONS, 1), LINNET_OK);
  observe(&s, "3/0/9", TEXT);
  request r = REQUEST(GET, "3/0/7");
  r.observe = 0;
  CHECK_EQUAL(scripted_ask(&s, &r), 205);
  CHECK_EQUAL(scripted_option(&s, OBSERVE), -1);
  scripted_end(&s);
}

int main(void) {
  return RUN(notifies_of_each_change, notifies_of_instances_and_objects, ends_an_observation_on_reset,
             ends_an_observation_on_cancel, replaces_an_observation,
             keeps_one_observation_of_several_in_a_step, ends_with_not_found_when_the_target_goes,
             forgets_observations_on_a_new_registration, holds_changes_back_until_pmin, notifies_at_pmax,
             inherits_periods, takes_new_default_periods_at_once, notifies_when_thresholds_are_met,
             compares_with_what_was_notified, leaves_attributes_of_resources_out_above_them,
             asks_after_a_server_that_lost_a_notification, refuses_observations_over_the_limit);
}
