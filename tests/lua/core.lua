-- SPDX-License-Identifier: Apache-2.0
-- The module linnet.core: how values, bytes, errors and handles cross between C and Lua.
local test = require "check"
local core = require "linnet.core"

local function new_loop() return core.Loop(("s"):rep(16)) end

local function thermometer(loop)
  local model = core.Model(loop)
  model:add_object(3303, "Temperature", nil, core.MULTIPLE)
  local function add(id, kind, operations, multiple)
    operations = operations or core.OPERATION_READ
    model:add_resource(3303, id, "R" .. id, kind, operations, multiple or core.SINGLE, core.OPTIONAL)
  end
  add(1, core.TYPE_STRING)
  add(2, core.TYPE_INTEGER)
  add(3, core.TYPE_FLOAT)
  add(4, core.TYPE_BOOLEAN)
  add(5, core.TYPE_OPAQUE)
  add(6, core.TYPE_TIME)
  add(7, core.TYPE_OBJLNK)
  add(8, core.TYPE_INTEGER, core.OPERATION_READ, core.MULTIPLE)
  add(9, core.TYPE_NONE)
  local object = core.Object(model, 3303)
  object:add_instance(0)
  return object
end

test("every type goes in and comes out", function()
  local object = thermometer(new_loop())
  local function turn(id, value)
    object:set("/3303/0/" .. id, value)
    return object:get("/3303/0/" .. id)
  end
  test.equal(turn(1, "grüße"), "grüße")
  test.equal(turn(2, -5), -5)
  test.equal(turn(3, 20.5), 20.5)
  test.equal(turn(4, true), true)
  test.equal(turn(4, false), false)
  test.equal(turn(6, 1700000000), 1700000000)
  test.equal(turn(7, { 3, 0 }), "3:0")
  test.equal(turn(9, "text"), "text")
  test.equal(turn(9, 1.5), 1.5)
end)

