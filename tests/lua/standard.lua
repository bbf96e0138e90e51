-- SPDX-License-Identifier: Apache-2.0
-- What clients do by themselves: objects 3 to 7, what they tell of the machine, what they keep over a restart.
local test = require "check"
local linnet = require "linnet"

local function pair()
  local world = linnet.world(7)
  local server = world:server{ listen = "coap://10.0.0.1:5683" }
  local client = world:client{ endpoint = "kitchen", server = "coap://10.0.0.1:5683", lifetime = 300 }
  return client, server:wait_for("kitchen", 10), world, server
end

test("device errors come and go (OBJ-30)", function()
  local client, device = pair()
  test.equal(device:read "/3/0/11", { [0] = 0 })
  client:raise_error "low_battery"
  client:raise_error "gps_failure"
  test.equal(device:read "/3/0/11", { [0] = 1, [1] = 3 })
  client:clear_error "low_battery"
  client:clear_error "gps_failure"
  test.equal(device:read "/3/0/11", { [0] = 0 })
  test.raises("not-found", client.clear_error, client, "gps_failure")
  test.raises("invalid-argument", client.raise_error, client, "boredom")
end)

test("firmware is checked and installed by the script (FW-11, FW-15, FW-17, FW-19)", function()
  local client, device = pair()
  local packages, installing = {}, false
  client:add_firmware()
  test.equal(client:firmware_state(), "idle")
  client:on("write", function(event)
    if event.path ~= "/5/0/0" then return end
    test.equal(client:firmware_state(), "downloading")
    packages[#packages + 1] = event.records[1].value
    client:end_firmware(#packages == 1 and "integrity" or "complete")
  end)
  client:on("execute", function(event)
    if event.path == "/5/0/2" then installing = client:firmware_state() == "updating" end
  end)
  device:write("/5/0/0", ("image"):rep(1000))
  test.equal(device:read "/5/0/3", 0)
  test.equal(device:read "/5/0/5", 5) -- FW-16
  device:write("/5/0/0", ("image"):rep(2000))
  test.equal(#packages[2], 10000)
  test.equal(client:firmware_state(), "downloaded")
  device:execute "/5/0/2"
  test.truth(installing)
  client:end_firmware "updated"
  test.equal(device:read "/5/0/5", 1)
  test.raises("wrong-state", client.end_firmware, client, "updated")
  test.raises("invalid-argument", client.end_firmware, client, "done")
end)

test("a handler of the package may refuse it", function()
  local client, device = pair()
  client:add_firmware()
  client[5][0].package = { write = function() return nil, "4.13" end }
  test.equal(test.raises("refused", device.write, device, "/5/0/0", "image").code, "4.13")
  test.equal(client:firmware_state(), "idle")
end)

test("a position makes the instance of Location", function()
  local client, device, world = pair()
  client:add_location()
  test.equal(client[6][0], nil)
  client:set_location(59.5, 10.25, 1764350000)
  client:set_velocity(3, 90)
  world:advance(1000)
  test.truth(device:lists "/6/0")
  test.equal(device:read "/6/0/0", 59.5)
  test.equal(device:read "/6/0/5", 1764350000)
  test.equal(device:read "/6/0/6" == 3, true)
  test.raises("out-of-range", client.set_location, client, 91, 0, 0)
end)

test("statistics count from start to stop", function()
  local client, device, world = pair()
  client:add_statistics()
  world:advance(1000)
  device:execute "/7/0/6"
  for _ = 1, 100 do device:read "/3/0" end
  device:execute "/7/0/7"
  local counted = device:read "/7/0/2"
  test.truth(counted > 3)
  device:read "/3/0"
  test.equal(device:read "/7/0/2", counted)
end)

test("rights of several servers", function()
  local client = pair()
  client:add_server("coap://10.0.0.9", { id = 2 })
  client:set_owner("/3/0", 1)
  client:set_access("/3/0", 2, { "read", "execute" })
  client:set_access("/3303", 2, { "create" })
  test.equal(client:access("/3/0", 2), { read = true, execute = true })
  test.equal(client:access("/3/0", 1), { read = true, write = true, execute = true, delete = true })
  test.equal(client:access("/3303", 2), { create = true })
  test.equal(client:access("/3303", 1), {})
end)

test("a client is saved and restored", function()
  local client, device, world, server = pair()
  local before = client:revision()
  device:write("/1/0/1", 777)
  world:advance(1000)
  test.truth(client:revision() > before)
  test.truth(client:next_update() > 600)
  local saved = client:save()
  client:close()
  local second = world:client{ endpoint = "kitchen" }
  test.raises("malformed", second.restore, second, saved:sub(1, -2))
  second:restore(saved)
  test.equal(second:get "/1/0/1", 777)
  second:start()
  second:wait_registered(10)
  test.equal(server:device("kitchen").lifetime, 777)
  test.equal(second:location(), server:device("kitchen").location)
  test.equal(second:deregister(5), true)
end)

test("gpsd that is not there is told, and Location waits for its first position", function()
  local client, told = linnet.client{ endpoint = "boat" }, nil
  client:on("error", function(event) told = event end)
  client:follow_gpsd "127.0.0.1:9"
  test.raises("exists", client.follow_gpsd, client)
  for _ = 1, 100 do
    if not told then client:step(100) end
  end
  test.match(told.message, "^gpsd at 127%.0%.0%.1:9: ")
  test.truth(client[6])
  test.equal(client[6][0], nil)
  client:close()
end)

test("only a real machine can be described, and have files", function()
  local client = pair()
  test.raises("unavailable", client.follow_gpsd, client)
  test.raises("unavailable", client.describe, client)
end)

test("describe tells what Linux knows", function()
  local client = linnet.client{ endpoint = "machine" }
  client.device.manufacturer = "ACME"
  client:describe()
  test.equal(client.device.manufacturer, "ACME")
  test.truth(client.device.memory_total > 1000)
  test.truth(client:get "/4/0/0" >= 0)
  test.raises("exists", client.describe, client)
  client:close()
end)

test("a file keeps the client, with the accounts it had", function()
  local path = os.tmpname()
  os.remove(path)
  local server = linnet.server{ listen = "coap://127.0.0.1:0" }
  local first = linnet.client{ endpoint = "kept", server = server:addresses()[1], lifetime = 50 }
  test.equal(first:keep(path), false)
  server:on("registered", function(device)
    device:write("/1/0/1", 120)
    device:write("/3/0/14", "+05:30")
    device:write_attributes("/3/0/13", { pmin = 7 })
    server:stop()
  end)
  first.device.utc_offset = "+00:00"
  server:run()
  first:close() -- without a word, as if it had been killed
  local second = linnet.client{ endpoint = "kept" }
  second.device.utc_offset = "+00:00"
  test.equal(second:keep(path), true)
  test.equal(second.device.utc_offset, "+05:30")
  second:wait_registered(10)
  local device = server:device "kept"
  test.equal(device.lifetime, 120)
  test.equal(device:discover("/3/0/13")[1].attributes.pmin, 7)
  test.equal(second:deregister(5), true)
  second:close()
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  file = assert(io.open(path, "wb"))
  file:write(text:sub(1, -4))
  file:close()
  local third = linnet.client{ endpoint = "kept", server = "coap://127.0.0.1:9", lifetime = 80 }
  local restored, why = third:keep(path)
  test.equal(restored, false)
  test.match(why, "damaged")
  test.equal(third:get "/1/0/1", 80)
  third:close()
  server:close()
  os.remove(path)
  test.truth(os.remove(path .. ".damaged"))
end)

test("a package is fetched by the protocols that the script knows", function() -- FW-12, FW-14
  local world = linnet.world(3)
  local server = world:server{ listen = "10.0.0.1:5683" }
  local client = world:client{ endpoint = "kitchen", server = "coap://10.0.0.1" }
  test.raises("invalid-argument", client.add_firmware, client, "ftp")
  client:add_firmware("coap", "https")
  local device = server:wait_for "kitchen"
  test.equal(device:read "/5/0/8", { [0] = 0, [1] = 3 })
  test.equal(device:read "/5/0/9", 2)
  device:write("/5/0/1", "http://example.com/image")
  test.equal(device:read "/5/0/5", 9)
  device:write("/5/0/1", "https://example.com/image")
  test.equal(client:firmware_state(), "downloading")
end)

test.finish()
