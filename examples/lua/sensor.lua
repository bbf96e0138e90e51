-- A client: a device with a thermometer. Start a server first, such as reader.lua, then
--     lua sensor.lua [SERVER] [ENDPOINT]
local linnet = require "linnet"
io.stdout:setvbuf "line"

local server = arg and arg[1] or "coap://localhost:5683"
local endpoint = arg and arg[2] or "router-1"

local client = linnet.client{ endpoint = endpoint, server = server, lifetime = 300 }
client.device.manufacturer = "ACME"

local label = "wall"
client:object(3303, {                                             -- Temperature
  [0] = {
    [5700] = function() return 20 + math.random() end,            -- read on demand
    [5701] = "Cel",
    [5750] = { value = label, write = function(text)
      print("the label is " .. text .. " now")
      label = text
    end },
    [5605] = { execute = function(arguments) print("reset", arguments[0]) end },
  },
})

client:on("registered", function() print(endpoint .. " is registered at " .. server) end)
client:on("error", function(problem) print("trouble: " .. problem.message) end)

client:spawn(function()                                           -- in a coroutine: it waits, nothing blocks
  while true do
    client:sleep(1)
    client:notify("/3303/0/5700")                                 -- what it computes has changed: tell observers
  end
end)

client:run()
