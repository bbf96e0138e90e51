-- For `luacheck lua examples/lua tests/lua`: what Lua 5.1, LuaJIT, 5.3 and 5.4 have in common.
std = "max"
max_line_length = 120
files["lua/linnet/meta*.lua"] = { ignore = { "212", "241", "431", "631" } } -- declarations without bodies, some of them long
