-- SPDX-License-Identifier: Apache-2.0
-- The server that test_with_python.py talks to: peer_server.lua. Prints where it listens, and then what it finds.
local linnet = require "linnet"
io.stdout:setvbuf "line"

local server = linnet.server{ listen = "coap://127.0.0.1:0", timeout = 20 }
print(server:addresses()[1])

server:on("registered", function(device)
  print(device.endpoint, device.lifetime, table.concat(device.objects, " "))
  for path, value in linnet.each(device:read "/3303/0") do print(path, value) end
  device:write("/3303/0/5750", "oven")
  device:write("/3303/0", { [5750] = "sink", [5800] = { [0] = 7 } })
  print("label", device:read "/3303/0/5750")
  device:execute("/3303/0/5605", { [0] = "now" })
  local observation = device:observe("/3303/0/5750", { pmin = 0, pmax = 60 })
  print("note", observation:next().value)
  device:write("/3303/0/5750", "hob")
  print("note", observation:next().value)
  observation:cancel()
  print("created", device:create("/3303/5", { [5750] = "hall" }))
  print("label", device:read "/3303/5/5750")
  device:delete "/3303/5"
  local ok, problem = linnet.pcall(device.read, device, "/3303/5")
  print("gone", ok, problem.code)
end)
server:on("deregistered", function(device)
  print("deregistered", device.endpoint)
  server:stop()
end)
server:run()
