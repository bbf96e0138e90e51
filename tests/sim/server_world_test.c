/* SPDX-License-Identifier: Apache-2.0 */
/* server_world_test.c: a server and devices on networks that lose, double, reorder and rebind (digest 2, 3,
 * 5; coap.md 3, 5). */
#include <linnet/linnet.h>
#include <linnet/sim.h>

#include "check.h"
#include "coap/coap.h"

#define SERVER "10.0.0.1:5683"
#define LIST_SIZE 6000

/* A device that answers from a table of two: a short value, and a long one for everything else. */
typedef struct device {
  linnet_loop *loop;
  linnet_transport *transport;
  linnet__coap *coap;
  linnet__peer server;
  unsigned code; /* of the latest answer to a Register or Update */
  unsigned asked;
  char location[32];
  char endpoint[32];
  linnet__observer *observer;
} device;

typedef struct scene {
  linnet_world *world;
  linnet_loop *loop;
  linnet_transport *transport;
  linnet_server *server;
} scene;

static char long_text[LIST_SIZE + 1];

static void fill(device *d, linnet__response *response, const char *text) {
  (void)d;
  response->code = LINNET__CONTENT;
  response->content_format = LINNET_FORMAT_TEXT;
  linnet__buffer_append_text(response->payload, text);
}

static linnet__answer answer(void *user, const linnet__incoming *request, linnet__response *response) {
  device *d = user;
  linnet_path path;
  d->asked++;
  if (linnet__incoming_path(request, 0, &path) != LINNET_OK) {
    response->code = LINNET__NOT_FOUND;
    return LINNET__ANSWER_NOW;
  }
  fill(d, response, path.id[2] == 9 ? "87" : long_text);
  if (request->observe == 0)
    response->observer = d->observer = linnet__coap_observe(d->coap, &request->peer, &request->token, d);
  return LINNET__ANSWER_NOW;
}

static void unobserved(void *user, void *observation, linnet__observer_end end) {
  (void)observation;
  (void)end;
  ((device *)user)->observer = NULL;
}

static void answered(void *user, uint64_t exchange, linnet_status status, const linnet__incoming *response) {
  device *d = user;
  linnet__text segment;
  size_t position = 0;
  (void)exchange;
  d->code = status == LINNET_OK ? linnet__code_number(response->code) : 1;
  if (d->code != 201) return;
  CHECK(linnet__incoming_text(response, LINNET__OPTION_LOCATION_PATH, &position, &segment));
  CHECK(linnet__incoming_text(response, LINNET__OPTION_LOCATION_PATH, &position, &segment));
  CHECK(segment.length < sizeof d->location);
  memcpy(d->location, segment.data, segment.length);
  d->location[segment.length] = 0;
}

static void scene_begin(scene *s, uint64_t seed) {
  memset(long_text, 'x', LIST_SIZE);
  s->world = linnet_world_new(seed);
  s->loop = linnet_world_add_loop(s->world);
  s->transport = linnet_transport_new(s->loop, LINNET_TRANSPORT_UDP);
  s->server = linnet_server_new(s->loop, NULL);
  CHECK_EQUAL(linnet_world_attach(s->world, s->transport, SERVER), LINNET_OK);
  CHECK_EQUAL(linnet_server_add_transport(s->server, s->transport), LINNET_OK);
}

static void scene_end(scene *s) {
  linnet_server_close(s->server);
  linnet_server_unref(s->server);
  linnet_transport_unref(s->transport);
  linnet_world_unref(s->world);
}

static void device_begin(scene *s, device *d, const char *endpoint, const char *address) {
  static const linnet__coap_handler handler = {.request = answer, .unobserved = unobserved};
  memset(d, 0, sizeof *d);
  strcpy(d->endpoint, endpoint);
  d->loop = linnet_world_add_loop(s->world);
  d->transport = linnet_transport_new(d->loop, LINNET_TRANSPORT_UDP);
  d->coap = linnet__coap_new(d->loop, &handler, d);
  CHECK_EQUAL(linnet_world_attach(s->world, d->transport, address), LINNET_OK);
  CHECK_EQUAL(linnet__coap_add_transport(d->coap, d->transport), LINNET_OK);
  d->server.transport = d->transport;
  CHECK_EQUAL(linnet_address_parse(&d->server.address, SERVER), LINNET_OK);
}

