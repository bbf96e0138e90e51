-- SPDX-License-Identifier: Apache-2.0
-- The end of a script with everything alive, in an order of its own: finalizers run in any order, and none may crash.
-- Run with a number from 0 to 5.
local linnet = require "linnet"
local core = require "linnet.core"

local kept = {}

-- Calls a function when the state is closed.
local function at_exit(call)
  local proxy = newproxy and newproxy(true)
  if proxy then getmetatable(proxy).__gc = call else proxy = setmetatable({}, { __gc = call }) end
  kept[#kept + 1] = proxy
end

local function world_with_everything()
  local world = linnet.world(1)
  local server = world:server{ listen = "10.0.0.1:5683" }
  local client = world:client{ endpoint = "kitchen", server = "coap://10.0.0.1" }
  client:object(3303, { [0] = { [5700] = function() return client.endpoint and 1 end } })
  server:on("registered", function(device)
    local observation = device:observe "/3303/0/5700"
    while true do observation:next() end
  end)
  world:watch(function() return world, server, client end)
  world:advance(3000)
  kept[#kept + 1] = { world, server, client }
  return world, server, client
end

local function sockets()
  local server = linnet.server{ listen = "127.0.0.1:0" }
  local client = linnet.client{ endpoint = "kitchen", server = server:addresses()[1] }
  client:object(3303, { [0] = { [5700] = function() return server and 1 end } })
  server:spawn(function() server:wait_for "kitchen":observe "/3303/0/5700":next() end)
  kept[#kept + 1] = { server, client }
  for _ = 1, 5 do server:step(20) end
  return server, client
end

local ways = {
  [0] = world_with_everything,
  sockets,
  function() -- finalizers that use what may be finalized already
    local world, server, client
    at_exit(function()
      pcall(client.close, client)
      pcall(server.devices, server)
      pcall(world.advance, world, 1000)
      pcall(world.core.now, world.core)
    end)
    world, server, client = world_with_everything()
    at_exit(function()
      pcall(server.close, server)
      pcall(world.advance, world, 1000)
    end)
  end,
  function() -- a deferred question and its parts, in the global table
    local loop = core.Loop(("s"):rep(16))
    local model = core.Model(loop)
    model:add_object(9, "X", nil, core.MULTIPLE)
    local object = core.Object(model, 9)
    object:set_handler(core.OPERATION_READ, function() return object, model end)
    at_exit(function() pcall(object.set_handler, object, core.OPERATION_READ, function() return object end) end)
    kept[#kept + 1] = { object = object, batch = core.Batch(loop) }
  end,
  function() -- inside a handler, in the middle of a step
    local world, server, client = world_with_everything()
    client:set("/3303/0/5700", function() os.exit(0, true) end)
    pcall(function() server:device "kitchen":read "/3303/0/5700" end)
    world:advance(1000)
  end,
  function() -- in coroutines that wait
    local server = sockets()
    server:spawn(function() linnet.sleep(1000) end)
    server:spawn(function() server:wait_for "nobody" end)
    _G.kept = coroutine.wrap(function() coroutine.yield(server) end)
    _G.kept()
  end,
}

ways[tonumber(arg[1] or 0)]()
print "the end"
