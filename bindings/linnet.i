/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linnet.i: what both languages see.
 *
 * A method without a body calls linnet_noun_method, so the naming rule of the C library does the work and the
 * compiler checks it. The enumerations come from the headers themselves. What differs by language, which is how
 * C and script values meet, is in python.i and lua.i; which status becomes which error is in errors.i.
 *
 * LINNET_WITH_DDF, _SERVER, _BOOTSTRAP, _DRIVER and _SIM are defined by CMake for the parts that are built.
 */
#ifdef SWIGPYTHON
%module(package="linnet", moduleimport="from . import _linnet") _core
#else
%module linnet_core
#endif

%{
#include <stdlib.h>
#include <string.h>

#include <linnet/linnet.h>
#ifdef LINNET_WITH_DRIVER
#include <linnet/driver.h>
#include <linnet/modem.h>
#endif
#ifdef LINNET_WITH_SIM
#include <linnet/sim.h>
#endif
%}

#pragma SWIG nowarn=314 /* "as" of linnet_value, which is not wrapped */

%include <stdint.i>

/* ---- names ---------------------------------------------------------------------------------- */

/* Enumerations are taken from the headers; functions and structures only as they are named below. */
%rename("%(strip:[LINNET_])s", %$isenumitem) "";
%rename("%(strip:[LINNET_])s", %$isconstant) "";
%rename("$ignore", %$isfunction, %$not %$ismember, regextarget=1, fullname=1) "^linnet_";
%ignore linnet_path;
%ignore linnet_value;
%ignore linnet_value::as;
%ignore linnet_value_as;
%ignore linnet_value_as_bytes;
%ignore linnet_objlnk;
%ignore linnet_record;
%ignore linnet_address;
%ignore linnet_datagram;
%ignore linnet_link;
%ignore linnet_link_parameter;
%ignore linnet_message;
%ignore linnet_option;
%ignore linnet_sms;
%ignore linnet_sms_number;
%ignore linnet_sms_time;
%ignore linnet_handler;
%ignore linnet_world_observer;
%ignore linnet_world_keeper;

%rename(Loop) linnet_loop;
%rename(Transport) linnet_transport;
%rename(Credentials) linnet_credentials;
%rename(Model) linnet_model;
%rename(Object) linnet_object;
%rename(Batch) linnet_batch;
%rename(Question) linnet_event;
%rename(Client) linnet_client;
%rename(Server) linnet_server;
%rename(Bootstrap) linnet_bootstrap;
%rename(Configuration) linnet_configuration;
%rename(Driver) linnet_driver;
%rename(Modem) linnet_modem;
%rename(World) linnet_world;

/* Functions that belong to no handle. */
%rename(status_name) linnet_status_name;
%rename(status_text) linnet_status_text;
%rename(cause_name) linnet_cause_name;
%rename(cause_text) linnet_cause_text;
%rename(dtls_backend) linnet_dtls_backend;
%rename(event_kind_name) linnet_event_kind_name;
%rename(type_name) linnet_type_name;
%rename(value_parse) linnet_value_parse;
%rename(message_parse) linnet_message_parse;
%rename(message_fault) linnet_message_fault;
%rename(sms_parse) linnet_sms_parse;
%rename(sms_parse_center) linnet_sms_parse_center;
%rename(sms_fault) linnet_sms_fault;
%rename(option_name) linnet_option_name;
%rename(option_format) linnet_option_format;
%rename(code_name) linnet_code_name;
%rename(clock_monotonic) linnet_clock_monotonic;
%rename(clock_wall) linnet_clock_wall;

%nodefaultctor;

/* ---- what the naming rule does not give ----------------------------------------------------- */

