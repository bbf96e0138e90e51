rockspec_format = "3.0"
package = "linnet"
version = "0.1.0-1"
source = {
  url = "git+https://example.invalid/linnet.git",
  tag = "v0.1.0",
}
description = {
  summary = "OMA LwM2M 1.0.2: client and server",
  detailed = [[
A small reentrant C library that speaks OMA Lightweight M2M 1.0.2, and a Lua package over it. User code waits in
coroutines; a client or server runs by itself, or in any event loop by one descriptor.]],
  license = "Apache-2.0",
  labels = { "lwm2m", "coap", "iot" },
}
dependencies = { "lua >= 5.1, < 5.5" }
external_dependencies = { EXPAT = { header = "expat.h" } }
build = {
  type = "cmake",
  variables = {
    CMAKE_BUILD_TYPE = "Release",
    CMAKE_INSTALL_PREFIX = "$(PREFIX)",
    LINNET_LUA = "ON",
    LINNET_LUA_INCLUDE_DIR = "$(LUA_INCDIR)",
    LINNET_LUA_MODULE_DIR = "$(LIBDIR)",
    LINNET_LUA_SCRIPT_DIR = "$(LUADIR)",
    LINNET_INSTALL = "OFF",
    LINNET_WERROR = "OFF",
  },
}
