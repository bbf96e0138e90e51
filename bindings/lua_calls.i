/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua_calls.i: C calls Lua. Never on the coroutine that registered, which may be dead or waiting by then, but on a
 * thread of the module's own; always protected, so that no error jumps across the core.
 */
%{
typedef struct callback {
  lua_State *thread;
  int reference; /* of the function, in the registry */
} callback;

/* What a call hands over. `push` pushes the arguments, under protection, and says how many. */
typedef struct call {
  int reference;
  int (*push)(lua_State *L, const struct call *call);
  const void *facts;
  int64_t *answer; /* NULL: what the function returns is nobody's business */
} call;

static void *new_callback(lua_State *L, int index) {
  callback *made;
  lua_pushvalue(L, index);
  int reference = luaL_ref(L, LUA_REGISTRYINDEX);
  made = malloc(sizeof *made);
  if (made == NULL) {
    luaL_unref(L, LUA_REGISTRYINDEX, reference);
    push_error(L, LINNET_ERROR_NO_MEMORY, "no memory for a handler");
    lua_error(L);
    return NULL;
  }
  push_shared_field(L, SHARED_THREAD);
  made->thread = lua_tothread(L, -1);
  made->reference = reference;
  lua_pop(L, 1);
  return made;
}

static void forget(void *user) {
  callback *given = user;
  luaL_unref(given->thread, LUA_REGISTRYINDEX, given->reference);
  free(given);
}

/* Calls the function; nil leaves the answer as it is. */
static int protected_call(lua_State *L) {
  call *made = lua_touserdata(L, 1);
  luaL_checkstack(L, 16, "handler");
  lua_rawgeti(L, LUA_REGISTRYINDEX, made->reference);
  lua_call(L, made->push(L, made), 1);
  if (made->answer != NULL && !lua_isnil(L, -1) && !to_integer(L, lua_gettop(L), made->answer))
    return luaL_error(L, "a handler returned a %s", luaL_typename(L, -1));
  return 0;
}

/*
 * 0, or -1: the function raised. The first error since the scope was opened is kept. Nothing here takes memory, and
 * every C function has room for the few slots.
 */
static int call_protected(lua_State *L, call *made) {
  int top = lua_gettop(L), result = 0;
  push_shared(L);
  lua_rawgeti(L, top + 1, SHARED_CALL);
  lua_pushlightuserdata(L, made);
  if (lua_pcall(L, 1, 0, 0) != 0) {
    result = -1;
    if (!lua_toboolean(L, -1)) lua_rawgeti(L, top + 1, SHARED_NAMELESS);
    lua_rawgeti(L, top + 1, SHARED_RAISED);
    int first = !lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (first) lua_rawseti(L, top + 1, SHARED_RAISED);
  }
  lua_settop(L, top);
  return result;
}

/* Around calls that may run handlers: leaves the error of an outer scope on the stack. Scopes nest. */
static void open_scope(lua_State *L) {
  luaL_checkstack(L, 16, "step");
  push_shared(L);
  lua_rawgeti(L, -1, SHARED_RAISED);
  lua_pushboolean(L, 0);
  lua_rawseti(L, -3, SHARED_RAISED);
  lua_remove(L, -2);
}

/* True: the error that a handler raised is on the stack. */
static int close_scope(lua_State *L) {
  push_shared(L);
  lua_rawgeti(L, -1, SHARED_RAISED);
  lua_pushvalue(L, -3);
  lua_rawseti(L, -3, SHARED_RAISED);
  if (lua_toboolean(L, -1)) return 1;
  lua_pop(L, 3);
  return 0;
}

/* The question, which may be kept and finished later, and its facts. */
static int push_question(lua_State *L, const call *made) {
  linnet_event *question = (linnet_event *)made->facts;
  SWIG_NewPointerObj(L, question, SWIGTYPE_p_linnet_event, 1);
  linnet_event_ref(question);
  push_event(L, question);
  return 2;
}

static linnet_status ask(linnet_event *question, void *user) {
  const callback *given = user; /* the handler may replace itself: not to be used after the call */
  int64_t answer = LINNET_OK;
  call made = {given->reference, push_question, question, &answer};
  if (call_protected(given->thread, &made) < 0) return LINNET_ERROR_HANDLER_FAILED;
  return (linnet_status)answer;
}

#ifdef LINNET_WITH_SIM
typedef struct sight {
  uint64_t now_ms;
  const linnet_address *from, *to;
  const void *data;
  size_t length;
  bool lost;
} sight;

static int push_sight(lua_State *L, const call *made) {
  const sight *seen = made->facts;
  push_integer(L, (int64_t)seen->now_ms);
  push_address(L, seen->from);
  push_address(L, seen->to);
  lua_pushlstring(L, seen->data, seen->length);
  lua_pushboolean(L, seen->lost);
  return 5;
}

static void watch(void *user, uint64_t now_ms, const linnet_address *from, const linnet_address *to, const void *data,
                  size_t length, bool lost) {
  const callback *given = user;
  sight seen = {now_ms, from, to, data, length, lost};
  call made = {given->reference, push_sight, &seen, NULL};
  call_protected(given->thread, &made);
}

static int push_nothing(lua_State *L, const call *made) {
  (void)L;
  (void)made;
  return 0;
}

static void store(void *user) {
  const callback *given = user; /* the keeper may replace itself: not to be used after the call */
  call made = {given->reference, push_nothing, NULL, NULL};
  call_protected(given->thread, &made);
}
#endif

/* ---- when the module is loaded -------------------------------------------------------------------- */

static void push_error_class(lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, error_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "linnet.error");
  lua_setfield(L, -2, "__name");
}

static void make_shared(lua_State *L) {
  lua_pushlightuserdata(L, (void *)&shared_key);
  lua_createtable(L, SHARED_NAMELESS, 0);
  lua_pushboolean(L, 0);
  lua_rawseti(L, -2, SHARED_RAISED);
  lua_newthread(L);
  lua_rawseti(L, -2, SHARED_THREAD);
  lua_pushcfunction(L, protected_call);
  lua_rawseti(L, -2, SHARED_CALL);
  push_error_class(L);
  lua_rawseti(L, -2, SHARED_ERROR_CLASS);
  lua_pushliteral(L, "a handler raised nil");
  lua_rawseti(L, -2, SHARED_NAMELESS);
  lua_rawset(L, LUA_REGISTRYINDEX);
}

/* The module's table is on top of the stack. */
static void prepare_state(lua_State *L) {
  make_shared(L);
  push_shared_field(L, SHARED_ERROR_CLASS);
  lua_setfield(L, -2, "Error");
  for (int i = 0; swig_types[i] != NULL; i++) {
    const swig_lua_class *class = swig_types[i]->clientdata;
    if (class == NULL) continue;
    SWIG_Lua_get_class_metatable(L, class->fqname);
    lua_pushcfunction(L, collect_handle);
    lua_setfield(L, -2, "__gc");
    lua_pushboolean(L, 0); /* finalizers are not for scripts */
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
  }
  lua_pushnil(L);
  lua_setglobal(L, "swig_type");
  lua_pushnil(L);
  lua_setglobal(L, "swig_equals");
}
%}
