-- SPDX-License-Identifier: Apache-2.0
-- The client or server that test_with_python.py talks to by SMS:
-- peer_sms.lua client|server DEVICE OWN OTHER dtls|packets|none. Ends when the client leaves.
local linnet = require "linnet"
io.stdout:setvbuf "line"

local role, device, own, other, security = (table.unpack or unpack)(arg) -- luacheck: ignore 143 113
local PSK = { "from-lua", "0123456789abcdef" }
local PACKETS = { "\18\18\22\1\178\2\3", "0123456789abcdeffedcba9876543210" }

local sms = linnet.sms_transport(linnet.at_modem(device),
  { number = own, packets = security == "packets" and { [other] = PACKETS } or nil })

if role == "client" then
  local client = linnet.client { endpoint = "from-lua", server = "sms:" .. other, sms = sms,
    psk = security == "dtls" and PSK or nil }
  client:object(3303, { [0] = {
    [5700] = 20.5,
    [5750] = { value = "wall", write = function(text) print("label", text) end },
  } })
  client:on("deregistered", function() client:stop() end)
  client.device.reboot = function() client:spawn(client.deregister, client, 20) end
  client:run()
else
  local server = linnet.server { listen = false, sms = sms, timeout = 20,
    credentials = security == "dtls" and { ["from-python"] = { "from-python", PSK[2] } } or nil }
  server:on("registered", function(found)
    print(found.endpoint, found.address)
    found:write("/3303/0/5750", "oven")
    print("label", found:read "/3303/0/5750")
    local observation = found:observe "/3303/0/5700"
    print("note", observation:next().value)
    print("note", observation:next().value)
  end)
  server:on("deregistered", function() server:stop() end)
  server:run()
end
print "the end"
