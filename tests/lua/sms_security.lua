-- SPDX-License-Identifier: Apache-2.0
-- Short messages secured: by DTLS (sms.md 4.1: SMS-30, SMS-33) and by secured packets (4.2: SMS-40 to SMS-42).

local test = require "check"
local linnet = require "linnet"
local core = require "linnet.core"

local SERVER, CLIENT = "+15550100", "+15550111"
local KEY = "0123456789abcdef"
local PSK = { "kitchen", KEY }
local PACKETS = { "\18\18\22\1\178\2\3", KEY .. "fedcba9876543210" } -- KIc, KID, SPI, TAR; two AES keys

local function of_world(number, options)
  options = options or {}
  options.number = number
  return linnet.sms_transport(nil, options)
end

local function scene(seed, server_options, client_options)
  local world = linnet.world(seed)
  world:network { delay = 2000 }
  server_options.listen = false
  client_options.endpoint, client_options.server = "kitchen", "sms:" .. SERVER
  local seen = {}
  world:watch(function(_, _, _, data) seen[#seen + 1] = { core.sms_open(data) } end)
  return world, world:server(server_options), world:client(client_options), seen
end

if core.dtls_backend() ~= "none" then
  test("all goes through DTLS in short messages", function()
    local _, server, client, seen = scene(3, { sms = of_world(SERVER), credentials = { kitchen = PSK } },
      { sms = of_world(CLIENT), psk = PSK })
    local label = "wall"
    client:object(3303, { [0] = { [5750] = { value = label, write = function(text) label = text end } } })
    client:start()
    local device = server:wait_for("kitchen", 3600)
    test.equal(device.binding, "S")
    test.equal(device.address, "sms:+15550111")
    device:write("/3303/0/5750", "oven", { timeout = 600 })
    test.equal(label, "oven")
    test.equal(device:read("/3303/0/5750", { timeout = 600 }), "oven")
    for _, message in ipairs(seen) do
      local kind, version, payload = message[2]:byte(1), message[2]:byte(2), message[2]
      test.truth(kind >= 20 and kind <= 23 and version == 254, "a DTLS record")
      test.truth(#payload <= 140, "that fits in one message")
      test.equal(payload:find("oven", 1, true), nil)
    end
    client:close()
    server:close()
  end)

  test("who has another key does not get in", function()
    local world, server, client = scene(4, { sms = of_world(SERVER), credentials = { kitchen = PSK } },
      { sms = of_world(CLIENT), psk = { "kitchen", ("x"):rep(16) } })
    local cause
    client:on("error", function(event) cause = cause or event.cause end)
    client:start()
    world:advance(1800000)
    test.equal(server:device "kitchen", nil)
    test.truth(cause, "the cause")
    client:close()
    server:close()
  end)

  test("certificates do not go by SMS", function()
    test.raises("invalid-argument", function()
      linnet.world(5):client { endpoint = "kitchen", server = "sms:" .. SERVER, sms = of_world(CLIENT),
        certificate = "a.pem", private_key = "a.key", trust = "ca.pem" }
    end)
  end)

  test("secured packets carry requests both ways, and count", function()
    local at_server = of_world(SERVER, { packets = { [CLIENT] = PACKETS } })
    local at_client = of_world(CLIENT, { packets = { [SERVER] = PACKETS } })
    local _, server, client, seen = scene(6, { sms = at_server }, { sms = at_client })
    test.equal({ at_server:counters(CLIENT) }, { 0, 0 })
    client:start()
    local device = server:wait_for("kitchen", 3600)
    test.equal(device:read("/3/0/16", { timeout = 600 }), "S")
    local sent, accepted = at_client:counters(SERVER)
    test.equal({ at_server:counters(CLIENT) }, { accepted, sent })
    test.truth(sent > 0, "something was sent")
    for _, message in ipairs(seen) do test.equal(message[3], "\112\0") end -- element 70 (SMS-41)

    at_server:set_counters(CLIENT, 5, accepted) -- as if it had forgotten what it had sent (SMS-42)
    test.raises("timed-out", function() device:read("/3/0/16", { timeout = 60 }) end)
    at_server:set_counters(CLIENT, accepted + 100, sent)
    test.equal(device:read("/3/0/16", { timeout = 600 }), "S")

    at_server:set_keys(CLIENT, PACKETS[1], ("x"):rep(32))
    test.raises("timed-out", function() device:read("/3/0/16", { timeout = 60 }) end)
    client:close()
    server:close()
  end)

  test("takes as many unsecured triggers beside coaps as it is told to", function()
    local world = linnet.world(8)
    local server = world:server { listen = "coaps://10.0.0.1:5684", credentials = { kitchen = PSK } }
    local client = world:client { endpoint = "kitchen", server = "coaps://10.0.0.1:5684", psk = PSK, binding = "UQS",
      server_number = SERVER, sms = of_world(CLIENT, { dtls = false }) }
    client:start()
    server:wait_for("kitchen", 60)
    world:advance(1000) -- it has heard that it is registered
    local answered = 0
    world:watch(function(_, from) if from == "sms:" .. CLIENT then answered = answered + 1 end end)
    local function trigger(id)
      local request = "\68\2\0" .. string.char(id) .. "\1\2\3\4\1771\0010\0018" -- POST 1/0/8
      client.transports[2]:receive_sms(core.sms_deliver(SERVER, request, ""))
      world:advance(1000)
    end
    client:set_trigger_limit(2, 3600)
    for id = 1, 4 do trigger(id) end
    test.equal(answered, 2)
    client:close()
    server:close()
  end)

  test("a sleeping device is triggered through DTLS, with the key of coaps or another one", function()
    local phones = { "phones", ("p"):rep(16) }
    for _, case in ipairs { { {}, nil }, { { credentials = { kitchen = phones } }, phones } } do
      local world = linnet.world(9)
      local server = world:server { listen = "coaps://10.0.0.1:5684", credentials = { kitchen = PSK },
        sms = { of_world("+15550102", { dtls = false }), of_world(SERVER, case[1]) } }
      local client = world:client { endpoint = "kitchen", server = "coaps://10.0.0.1:5684", psk = PSK, binding = "UQS",
        server_number = SERVER, sms = of_world(CLIENT), sms_psk = case[2] }
      client:start()
      local device = server:wait_for("kitchen", 60)
      world:advance(300000)
      local records = 0
      world:watch(function(_, from, _, data)
        if from:find "^sms:" and select(2, core.sms_open(data)):byte(1) == 23 then records = records + 1 end
      end)
      test.equal(device.awake, false)
      test.equal(device:read "/3/0/16", "UQS")
      test.equal(records, 2)
      client:close()
      server:close()
    end
  end)

  test("a bootstrap server gives keys for SMS, by SMS or over UDP", function()
    local phones, first = { "phones", KEY }, { "first", ("f"):rep(16) }
    for _, by in ipairs { "sms", "udp" } do
      local world = linnet.world(10)
      local account = { uri = "sms:" .. SERVER, binding = "S", id = 101, sms_psk = phones }
      local bootstrap = world:bootstrap_server { listen = by == "udp" and "coap://10.0.0.9:5683" or nil,
        devices = { kitchen = { servers = { account } } },
        sms = by == "sms" and of_world("+15550122", { credentials = { kitchen = first } }) or nil }
      local server = world:server { listen = false, sms = of_world(SERVER), credentials = { kitchen = phones } }
      local client = world:client { endpoint = "kitchen", sms = of_world(CLIENT, { dtls = true }),
        bootstrap = by == "sms" and "sms:+15550122" or "coap://10.0.0.9:5683", psk = by == "sms" and first or nil }
      client:start()
      local device = server:wait_for("kitchen", 3600)
      world:advance(60000)
      test.equal(device:read("/1/0/7", { timeout = 600 }), "S")
      client:close()
      server:close()
      bootstrap:close()
    end
  end)

  test("says which keys are none, and where there are none to set", function()
    test.raises("invalid-argument", function()
      linnet.world(7):server { listen = false, sms = of_world(SERVER, { packets = { [CLIENT] = { "x", "y" } } }) }
    end)
    test.raises("out-of-range", function()
      linnet.world(7):server { listen = false, sms = of_world(SERVER, { packets = {}, checksum = 5 }) }
    end)
    test.raises("invalid-argument", function() of_world(SERVER, { packets = {}, dtls = true }) end)
    test.raises("invalid-argument", function()
      linnet.world(7):server { listen = false, sms = of_world(SERVER, { dtls = true }) }
    end)
    test.raises("wrong-state", function() of_world(SERVER):set_keys(CLIENT, PACKETS[1], PACKETS[2]) end)
    test.raises("wrong-state", function() of_world(SERVER):set_counters(CLIENT, 1, 1) end)
  end)
end

test.finish()
