-- SPDX-License-Identifier: Apache-2.0
-- Every method of every class with odd arguments, also on closed handles and from inside handlers: each call returns or
-- raises; nothing crashes, leaks or breaks what comes after.
local test = require "check"
local core = require "linnet.core"

local METHODS = {
  loop = "step deadline now set_wall_clock wall_clock error_text set_event_limit events_dropped memory_used " ..
    "next_event has_event coerce",
  transport = "get_kind receive next unreachable next_lookup answer_lookup set_local address set_mtu mtu " ..
    "set_queue_limit count close",
  batch = "add clear count find decode encode",
  model = "read_ddf add_object add_resource describe_resource count at find find_version resource path check",
  object = "number id definition add_instance remove_instance has_instance instance_count instance_at set get unset " ..
    "offer has collect compute notify set_handler allow",
  client = "number endpoint own_model own_object add_transport set_limit add_object remove_object add_server " ..
    "set_binding start update deregister register_anew set_reliability set_root set_sms_number " ..
    "set_access set_owner access awake_until get_state location next_update set get notify close",
  server = "number own_model add_transport set_limit registration_count registration_at find has_registration " ..
    "endpoint lifetime binding sms_number lwm2m_version location links root lists peer expires request " ..
    "set_timeout cancel " ..
    "forget observation close",
  driver = "open descriptor run wake close",
  world = "remove_loop attach rebind name set now set_epoch next fail_memory observe new_loop",
  question = "answer refuse defer finish",
}

-- The same numbers in every Lua.
local state = 12345
local function random(limit)
  state = (state * 1103515245 + 12345) % 2147483648
  return math.floor(state / 65536) % limit + 1
end

local function handles()
  local made = { world = core.World(9) }
  made.loop = made.world:new_loop()
  made.transport = core.Transport(made.loop, core.TRANSPORT_UDP)
  made.batch = core.Batch(made.loop)
  made.model = core.Model(made.loop)
  made.model:add_object(3303, "Temperature", nil, core.MULTIPLE)
  made.model:add_resource(3303, 5700, "Value", core.TYPE_FLOAT, 3, core.SINGLE, core.OPTIONAL)
  made.object = core.Object(made.model, 3303)
  made.object:add_instance(0)
  made.client = core.Client(made.loop, "kitchen", made.model)
  made.server = core.Server(made.loop, nil)
  if core.Driver then made.driver = core.Driver(core.Loop(("s"):rep(16))) end
  return made
end