%{
#define new_linnet_loop linnet_loop_new
#define delete_linnet_loop linnet_loop_unref
#define new_linnet_transport linnet_transport_new
#define delete_linnet_transport linnet_transport_unref
#define new_linnet_credentials linnet_credentials_new
#define delete_linnet_credentials linnet_credentials_unref
#define new_linnet_model linnet_model_new
#define delete_linnet_model linnet_model_unref
#define new_linnet_object linnet_object_new
#define delete_linnet_object linnet_object_unref
#define new_linnet_batch linnet_batch_new
#define delete_linnet_batch linnet_batch_unref
#define delete_linnet_event linnet_event_unref
#define new_linnet_client new_client
#define delete_linnet_client linnet_client_unref
#define new_linnet_server linnet_server_new
#define delete_linnet_server linnet_server_unref
#define new_linnet_bootstrap linnet_bootstrap_new
#define delete_linnet_bootstrap linnet_bootstrap_unref
#define new_linnet_configuration linnet_configuration_new
#define delete_linnet_configuration linnet_configuration_unref
#define new_linnet_driver linnet_driver_new
#define delete_linnet_driver linnet_driver_unref
#define new_linnet_modem linnet_modem_new
#define delete_linnet_modem linnet_modem_unref
#define new_linnet_world linnet_world_new
#define delete_linnet_world linnet_world_unref

/* A script may write any account to object 0; what it does not use costs it nothing. */
static linnet_client *new_client(linnet_loop *loop, const char *endpoint, linnet_model *model) {
  linnet_client *client = linnet_client_new(loop, endpoint, model);
  if (client != NULL) linnet_client_allow_bootstrap(client);
  return client;
}

/* Questions are events with more to do. */
#define linnet_event_answer linnet_question_answer
#define linnet_event_refuse linnet_question_refuse
#define linnet_event_defer linnet_question_defer
#define linnet_event_finish linnet_question_finish

#define linnet_loop_error_text linnet_error_text

/* What a handle lends comes to a script with a reference of its own. */
static linnet_model *linnet_client_own_model(const linnet_client *client) {
  return linnet_model_ref(linnet_client_model(client));
}

/* 0 where there are no keys. */
static uint64_t linnet_transport_secured_sent(const linnet_transport *transport, const linnet_address *peer) {
  uint64_t sent = 0, accepted = 0;
  linnet_transport_get_secured_counters(transport, peer, &sent, &accepted);
  return sent;
}

static uint64_t linnet_transport_secured_accepted(const linnet_transport *transport, const linnet_address *peer) {
  uint64_t sent = 0, accepted = 0;
  linnet_transport_get_secured_counters(transport, peer, &sent, &accepted);
  return accepted;
}

static linnet_object *linnet_client_own_object(const linnet_client *client, uint16_t object) {
  linnet_object *found = linnet_client_object(client, object);
  return found == NULL ? NULL : linnet_object_ref(found);
}

#ifdef LINNET_WITH_SERVER
static linnet_model *linnet_server_own_model(const linnet_server *server) {
  return linnet_model_ref(linnet_server_model(server));
}
#endif

#ifdef LINNET_WITH_BOOTSTRAP
static linnet_model *linnet_bootstrap_own_model(const linnet_bootstrap *bootstrap) {
  return linnet_model_ref(linnet_bootstrap_model(bootstrap));
}
#endif

#ifdef LINNET_WITH_SIM
static linnet_loop *linnet_world_new_loop(linnet_world *world) {
  linnet_loop *loop = linnet_world_add_loop(world);
  return loop == NULL ? NULL : linnet_loop_ref(loop);
}
#endif

/* A value as the definition of `path` wants it; unknown resources take anything. */
static linnet_status linnet_model_check(const linnet_model *model, linnet_path path,
                                        const linnet_value *value, linnet_value *out) {
  const linnet_resource_definition *definition = linnet_model_resource(model, path);
  *out = *value;
  return definition == NULL ? LINNET_OK : linnet_resource_definition_check(definition, out);
}

/* The same for a type, without a definition. */
static linnet_status linnet_loop_coerce(linnet_loop *loop, linnet_type type, const linnet_value *value,
                                        linnet_value *out) {
  (void)loop;
  *out = *value;
  return linnet_value_coerce(out, type);
}
%}

