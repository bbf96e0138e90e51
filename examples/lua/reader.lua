-- A server: waits for devices, reads the first that has a thermometer, and ends.
--     lua reader.lua [LISTEN] [VALUES]
local linnet = require "linnet"
io.stdout:setvbuf "line"

local listen = arg and arg[1] or "coap://0.0.0.0:5683"
local values = tonumber(arg and arg[2]) or 3

local server = linnet.server{ listen = listen }
print("listening on " .. server:addresses()[1])

server:on("registered", function(device)                          -- in a coroutine: reads wait, nothing blocks
  print(device.endpoint .. " has " .. table.concat(device.objects, " "))
  if not device:lists("/3303") then return end
  print("made by " .. device:read("/3/0/0"))
  for path, value in linnet.each(device:read("/3303/0")) do print(path, value) end

  device:write("/3303/0/5750", "oven")
  device:execute("/3303/0/5605", { [0] = "now" })

  local observation = device:observe("/3303/0/5700", { pmin = 0, pmax = 10 })
  for _ = 1, values do print("temperature", observation:next().value) end
  observation:cancel()

  local ok, problem = pcall(device.read, device, "/3303/0/5601")  -- a resource that it does not have
  if not ok then print(problem.code, problem.path, problem.endpoint) end
  server:stop()
end)

server:run()
