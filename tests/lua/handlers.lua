-- SPDX-License-Identifier: Apache-2.0
-- Functions that C calls: on whatever coroutine they were given, once released, errors kept for the step.
local test = require "check"
local core = require "linnet.core"

-- A client and a server of the core in a world; returns a table with all of it.
local function pair()
  local made = { world = core.World(1) }
  made.client_loop, made.server_loop = made.world:new_loop(), made.world:new_loop()
  made.client = core.Client(made.client_loop, "kitchen", nil)
  made.server = core.Server(made.server_loop, nil)
  local function plug(loop, role, address)
    local transport = core.Transport(loop, core.TRANSPORT_UDP)
    made.world:attach(transport, address)
    role:add_transport(transport)
  end
  plug(made.client_loop, made.client, "10.0.0.2:5683")
  plug(made.server_loop, made.server, "10.0.0.1:5683")
  local model = made.client:own_model()
  model:add_object(3303, "Temperature", nil, core.MULTIPLE)
  model:add_resource(3303, 5700, "Value", core.TYPE_FLOAT, core.OPERATION_READ, core.SINGLE, core.OPTIONAL)
  made.object = core.Object(model, 3303)
  made.object:add_instance(0)
  made.object:compute "/3303/0/5700"
  made.client:add_object(made.object)
  made.client:add_server("coap://10.0.0.1", 1, 300)
  made.client:start()
  made.world:advance(2000)
  made.registration = made.server:find "kitchen"
  return made
end

-- Reads the value; returns the event of the response.
local function read(made)
  local number = made.server:request(made.registration, core.OPERATION_READ, "/3303/0/5700", nil, nil, core.FORMAT_NONE)
  made.world:advance(made.world:now() + 5000)
  local event = made.server_loop:next_event()
  while event and event.request ~= number do event = made.server_loop:next_event() end
  return event
end

test("a handler answers, and sees what it is asked", function()
  local made, seen = pair(), nil
  made.object:set_handler(core.OPERATION_READ, function(question, event)
    seen = event
    question:answer(event.path, 36.5)
  end)
  local event = read(made)
  test.equal(event.kind, "response")
  test.equal(event.status, "ok")
  test.equal(event.code, "2.05")
  test.equal(event.records[1].value, 36.5)
  test.equal(seen.kind, "question")
  test.equal(seen.operation, core.OPERATION_READ)
  test.equal(seen.path, "/3303/0/5700")
  test.equal(seen.source, made.object:number())
end)

test("a status that a handler returns is the answer", function()
  local made = pair()
  made.object:set_handler(core.OPERATION_READ, function() return core.ERROR_NOT_ALLOWED end)
  test.equal(read(made).code, "4.05")
  made.object:set_handler(core.OPERATION_READ, function(question)
    question:refuse(403)
    return core.ERROR_REFUSED
  end)
  test.equal(read(made).code, "4.03")
end)

test("the first error of a handler is raised by the step, and the server gets 5.00", function()
  local made = pair()
  made.object:set_handler(core.OPERATION_READ, function() error({ mine = true }) end)
  made.server:request(made.registration, core.OPERATION_READ, "/3303/0/5700", nil, nil, core.FORMAT_NONE)
  local ok, raised = pcall(made.world.advance, made.world, made.world:now() + 1000)
  test.equal(ok, false)
  test.equal(raised.mine, true)
  made.world:advance(made.world:now() + 1000)
  local event = made.server_loop:next_event()
  while event and event.kind ~= "response" do event = made.server_loop:next_event() end
  test.equal(event.code, "5.00")
end)

test("an error without a value is raised, too", function()
  local made = pair()
  made.object:set_handler(core.OPERATION_READ, function() error(nil) end)
  local ok, raised = pcall(read, made)
  test.equal(ok, false)
  test.truth(raised)
end)

test("a wrong answer is an error of the handler", function()
  local made = pair()
  made.object:set_handler(core.OPERATION_READ, function() return "36.5" end)
  local ok, raised = pcall(read, made)
  test.equal(ok, false)
  test.match(raised, "returned a string")
end)

test("a handler that was set in a coroutine outlives it", function()
  local made, calls = pair(), 0
  coroutine.wrap(function()
    made.object:set_handler(core.OPERATION_READ, function(question, event)
      calls = calls + 1
      question:answer(event.path, 1)
    end)
  end)()
  test.collect()
  test.equal(read(made).code, "2.05")
  test.equal(calls, 1)
end)