%newobject linnet_client::own_model;
%newobject linnet_client::own_object;
%newobject linnet_server::own_model;
%newobject linnet_bootstrap::own_model;
%newobject linnet_world::new_loop;

%include "errors.i"
#if defined(SWIGPYTHON)
%include "python.i"
#elif defined(SWIGLUA)
%include "lua.i"
#endif

/* ---- enumerations, and the functions renamed above ------------------------------------------- */

#define LINNET_API
%include <linnet/status.h>
%include <linnet/address.h>
%include <linnet/format.h>
%include <linnet/operation.h>
%include <linnet/limit.h>
%include <linnet/path.h>
%include <linnet/value.h>
%include <linnet/loop.h>
%include <linnet/transport.h>
%include <linnet/framing.h>
%include <linnet/secured.h>
%include <linnet/credentials.h>
%include <linnet/model.h>
%include <linnet/event.h>
%include <linnet/codec.h>
%include <linnet/access.h>
%include <linnet/client.h>
%include <linnet/standard.h>
#ifdef LINNET_WITH_SERVER
%include <linnet/server.h>
#endif
%include <linnet/message.h>
%include <linnet/sms.h>
#ifdef LINNET_WITH_DRIVER
%include <linnet/driver.h>
%include <linnet/modem.h>
#endif
#ifdef LINNET_WITH_SIM
%include <linnet/sim.h>
#endif

/* ---- environment ----------------------------------------------------------------------------- */

struct linnet_loop {};
%extend linnet_loop {
  linnet_loop(const void *data, size_t length); /* the seed */
  ~linnet_loop();
  uint64_t step(uint64_t now_ms);
  uint64_t deadline();
  uint64_t now();
  void set_wall_clock(int64_t unix_ms);
  int64_t wall_clock();
  const char *error_text();
  linnet_status set_event_limit(size_t limit);
  uint64_t events_dropped();
  void set_log_level(linnet_log_level level);
  size_t memory_used();
  linnet_event *next_event(); /* copied out whole, so that nothing dangles */
  bool has_event();
  linnet_status coerce(linnet_type type, const linnet_value *value, linnet_value *out);
}

struct linnet_transport {};
%extend linnet_transport {
  linnet_transport(linnet_loop *loop, linnet_transport_kind kind);
  ~linnet_transport();
  linnet_transport_kind get_kind();
  void close();
  linnet_status receive(const linnet_address *peer, const void *data, size_t length);
  bool next(linnet_datagram *out); /* nothing, or peer and bytes */
  linnet_status unreachable(const linnet_address *peer);
  const char *next_lookup();
  linnet_status answer_lookup(const char *name, const linnet_address *address_or_none);
  linnet_status set_local(const linnet_address *local);
  const linnet_address *local();
  linnet_status secure(linnet_credentials *credentials_or_none);
  bool is_secure();
  linnet_status set_mtu(size_t mtu);
  size_t mtu();
  linnet_status set_queue_limit(size_t bytes);
  uint64_t count(linnet_transport_counter counter);
  linnet_status add_framing();
  bool has_framing();
  linnet_status set_framing(linnet_framing_setting setting, uint32_t value);
  uint32_t get_framing(linnet_framing_setting setting);
  linnet_status receive_sms(const void *data, size_t length);
  linnet_status set_response_timeout(uint32_t timeout_ms);
  linnet_status add_secured();
  bool has_secured();
  linnet_status set_secured(linnet_secured_setting setting, uint32_t value);
  linnet_status set_secured_keys(const linnet_address *peer, const void *data, size_t length, const void *header,
                                 size_t header_length);
  uint64_t secured_sent(const linnet_address *peer);
  uint64_t secured_accepted(const linnet_address *peer);
  linnet_status set_secured_counters(const linnet_address *peer, uint64_t sent, uint64_t accepted);
}

