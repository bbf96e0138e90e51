-- SPDX-License-Identifier: Apache-2.0
-- LwM2M over SMS: in a world, and through a modem that is two functions (sms.md; QUE-09, QUE-10).

local test = require "check"
local linnet = require "linnet"

local SERVER, CLIENT = "+15550100", "+15550111"

test("a client that knows of its server but the number does all by SMS", function()
  local world = linnet.world(3)
  local seen = {}
  world:watch(function(_, from) seen[from:match "^sms:" or "udp"] = true end)
  local server = world:server { listen = false, sms = linnet.sms_transport(nil, { number = SERVER }) }
  local client = world:client { endpoint = "kitchen", server = "sms:" .. SERVER,
    sms = linnet.sms_transport(nil, { number = CLIENT }) }
  client:start()
  local device = server:wait_for("kitchen", 600)
  test.equal(device.binding, "S")
  test.equal(device.sms_number, "15550111")
  test.equal(device:read "/3/0/16", "S")
  test.equal(seen.udp, nil)
  test.equal(seen["sms:"], true)
  world:phone({ down = true }, client)
  test.raises("timed-out", function() device:read("/3/0/16", { timeout = 60 }) end)
  test.equal(world:stored("sms:" .. CLIENT) > 0, true)
  client:close()
  server:close()
end)

test("the centre has a largest size, and tells what became of messages", function()
  local world = linnet.world(5)
  local server = world:server { listen = false, sms = linnet.sms_transport(nil, { number = SERVER, reports = true }) }
  local client = world:client { endpoint = "kitchen", server = "sms:" .. SERVER,
    sms = linnet.sms_transport(nil, { number = CLIENT }) }
  world:phone({ mtu = 60 }, client)
  client:start()
  world:advance(60000)
  test.equal(server:device "kitchen", nil)
  world:phone({ mtu = 140, delay = 2000, reordering = 0.5 }, client)
  client:register_anew()
  local device = server:wait_for("kitchen", 600)
  test.equal(device:read("/3/0/16", { timeout = 600 }), "S")
  world:phone({ down = true, store = 0 }, client)
  local before = world:now()
  test.raises("timed-out", function() device:read "/3/0/16" end)
  test.truth(world:now() - before < 30000, "it was told that nobody is there")
  client:close()
  server:close()
end)

test("a sleeping device is woken by SMS and answers over UDP", function()
  local world = linnet.world(4)
  local server = world:server { listen = "coap://10.0.0.1:5683", sms = linnet.sms_transport(nil, { number = SERVER }) }
  local client = world:client { endpoint = "kitchen", server = "coap://10.0.0.1:5683", binding = "UQS",
    server_number = SERVER, sms = linnet.sms_transport(nil, { number = CLIENT }) }
  client:start()
  local device = server:wait_for("kitchen", 60)
  world:advance(200000)
  test.equal(client:awake_for(), 0)
  test.equal(device.awake, false)
  test.equal(device:over("sms"):read "/3/0/16", "UQS")
  test.equal(device.awake, false)
  test.equal(device:read "/3/0/16", "UQS")
  test.equal(device.awake, true)
  device:trigger()
  test.raises("wrong-state", function() device:over("sms"):observe "/3/0/13" end)
  test.raises("invalid-argument", function() device:over "pigeon" end)
  client:close()
  server:close()
end)

test("a modem may be two functions", function()
  local clock = 0
  local waiting = {}
  local function post(to) return function(message) waiting[#waiting + 1] = { to, message } end end
  local server, client
  local at_server = linnet.script_modem(post "client")
  local at_client = linnet.script_modem(post "server")
  local function carry()
    clock = clock + 1000
    local mail
    mail, waiting = waiting, {}
    for _, item in ipairs(mail) do
      local modem = item[1] == "client" and at_client or at_server
      modem:receive(item[1] == "client" and SERVER or CLIENT, item[2].payload, item[2].header)
    end
    if client then client:step() end -- the server is the one that waits
  end
  local options = { clock = function() return clock end, seed = ("x"):rep(16), wait = carry, listen = false }
  local function with(more)
    for name, value in pairs(options) do more[name] = value end
    return more
  end
  server = linnet.server(with { sms = linnet.sms_transport(at_server, { number = SERVER, ports = { 5683, 5683 } }) })
  client = linnet.client(with { endpoint = "kitchen", server = "sms:" .. SERVER,
    sms = linnet.sms_transport(at_client, { number = CLIENT, ports = { 5683, 5683 } }) })
  client:start()
  local device = server:wait_for("kitchen", 60)
  test.equal(device.address, "sms:+15550111")
  test.raises("invalid-argument", function() at_client:receive("bank", "x") end)
  client:close()
  server:close()
end)

test("says what a modem cannot be", function()
  test.raises("system", function()
    linnet.server { listen = false, sms = linnet.sms_transport(linnet.at_modem "/dev/no-such-modem") }
  end)
  test.match(test.raises("system", function()
    linnet.server { listen = false, sms = linnet.sms_transport(linnet.at_modem "/dev/null") }
  end).message, "cannot use /dev/null as a modem")
  test.raises("invalid-argument", function() linnet.at_modem("/dev/null", { sped = 1 }) end)
  test.raises("invalid-argument", function()
    linnet.world(1):client { endpoint = "kitchen", server = "sms:" .. SERVER }
  end)
  test.raises("wrong-state", function()
    linnet.world(1):server { sms = linnet.sms_transport(linnet.at_modem "/dev/null", { number = SERVER }) }
  end)
end)

test.finish()
