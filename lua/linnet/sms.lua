-- SPDX-License-Identifier: Apache-2.0
-- sms.lua: what carries short messages (a modem, a script, the centre of a simulated world), and CoAP in them.

local core = require "linnet.core"
local errors = require "linnet.errors"

local sms = {}

-- "+15550100", "sms:+15550100", "0015550100" as LwM2M has it: digits alone.
local function digits_of(number)
  local digits = tostring(number):gsub("^%a+:", ""):gsub("^%+", ""):gsub("^00", "")
  if not digits:find "^%d+$" or #digits > 15 then
    errors.raise("invalid-argument", tostring(number) .. " is not a number such as +15550100")
  end
  return digits
end
sms.digits_of = digits_of

-- ---- modems --------------------------------------------------------------------------------------------------

local AtModem = {}
AtModem.__index, AtModem.__name = AtModem, "linnet.modem"

-- Seconds, but for those that are counted.
local MODEM = { speed = "SPEED", command_timeout = "COMMAND_MS", submit_timeout = "SUBMIT_MS", retry = "RETRY_MS",
  check = "CHECK_MS", attempts = "ATTEMPTS" }

--- linnet.at_modem("/dev/ttyUSB2", { speed = 115200, pin = "1234", center = "+15550000" })
function sms.at_modem(device, options)
  options = options or {}
  local known = { pin = true, center = true }
  for name in pairs(MODEM) do known[name] = true end
  errors.check_options(options, known, "linnet.at_modem")
  return setmetatable({ device = device, options = options }, AtModem)
end

function AtModem:begin(runtime, _, transport)
  if self.core then errors.raise("wrong-state", "this modem has a transport already") end
  if not runtime.driver then
    errors.raise("wrong-state", "a modem needs a client or server of its own, on real sockets")
  end
  local modem, options = core.Modem(runtime.driver, transport), self.options
  for name, constant in pairs(MODEM) do
    local value = options[name]
    if value then
      if constant:find "_MS$" then value = value * 1000 end
      modem:set(core["MODEM_" .. constant], math.floor(value + 0.5))
    end
  end
  if options.pin then modem:set_pin(options.pin) end
  if options.center then modem:set_center(options.center) end
  if type(self.device) == "number" then modem:use(self.device) else modem:open(self.device) end
  self.core = modem
end

local STATES = {}
for _, name in ipairs { "closed", "starting", "ready", "waiting" } do
  STATES[core["MODEM_" .. name:upper()] or name] = name
end

--- closed, starting, ready, or waiting to try again.
function AtModem:state() return self.core and STATES[self.core:get_state()] or "closed" end

--- What went wrong last; "" if nothing has.
function AtModem:failure() return self.core and self.core:failure() or "" end

--- How often: { sent=, refused=, received=, garbage=, starts= }.
function AtModem:counts()
  local found = {}
  for _, name in ipairs { "sent", "refused", "received", "garbage", "starts" } do
    found[name] = self.core and self.core:count(core["MODEM_" .. name:upper()]) or 0
  end
  return found
end

local ScriptModem = {}
ScriptModem.__index, ScriptModem.__name = ScriptModem, "linnet.modem"

--- linnet.script_modem(function(message) end): called for each short message, { number=, payload=, header=, pdu= }.
function sms.script_modem(send)
  if type(send) ~= "function" then errors.raise("invalid-argument", "linnet.script_modem needs a send function") end
  return setmetatable({ send = send }, ScriptModem)
end

function ScriptModem:begin(_, node, transport)
  if self.core then errors.raise("wrong-state", "this modem has a transport already") end
  self.core = transport
  table.insert(node.scripts, self)
end

function ScriptModem:flush()
  local peer, pdu = self.core:next()
  while peer do
    local number, payload, header = core.sms_open(pdu)
    local ok, raised = pcall(self.send, { number = number, payload = payload, header = header, pdu = pdu })
    if not self.core then return end -- closed meanwhile
    if not ok then
      self.core:unreachable(peer)
      error(raised, 0)
    end
    peer, pdu = self.core:next()
  end
end

--- A message arrived from a number. `header`: the user data header without the octet of its length.
function ScriptModem:receive(number, payload, header)
  self:receive_pdu(core.sms_deliver("+" .. digits_of(number), payload, header or ""))
end

--- An SMS-DELIVER or SMS-STATUS-REPORT arrived, without the number of a service centre before it.
function ScriptModem:receive_pdu(pdu)
  if not self.core then errors.raise("wrong-state", "this modem has no client or server yet") end
  self.core:receive_sms(pdu)
end

-- ---- the transport -------------------------------------------------------------------------------------------

