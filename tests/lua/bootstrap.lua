-- SPDX-License-Identifier: Apache-2.0
-- The bootstrap server of the package, and clients that it gives their accounts, in a simulated world (digest 6).
local test = require "check"
local linnet = require "linnet"

local SERVER, BOOTSTRAP = "coap://10.0.0.1:5683", "coap://10.0.0.2:5683"

local function account(id, more)
  local server = { uri = SERVER, id = id, lifetime = 300 }
  for key, value in pairs(more or {}) do server[key] = value end
  return { servers = { server } }
end

local function scene(options)
  options.listen = BOOTSTRAP
  local world = linnet.world(4)
  local made = { world = world, server = world:server{ listen = SERVER } }
  made.bootstrap = world:bootstrap_server(options)
  function made.client(endpoint, hold_off, address)
    endpoint = endpoint or "kitchen"
    return world:client{ endpoint = endpoint, bootstrap = BOOTSTRAP, hold_off = hold_off, listen = address }
  end
  return made
end

test("a device is given its account, and events tell", function()
  local made, told = scene{ devices = { kitchen = account(7) } }, {}
  for _, name in ipairs { "bootstrap-started", "response", "bootstrap-finished" } do
    made.bootstrap:on(name, function(event)
      told[#told + 1] = name .. " " .. event.endpoint .. " " .. (event.text or "")
    end)
  end
  local client = made.client(nil, 5, "10.0.0.9:4000")
  test.equal(made.bootstrap:wait_for("kitchen", 60).code, "2.04")
  test.equal(told, { "bootstrap-started kitchen 10.0.0.9:4000", 'response kitchen lwm2m="1.0",</0/0>,</1>,</3/0>',
    "bootstrap-finished kitchen " })
  test.equal(made.server:wait_for("kitchen", 10).lifetime, 300)
  test.equal(client:get "/1/0/0", 7)
  test.equal(client:get "/0/0/1", true)
end)

test("names, patterns, everybody", function()
  local made = scene{ devices = { ["sensor-?"] = account(1), ["*"] = account(3), ["sensor-5"] = account(4) } }
  local expected = { ["sensor-1"] = 1, ["sensor-12"] = 3, other = 3, ["sensor-5"] = 4 }
  for endpoint, id in pairs(expected) do
    local client = made.client(endpoint)
    made.server:wait_for(endpoint, 10)
    test.equal(client:get "/1/0/0", id, endpoint)
  end
  made.bootstrap:configure("*", nil)
  made.bootstrap:configure("sensor-?", nil)
  local unknown
  made.bootstrap:on("error", function(problem) unknown = problem end)
  made.client "sensor-3"
  local raised = test.raises("timed-out", made.bootstrap.wait_for, made.bootstrap, "sensor-3", 10)
  test.match(raised.message, '^waited 10 s for "sensor%-3" to be bootstrapped')
  test.equal(unknown.message, "sensor-3 asks, but nothing is configured for an endpoint of this name")
  test.equal(unknown.endpoint, "sensor-3")
end)

test("values, several servers, access", function()
  local made = scene{ devices = { kitchen = {
    servers = { { uri = SERVER, id = 1 }, { uri = "coap://10.0.0.3:5683", id = 2, pmin = 5, storing = false } },
    values = { ["/3/0/14"] = "+02:00", ["/3/0"] = { Timezone = "UTC" } },
    rights = { ["/3/0"] = { [2] = { "read" } } },
  } } }
  local other = made.world:server{ listen = "coap://10.0.0.3:5683" }
  local client = made.client()
  made.bootstrap:wait_for("kitchen", 10)
  test.equal(client:get "/3/0/14", "+02:00")
  test.equal(client:get "/3/0/15", "UTC")
  test.equal(client:get "/1/1/2", 5)
  test.equal(client:get "/1/1/6", false)
  made.server:wait_for("kitchen", 10):write("/3/0/14", "Z")
  local device = other:wait_for("kitchen", 10)
  test.equal(device:read "/3/0/14", "Z")
  test.equal(test.raises("refused", device.write, device, "/3/0/14", "+01:00").code, "4.01")
end)

test("what contradicts itself is refused before a device asks", function()
  local made = scene{}
  local function refused(status, configuration, pattern)
    local raised = test.raises(status, made.bootstrap.configure, made.bootstrap, "kitchen", configuration)
    test.match(raised.message, pattern)
    test.equal(raised.endpoint, "kitchen")
  end
  refused("malformed", {}, "there is no server account")
  refused("malformed", account(1, { uri = "http://a" }), "/0/1: the URI is missing or malformed")
  refused("malformed", account(1, { psk = { identity = "i", key = "k" } }), "the URI does not fit the security mode")
  refused("out-of-range", account(0), "write /0/1/10: value is outside the range")
  refused("invalid-argument", account(1, { lifetim = 5 }), "lifetim")
  refused("invalid-argument", { sevrers = {} }, "sevrers")
  refused("invalid-argument", "x", "a configuration is a table")
  refused("invalid-argument", { rights = { ["/3/0"] = { [1] = { "eat" } } } }, "there is no right to eat")
  refused("invalid-argument", { operations = { { "erase", "/" } } }, "operations are discover, delete and write")
end)

test("operations are sent as they are given", function()
  local terms = { [0] = { [0] = 1, [1] = 300, [6] = false, [7] = "U" } }
  local made, seen = scene{ devices = { kitchen = { check = false, operations = {
    { "write", "/0", { [1] = { [0] = SERVER, [1] = false, [2] = 3, [10] = 1 } } }, { "write", "/1", terms },
    { "discover", "/1" }, { "delete", "/1" }, { "write", "/1", terms }, { "write", "/1/0/5", 86400, "text" },
  } } } }, {}
  made.bootstrap:on("response", function(event) seen[#seen + 1] = event.text end)
  local client = made.client()
  made.server:wait_for("kitchen", 10)
  test.equal(seen, { 'lwm2m="1.0",</1/0>;ssid=1' })
  test.equal(client:get "/1/0/5", 86400)
end)

test("a function chooses, refuses, fails, or answers later", function()
  local asked, answer, refusal = {}, nil, nil
  local made = scene{ request = function(request)
    asked[#asked + 1] = request.endpoint .. " " .. request.address
    if answer == "fail" then error "oh" end
    return answer, refusal
  end }
  local function outcome(hold)
    local client, code = made.client(nil, nil, "10.0.0.9:4000"), nil
    client:on("bootstrap-finished", function(event) code = event.code or event.status end)
    made.world:advance(hold or 1000)
    return client, function() return code end
  end
  local client, code = outcome()
  test.equal(code(), "4.00")
  client:close()
  refusal = "5.03"
  client, code = outcome()
  test.equal(code(), "5.03")
  client:close()
  refusal, answer = nil, "fail"
  local failure
  made.bootstrap:on("error", function(problem) failure = problem end)
  client, code = outcome()
  test.equal(code(), "5.00")
  test.match(failure.message, "oh")
  client:close()
  answer = linnet.later()
  client, code = outcome(60000)
  test.equal(code(), nil)
  answer:finish(account(9))
  made.server:wait_for("kitchen", 10)
  test.equal(client:get "/1/0/0", 9)
  test.equal(asked[1], "kitchen 10.0.0.9:4000")
  test.equal(#asked, 4)
end)

test("it begins by itself", function()
  local made = scene{ devices = { kitchen = account(1) } }
  made.client(nil, 3600, "10.0.0.9:4000")
  made.world:advance(1000)
  local number = made.bootstrap:begin_with("kitchen", "10.0.0.9:4000")
  test.equal(made.bootstrap:wait_for("kitchen", 10).request, number)
  made.server:wait_for("kitchen", 10)
  local raised = test.raises("not-found", made.bootstrap.begin_with, made.bootstrap, "cellar", "10.0.0.9:4000")
  test.equal(raised.endpoint, "cellar")
end)

test("closing wakes who waits, and nothing is left behind", function()
  local made = scene{ devices = { kitchen = account(1) } }
  local ended
  made.world:spawn(function() ended = { pcall(made.bootstrap.wait_for, made.bootstrap, "kitchen") } end)
  made.bootstrap:close()
  made.bootstrap:close()
  test.equal(ended and ended[1], false)
  local weak = setmetatable({ linnet.world(1):bootstrap_server{ request = function() end } }, { __mode = "v" })
  test.collect()
  test.equal(weak[1], nil)
end)

-- ---- accounts that come with the device (6.1) ----------------------------------------------------------------

test("the factory gives accounts", function()
  local world = linnet.world(4)
  local server = world:server{ listen = SERVER }
  local client = world:client{ endpoint = "kitchen" }
  local raised = test.raises("malformed", client.factory, client, { ["/0/0"] = { [0] = SERVER, [1] = false, [2] = 3 } })
  test.match(raised.message, "the Short Server ID is missing")
  client:factory{
    ["/1/0"] = { [0] = 5, [1] = 300, [6] = true, [7] = "U" },
    ["/0/0"] = { [0] = SERVER, [1] = false, [2] = 3, [10] = 5 },
    ["/3/0"] = { Timezone = "UTC" },
  }
  client:start()
  test.equal(server:wait_for("kitchen", 10):read "/3/0/15", "UTC")
  test.equal(client:get "/1/0/0", 5)
end)

test("a smartcard gives and takes", function()
  local world = linnet.world(4)
  local server = world:server{ listen = SERVER }
  -- BS-62: two objects, version 1.0 each, in TLV
  local security = "\8\0\32\200\0\20coap://10.0.0.1:5683\193\1\0\193\2\3\193\10\1"
  local terms = "\8\0\13\193\0\1\194\1\1\44\193\6\1\193\7U"
  local objects = "\0\0\0\0" .. string.char(#security) .. security .. "\0\1\0\0" .. string.char(#terms) .. terms
  local card = "\0\2\0" .. string.char(#objects) .. objects
  local client = world:client{ endpoint = "kitchen" }
  client:set_smartcard(function() return card end)
  client:start()
  test.equal(server:wait_for("kitchen", 10).lifetime, 300)
  card = nil
  client:check_smartcard()
  world:advance(1000)
  test.equal(client[1] and client.core:own_object(1):instance_count(), 0)
end)

test.finish()
