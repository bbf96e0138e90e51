-- SPDX-License-Identifier: Apache-2.0
-- Clients and servers that are killed in a simulated world, and begin again on what they stored.
local test = require "check"
local linnet = require "linnet"

local SERVER = "coap://10.0.0.1:5683"

local function with_file(call)
  local path = os.tmpname()
  os.remove(path)
  local ok, raised = pcall(call, path)
  for _, rest in ipairs { "", ".new", ".damaged" } do os.remove(path .. rest) end
  if not ok then error(raised, 0) end
end

local function kitchen(world, options)
  options = options or {}
  options.endpoint, options.server = "kitchen", options.server or SERVER
  options.lifetime = options.lifetime or 300
  local client = world:client(options)
  client:object(3303, { [0] = { [5700] = 20.5, [5750] = { value = "wall", write = true } } })
  return client
end

test("a killed server knows its devices, observations and waiting requests", function()
  with_file(function(path)
    local world = linnet.world(1)
    local first = world:server{ listen = SERVER, store = path }
    local client = kitchen(world, { binding = "UQ", lifetime = 600 })
    local device = first:wait_for("kitchen", 10)
    local location = device.location
    device:observe("/3303/0/5700"):keep()
    world:advance(180000)
    world:spawn(function() linnet.pcall(device.write, device, "/3303/0/5750", "cellar") end)
    world:advance(1000)
    test.equal(device.queued, 1)
    world:kill(first)
    test.equal(first.closed, true)
    local second = world:server{ listen = SERVER, store = path }
    test.equal(second:device("kitchen").location, location)
    test.equal(second:device("kitchen").queued, 1)
    local told, answers = 0, {}
    second:on("registered", function() told = told + 1 end)
    for _, name in ipairs { "response", "notify" } do
      second:on(name, function(found, event)
        answers[name] = found.endpoint .. " " .. event.path .. " " .. event.code
      end)
    end
    client:update()
    client:set("/3303/0/5700", 21.5)
    world:advance(2000)
    test.equal(answers.response, "kitchen /3303/0/5750 2.04")
    test.match(answers.notify, "kitchen /3303/0/5700")
    test.equal(client:get("/3303/0/5750"), "cellar")
    test.equal(second:device("kitchen").queued, 0)
    test.equal(told, 0)
    client:close()
    second:close()
  end)
end)

test("what expired meanwhile is told", function()
  with_file(function(path)
    local world = linnet.world(1)
    local first = world:server{ listen = SERVER, store = path }
    local client = kitchen(world)
    first:wait_for("kitchen", 10)
    world:kill(first)
    world:kill(client)
    world:kill(client)
    world:advance(3600 * 1000)
    local second, expired = world:server{ listen = SERVER, store = path }, nil
    second:on("expired", function(gone) expired = gone.endpoint end)
    world:advance(1000)
    test.equal(expired, "kitchen")
    second:close()
    local third = world:server{ listen = SERVER, store = path }
    test.equal(#third:devices(), 0)
    third:close()
  end)
end)

test("nobody is answered before it is stored", function()
  with_file(function(path)
    local world, answered = linnet.world(1), 0
    local server = world:server{ listen = SERVER, store = path }
    world:watch(function(_, _, _, data)
      if data:byte(2) ~= 0x41 then return end -- 2.01 Created
      local file = test.truth(io.open(path, "rb"))
      test.match(file:read "*a", "registration/kitchen")
      file:close()
      answered = answered + 1
    end)
    local client = kitchen(world)
    server:wait_for("kitchen", 10)
    world:advance(1000)
    test.equal(answered, 1)
    client:close()
    server:close()
  end)
end)

test("a killed client says nothing and comes back as it was", function()
  with_file(function(path)
    local world, told = linnet.world(1), {}
    local server = world:server{ listen = SERVER }
    for _, name in ipairs { "registered", "deregistered" } do
      server:on(name, function() told[#told + 1] = name end)
    end
    local first = kitchen(world)
    test.equal(first:keep(path), false)
    local device = server:wait_for("kitchen", 10)
    device:write("/3303/0/5750", "oven")
    device:write("/1/0/1", 777)
    world:kill(first)
    world:advance(1000)
    test.equal(#told, 1)
    local second = kitchen(world)
    test.equal(second:keep(path), true)
    test.equal(second:get("/1/0/1"), 777)
    test.equal(second:get("/3303/0/5750"), "oven")
    second:start()
    second:wait_registered(10)
    test.equal(table.concat(told, " "), "registered registered")
    second:close()
    server:close()
    test.raises("wrong-state", world.kill, linnet.world(2), second)
  end)
end)

test("a damaged file is set aside", function()
  with_file(function(path)
    local file = test.truth(io.open(path, "wb"))
    file:write "something else"
    file:close()
    local world = linnet.world(1)
    local server = world:server{ listen = SERVER, store = path }
    test.match(server.store_problem, "damaged")
    server:close()
    local client = kitchen(world)
    local there, problem = client:keep(path)
    test.equal(there, false)
    test.match(problem, "damaged")
    client:close()
  end)
end)

test.finish()
