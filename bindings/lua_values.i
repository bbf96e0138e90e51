/* SPDX-License-Identifier: Apache-2.0 */
/* lua_values.i: errors, values, events and definitions as Lua has them, and back. */
%{
#if LUA_VERSION_NUM < 502
#define lua_rawlen lua_objlen
#endif

/* ---- one table of ours in the registry --------------------------------------------------------- */

/* What is in it. Made when the module is loaded, so that using it later takes no memory and cannot raise. */
enum { SHARED_RAISED = 1, SHARED_THREAD, SHARED_CALL, SHARED_ERROR_CLASS, SHARED_NAMELESS };

static const char shared_key = 0;

static void push_shared(lua_State *L) {
  lua_pushlightuserdata(L, (void *)&shared_key);
  lua_rawget(L, LUA_REGISTRYINDEX);
}

static void push_shared_field(lua_State *L, int field) {
  push_shared(L);
  lua_rawgeti(L, -1, field);
  lua_remove(L, -2);
}

/* ---- errors: tables with fields ---------------------------------------------------------------- */

/* {status=, code=, message=}: `code` is that of CoAP where a peer answered with one, else the name of the status. */
static void push_error(lua_State *L, linnet_status status, const char *message) {
  lua_createtable(L, 0, 3);
  lua_pushstring(L, linnet_status_name(status));
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "status");
  lua_setfield(L, -2, "code");
  lua_pushstring(L, message);
  lua_setfield(L, -2, "message");
  push_shared_field(L, SHARED_ERROR_CLASS);
  lua_setmetatable(L, -2);
}

static void push_failure(lua_State *L, linnet_status status, const linnet_loop *loop) {
  push_error(L, status, linnet_bindings_words(loop, status));
}

static int error_tostring(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_getfield(L, 1, "message");
  if (!lua_isstring(L, -1)) lua_pushliteral(L, "linnet error");
  return 1;
}

/* An argument of a call is not what it should be. The handle of a method is argument 1. */
static void push_wrong(lua_State *L, const char *function, int index, const char *expected) {
  int type = lua_type(L, index), is_plain = type == LUA_TSTRING || type == LUA_TNUMBER;
  lua_pushfstring(L, "%s: argument %d must be %s, not ", function, index, expected);
  if (is_plain) lua_pushvalue(L, index);
  else lua_pushstring(L, lua_typename(L, type));
  lua_concat(L, 2);
  push_error(L, LINNET_ERROR_INVALID_ARGUMENT, lua_tostring(L, -1));
  lua_remove(L, -2);
}

#undef SWIG_check_num_args
#define SWIG_check_num_args(function, least, most)                                                             \
  if (lua_gettop(L) < (least) || lua_gettop(L) > (most)) {                                                     \
    push_error(L, LINNET_ERROR_INVALID_ARGUMENT, lua_pushfstring(L, "%s: wrong number of arguments", function)); \
    goto fail;                                                                                                 \
  }

/* ---- handles ------------------------------------------------------------------------------------ */

/*
 * The handle in a userdata of exactly this class, else NULL. Userdata of other makers are only looked at as far as
 * needed to see that they are none of ours; handles that were collected (finalizers run in any order) are NULL.
 */
static void *to_handle(lua_State *L, int index, const swig_type_info *type) {
  if (lua_type(L, index) != LUA_TUSERDATA || lua_rawlen(L, index) < sizeof(swig_lua_userdata)) return NULL;
  const swig_lua_userdata *userdata = lua_touserdata(L, index);
  return userdata->type == type ? userdata->ptr : NULL;
}

static void push_wrong_handle(lua_State *L, const char *function, int index, const swig_type_info *type) {
  const swig_lua_class *class = type->clientdata;
  push_wrong(L, function, index, class == NULL ? type->str : class->name);
}

/* In place of SWIG's own, which leaves the pointer behind. */
static int collect_handle(lua_State *L) {
  swig_lua_userdata *userdata = lua_touserdata(L, 1);
  void *handle = userdata == NULL ? NULL : userdata->ptr;
  const swig_lua_class *class = handle == NULL ? NULL : userdata->type->clientdata;
  if (class == NULL || !userdata->own) return 0;
  userdata->ptr = NULL;
  userdata->own = 0;
  if (class->destructor != NULL) class->destructor(handle);
  return 0;
}

/* ---- values ------------------------------------------------------------------------------------- */

/* 64 bits from Lua 5.3 on; in 5.1 and LuaJIT exact to 2^53. */
static void push_integer(lua_State *L, int64_t integer) {
#if LUA_VERSION_NUM >= 503
  lua_pushinteger(L, (lua_Integer)integer);
#else
  lua_pushnumber(L, (lua_Number)integer);
#endif
}