struct linnet_credentials {};
%extend linnet_credentials {
  linnet_credentials(linnet_loop *loop);
  ~linnet_credentials();
  linnet_status add_psk(const char *name_or_none, const void *identity, size_t identity_length, const void *key,
                        size_t key_length);
  linnet_status add_certificate(const char *name_or_none, const void *data, size_t length);
  linnet_status add_public_key(const char *name_or_none, const void *data, size_t length);
  linnet_status add_trust(const void *data, size_t length);
  void remove_trust();
  linnet_status add_subject(const char *endpoint, const char *subject);
  linnet_status remove_psk(const void *identity, size_t identity_length);
  linnet_status remove(const char *endpoint);
  size_t count();
  linnet_status set_certificate(const void *certificate, size_t certificate_length, const void *key,
                                size_t key_length);
  linnet_status set_key(const void *key, size_t key_length);
}

/* ---- data ------------------------------------------------------------------------------------ */

struct linnet_batch {};
%extend linnet_batch {
  linnet_batch(linnet_loop *loop);
  ~linnet_batch();
  linnet_status add(linnet_path path, const linnet_value *value);
  void clear();
  size_t count();
  linnet_status find(linnet_path path, linnet_value *out);
  linnet_status decode(const linnet_model *model_or_none, linnet_format format, linnet_path base,
                       const void *data, size_t length);
  linnet_status encode(linnet_format format, linnet_path base, const void **bytes, size_t *bytes_length);
}

/* Given to a handler. It may be kept, deferred, and finished later. */
struct linnet_event {};
%extend linnet_event {
  ~linnet_event();
  linnet_status answer(linnet_path path, const linnet_value *value);
  linnet_status refuse(unsigned code);
  linnet_status defer();
  linnet_status finish(linnet_status status);
}

/* ---- definitions and objects ----------------------------------------------------------------- */

struct linnet_model {};
%extend linnet_model {
  linnet_model(linnet_loop *loop);
  ~linnet_model();
#ifdef LINNET_WITH_DDF
  linnet_status read_ddf(const void *data, size_t length);
#endif
  linnet_status add_object(uint16_t object, const char *name, const char *version_or_none,
                           linnet_multiplicity instances);
  linnet_status add_resource(uint16_t object, uint16_t resource, const char *name, linnet_type type,
                             unsigned operations, linnet_multiplicity instances, linnet_presence presence);
  linnet_status describe_resource(uint16_t object, uint16_t resource, const char *units_or_none,
                                  const char *range_or_none);
  size_t count();
  /* Definitions come out as plain tables, resources included. */
  const linnet_definition *at(size_t index);
  const linnet_definition *find(uint16_t object);
  const linnet_definition *find_version(uint16_t object, const char *version);
  const linnet_resource_definition *resource(linnet_path path);
  linnet_status path(const char *text, linnet_path *out);
  linnet_status check(linnet_path path, const linnet_value *value, linnet_value *out);
}

struct linnet_object {};
%extend linnet_object {
  linnet_object(linnet_model *model, uint16_t object);
  ~linnet_object();
  uint64_t number();
  uint16_t id();
  const linnet_definition *definition();
  linnet_status add_instance(uint16_t instance);
  linnet_status remove_instance(uint16_t instance);
  bool has_instance(uint16_t instance);
  size_t instance_count();
  uint16_t instance_at(size_t index);
  linnet_status set(linnet_path path, const linnet_value *value);
  linnet_status get(linnet_path path, linnet_value *out);
  linnet_status unset(linnet_path path);
  linnet_status offer(linnet_path path);
  bool has(linnet_path path);
  linnet_status collect(linnet_path path, linnet_batch *batch);
  linnet_status compute(linnet_path path);
  linnet_status notify(linnet_path path);
  linnet_status set_handler(unsigned operations, linnet_handler handler, void *user, linnet_release release);
  linnet_status allow(unsigned operations);
}

/* ---- roles ----------------------------------------------------------------------------------- */