local Transport = {}
Transport.__index, Transport.__name = Transport, "linnet.sms_transport"

local FRAMING = { part_bits = "PART_BITS", validity = "VALIDITY_S", parts_timeout = "PARTS_TIMEOUT_S",
  coding = "CODING", protocol = "PROTOCOL", parts = "PARTS" }

local SECURED = { tag = "TAG", checksum = "CHECKSUM" }

-- Keys for secured packets by number, digits alone; nil: there are none.
local function packets_of(given)
  if not given then return nil end
  local packets = {}
  for number, keys in pairs(given) do packets[digits_of(number)] = { keys[1], keys[2] } end
  return packets
end

--- linnet.sms_transport(modem, { number = "+15550111", parts = 1, ports = { 5683, 5683 }, response_timeout = 300 })
--- In a simulated world there is no modem: linnet.sms_transport(nil, { number = "+15550111" }).
--- With packets = { ["+15550100"] = { parameters, keys } } they are secured packets.
function sms.transport(modem, options)
  options = options or {}
  local known = { number = true, ports = true, port_bits = true, reports = true, response_timeout = true,
    packets = true, dtls = true, credentials = true }
  for name in pairs(FRAMING) do known[name] = true end
  for name in pairs(SECURED) do known[name] = true end
  errors.check_options(options, known, "linnet.sms_transport")
  if options.dtls and options.packets then
    errors.raise("invalid-argument", "short messages are secured by DTLS or by packets, not by both")
  end
  return setmetatable({ modem = modem, options = options, digits = options.number and digits_of(options.number),
    packets = packets_of(options.packets) }, Transport)
end

local function configure(self, made)
  local options = self.options
  for name, constant in pairs(FRAMING) do
    if options[name] then made:set_framing(core["FRAMING_" .. constant], options[name]) end
  end
  if options.reports then made:set_framing(core.FRAMING_REPORTS, 1) end
  if options.ports then
    made:set_framing(core.FRAMING_PORT_BITS, options.port_bits or 16)
    made:set_framing(core.FRAMING_DESTINATION_PORT, options.ports[1])
    made:set_framing(core.FRAMING_SOURCE_PORT, options.ports[2])
  end
  if options.response_timeout then made:set_response_timeout(math.floor(options.response_timeout * 1000)) end
end

local function secure(self, made)
  made:add_secured()
  for name, constant in pairs(SECURED) do
    if self.options[name] then made:set_secured(core["SECURED_" .. constant], self.options[name]) end
  end
  for digits, keys in pairs(self.packets) do made:set_secured_keys("sms:+" .. digits, keys[1], keys[2]) end
end

--- Whether a client or server that has keys for it, or none, secures short messages by DTLS.
function Transport:uses_dtls(has_keys)
  if self.packets then return false end
  if self.options.dtls ~= nil then return self.options.dtls end
  return has_keys
end

--- Keys for secured packets of one more number, or others; "", "": none any more.
function Transport:set_keys(number, parameters, keys)
  if not (self.packets and self.core) then
    errors.raise("wrong-state", "this transport was made without packets, or has no client or server yet")
  end
  local digits = digits_of(number)
  self.packets[digits] = { parameters, keys }
  self.core:set_secured_keys("sms:+" .. digits, parameters, keys)
end

--- The counters of the last secured packet sent to a number, and of the last that was accepted from it.
function Transport:counters(number)
  if not self.core then return 0, 0 end
  local peer = "sms:+" .. digits_of(number)
  return self.core:secured_sent(peer), self.core:secured_accepted(peer)
end

--- After a restart, so that nothing that was accepted before is accepted again.
function Transport:set_counters(number, sent, accepted)
  if not self.core then errors.raise("wrong-state", "this transport has no client or server yet") end
  self.core:set_secured_counters("sms:+" .. digits_of(number), sent, accepted)
end

--- Called by the client or server that uses it; there can be one. `dtls` with a session for each peer, which
--- `store` (of a server) lets in.
function Transport:bind(runtime, node, dtls, store)
  if self.core then errors.raise("wrong-state", "this transport has a client or server already") end
  local made = core.Transport(node.loop, core.TRANSPORT_SMS)
  made:add_framing()
  configure(self, made)
  if self.packets then secure(self, made) end
  if dtls then made:secure(store) end
  local uri = self.digits and "sms:+" .. self.digits
  if uri then made:set_local(uri) end
  if self.modem then
    self.modem:begin(runtime, node, made)
  elseif runtime.attach_phone and uri then
    runtime:attach_phone(made, uri)
  else
    errors.raise("wrong-state", "linnet.sms_transport needs a modem, or in a world a number")
  end
  self.core = made
  return made
end

return sms