static void device_end(device *d) {
  linnet__coap_close(d->coap);
  linnet_transport_unref(d->transport);
}

static linnet__text text_of(const char *text) { return (linnet__text){text, strlen(text)}; }

static void send_register(device *d, const char *lifetime, const char *links) {
  char name[64], seconds[32];
  snprintf(name, sizeof name, "ep=%s", d->endpoint);
  snprintf(seconds, sizeof seconds, "lt=%s", lifetime);
  const linnet__text path[] = {text_of("rd")};
  const linnet__text query[] = {text_of(name), text_of(seconds), text_of("lwm2m=1.0")};
  const linnet__outgoing outgoing = {.code = LINNET__POST,
                                     .path = path,
                                     .path_count = 1,
                                     .query = query,
                                     .query_count = 3,
                                     .content_format = LINNET_FORMAT_LINK,
                                     .accept = -1,
                                     .observe = -1,
                                     .payload = (const uint8_t *)links,
                                     .payload_length = strlen(links)};
  uint64_t exchange;
  d->code = 0;
  CHECK_EQUAL(linnet__coap_send(d->coap, &d->server, &outgoing, answered, d, &exchange), LINNET_OK);
}

static void send_update(device *d) {
  const linnet__text path[] = {text_of("rd"), text_of(d->location)};
  const linnet__outgoing outgoing = {
      .code = LINNET__POST, .path = path, .path_count = 2, .content_format = -1, .accept = -1, .observe = -1};
  uint64_t exchange;
  d->code = 0;
  CHECK_EQUAL(linnet__coap_send(d->coap, &d->server, &outgoing, answered, d, &exchange), LINNET_OK);
}

static void pass(scene *s, uint64_t ms) { linnet_world_advance(s->world, linnet_world_now(s->world) + ms); }

static size_t count_events(scene *s, linnet_event_kind kind, linnet_status status) {
  size_t count = 0;
  linnet_event *event;
  while ((event = linnet_loop_next_event(s->loop)) != NULL) {
    if (linnet_event_get_kind(event) == kind && linnet_event_status(event) == status) count++;
  }
  return count;
}

static uint64_t ask(scene *s, const char *endpoint, linnet_operation operation, uint16_t resource) {
  uint64_t number = 0;
  CHECK_EQUAL(
      linnet_server_request(s->server, linnet_server_find(s->server, endpoint), operation,
                            linnet_path_resource(3, 0, resource), NULL, NULL, LINNET_FORMAT_NONE, &number),
      LINNET_OK);
  return number;
}

#define LINKS "</1/0>,</3/0>"

static void every_request_is_answered_once_on_a_bad_network(void) { /* CO-30, CO-33, MOD-03 */
  scene s;
  device d;
  scene_begin(&s, 7);
  linnet_world_set(s.world, NULL, LINNET_WORLD_LOSS, 200);
  linnet_world_set(s.world, NULL, LINNET_WORLD_DUPLICATION, 300);
  linnet_world_set(s.world, NULL, LINNET_WORLD_REORDERING, 300);
  linnet_world_set(s.world, NULL, LINNET_WORLD_DELAY_MS, 100);
  device_begin(&s, &d, "kitchen", "10.0.0.2:5683");
  send_register(&d, "86400", LINKS);
  pass(&s, 100000);
  CHECK_EQUAL(d.code, 201);
  CHECK_EQUAL(count_events(&s, LINNET_EVENT_REGISTERED, LINNET_OK), 1);
  for (int i = 0; i < 30; i++) ask(&s, "kitchen", LINNET_OPERATION_READ, 9);
  pass(&s, 3000000);
  CHECK_EQUAL(count_events(&s, LINNET_EVENT_RESPONSE, LINNET_OK), 30);
  CHECK_EQUAL(d.asked, 30);
  device_end(&d);
  scene_end(&s);
}