/* A number without a fraction. */
static int to_integer(lua_State *L, int index, int64_t *integer) {
  if (lua_type(L, index) != LUA_TNUMBER) return 0;
#if LUA_VERSION_NUM >= 503
  if (lua_isinteger(L, index)) {
    *integer = lua_tointeger(L, index);
    return 1;
  }
#endif
  lua_Number number = lua_tonumber(L, index);
  if (!(number >= -9223372036854775808.0 && number < 9223372036854775808.0)) return 0;
  *integer = (int64_t)number;
  return (lua_Number)*integer == number;
}

static int to_unsigned(lua_State *L, int index, uint64_t *number) {
  int64_t integer = 0;
  if (lua_isnoneornil(L, index)) {
    *number = LINNET_NEVER;
    return 1;
  }
  if (!to_integer(L, index, &integer) || integer < 0) return 0;
  *number = (uint64_t)integer;
  return 1;
}

/* Numbers are no texts here: who passes one has mixed arguments up. */
static const char *to_text(lua_State *L, int index) {
  size_t length = 0;
  if (lua_type(L, index) != LUA_TSTRING) return NULL;
  const char *text = lua_tolstring(L, index, &length);
  return strlen(text) == length ? text : NULL;
}

static void push_path(lua_State *L, linnet_path path) {
  char text[LINNET_PATH_TEXT_SIZE];
  lua_pushstring(L, linnet_path_text(path, text));
}

static void push_address(lua_State *L, const linnet_address *address) {
  char text[LINNET_ADDRESS_TEXT_SIZE];
  if (address == NULL || address->kind == LINNET_ADDRESS_NONE) lua_pushnil(L);
  else lua_pushstring(L, linnet_address_text(address, text));
}

static void push_value(lua_State *L, const linnet_value *value) {
  switch (value->type) {
    case LINNET_TYPE_INTEGER:
    case LINNET_TYPE_TIME:
      push_integer(L, value->as.integer);
      break;
    case LINNET_TYPE_FLOAT:
      lua_pushnumber(L, value->as.real);
      break;
    case LINNET_TYPE_BOOLEAN:
      lua_pushboolean(L, value->as.boolean);
      break;
    case LINNET_TYPE_STRING:
    case LINNET_TYPE_OPAQUE:
      lua_pushlstring(L, (const char *)value->as.bytes.data, value->as.bytes.length);
      break;
    case LINNET_TYPE_OBJLNK:
      lua_pushfstring(L, "%d:%d", value->as.link.object, value->as.link.instance);
      break;
    case LINNET_TYPE_MULTIPLE:
      lua_newtable(L);
      break;
    default:
      lua_pushnil(L);
  }
}

/* {} is a multiple resource without instances, {object, instance} a link. */
static int to_value_from_table(lua_State *L, int index, linnet_value *value) {
  int64_t ids[2] = {-1, -1};
  if (lua_rawlen(L, index) == 0) {
    *value = linnet_value_none();
    value->type = LINNET_TYPE_MULTIPLE;
    return 1;
  }
  for (int i = 0; i < 2; i++) {
    lua_rawgeti(L, index, i + 1);
    int found = to_integer(L, -1, &ids[i]);
    lua_pop(L, 1);
    if (!found || ids[i] < 0 || ids[i] > UINT16_MAX) return 0;
  }
  *value = linnet_value_objlnk((uint16_t)ids[0], (uint16_t)ids[1]);
  return 1;
}

/* Integer or float, text or opaque: the resource's definition decides, in the core. The view borrows from the stack. */
static int to_value(lua_State *L, int index, linnet_value *value) {
  size_t length = 0;
  switch (lua_type(L, index)) {
    case LUA_TNONE:
    case LUA_TNIL:
      *value = linnet_value_none();
      return 1;
    case LUA_TBOOLEAN:
      *value = linnet_value_boolean(lua_toboolean(L, index));
      return 1;
    case LUA_TNUMBER:
      *value = linnet_value_float(lua_tonumber(L, index));
#if LUA_VERSION_NUM >= 503
      if (lua_isinteger(L, index)) *value = linnet_value_integer(lua_tointeger(L, index));
#endif
      return 1;
    case LUA_TSTRING: {
      const char *bytes = lua_tolstring(L, index, &length);
      *value = linnet_value_string_n(bytes, length);
      if (linnet_value_coerce(value, LINNET_TYPE_STRING) < 0) *value = linnet_value_opaque(bytes, length);
      return 1;
    }
    case LUA_TTABLE:
      return to_value_from_table(L, index, value);
    default:
      return 0;
  }
}

