/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua.i: how C and Lua values meet, from Lua 5.1 to 5.4. One typemap for each C type, none for a function.
 *
 * The stock typemaps are not used: they take any userdata for a handle, cut bytes at the first zero, let integers
 * wrap, and keep the coroutine that registered a callback.
 */
%include "lua_values.i"
%include "lua_calls.i"

/* ---- typemaps: out of calls ------------------------------------------------------------------- */

%typemap(out) linnet_status {
  if ($1 < 0) {
    push_failure(L, $1, LINNET_BINDINGS_LOOP(arg1));
    SWIG_fail;
  }
}

%typemap(out) uint64_t {
  if ($1 == LINNET_NEVER) lua_pushnil(L);
  else push_integer(L, (int64_t)$1);
  SWIG_arg++;
}
%typemap(out) int64_t, uint32_t, uint16_t, size_t, int, enum SWIGTYPE {
  push_integer(L, (int64_t)$1);
  SWIG_arg++;
}
%typemap(out) const linnet_address * { push_address(L, $1); SWIG_arg++; }
%typemap(out) const linnet_definition * { push_definition(L, $1); SWIG_arg++; }
%typemap(out) const linnet_resource_definition * { push_resource_definition(L, $1); SWIG_arg++; }
%typemap(out) linnet_event * {
  if ($1 == NULL) lua_pushnil(L);
  else push_event(L, $1);
  SWIG_arg++;
}

/* %result_from(type, push): the call answers through its last argument. */
%define %result_from(Type, push)
%typemap(in, numinputs=0) Type *out (Type temp) {
  memset(&temp, 0, sizeof temp);
  $1 = &temp;
}
%typemap(argout) Type *out { push; SWIG_arg++; }
%enddef
%result_from(linnet_value, push_value(L, $1))
%result_from(linnet_path, push_path(L, *$1))
%result_from(linnet_address, push_address(L, $1))
%result_from(uint64_t, push_integer(L, (int64_t)*$1))
%apply linnet_value *out { linnet_value *value };

/* Nothing, or peer and bytes. */
%typemap(in, numinputs=0) linnet_datagram *out (linnet_datagram temp) { $1 = &temp; }
%typemap(out) bool next { if (!$1) { lua_pushnil(L); SWIG_arg++; } }
%typemap(argout) linnet_datagram *out {
  if (result) {
    push_address(L, &$1->peer);
    lua_pushlstring(L, (const char *)$1->data, $1->length);
    SWIG_arg += 2;
  }
}

%typemap(in, numinputs=0) (const void **bytes, size_t *bytes_length) (const void *data, size_t length) {
  $1 = ($1_ltype)&data;
  $2 = &length;
}
%typemap(argout) (const void **bytes, size_t *bytes_length) {
  lua_pushlstring(L, (const char *)*$1, *$2);
  SWIG_arg++;
}

/* ---- typemaps: into calls --------------------------------------------------------------------- */

/* A handle of exactly this class; nil only where the name of the parameter says so. */
%typemap(in) SWIGTYPE * {
  $1 = ($1_ltype)to_handle(L, $input, $descriptor);
  if ($1 == NULL) {
    push_wrong_handle(L, "$symname", $input, $descriptor);
    SWIG_fail;
  }
}
%typemap(in) linnet_model *model_or_none, const linnet_model *model_or_none, const linnet_batch *payload_or_none,
             linnet_batch *keep, linnet_transport *transport_or_none, linnet_credentials *credentials_or_none,
             linnet_configuration *configuration_or_none {
  $1 = ($1_ltype)to_handle(L, $input, $descriptor);
  if ($1 == NULL && !lua_isnoneornil(L, $input)) {
    push_wrong_handle(L, "$symname", $input, $descriptor);
    SWIG_fail;
  }
}

%typemap(in) const char * {
  if (($1 = ($1_ltype)to_text(L, $input)) == NULL) {
    push_wrong(L, "$symname", $input, "a string without zero bytes");
    SWIG_fail;
  }
}
%typemap(in) const char *version_or_none, const char *units_or_none, const char *range_or_none,
             const char *text_or_none, const char *local_or_none, const char *name_or_none {
  $1 = ($1_ltype)to_text(L, $input);
  if ($1 == NULL && !lua_isnoneornil(L, $input)) {
    push_wrong(L, "$symname", $input, "a string without zero bytes");
    SWIG_fail;
  }
}