static void large_lists_and_values_travel_in_blocks(void) { /* CO-03, BW-01, BW-20 */
  static char links[LIST_SIZE];
  scene s;
  device d;
  size_t length = (size_t)snprintf(links, sizeof links, LINKS);
  for (unsigned i = 0; length < sizeof links - 20; i++)
    length += (size_t)snprintf(links + length, sizeof links - length, ",</3303/%u>", i);
  scene_begin(&s, 8);
  device_begin(&s, &d, "kitchen", "10.0.0.2:5683");
  send_register(&d, "86400", links);
  pass(&s, 10000);
  CHECK_EQUAL(d.code, 201);
  CHECK_TEXT(linnet_server_links(s.server, linnet_server_find(s.server, "kitchen")), links);
  while (linnet_loop_next_event(s.loop) != NULL) continue;
  ask(&s, "kitchen", LINNET_OPERATION_READ, 0);
  pass(&s, 10000);
  linnet_event *event = linnet_loop_next_event(s.loop);
  linnet_value value;
  CHECK(event != NULL && linnet_event_batch(event) != NULL);
  CHECK_EQUAL(linnet_batch_find(linnet_event_batch(event), linnet_path_resource(3, 0, 0), &value), LINNET_OK);
  CHECK_BYTES(value.as.bytes.data, value.as.bytes.length, long_text, LIST_SIZE);
  device_end(&d);
  scene_end(&s);
}

static void a_bad_register_is_refused_at_its_first_block(void) { /* BW-08 */
  static char links[LIST_SIZE];
  scene s;
  device d;
  memset(links, ' ', sizeof links - 1);
  scene_begin(&s, 9);
  device_begin(&s, &d, "kitchen", "10.0.0.2:5683");
  send_register(&d, "0", links);
  pass(&s, 10000);
  CHECK_EQUAL(d.code, 400);
  CHECK(linnet_transport_count(s.transport, LINNET_COUNTER_RECEIVED) == 1);
  device_end(&d);
  scene_end(&s);
}

static void an_update_after_a_rebinding_moves_the_device(void) { /* REG-05 */
  scene s;
  device d;
  linnet_address peer, wanted;
  scene_begin(&s, 10);
  device_begin(&s, &d, "kitchen", "10.0.0.2:5683");
  send_register(&d, "600", LINKS);
  pass(&s, 1000);
  uint64_t registration = linnet_server_find(s.server, "kitchen");
  ask(&s, "kitchen", LINNET_OPERATION_OBSERVE, 9);
  pass(&s, 1000);
  CHECK_EQUAL(count_events(&s, LINNET_EVENT_RESPONSE, LINNET_OK), 1);
  CHECK_EQUAL(linnet_world_rebind(s.world, d.transport, "192.0.2.9:40000"), LINNET_OK);
  ask(&s, "kitchen", LINNET_OPERATION_READ, 9); /* goes where nobody is any more */
  pass(&s, 1000);
  send_update(&d);
  pass(&s, 1000);
  CHECK_EQUAL(d.code, 204);
  linnet_event *event = linnet_loop_next_event(s.loop);
  CHECK_EQUAL(linnet_event_get_kind(event), LINNET_EVENT_RESPONSE);
  CHECK_EQUAL(linnet_event_status(event), LINNET_ERROR_CANCELLED);
  CHECK_TEXT(linnet_event_text(event), "read /3/0/9 of kitchen: the device has a new address");
  CHECK_EQUAL(linnet_event_get_kind(linnet_loop_next_event(s.loop)), LINNET_EVENT_UPDATED);
  CHECK(linnet_server_observation(s.server, registration, linnet_path_resource(3, 0, 9)) != 0);
  linnet_address_parse(&wanted, "192.0.2.9:40000");
  CHECK_EQUAL(linnet_server_peer(s.server, registration, &peer), LINNET_OK);
  CHECK(linnet_address_equal(&peer, &wanted));
  ask(&s, "kitchen", LINNET_OPERATION_READ, 9);
  pass(&s, 1000);
  CHECK_EQUAL(count_events(&s, LINNET_EVENT_RESPONSE, LINNET_OK), 1);
  device_end(&d);
  scene_end(&s);
}