test("bytes keep their zeros", function()
  local object = thermometer(new_loop())
  object:set("/3303/0/5", "a\0b\0")
  test.equal(#object:get "/3303/0/5", 4)
  test.equal(object:get "/3303/0/5", "a\0b\0")
end)

test("what is not UTF-8 is opaque, and no string", function()
  local object = thermometer(new_loop())
  object:set("/3303/0/9", "\255\254")
  test.equal(object:get "/3303/0/9", "\255\254")
  test.raises("wrong-type", object.set, object, "/3303/0/1", "\255\254")
end)

test("integers are exact: to 2^53, and to 64 bits where Lua has them", function()
  local object = thermometer(new_loop())
  object:set("/3303/0/2", 2 ^ 53)
  test.equal(object:get "/3303/0/2" == 2 ^ 53, true)
  object:set("/3303/0/2", -(2 ^ 53))
  test.equal(object:get "/3303/0/2" == -(2 ^ 53), true)
  if math.type then
    object:set("/3303/0/2", math.maxinteger)
    test.equal(object:get "/3303/0/2", math.maxinteger)
    object:set("/3303/0/2", math.mininteger)
    test.equal(object:get "/3303/0/2", math.mininteger)
    test.equal(math.type(object:get "/3303/0/2"), "integer")
  end
end)

test("the definition decides what a number becomes (TYP-06)", function()
  local object = thermometer(new_loop())
  object:set("/3303/0/3", 20)
  test.equal(object:get "/3303/0/3" == 20, true)
  object:set("/3303/0/2", 20.0)
  test.equal(object:get "/3303/0/2" == 20, true)
  test.raises("wrong-type", object.set, object, "/3303/0/2", 20.5)
  test.raises("wrong-type", object.set, object, "/3303/0/3", 0 / 0)
  test.raises("wrong-type", object.set, object, "/3303/0/3", "20")
  test.raises("wrong-type", object.set, object, "/3303/0/4", 1)
end)

test("wrong arguments raise, whatever they are", function()
  local loop = new_loop()
  local object, model = thermometer(loop), core.Model(loop)
  local odd = {
    1.5, -1, 65536, 2 ^ 70, 0 / 0, "x", "1", {}, print, io.stdout, loop, true, coroutine.create(function() end),
  }
  for _, value in ipairs(odd) do
    test.raises("invalid-argument", object.add_instance, object, value)
    test.raises("invalid-argument", object.instance_at, object, value == 65536 and {} or value)
  end
  for _, value in ipairs { 1, {}, true, io.stdout, "3/x", "/1/2/3/4/5", "/65536", "/3\0" } do
    test.raises("invalid-argument", object.get, object, value)
  end
  for _, value in ipairs { io.stdout, model, {}, 1, "loop", true } do
    test.raises("invalid-argument", core.Model, value)
    test.raises("invalid-argument", loop.step, value, 1)
  end
  test.raises("invalid-argument", core.Model, nil)
  test.raises("invalid-argument", core.Model)
  test.raises("invalid-argument", loop.step, loop)
  test.raises("invalid-argument", loop.step, loop, 1, 2)
  test.raises("invalid-argument", core.Loop, "too short")
  test.raises("invalid-argument", object.set, object, "/3303/0/3", print)
  test.raises("invalid-argument", object.set, object, "/3303/0/7", { 1 })
  test.raises("invalid-argument", object.set, object, "/3303/0/7", { 1, 65536 })
  test.raises("invalid-argument", object.set_handler, object, 1, "function")
  test.raises("invalid-argument", model.add_object, model, 1, "a\0b", nil, 0)
end)

test("an error is a table with status, code and message", function()
  local object = thermometer(new_loop())
  local raised = test.raises("not-found", object.get, object, "/3303/7/1")
  test.equal(raised.code, "not-found")
  test.match(raised.message, "/3303/7/1")
  test.equal(tostring(raised), raised.message)
  test.equal(getmetatable(raised), core.Error)
end)

test("handles hide their metatables, and the module leaves no globals", function()
  test.equal(getmetatable(new_loop()), false)
  test.equal(rawget(_G, "swig_type"), nil)
  test.equal(rawget(_G, "linnet"), nil)
  test.equal(rawget(_G, "linnet_core"), nil)
end)

test("definitions come out as tables", function()
  local model = core.Model(new_loop())
  local device = model:find(3)
  test.equal(device.name, "Device")
  test.equal(device.multiple, false)
  test.equal(device.resources[1].name, "Manufacturer")
  test.equal(model:find(40000), nil)
  test.equal(model:resource("/3/0/0").type, core.TYPE_STRING)
  test.equal(model:resource("/3/0/40000"), nil)
  test.equal(model:path "/Device/0/Manufacturer", "/3/0/0")
end)

test("batches decode and encode", function()
  local loop = new_loop()
  local model, batch = core.Model(loop), core.Batch(loop)
  batch:decode(model, core.FORMAT_TLV, "/3/0", "\195\0Foo")
  test.equal(core.records(batch), { { path = "/3/0/0", value = "Foo", type = core.TYPE_STRING } })
  test.equal(batch:encode(core.FORMAT_TEXT, "/3/0/0"), "Foo")
  test.raises("malformed", batch.decode, batch, model, core.FORMAT_TLV, "/3/0", "\195")
  test.equal(batch:count(), 1)
end)

test("link-format comes out as tables", function()
  local links = core.link_parse('</lw>;rt="oma.lwm2m";ct=11543,</lw/3/0>,</lw/1/0>;obs', "/lw")
  test.equal(#links, 3)
  test.equal(links[1].attributes, { rt = "oma.lwm2m", ct = "11543" })
  test.equal(links[2].path, "/3/0")
  test.equal(links[3].attributes.obs, true)
  test.raises("malformed", core.link_parse, "</3")
end)

test("handles that were collected by hand are gone, not dangling", function()
  -- A finalizer may run after that of a handle it holds; it must find a handle that says no.
  local found
  do
    local loop = new_loop()
    local proxy = newproxy and newproxy(true)
    local meta = proxy and getmetatable(proxy) or {}
    meta.__gc = function() found = pcall(loop.now, loop) end
    proxy = proxy or setmetatable({}, meta)
    test.truth(proxy)
  end
  test.collect()
  test.truth(found ~= nil, "the finalizer ran")
end)

test("entropy gives different bytes", function()
  if not core.entropy then return end
  test.equal(#core.entropy(32), 32)
  test.truth(core.entropy(32) ~= core.entropy(32))
end)

test.finish()
