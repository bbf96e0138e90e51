-- SPDX-License-Identifier: Apache-2.0
-- The client that test_with_python.py talks to: peer_client.lua SERVER. Prints what the server does to it, and ends
-- when told.
local linnet = require "linnet"
io.stdout:setvbuf "line"

local client = linnet.client{ endpoint = "from-lua", server = arg[1], lifetime = 300 }
client.device.manufacturer = "ACME"
client.device.available_power_sources = { [0] = 1, [3] = 5 }

local level = 1
client:object(3303, {
  [0] = {
    [1] = function() return 20.5 end,
    [2] = { value = "wall", write = function(text) print("label", text) end },
    [3] = { value = "a\0b\255", type = "opaque", write = true },
    [4] = { value = 2 ^ 40, type = "integer", write = true },
    [5] = { value = true, write = true },
    [6] = { value = 1700000000, type = "time", write = true },
    [7] = { value = "3:0", type = "objlnk", write = true },
    [8] = { value = { [0] = "a", [9] = "z" }, type = "string", write = true },
    [9] = { execute = function(arguments) print("execute", arguments[0], arguments[7]) end },
    [10] = { execute = function()
      level = level + 1
      client:notify "/3303/0/11"
    end },
    [11] = function() return level end,
    [13] = ("0123456789"):rep(500),
  },
  [1] = { [12] = function() return nil, "4.03" end },
  resources = { [2] = { type = "string", operations = "RW" } },
  create = function(instance, values) print("create", instance, values[2]) end,
  delete = function(instance) print("delete", instance) end,
})

client:on("deregistered", function() client:stop() end)
client.device.reboot = function() client:spawn(client.deregister, client, 5) end
client:run()
print "the end"