/* ---- records, events, definitions: copied out whole, so that nothing dangles -------------------- */

static void set_integer(lua_State *L, const char *name, int64_t integer) {
  push_integer(L, integer);
  lua_setfield(L, -2, name);
}

static void set_text(lua_State *L, const char *name, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

static void set_boolean(lua_State *L, const char *name, int boolean) {
  lua_pushboolean(L, boolean);
  lua_setfield(L, -2, name);
}

/* {{path=, value=, type=, time=}, ...} */
static void push_batch(lua_State *L, const linnet_batch *batch) {
  size_t count = batch == NULL ? 0 : linnet_batch_count(batch);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    linnet_record record;
    if (linnet_batch_record(batch, i, &record) < 0) break;
    lua_createtable(L, 0, 4);
    push_path(L, record.path);
    lua_setfield(L, -2, "path");
    push_value(L, &record.value);
    lua_setfield(L, -2, "value");
    set_integer(L, "type", record.value.type);
    if (record.time_s != 0) {
      lua_pushnumber(L, record.time_s);
      lua_setfield(L, -2, "time");
    }
    lua_rawseti(L, -2, (int)i + 1);
  }
}

/* What does not apply is nil: `kind`, `source`, `status` and `operation` are always there. */
static void push_event(lua_State *L, const linnet_event *event) {
  unsigned code = linnet_event_code(event);
  linnet_path path = linnet_event_path(event);
  luaL_checkstack(L, 8, "event");
  lua_createtable(L, 0, 12);
  set_text(L, "kind", linnet_event_kind_name(linnet_event_get_kind(event)));
  set_integer(L, "source", (int64_t)linnet_event_source(event));
  set_text(L, "status", linnet_status_name(linnet_event_status(event)));
  if (linnet_event_cause(event) != LINNET_CAUSE_NONE) set_text(L, "cause", linnet_cause_name(linnet_event_cause(event)));
  set_integer(L, "operation", linnet_event_operation(event));
  if (code != 0) {
    lua_pushfstring(L, "%d.%d%d", (int)code / 100, (int)code / 10 % 10, (int)code % 10);
    lua_setfield(L, -2, "code");
  }
  if (*linnet_event_endpoint(event) != '\0') set_text(L, "endpoint", linnet_event_endpoint(event));
  if (linnet_event_registration(event) != 0)
    set_integer(L, "registration", (int64_t)linnet_event_registration(event));
  if (linnet_event_request(event) != 0) set_integer(L, "request", (int64_t)linnet_event_request(event));
  if (path.depth > 0) {
    push_path(L, path);
    lua_setfield(L, -2, "path");
  }
  if (*linnet_event_text(event) != '\0') set_text(L, "text", linnet_event_text(event));
  if (linnet_event_format(event) != LINNET_FORMAT_NONE) set_integer(L, "format", linnet_event_format(event));
  if (linnet_event_log_level(event) != LINNET_LOG_OFF) set_integer(L, "level", linnet_event_log_level(event));
  if (linnet_event_batch(event) != NULL) {
    push_batch(L, linnet_event_batch(event));
    lua_setfield(L, -2, "records");
  }
}

static void push_resource_definition(lua_State *L, const linnet_resource_definition *resource) {
  if (resource == NULL) {
    lua_pushnil(L);
    return;
  }
  lua_createtable(L, 0, 8);
  set_integer(L, "id", linnet_resource_definition_id(resource));
  set_text(L, "name", linnet_resource_definition_name(resource));
  set_integer(L, "type", linnet_resource_definition_type(resource));
  set_integer(L, "operations", linnet_resource_definition_operations(resource));
  set_boolean(L, "multiple", linnet_resource_definition_instances(resource) == LINNET_MULTIPLE);
  set_boolean(L, "mandatory", linnet_resource_definition_presence(resource) == LINNET_MANDATORY);
  set_text(L, "units", linnet_resource_definition_units(resource));
  set_text(L, "range", linnet_resource_definition_range(resource));
}

static void push_definition(lua_State *L, const linnet_definition *definition) {
  if (definition == NULL) {
    lua_pushnil(L);
    return;
  }
  size_t count = linnet_definition_count(definition);
  lua_createtable(L, 0, 6);
  set_integer(L, "id", linnet_definition_id(definition));
  set_text(L, "name", linnet_definition_name(definition));
  set_text(L, "version", linnet_definition_version(definition));
  set_boolean(L, "multiple", linnet_definition_instances(definition) == LINNET_MULTIPLE);
  set_boolean(L, "mandatory", linnet_definition_presence(definition) == LINNET_MANDATORY);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    push_resource_definition(L, linnet_definition_at(definition, i));
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "resources");
}

