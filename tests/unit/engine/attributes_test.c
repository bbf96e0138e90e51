/* SPDX-License-Identifier: Apache-2.0 */
/* attributes_test.c: attributes of a server, kept and inherited (lwm2m-1.0.md section 4). */
#include "engine/attributes.h"

#include "check.h"
#include "engine/engine_internal.h"

/* A requester without objects or CoAP: attributes need no more. */
typedef struct fixture {
  linnet_loop *loop;
  linnet__engine engine;
  linnet__requester requester;
} fixture;

static void begin(fixture *f) {
  memset(f, 0, sizeof *f);
  f->loop = linnet_loop_new("0123456789abcdef", 16);
  f->engine.loop = f->loop;
  f->requester.engine = &f->engine;
  f->requester.default_pmin_s = f->requester.default_pmax_s = LINNET__NO_PERIOD;
}

static void end(fixture *f) {
  linnet__attributes_free(&f->requester);
  linnet_loop_unref(f->loop);
}

static void set_periods(fixture *f, linnet_path path, uint32_t pmin_s, uint32_t pmax_s) {
  linnet__attributes *entry = linnet__attributes_at(&f->requester, path);
  CHECK(entry != NULL);
  entry->set = 1 << LINNET__PMIN | 1 << LINNET__PMAX;
  entry->periods_s[LINNET__PMIN] = pmin_s;
  entry->periods_s[LINNET__PMAX] = pmax_s;
}

static void expect(fixture *f, linnet_path path, uint32_t pmin_s, uint32_t pmax_s) {
  uint32_t pmin, pmax;
  linnet__attributes_periods(&f->requester, path, &pmin, &pmax);
  CHECK_EQUAL(pmin, pmin_s);
  CHECK_EQUAL(pmax, pmax_s);
}

/* ATT-03 */
static void nearest_level_wins(void) {
  fixture f;
  linnet_path object = linnet_path_object(3), instance = linnet_path_instance(3, 0);
  linnet_path resource = linnet_path_resource(3, 0, 9), other = linnet_path_resource(3, 0, 7);
  begin(&f);
  expect(&f, resource, 0, LINNET__NO_PERIOD);
  f.requester.default_pmin_s = 1;
  f.requester.default_pmax_s = 100;
  expect(&f, resource, 1, 100);
  set_periods(&f, object, 2, 90);
  set_periods(&f, instance, 3, 80);
  set_periods(&f, resource, 4, 70);
  expect(&f, resource, 4, 70);
  expect(&f, other, 3, 80);
  expect(&f, instance, 3, 80);
  expect(&f, linnet_path_instance(3, 1), 2, 90);
  expect(&f, object, 2, 90);
  expect(&f, linnet_path_object(4), 1, 100);
  linnet__attributes_remove(&f.requester, resource);
  linnet__attributes_remove(&f.requester, instance);
  expect(&f, resource, 2, 90);
  end(&f);
}

/* ATT-07 */
static void pmax_below_pmin_and_pmax_0_do_not_count(void) {
  fixture f;
  begin(&f);
  set_periods(&f, linnet_path_object(3), 10, 9);
  expect(&f, linnet_path_object(3), 10, LINNET__NO_PERIOD);
  set_periods(&f, linnet_path_object(3), 10, 10);
  expect(&f, linnet_path_object(3), 10, 10);
  set_periods(&f, linnet_path_object(3), 0, 0);
  expect(&f, linnet_path_object(3), 0, LINNET__NO_PERIOD);
  end(&f);
}

static void entries_are_bounded_and_found_again(void) {
  fixture f;
  begin(&f);
  for (uint16_t i = 0; i < LINNET__ATTRIBUTES_LIMIT; i++)
    set_periods(&f, linnet_path_instance(3, (uint16_t)(i * 37 % LINNET__ATTRIBUTES_LIMIT)), i,
                LINNET__NO_PERIOD);
  CHECK(linnet__attributes_at(&f.requester, linnet_path_object(4)) == NULL);
  CHECK(linnet__attributes_at(&f.requester, linnet_path_instance(3, 5)) != NULL);
  for (uint16_t i = 0; i < LINNET__ATTRIBUTES_LIMIT; i++)
    CHECK_EQUAL(linnet__attributes_find(
                    &f.requester, linnet_path_instance(3, (uint16_t)(i * 37 % LINNET__ATTRIBUTES_LIMIT)))
                    ->periods_s[LINNET__PMIN],
                i);
  linnet__attributes_prune(&f.requester, 4, NULL);
  CHECK_EQUAL(f.requester.attributes_count, LINNET__ATTRIBUTES_LIMIT);
  linnet__attributes_prune(&f.requester, 3, NULL);
  CHECK_EQUAL(f.requester.attributes_count, 0);
  end(&f);
}

/* DM-80 */
static void shows_what_is_set(void) {
  fixture f;
  linnet__buffer out;
  begin(&f);
  linnet__buffer_init(&out, f.loop, 1000);
  set_periods(&f, linnet_path_object(3), 10, 60);
  linnet__attributes *entry = linnet__attributes_at(&f.requester, linnet_path_resource(3, 0, 7));
  entry->set = 1 << LINNET__GT | 1 << LINNET__LT | 1 << LINNET__ST;
  entry->thresholds[0] = 50;
  entry->thresholds[1] = 42.2;
  entry->thresholds[2] = 0.5;
  linnet__attributes_put(entry, &out);
  CHECK_TEXT(linnet__buffer_text(&out), ";gt=50;lt=42.2;st=0.5");
  linnet__buffer_clear(&out);
  linnet__attributes_put_inherited(&f.requester, linnet_path_resource(3, 0, 7), &out);
  CHECK_TEXT(linnet__buffer_text(&out), ";pmin=10;pmax=60;gt=50;lt=42.2;st=0.5");
  linnet__buffer_clear(&out);
  linnet__attributes_put(NULL, &out);
  CHECK_EQUAL(out.length, 0);
  linnet__buffer_free(&out);
  end(&f);
}

int main(void) {
  return RUN(nearest_level_wins, pmax_below_pmin_and_pmax_0_do_not_count, entries_are_bounded_and_found_again,
             shows_what_is_set);
}