static void only_the_silent_device_expires(void) { /* REG-07, over half a day */
  enum { COUNT = 20 };
  static device fleet[COUNT];
  scene s;
  scene_begin(&s, 11);
  for (unsigned i = 0; i < COUNT; i++) {
    char name[16], address[32];
    snprintf(name, sizeof name, "device-%u", i);
    snprintf(address, sizeof address, "10.0.1.%u:5683", i + 1);
    device_begin(&s, &fleet[i], name, address);
    send_register(&fleet[i], "3600", LINKS);
  }
  pass(&s, 1000);
  for (int round = 0; round < 24; round++) {
    pass(&s, 1800000);
    for (unsigned i = 1; i < COUNT; i++) send_update(&fleet[i]);
    pass(&s, 1000);
    for (unsigned i = 1; i < COUNT; i++) CHECK_EQUAL(fleet[i].code, 204);
  }
  CHECK_EQUAL(count_events(&s, LINNET_EVENT_EXPIRED, LINNET_OK), 1);
  CHECK_EQUAL(linnet_server_registration_count(s.server), COUNT - 1);
  CHECK_EQUAL(linnet_server_find(s.server, "device-0"), 0);
  send_update(&fleet[0]);
  pass(&s, 1000);
  CHECK_EQUAL(fleet[0].code, 404);
  for (unsigned i = 0; i < COUNT; i++) device_end(&fleet[i]);
  scene_end(&s);
}

static void notifications_come_until_they_are_cancelled(void) { /* OBS-02, OBS-05 */
  scene s;
  device d;
  scene_begin(&s, 12);
  device_begin(&s, &d, "kitchen", "10.0.0.2:5683");
  send_register(&d, "86400", LINKS);
  pass(&s, 1000);
  uint64_t observation = ask(&s, "kitchen", LINNET_OPERATION_OBSERVE, 9);
  pass(&s, 1000);
  CHECK_EQUAL(count_events(&s, LINNET_EVENT_RESPONSE, LINNET_OK), 1);
  for (int i = 0; i < 5; i++) {
    linnet__response response;
    linnet__response_init(d.coap, &response, LINNET__CONTENT);
    fill(&d, &response, "87");
    CHECK_EQUAL(linnet__coap_notify(d.coap, d.observer, &response, LINNET__CONFIRMABLE), LINNET_OK);
    pass(&s, 1000);
  }
  CHECK_EQUAL(count_events(&s, LINNET_EVENT_NOTIFY, LINNET_OK), 5);
  CHECK_EQUAL(linnet_server_forget(s.server, observation), LINNET_OK);
  linnet__response response;
  linnet__response_init(d.coap, &response, LINNET__CONTENT);
  fill(&d, &response, "87");
  CHECK_EQUAL(linnet__coap_notify(d.coap, d.observer, &response, LINNET__CONFIRMABLE), LINNET_OK);
  pass(&s, 1000);
  CHECK(d.observer == NULL); /* the RST told it */
  CHECK_EQUAL(count_events(&s, LINNET_EVENT_NOTIFY, LINNET_OK), 0);
  device_end(&d);
  scene_end(&s);
}

static void a_server_may_close_between_two_events_with_work_on_its_way(void) {
  scene s;
  device d;
  scene_begin(&s, 13);
  device_begin(&s, &d, "kitchen", "10.0.0.2:5683");
  send_register(&d, "86400", LINKS);
  pass(&s, 1000);
  for (int i = 0; i < 5; i++) ask(&s, "kitchen", LINNET_OPERATION_READ, i == 2 ? 0 : 9);
  ask(&s, "kitchen", LINNET_OPERATION_OBSERVE, 9);
  pass(&s, 2);
  linnet_event *event = linnet_loop_next_event(s.loop);
  CHECK(event != NULL);
  linnet_server_close(s.server);
  CHECK_TEXT(linnet_event_endpoint(event), "kitchen");
  pass(&s, 400000);
  while ((event = linnet_loop_next_event(s.loop)) != NULL)
    CHECK_TEXT(linnet_event_endpoint(event), "kitchen");
  device_end(&d);
  scene_end(&s);
}

int main(void) {
  return RUN(every_request_is_answered_once_on_a_bad_network, large_lists_and_values_travel_in_blocks,
             a_bad_register_is_refused_at_its_first_block, an_update_after_a_rebinding_moves_the_device,
             only_the_silent_device_expires, notifications_come_until_they_are_cancelled,
             a_server_may_close_between_two_events_with_work_on_its_way);
}