local function arguments_from(made)
  local list = { 0, 1, 2, 3, 5, 8, 64, 3303, 5700, 65535, 65536, -1, 1.5, 2 ^ 31, 2 ^ 53, -2 ^ 63, 2 ^ 64, 0 / 0, 1 / 0,
    "", "/", "/3303/0/5700", "/3/0/0", "/3303", "/3303/0", "3303/0/5700", "/1/2/3/4", "x", "1.0", "kitchen",
    "coap://10.0.0.1", "10.0.0.1:5683", "10.0.0.9:1", "U", "0..9", "pmin=1&pmax=2", "0='a'", "\0",
    ("a"):rep(300), "\255", true, false, {},
    { 3, 0 }, { 1, 2, 3 }, print, function() return 1 end, function() error "no" end, io.stdout,
    coroutine.create(function() end) }
  for _, name in ipairs { "loop", "transport", "batch", "model", "object", "client", "server", "driver", "world" } do
    list[#list + 1] = made[name]
  end
  return list
end

-- One call with up to five odd arguments; also nil among them.
local function call(handle, method, odd)
  local count = random(6) - 1
  local given = {}
  for at = 1, count do given[at] = odd[random(#odd + 3)] end
  local ok, raised = pcall(handle[method], handle, (table.unpack or unpack)(given, 1, count)) -- luacheck: ignore 143
  if ok or raised == "no" or type(raised) == "string" then return end
  if type(raised) ~= "table" or type(raised.status) ~= "string" then error("raised " .. tostring(raised), 0) end
end

local function hammer(made, rounds)
  local odd = arguments_from(made)
  for _ = 1, rounds do
    for class, names in pairs(METHODS) do
      if made[class] then
        for name in names:gmatch "%S+" do
          if name ~= "close" then call(made[class], name, odd) end
        end
      end
    end
  end
end

test("open handles", function()
  for _ = 1, 10 do hammer(handles(), 30) end
end)

test("closed handles", function()
  local made = handles()
  for _, name in ipairs { "transport", "client", "server", "driver" } do
    if made[name] then made[name]:close() end
  end
  hammer(made, 100)
end)

test("inside a handler, the question included", function()
  local made, calls = handles(), 0
  local far = core.Server(made.world:new_loop(), nil)
  local near, there = made.transport, core.Transport(made.loop, core.TRANSPORT_UDP)
  test.raises("invalid-argument", far.add_transport, far, there)
  local far_loop = made.world:new_loop()
  far, there = core.Server(far_loop, nil), core.Transport(far_loop, core.TRANSPORT_UDP)
  made.world:attach(near, "10.0.0.2:5683")
  made.world:attach(there, "10.0.0.1:5683")
  made.client:add_transport(near)
  far:add_transport(there)
  made.object:compute "/3303/0/5700"
  made.client:add_object(made.object)
  made.client:add_server("coap://10.0.0.1", 1, 300)
  made.client:start()
  made.world:advance(3000)
  local registration = test.truth(far:find "kitchen")
  for _ = 1, 20 do
    made.object:set_handler(31, function(question)
      calls = calls + 1
      made.question = question
      hammer(made, 2)
    end)
    pcall(far.request, far, registration, core.OPERATION_READ, "/3303/0/5700", nil, nil, core.FORMAT_NONE)
    pcall(made.world.advance, made.world, made.world:now() + 2000)
    while far_loop:next_event() do calls = calls + 0 end
  end
  test.truth(calls > 0)
end)

test("constructors", function()
  local odd = arguments_from(handles())
  for _ = 1, 300 do
    for _, class in ipairs { "Loop", "Transport", "Model", "Object", "Batch", "Client", "Server", "Driver", "World" } do
      if core[class] then
        local ok, raised = pcall(core[class], odd[random(#odd + 1)], odd[random(#odd + 1)], odd[random(#odd + 1)])
        test.truth(ok or type(raised) == "table" or type(raised) == "string")
        local again, why = pcall(core[class], odd[random(#odd + 1)])
        test.truth(again or type(why) == "table" or type(why) == "string")
      end
    end
    for _, name in ipairs { "link_parse", "records", "status_name", "status_text", "type_name", "value_parse" } do
      pcall(core[name], odd[random(#odd)], odd[random(#odd + 1)], odd[random(#odd + 1)])
      pcall(core[name], odd[random(#odd)])
    end
  end
end)

test("without memory", function()
  local made = handles()
  for after = 0, 60 do
    made.world:fail_memory(made.loop, after, 3)
    local ok, raised = pcall(function()
      local model = core.Model(made.loop)
      model:add_object(9, "X", nil, core.MULTIPLE)
      model:add_resource(9, 1, "Y", core.TYPE_STRING, 3, core.SINGLE, core.OPTIONAL)
      local object = core.Object(model, 9)
      object:set_handler(31, function() end)
      object:add_instance(0)
      object:set("/9/0/1", ("text"):rep(50))
      local client = core.Client(made.loop, "x", model)
      client:add_object(object)
      client:add_server("coap://10.0.0.1", 1, 300)
      client:start()
      made.world:advance(made.world:now() + 100)
    end)
    test.truth(ok or type(raised) == "table" and raised.status)
    made.world:fail_memory(made.loop, 0, 0)
    test.collect()
  end
end)

test.finish()
