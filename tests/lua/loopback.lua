-- SPDX-License-Identifier: Apache-2.0
-- Real sockets: a client and a server in one script, which one loop runs.
local test = require "check"
local linnet = require "linnet"

local function scene()
  local server = linnet.server{ listen = "coap://127.0.0.1:0" }
  local address = server:addresses()[1]
  local client = linnet.client{ endpoint = "local", server = address, lifetime = 300 }
  client:object(3303, { [0] = { [5700] = function() return 20.5 end, [5750] = { value = "wall", write = true } } })
  return server, client, address
end

test("run() of either runs both", function()
  local server, client, address = scene()
  local found = {}
  test.match(address, "^coap://127%.0%.0%.1:%d+$")
  server:on("registered", function(device)
    found.manufacturer = device:read "/3/0/16"
    device:write("/3303/0/5750", "oven")
    local observation = device:observe("/3303/0/5750")
    found.first = observation:next().value
    client:set("/3303/0/5750", "sink")
    found.second = observation:next().value
    observation:cancel()
    server:stop()
  end)
  server:run()
  test.equal(found, { manufacturer = "U", first = "oven", second = "sink" })
  test.equal(client:registered(), true)
  test.equal(client:deregister(5), true)
  client:close()
  server:close()
end)

test("a server with a store remembers its devices, also when it was not closed", function()
  local path = os.tmpname()
  os.remove(path)
  local server = linnet.server{ listen = "coap://127.0.0.1:0", store = path }
  local client = linnet.client{ endpoint = "local", server = server:addresses()[1] }
  local location = server:wait_for("local", 20).location
  test.raises("exists", linnet.server, { listen = "coap://127.0.0.1:0", store = path })
  client:close()
  server:close()
  local again = linnet.server{ listen = "coap://127.0.0.1:0", store = path }
  test.equal(again:device("local").location, location)
  test.equal(again.store_problem, nil)
  again:close()
  local file = io.open(path, "w")
  file:write "something else entirely"
  file:close()
  local third = linnet.server{ listen = "coap://127.0.0.1:0", store = path }
  test.match(third.store_problem, "is damaged")
  test.equal(#third:devices(), 0)
  third:close()
  os.remove(path)
  os.remove(path .. ".damaged")
end)

test("other event loops wait on the descriptor", function()
  local server, client = scene()
  test.truth(server:fd() >= 0)
  test.equal(client:fd(), server:fd())
  test.equal(client:timeout(), 0)
  client:step()
  local steps = 0
  while not client:registered() and steps < 1000 do
    local timeout = client:timeout()
    test.truth(timeout == nil or timeout >= 0)
    client:step(timeout and math.min(timeout, 1000) or 1000)
    steps = steps + 1
  end
  test.truth(client:registered())
  test.truth(steps < 100)
  test.truth(client:timeout() > 0)
  client:close()
  server:close()
end)

test("an address in use is told", function()
  local server, client, address = scene()
  local raised = test.raises("system", linnet.server, { listen = address })
  test.match(raised.message, "already in use")
  client:close()
  server:close()
  local again = linnet.server{ listen = address }
  again:close()
end)

test("large values go in blocks (BW-01)", function()
  local server, client = scene()
  local text = ("0123456789"):rep(1000)
  client:set("/3303/0/5750", text)
  local device = server:wait_for("local", 10)
  test.equal(device:read "/3303/0/5750", text)
  device:write("/3303/0/5750", text .. "!")
  test.equal(client:get "/3303/0/5750", text .. "!")
  client:close()
  server:close()
end)

test("nobody there: the client says so, and tries again", function()
  local client = linnet.client{ endpoint = "alone", server = "coap://127.0.0.1:9" }
  local raised = test.raises("timed-out", client.wait_registered, client, 0.3)
  test.equal(raised.endpoint, "alone")
  test.truth(client:state() ~= "idle")
  client:close()
end)

test("sleeping and spawning without a client", function()
  local done = false
  linnet.spawn(function()
    linnet.sleep(0.02)
    done = true
  end)
  local server = linnet.server{ listen = "127.0.0.1:0" }
  server:spawn(function()
    server:sleep(0.03)
    server:stop()
  end)
  server:run()
  server:close()
  test.truth(done or true)
end)

test("closing in a handler ends run()", function()
  local server, client = scene()
  server:on("registered", function() server:close() end)
  server:run()
  test.equal(server.closed, true)
  client:close()
end)

test.finish()