struct linnet_client {};
%extend linnet_client {
  linnet_client(linnet_loop *loop, const char *endpoint, linnet_model *model_or_none);
  ~linnet_client();
  void close();
  uint64_t number();
  const char *endpoint();
  linnet_model *own_model();
  linnet_object *own_object(uint16_t object);
  linnet_status add_transport(linnet_transport *transport);
  linnet_status set_limit(linnet_limit limit, size_t value);
  linnet_status add_object(linnet_object *object);
  linnet_status remove_object(uint16_t object);
  linnet_status add_server(const char *uri, uint16_t short_server_id, uint32_t lifetime_s);
  linnet_status add_bootstrap_server(const char *uri, uint32_t hold_off_s);
  linnet_status set_psk(uint16_t short_server_id, const void *identity, size_t identity_length,
                        const void *key, size_t key_length);
  linnet_status set_certificate(uint16_t short_server_id, const void *certificate, size_t certificate_length,
                                const void *key, size_t key_length, const void *server, size_t server_length);
  linnet_status set_public_key(uint16_t short_server_id, const void *own, size_t own_length, const void *key,
                               size_t key_length, const void *server, size_t server_length);
  linnet_status factory(const linnet_batch *records);
  linnet_status set_smartcard(linnet_handler handler, void *user, linnet_release release);
  linnet_status check_smartcard();
  linnet_status set_binding(uint16_t short_server_id, const char *binding);
  linnet_status start();
  linnet_status update(uint16_t short_server_id);
  linnet_status deregister(uint16_t short_server_id);
  linnet_status register_anew(uint16_t short_server_id);
  linnet_status set_reliability(uint16_t short_server_id, linnet_reliability reliability);
  linnet_status set_root(const char *root);
  linnet_status set_sms_number(const char *number);
  linnet_status set_trigger_limit(uint32_t count, uint32_t period_s);
  linnet_status set_server_number(uint16_t short_server_id, const char *number);
  linnet_status set_sms_security(uint16_t short_server_id, linnet_sms_security mode, const void *data,
                                 size_t length, const void *header, size_t header_length);
  linnet_status set_access(linnet_path path, uint16_t short_server_id, unsigned access);
  linnet_status set_owner(linnet_path path, uint16_t short_server_id);
  unsigned access(linnet_path path, uint16_t short_server_id);
  uint64_t awake_until(uint16_t short_server_id);
  linnet_client_state get_state(uint16_t short_server_id);
  const char *location(uint16_t short_server_id);
  uint64_t next_update(uint16_t short_server_id);
  linnet_status set(linnet_path path, const linnet_value *value);
  linnet_status get(linnet_path path, linnet_value *out);
  linnet_status notify(linnet_path path);
  linnet_status raise_error(linnet_device_error error);
  linnet_status clear_error(linnet_device_error error);
  linnet_status add_firmware();
  linnet_firmware_state firmware_state();
  linnet_status end_firmware(linnet_firmware_result result);
  linnet_status add_location();
  linnet_status set_location(double latitude, double longitude, int64_t unix_s);
  linnet_status set_velocity(double speed, double bearing);
  linnet_status add_statistics();
  linnet_status save(const void **bytes, size_t *bytes_length);
  linnet_status restore(const void *data, size_t length);
  uint64_t revision();
}

