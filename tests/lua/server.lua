-- SPDX-License-Identifier: Apache-2.0
-- Clients and servers of the package in a simulated world: registrations, requests, observations, coroutines.
local test = require "check"
local linnet = require "linnet"

local SERVER = "coap://10.0.0.1:5683"

local function scene(options)
  local world = linnet.world(3)
  local made = { world = world, server = world:server{ listen = SERVER }, value = 20 }
  made.client = world:client{ endpoint = "kitchen", server = SERVER, lifetime = options and options.lifetime or 300 }
  made.client:object(3303, {
    [0] = {
      [5700] = function() return made.value + 0.5 end,
      [5701] = "Cel",
      [5750] = { value = "wall", write = true },
    },
  })
  return made
end

test("events are told in order, each in a coroutine", function()
  local made, told = scene{ lifetime = 60 }, {}
  for _, name in ipairs { "registered", "updated", "deregistered", "expired" } do
    made.server:on(name, function(device, event)
      told[#told + 1] = name .. " " .. device.endpoint
      test.equal(event.kind, name)
    end)
  end
  made.client:on("registered", function(event) told[#told + 1] = "client " .. event.kind end)
  made.world:advance(120000)
  test.equal(told[1], "registered kitchen")
  test.equal(told[2], "client registered")
  test.equal(told[3], "updated kitchen")
  test.equal(made.client:deregister(), true)
  test.equal(told[#told], "deregistered kitchen")
  test.equal(made.client:state(), "idle")
  made.client:start()
  made.client:wait_registered(10)
  made.world:network({ down = true }, made.client)
  made.world:advance(3600 * 1000)
  test.equal(told[#told], "expired kitchen")
  test.equal(made.server:device "kitchen", nil)
  test.equal(#made.server:devices(), 0)
  test.raises("invalid-argument", made.server.on, made.server, "regitsered", print)
end)

test("what a device is", function()
  local made = scene()
  local device = made.server:wait_for("kitchen", 10)
  test.equal(device.endpoint, "kitchen")
  test.equal(device.lifetime, 300)
  test.equal(device.binding, "U")
  test.equal(device.version, "1.0")
  test.match(device.location, "^/rd/")
  test.match(device.address, "^10%.1%.")
  test.equal(device.registered, true)
  test.equal(device.root, "")
  test.equal(made.server:located(device.location) == device, true)
  test.equal(made.server:located "/rd/nowhere", nil)
  test.equal(made.server:at(device.address)[1] == device, true)
  test.equal(#made.server:at "10.9.9.9:5683", 0)
  test.raises("invalid-argument", made.server.at, made.server, "nowhere")
  test.equal(table.concat(device.objects, " "), "/1/0 /3/0 /3303/0")
  test.equal(made.server:device "kitchen" == device, true)
  test.equal(made.server:devices()[1] == device, true)
  made.client:wait_registered(10)
  made.client:deregister()
  test.equal(device.registered, false)
  test.equal(device.lifetime, nil)
  test.equal(test.raises("not-found", device.read, device, "/3/0/0").endpoint, "kitchen")
end)

test("requests, from code that is no coroutine", function()
  local made = scene()
  local device = made.server:wait_for "kitchen"
  test.equal(device:read "/3303/0/5700", 20.5)
  test.equal(device:read("/3303/0/5701", { format = "text" }), "Cel")
  test.equal(device:read("/3303/0", { format = "json" })["/3303/0/5701"], "Cel")
  device:write("/3303/0", { [5750] = "oven" })
  test.equal(device:read "/3303/0/5750", "oven")
  device:write("/3303/0", { [5750] = "sink" }, { replace = true })
  test.equal(device:read "/3303/0/5750", "sink")
  local links = device:discover "/3303/0"
  test.equal(links[1].path, "/3303/0")
  device:write_attributes("/3303/0/5700", { pmin = 5, gt = 25.5 })
  links = device:discover "/3303/0/5700"
  test.equal(links[1].attributes, { pmin = 5, gt = 25.5 })
  device:write_attributes("/3303/0/5700", { pmin = false })
  test.equal(device:discover "/3303/0/5700"[1].attributes, { gt = 25.5 })
  test.raises("invalid-argument", device.read, device, "/")
  test.equal(test.raises("invalid-argument", device.read, device, 3303).message,
    "a path is text, such as '/3/0/0', not 3303")
  local raised = test.raises("invalid-argument", device.observe, device, "/3303/0/5700", { pmin = "x" })
  test.equal(raised.message, "pmin is a number, or false, not x")
  test.raises("invalid-argument", device.read, device, "/3303/0/5700", { format = "xml" })
  test.raises("invalid-argument", device.write_attributes, device, "/3303/0/5700", {})
end)

test("an error says what, where and whose", function()
  local made = scene()
  local device = made.server:wait_for "kitchen"
  local raised = test.raises("refused", device.read, device, "/3303/0/9999")
  test.equal(raised.code, "4.04")
  test.equal(raised.path, "/3303/0/9999")
  test.equal(raised.endpoint, "kitchen")
  test.match(raised.message, "kitchen")
  test.match(tostring(raised), "4.04")
  test.equal(linnet.is_error(raised), true)
  test.equal(linnet.is_error("text"), false)
  made.world:network{ down = true }
  raised = test.raises("timed-out", device.read, device, "/3303/0/5700")
  test.equal(raised.code, "timed-out")
  raised = test.raises("timed-out", device.read, device, "/3303/0/5700", { timeout = 2 })
  test.equal(raised.path, "/3303/0/5700")
end)

test("handlers wait without blocking each other", function()
  local world, log = linnet.world(5), {}
  local server = world:server{ listen = SERVER }
  server:on("registered", function(device)
    log[#log + 1] = "begin " .. device.endpoint
    device:read "/3/0/16"
    log[#log + 1] = "middle " .. device.endpoint
    device:read "/3/0/16"
    log[#log + 1] = "end " .. device.endpoint
  end)
  for _, name in ipairs { "a", "b", "c" } do world:client{ endpoint = name, server = SERVER } end
  world:advance(10000)
  test.equal(#log, 9)
  local order = table.concat(log, ",")
  test.truth(order:find "begin b.*end a" or order:find "begin a.*end b", order)
end)

test("so many requests to a device are on their way as nstart says", function() -- CO-34
  for _, nstart in ipairs { 1, 3 } do
    local world = linnet.world(7)
    local server = world:server{ listen = SERVER, nstart = nstart }
    local client = world:client{ endpoint = "kitchen", server = SERVER }
    local device, answers = server:wait_for("kitchen", 10), {}
    world:network({ delay = 500 }, client)
    for i = 1, 6 do
      server:spawn(function()
        device:read "/3/0/16"
        answers[#answers + 1] = i
      end)
    end
    world:advance(1100)
    test.equal(#answers, nstart)
    world:advance(1000)
    test.equal(#answers, 2 * nstart)
    world:advance(10000)
    test.equal(#answers, 6)
    if nstart == 1 then test.equal(table.concat(answers), "123456") end
  end
  test.raises("out-of-range", function() linnet.world(1):server{ listen = SERVER, nstart = 0 } end)
end)

test("pcall catches in a handler what a request raises, in 5.1 too", function()
  local made, caught, after = scene(), nil, nil
  made.server:on("registered", function(device)
    local ok, raised = pcall(device.read, device, "/3303/0/9999")
    caught = not ok and raised.code
    local fine, value = pcall(function() return device:read "/3303/0/5701" end)
    after = fine and value
  end)
  made.world:advance(5000)
  test.equal(caught, "4.04")
  test.equal(after, "Cel")
end)

test("linnet.pcall lets other handlers go on meanwhile, in 5.1 too", function()
  local made, log = scene(), {}
  made.server:on("registered", function(device)
    local observation = device:observe "/3303/0/5701"
    log[1] = linnet.pcall(function(first, ...)
      test.equal(first, nil)
      test.equal(select("#", ...), 2)
      observation:next()
      observation:next()
    end, nil, 1, nil)
    log[2] = { linnet.pcall(error, "text", 0) }
    log[3] = { linnet.pcall(function() return 1, nil, device:read "/3303/0/5701" end) }
  end)
  made.world:advance(5000)
  test.equal(log, {})
  made.client:set("/3303/0/5701", "K")
  made.world:advance(5000)
  test.equal(log, { true, { false, "text" }, { true, 1, nil, "K" } })
end)

test("what may wait for ever does not hold up everything", function()
  local made, raised = scene(), nil
  made.server:on("registered", function(device)
    local observation = device:observe "/3303/0/5701"
    coroutine.wrap(function()
      observation:next()
      raised = select(2, pcall(observation.next, observation))
    end)()
  end)
  made.world:advance(5000)
  test.equal(raised.status, "wrong-state")
end)

test("a coroutine of the script's own may wait, too", function()
  local made, found = scene(), {}
  made.server:on("registered", function(device)
    local values = coroutine.wrap(function()
      for _, path in ipairs { "/3303/0/5701", "/3303/0/5750" } do coroutine.yield(device:read(path)) end
    end)
    found[1], found[2] = values(), values()
  end)
  made.world:advance(5000)
  test.equal(found, { "Cel", "wall" })
end)

test("an error of a handler is raised by the step that ran it", function()
  local made = scene()
  made.server:on("registered", function(device) device:read "/3303/0/9999" end)
  local raised = test.raises("refused", made.world.advance, made.world, 5000)
  test.equal(raised.code, "4.04")
  made.server:on("updated", function() error "a mistake" end)
  made.client:update()
  local ok, text = pcall(made.world.advance, made.world, 5000)
  test.equal(ok, false)
  test.match(text, "a mistake")
  test.match(text, "traceback")
  made.world:advance(5000)
end)

test("or goes to the error handler, if there is one", function()
  local made, problem = scene(), nil
  made.server:on("error", function(found) problem = found end)
  made.server:on("registered", function(device) device:read "/3303/0/9999" end)
  made.world:advance(5000)
  test.equal(problem.code, "4.04")
  made.server:on("updated", function() error "a mistake" end)
  made.client:update()
  made.world:advance(5000)
  test.equal(problem.status, "handler-failed")
  test.match(problem.message, "a mistake")
end)

test("a request waits until a device in queue mode wakes (QUE-04)", function()
  local world = linnet.world(5)
  local server, told = world:server{ listen = SERVER }, {}
  world:client{ endpoint = "sleeper", server = SERVER, lifetime = 600, binding = "UQ" }
  server:on("queued", function(device, event) told[#told + 1] = device.endpoint .. " " .. event.path end)
  local device = server:wait_for("sleeper", 60)
  world:advance(120000)
  test.equal(device.awake, false)
  test.raises("timed-out", device.read, device, "/3/0/16", { timeout = 5 })
  test.equal(device:read "/3/0/16", "UQ")
  test.equal(device.awake, true)
  test.equal(told, { "sleeper /3/0/16", "sleeper /3/0/16" })
end)

test("an observation gives the present value, and each later one (OBS-01)", function()
  local made = scene()
  local device = made.server:wait_for "kitchen"
  local observation = device:observe("/3303/0/5701", { pmin = 0, pmax = 60 })
  local note = observation:next()
  test.equal(note.value, "Cel")
  test.equal(note.path, "/3303/0/5701")
  made.client:set("/3303/0/5701", "K")
  test.equal(observation:next().value, "K")
  test.equal(observation:next(1), nil)
  local before = made.world:now()
  test.equal(observation:next().value, "K")
  test.truth(made.world:now() - before > 50000, "after pmax")
  observation:cancel()
  observation:cancel()
  made.client:set("/3303/0/5701", "F")
  test.raises("cancelled", observation.next, observation)
end)

test("an observation that is forgotten ends with the next notification (OBS-05)", function()
  local made = scene()
  local device = made.server:wait_for "kitchen"
  local observation = device:observe("/3303/0/5701")
  observation:next()
  observation:forget()
  observation:forget()
  made.client:set("/3303/0/5701", "K")
  test.equal(device:read("/3303/0/5701", { format = "any" }), "K")
  test.raises("cancelled", observation.next, observation)
end)

test("observations of an instance and of a function's value", function()
  local made = scene()
  local device = made.server:wait_for "kitchen"
  local one, all = device:observe "/3303/0/5700", device:observe "/3303/0"
  test.equal(one:next().value, 20.5)
  test.equal(all:next().value["/3303/0/5700"], 20.5)
  made.value = 30
  made.client:notify "/3303/0/5700"
  test.equal(one:next().value, 30.5)
  test.equal(all:next().value["/3303/0/5700"], 30.5)
end)

test("a handler that waits for values ends when the device leaves", function()
  local made, values, stopped = scene(), 0, nil
  made.server:on("registered", function(device)
    local observation = device:observe "/3303/0/5701"
    made.server:spawn(function()
      local second = device:observe "/3303/0/5750"
      second:next()
      local ok, raised = linnet.pcall(second.next, second)
      stopped = not ok and raised.ended
    end)
    while true do
      values = values + 1
      test.truth(observation:next().value)
    end
  end)
  made.world:advance(5000)
  made.client:set("/3303/0/5701", "K")
  made.world:advance(5000)
  test.equal(values, 3)
  made.client:deregister()
  made.world:advance(5000)
  test.equal(stopped, true)
end)

test("spawn, sleep, and time-outs", function()
  local made, log = scene(), {}
  made.client:spawn(function()
    for at = 1, 3 do
      made.client:sleep(10)
      log[at] = made.world:now()
    end
  end)
  linnet.sleep(0)
  made.world:advance(31000)
  test.equal(#log, 3)
  test.truth(log[3] >= 30000 and log[3] < 31000)
  local raised = test.raises("timed-out", made.server.wait_for, made.server, "nobody", 5)
  test.truth(raised.message:find('waited 5 s for "nobody" to register', 1, true), raised.message)
end)

test("closing wakes who waits, and later calls say so", function()
  local made, raised = scene(), nil
  local device = made.server:wait_for "kitchen"
  made.world:network{ down = true }
  made.server:spawn(function()
    local co = coroutine.running()
    test.truth(co)
    raised = select(2, pcall(device.read, device, "/3303/0/5700"))
  end)
  if not raised then made.server:close() end
  made.server:close()
  test.truth(raised)
  test.truth(raised.status == "closed" or raised.status == "timed-out", raised.status)
  test.raises("closed", device.read, device, "/3303/0/5700")
  made.client:close()
  made.client:close()
  test.raises("closed", made.client.update, made.client)
  test.equal(made.client.device, nil)
end)

test("a handler of an object cannot wait", function()
  local made = scene()
  local device = made.server:wait_for "kitchen"
  made.client:set("/3303/0/5700", function() return device:read "/3303/0/5701" end)
  test.raises("wrong-state", device.read, device, "/3303/0/5700")
end)

test("but it may begin something that waits", function()
  local made, found = scene(), nil
  local device = made.server:wait_for "kitchen"
  made.client:wait_registered(5)
  made.client.device.reboot = function()
    made.client:spawn(function(first, second)
      test.equal({ first, second }, { nil, 2 })
      made.client:sleep(1)
      found = made.client:deregister(5)
    end, nil, 2)
  end
  device:execute "/3/0/4"
  test.equal(found, nil)
  made.world:advance(5000)
  test.equal(found, true)
  test.equal(device.registered, false)
end)

test("options are checked", function()
  local world = linnet.world(1)
  test.raises("invalid-argument", linnet.client, { world = world })
  test.raises("invalid-argument", linnet.client, { endpoint = "", world = world })
  test.raises("invalid-argument", linnet.client, { endpoint = "a", sever = "coap://10.0.0.1", world = world })
  test.raises("invalid-argument", linnet.client, { endpoint = "a", server = "http://10.0.0.1", world = world })
  test.raises("invalid-argument", linnet.client, { endpoint = "a", lifetime = 0, server = SERVER, world = world })
  for name, value in pairs{ lifetime = "long", id = 0, binding = 5, listen = 5, server = 5, hold_off = "soon" } do
    local options = { endpoint = "a", server = SERVER, bootstrap = "coap://10.0.0.9", world = world }
    options[name] = value
    test.match(test.raises("invalid-argument", linnet.client, options).message, "^" .. name .. " is .*not " .. value)
  end
  test.match(test.raises("invalid-argument", linnet.server, { listen = 5, world = world }).message, "^listen is text")
  test.raises("invalid-argument", linnet.server, { world = {} })
  test.raises("invalid-argument", linnet.client, "kitchen")
  test.raises("invalid-argument", world.network, world, { los = 1 })
end)

test("a bad network is no trouble, and the same seed gives the same run", function()
  local function story(seed)
    local world, log = linnet.world(seed), {}
    world:network{ loss = 0.2, duplication = 0.1, delay = 30, jitter = 20 }
    world:watch(function(now, from, _, data, lost) log[#log + 1] = now .. from .. #data .. tostring(lost) end)
    local server = world:server{ listen = SERVER }
    world:name("server.example", "10.0.0.1:5683")
    local client = world:client{ endpoint = "far", server = "coap://server.example" }
    client:object(3303, { [0] = { [1] = ("long "):rep(600) } })
    test.equal(#server:wait_for "far":read "/3303/0/1", 3000)
    return table.concat(log, " ")
  end
  test.equal(story(11), story(11))
  test.truth(story(11) ~= story(12))
end)

test("what nobody uses any more is collected", function()
  local weak = setmetatable({}, { __mode = "k" })
  do
    local made = scene()
    made.server:wait_for "kitchen":observe "/3303/0/5700"
    weak[made.client], weak[made.server], weak[made.world] = true, true, true
    weak[made.client:object(3303)] = true
  end
  test.collect()
  test.equal(next(weak), nil)
end)

test("a script may carry the datagrams and the time itself", function()
  local now, to_server, to_client = 0, {}, {}
  local function clock() return now end
  local function queue(into) return function(data, peer) into[#into + 1] = { data, peer } end end
  local near = linnet.transport{ send = queue(to_server), lookup = function(name)
    return name == "server.example:5683" and "192.0.2.1:5683" or nil
  end }
  local far = linnet.transport{ send = queue(to_client) }
  local client, server
  local function wait()
    now = now + 10
    for _, item in ipairs(to_server) do far:receive(item[1], "192.0.2.2:5683") end
    for _, item in ipairs(to_client) do near:receive(item[1], "192.0.2.1:5683") end
    for index = #to_server, 1, -1 do to_server[index] = nil end
    for index = #to_client, 1, -1 do to_client[index] = nil end
    client:step()
  end
  server = linnet.server{ transport = far, clock = clock, seed = ("s"):rep(16), wait = wait }
  client = linnet.client{ endpoint = "radio", server = "coap://server.example", transport = near, clock = clock,
    seed = ("c"):rep(16) }
  client:step()
  local device = server:wait_for("radio", 60)
  test.equal(device.address, "192.0.2.2:5683")
  test.equal(device:read "/3/0/16", "U")
  test.equal(client:step(0), nil)
  test.truth(client:timeout() > 0)
  test.raises("wrong-state", client.step, client, 1000)
  test.raises("wrong-state", client.fd, client)
  test.raises("wrong-state", linnet.client, { endpoint = "x", transport = near, clock = clock, seed = ("c"):rep(16) })
end)

test("a client in queue mode tells when it falls asleep, and has rights for several servers", function()
  local world = linnet.world(5)
  local first, second = world:server{ listen = SERVER }, world:server{ listen = "coap://10.0.0.2:5683" }
  local client = world:client{ endpoint = "kitchen", server = SERVER, lifetime = 600, binding = "UQ" }
  local told = {}
  for _, name in ipairs { "asleep", "awake" } do
    client:on(name, function(event) told[#told + 1] = event.kind end)
  end
  client:wait_registered(10)
  test.equal(client:awake_for() > 92, true)
  world:advance(94000)
  test.equal(client:awake_for(), 0)
  test.equal(told[1], "asleep")
  client:update()
  world:advance(1000)
  test.equal(told[2], "awake")
  client:add_server("coap://10.0.0.2", { id = 2 })
  client:set_owner("/3/0", 1)
  client:set_access("/3/0", 2, { "read" })
  client:start()
  client:wait_registered(10)
  test.equal(first:wait_for("kitchen"):read("/3/0/16"), "UQ")
  test.equal(second:wait_for("kitchen"):read("/3/0/16"), "UQ")
  first:device("kitchen"):write("/3/0/14", "+01:00")
  test.raises("refused", second:device("kitchen").write, second:device("kitchen"), "/3/0/14", "+02:00")
  test.raises("invalid-argument", client.set_access, client, "/3/0", 2, { "fly" })
  client:set_confirmable(false)
  client:set_sms_number("15550100")
  client:set_root("/lwm2m")
  client:register_anew()
  world:advance(1000)
  test.equal(first:device("kitchen"):read("/3/0/16"), "UQ")
end)

test.finish()