/* records(batch) */
static int batch_records(lua_State *L) {
  const linnet_batch *batch = to_handle(L, 1, SWIGTYPE_p_linnet_batch);
  if (batch == NULL) {
    push_wrong_handle(L, "records", 1, SWIGTYPE_p_linnet_batch);
    return lua_error(L);
  }
  push_batch(L, batch);
  return 1;
}

/* ---- links --------------------------------------------------------------------------------------- */

static void push_link(lua_State *L, const linnet_link *link, const char *root) {
  linnet_link_parameter parameter;
  linnet_path path;
  size_t position = 0;
  lua_newtable(L);
  if (link->target != NULL) {
    lua_pushlstring(L, link->target, link->target_length);
    lua_setfield(L, -2, "target");
    if (linnet_link_path(link, root, &path) == LINNET_OK) {
      push_path(L, path);
      lua_setfield(L, -2, "path");
    }
  }
  lua_newtable(L);
  while (linnet_link_next_parameter(link, &position, &parameter) == LINNET_OK) {
    lua_pushlstring(L, parameter.name, parameter.name_length);
    if (parameter.value == NULL) lua_pushboolean(L, 1);
    else lua_pushlstring(L, parameter.value, parameter.value_length);
    lua_rawset(L, -3);
  }
  lua_setfield(L, -2, "attributes");
}

/* link_parse(text, root): {{target=, path=, attributes={name=value or true}}, ...}; `root` as of the registration. */
static int link_parse(lua_State *L) {
  size_t length = 0, position = 0;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *root = luaL_optstring(L, 2, "");
  linnet_link link;
  linnet_status status;
  lua_newtable(L);
  for (int i = 1; (status = linnet_link_next(text, length, &position, &link)) == LINNET_OK; i++) {
    push_link(L, &link, root);
    lua_rawseti(L, -2, i);
  }
  if (status == LINNET_ERROR_NOT_FOUND) return 1;
  push_failure(L, status, NULL);
  return lua_error(L);
}

/* pdu -> number, payload, header */
static int sms_open(lua_State *L) {
  size_t length;
  const char *pdu = luaL_checklstring(L, 1, &length);
  linnet_sms sms;
  uint8_t header[LINNET_SMS_OCTETS];
  linnet_status status = linnet_sms_parse(&sms, pdu, length);
  if (status < 0) {
    push_failure(L, status, NULL);
    return lua_error(L);
  }
  lua_pushfstring(L, "%s%s", sms.number.kind == LINNET_SMS_INTERNATIONAL ? "+" : "", sms.number.text);
  lua_pushlstring(L, (const char *)sms.data, sms.length);
  lua_pushlstring(L, (const char *)header, linnet_sms_get_header(&sms, header));
  return 3;
}

/* number, payload, header -> the pdu of a DELIVER of 8-bit data */
static int sms_deliver(lua_State *L) {
  size_t length, header_length, size;
  const char *number = luaL_checkstring(L, 1), *data = luaL_checklstring(L, 2, &length);
  const char *header = luaL_checklstring(L, 3, &header_length);
  linnet_sms sms;
  uint8_t pdu[LINNET_SMS_PDU_SIZE];
  linnet_status status = linnet_sms_submit(&sms, number, data, length);
  sms.kind = LINNET_SMS_DELIVER;
  if (status == LINNET_OK) status = linnet_sms_set_header(&sms, header, header_length);
  if (status == LINNET_OK) status = linnet_sms_write(&sms, pdu, &size);
  if (status < 0) {
    push_failure(L, status, NULL);
    return lua_error(L);
  }
  lua_pushlstring(L, (const char *)pdu, size);
  return 1;
}

#ifdef LINNET_WITH_DRIVER
/* entropy(length): a string of random bytes. */
static int entropy(lua_State *L) {
  char bytes[64];
  lua_Integer length = luaL_checkinteger(L, 1);
  luaL_argcheck(L, length > 0 && length <= (lua_Integer)sizeof bytes, 1, "1 to 64 bytes");
  linnet_status status = linnet_entropy(bytes, (size_t)length);
  if (status < 0) {
    push_failure(L, status, NULL);
    return lua_error(L);
  }
  lua_pushlstring(L, bytes, (size_t)length);
  return 1;
}
#endif
%}