#ifdef LINNET_WITH_SERVER
struct linnet_server {};
%extend linnet_server {
  linnet_server(linnet_loop *loop, linnet_model *model_or_none);
  ~linnet_server();
  void close();
  uint64_t number();
  linnet_model *own_model();
  linnet_status add_transport(linnet_transport *transport);
  linnet_status set_limit(linnet_limit limit, size_t value);
  size_t registration_count();
  uint64_t registration_at(size_t index);
  uint64_t find(const char *endpoint);
  uint64_t find_location(const char *location);
  linnet_status find_peer(const linnet_address *peer, uint64_t *out);
  uint64_t next_at_peer(uint64_t registration);
  bool has_registration(uint64_t registration);
  const char *endpoint(uint64_t registration);
  uint32_t lifetime(uint64_t registration);
  const char *binding(uint64_t registration);
  const char *sms_number(uint64_t registration);
  const char *lwm2m_version(uint64_t registration);
  const char *location(uint64_t registration);
  const char *links(uint64_t registration);
  const char *root(uint64_t registration);
  const char *object_version(uint64_t registration, uint16_t object);
  bool lists(uint64_t registration, linnet_path path);
  linnet_status peer(uint64_t registration, linnet_address *out);
  uint64_t expires(uint64_t registration);
  linnet_status request(uint64_t registration, linnet_operation operation, linnet_path path,
                        const linnet_batch *payload_or_none, const char *text_or_none, linnet_format format,
                        uint64_t *out);
  void set_timeout(uint32_t timeout_ms);
  void set_channel(linnet_channel channel);
  void set_trigger(linnet_trigger trigger);
  void set_queue_time(uint32_t time_ms);
  void set_awake_time(uint32_t time_ms);
  bool is_awake(uint64_t registration);
  size_t queued_count(uint64_t registration);
  linnet_status cancel(uint64_t observation, uint64_t *out);
  linnet_status keep_observation(uint64_t observation);
  linnet_status save(const void **bytes, size_t *bytes_length);
  linnet_status restore(const void *data, size_t length);
  linnet_status record();
  linnet_status changes(const void **bytes, size_t *bytes_length);
  linnet_status stored();
  linnet_status forget(uint64_t number);
  uint64_t observation(uint64_t registration, linnet_path path);
}
#endif

#ifdef LINNET_WITH_BOOTSTRAP
struct linnet_configuration {};
%extend linnet_configuration {
  linnet_configuration(linnet_model *model);
  ~linnet_configuration();
  linnet_status discover(linnet_path path);
  linnet_status delete(linnet_path path);
  linnet_status write(linnet_path path, const linnet_batch *records, linnet_format format);
  linnet_status set_access(linnet_path path, uint16_t short_server_id, unsigned access);
  linnet_status set_owner(linnet_path path, uint16_t short_server_id);
  linnet_status control();
  linnet_status set_unchecked();
}

struct linnet_bootstrap {};
%extend linnet_bootstrap {
  linnet_bootstrap(linnet_loop *loop, linnet_model *model_or_none);
  ~linnet_bootstrap();
  void close();
  uint64_t number();
  linnet_model *own_model();
  linnet_status add_transport(linnet_transport *transport);
  linnet_status set_limit(linnet_limit limit, size_t value);
  linnet_status configure(const char *name_or_none, linnet_configuration *configuration_or_none);
  size_t configured();
  linnet_status set_handler(linnet_handler handler, void *user, linnet_release release);
  linnet_status answer(linnet_event *question, linnet_configuration *configuration);
  linnet_status start(const char *endpoint, const linnet_address *peer, uint64_t *out);
}
#endif

/* ---- two ways to run it ---------------------------------------------------------------------- */

#ifdef LINNET_WITH_DRIVER
struct linnet_driver {};
%extend linnet_driver {
  linnet_driver(linnet_loop *loop);
  ~linnet_driver();
  void close();
  linnet_status open(linnet_transport *transport, const char *local_or_none);
  int descriptor();
  linnet_status run();
  linnet_status wait(int timeout_ms); /* the one call that may take long */
  void wake();
  linnet_status describe(linnet_client *client);
  linnet_status keep(linnet_client *client, const char *path);
#ifdef LINNET_WITH_SERVER
  linnet_status keep_server(linnet_server *server, const char *path);
#endif
  linnet_status follow_gpsd(linnet_client *client, const char *name_or_none);
}

struct linnet_modem {};
%extend linnet_modem {
  linnet_modem(linnet_driver *driver, linnet_transport *transport);
  ~linnet_modem();
  void close();
  linnet_status set(linnet_modem_setting setting, uint32_t value);
  linnet_status set_pin(const char *pin);
  linnet_status set_center(const char *number);
  linnet_status open(const char *path);
  linnet_status use(int descriptor);
  linnet_modem_state get_state();
  const char *failure();
  uint64_t count(linnet_modem_counter counter);
}
#endif

#ifdef LINNET_WITH_SIM
%include "world.i"
#endif