test("steps run in coroutines, and handlers cannot yield across them", function()
  local made = pair()
  made.object:set_handler(core.OPERATION_READ, function(question, event)
    question:answer(event.path, coroutine.yield() or 1)
  end)
  local co = coroutine.create(function() return pcall(read, made) end)
  local resumed, ok, raised = coroutine.resume(co)
  test.equal(resumed, true)
  test.equal(ok, false)
  test.match(raised, "yield")
end)

test("a handler may step another loop, and errors stay in their scope", function()
  local outer, inner = pair(), pair()
  inner.object:set_handler(core.OPERATION_READ, function() error("inner", 0) end)
  local caught
  outer.object:set_handler(core.OPERATION_READ, function(question, event)
    local ok, raised = pcall(read, inner)
    caught = not ok and raised
    question:answer(event.path, 2)
  end)
  test.equal(read(outer).records[1].value, 2)
  test.equal(caught, "inner")
end)

test("a handler may replace and remove itself", function()
  local made = pair()
  made.object:set_handler(core.OPERATION_READ, function(question, event)
    made.object:set_handler(core.OPERATION_READ, function(again, asked) again:answer(asked.path, 2) end)
    test.collect()
    question:answer(event.path, 1)
  end)
  test.equal(read(made).records[1].value, 1)
  test.equal(read(made).records[1].value, 2)
  made.object:set_handler(0, nil)
  test.collect()
end)

test("a handler may close its client", function()
  local made = pair()
  made.object:set_handler(core.OPERATION_READ, function(question, event)
    question:answer(event.path, 1)
    made.client:close()
  end)
  read(made)
  test.raises("closed", made.client.start, made.client)
  test.raises("closed", made.client.add_server, made.client, "coap://10.0.0.1", 2, 60)
end)

test("a question may be answered later (CO-36)", function()
  local made, kept = pair(), nil
  made.object:set_handler(core.OPERATION_READ, function(question)
    question:defer()
    kept = question
  end)
  made.server:request(made.registration, core.OPERATION_READ, "/3303/0/5700", nil, nil, core.FORMAT_NONE)
  made.world:advance(made.world:now() + 1000)
  kept:answer("/3303/0/5700", 7)
  kept:finish(core.OK)
  made.world:advance(made.world:now() + 1000)
  local event = made.server_loop:next_event()
  while event and event.kind ~= "response" do event = made.server_loop:next_event() end
  test.equal(event.records[1].value, 7)
  test.raises("wrong-state", kept.answer, kept, "/3303/0/5700", 8)
end)

test("a kept question outlives everything", function()
  local kept
  do
    local made = pair()
    made.object:set_handler(core.OPERATION_READ, function(question)
      question:defer()
      kept = question
    end)
    made.server:request(made.registration, core.OPERATION_READ, "/3303/0/5700", nil, nil, core.FORMAT_NONE)
    made.world:advance(made.world:now() + 1000)
    made.client:close()
  end
  test.collect()
  test.truth(not pcall(kept.finish, kept, core.OK))
end)

test("a function is let go when its handler is replaced, refused, or collected", function()
  local weak = setmetatable({}, { __mode = "v" })
  local made = pair()
  local function handler(name)
    weak[name] = function() return name end
    return weak[name]
  end
  made.object:set_handler(core.OPERATION_READ, handler "replaced")
  made.object:set_handler(core.OPERATION_READ, handler "held")
  test.raises("invalid-argument", made.object.set_handler, made.object, core.OPERATION_DISCOVER, handler "refused")
  test.collect()
  test.equal(weak.replaced, nil)
  test.equal(weak.refused, nil)
  test.truth(weak.held)
  made = nil
  test.collect()
  test.equal(weak.held, nil)
  test.equal(made, nil)
end)

test("a watcher sees every datagram", function()
  local made, seen = pair(), {}
  made.world:observe(function(now, from, to, data, lost)
    seen[#seen + 1] = { now = now, from = from, to = to, length = #data, lost = lost }
  end)
  made.object:set_handler(core.OPERATION_READ, function(question, event) question:answer(event.path, 1) end)
  read(made)
  test.truth(#seen >= 2)
  test.equal(seen[1].from, "10.0.0.1:5683")
  test.equal(seen[1].to, "10.0.0.2:5683")
  test.equal(seen[1].lost, false)
  made.world:observe(nil)
end)

test.finish()