%define %integer(Type, least, most)
%typemap(in) Type {
  int64_t integer = 0;
  if (!to_integer(L, $input, &integer) || integer < least || integer > most) {
    push_wrong(L, "$symname", $input, "an integer from " #least " to " #most);
    SWIG_fail;
  }
  $1 = ($1_ltype)integer;
}
%enddef
%integer(uint16_t, 0, 65535)
%integer(uint32_t, 0, 4294967295)
%integer(unsigned, 0, 4294967295)
%integer(int, -2147483647, 2147483647)
%integer(enum SWIGTYPE, -2147483647, 2147483647)
%integer(size_t, 0, 4294967295)

%typemap(in) int64_t {
  if (!to_integer(L, $input, &$1)) {
    push_wrong(L, "$symname", $input, "an integer");
    SWIG_fail;
  }
}
%typemap(in) uint64_t { /* nil: never */
  if (!to_unsigned(L, $input, &$1)) {
    push_wrong(L, "$symname", $input, "an integer, 0 or more");
    SWIG_fail;
  }
}

%typemap(in) linnet_path {
  const char *text = to_text(L, $input);
  if (text == NULL || linnet_path_parse(&$1, text) < 0) {
    push_wrong(L, "$symname", $input, "a path such as \"/3/0/1\"");
    SWIG_fail;
  }
}

%typemap(in) const linnet_value *value (linnet_value temp) {
  if (!to_value(L, $input, &temp)) {
    push_wrong(L, "$symname", $input, "a value: number, string, boolean or link");
    SWIG_fail;
  }
  $1 = &temp;
}
%typemap(argout) const linnet_value *value ""; /* else that of a linnet_value *value is taken */

%typemap(in) const linnet_address * (linnet_address temp) {
  const char *text = to_text(L, $input);
  if (text == NULL || linnet_address_parse(&temp, text) < 0) {
    push_wrong(L, "$symname", $input, "an address such as \"192.0.2.1:5683\"");
    SWIG_fail;
  }
  $1 = &temp;
}
%typemap(in) const linnet_address *address_or_none (linnet_address temp) {
  const char *text = to_text(L, $input);
  if (!lua_isnoneornil(L, $input) && (text == NULL || linnet_address_parse(&temp, text) < 0)) {
    push_wrong(L, "$symname", $input, "an address such as \"192.0.2.1:5683\"");
    SWIG_fail;
  }
  $1 = text == NULL ? NULL : &temp;
}

%typemap(in) (const void *data, size_t length) {
  size_t length = 0;
  if (lua_type(L, $input) != LUA_TSTRING) {
    push_wrong(L, "$symname", $input, "a string");
    SWIG_fail;
  }
  $1 = (void *)lua_tolstring(L, $input, &length);
  $2 = length;
}
%typemap(in) (const void *header, size_t header_length) = (const void *data, size_t length);

%apply (const void *data, size_t length) {
  (const void *identity, size_t identity_length), (const void *key, size_t key_length),
  (const void *certificate, size_t certificate_length), (const void *server, size_t server_length),
  (const void *own, size_t own_length)
};

/*
 * C holds the function by a reference in the registry, so scripts pass one that holds their object weakly. It is the
 * last argument and released once, also when the call fails. nil takes a handler away.
 */
%define %callable(Type, name, call)
%typemap(in) (Type name, void *user, linnet_release release) {
  if (!lua_isnoneornil(L, $input) && !lua_isfunction(L, $input)) {
    push_wrong(L, "$symname", $input, "a function");
    SWIG_fail;
  }
  $2 = lua_isnoneornil(L, $input) ? NULL : new_callback(L, $input);
  $1 = $2 == NULL ? NULL : call;
  $3 = $2 == NULL ? NULL : forget;
}
%enddef
%callable(linnet_handler, handler, ask)
%callable(linnet_world_observer, observer, watch)
%callable(linnet_world_keeper, keeper, store)

/* ---- calls that run handlers, calls that may give no handle ------------------------------------ */

%define %runs_handlers(Method)
%exception Method {
  open_scope(L);
  $action
  if (close_scope(L)) SWIG_fail;
}
%enddef
%runs_handlers(linnet_loop::step)
%runs_handlers(linnet_driver::run)
%runs_handlers(linnet_world::run)
%runs_handlers(linnet_world::advance)

%define %raises_on_null(Method)
%exception Method {
  $action
  if (result == NULL) {
    push_failure(L, LINNET_ERROR_INVALID_ARGUMENT, LINNET_BINDINGS_LOOP(arg1));
    SWIG_fail;
  }
}
%enddef
%raises_on_null(linnet_transport::linnet_transport)
%raises_on_null(linnet_model::linnet_model)
%raises_on_null(linnet_object::linnet_object)
%raises_on_null(linnet_batch::linnet_batch)
%raises_on_null(linnet_client::linnet_client)
%raises_on_null(linnet_server::linnet_server)
%raises_on_null(linnet_bootstrap::linnet_bootstrap)
%raises_on_null(linnet_configuration::linnet_configuration)
%raises_on_null(linnet_driver::linnet_driver)
%raises_on_null(linnet_modem::linnet_modem)
%raises_on_null(linnet_world::new_loop)
%exception linnet_loop::linnet_loop {
  $action
  if (result == NULL) {
    push_error(L, LINNET_ERROR_INVALID_ARGUMENT, "a loop needs 16 bytes of seed or more");
    SWIG_fail;
  }
}
%exception linnet_world::linnet_world {
  $action
  if (result == NULL) {
    push_error(L, LINNET_ERROR_NO_MEMORY, "no memory for a world");
    SWIG_fail;
  }
}

/* ---- what only Lua has, and what it leaves to others ------------------------------------------- */

%rename(address) linnet_transport::local; /* a word of Lua */

/* Messages are taken apart by tools, which are written in Python. */
%ignore linnet_sms_parse;
%ignore linnet_sms_parse_center;
%ignore linnet_sms_fault;
%ignore linnet_message_parse;
%ignore linnet_message_fault;
%ignore linnet_option_name;
%ignore linnet_option_format;
%ignore linnet_code_name;

%native(sms_open) int sms_open(lua_State *L);
%native(sms_deliver) int sms_deliver(lua_State *L);
%native(link_parse) int link_parse(lua_State *L);
%native(records) int batch_records(lua_State *L);
#ifdef LINNET_WITH_DRIVER
%native(entropy) int entropy(lua_State *L);
#endif

%init %{
  prepare_state(L);
%}
