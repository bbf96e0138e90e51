-- SPDX-License-Identifier: Apache-2.0
-- transport.lua: what carries the datagrams of a client or server: sockets of the runtime, or the script itself.

local core = require "linnet.core"
local credentials = require "linnet.credentials"
local errors = require "linnet.errors"

local transport = {}

local Script = {}
Script.__index = Script

--- linnet.transport{ send = function(data, peer) end, lookup = function(name) return address end, address = "..." }
function transport.new(options)
  errors.check_options(options, { send = true, lookup = true, address = true, kind = true }, "linnet.transport")
  if type(options.send) ~= "function" then
    errors.raise("invalid-argument", "linnet.transport needs a send function")
  end
  return setmetatable({ send = options.send, lookup = options.lookup, address = options.address,
    kind = options.kind == "sms" and core.TRANSPORT_SMS or core.TRANSPORT_UDP }, Script)
end

--- The transport of the core for coaps, if `secure`, or for coap: a script carries both.
function Script:bind(runtime, node, secure)
  local key = secure and "secure" or "plain"
  if self.cores and (self.cores[key] or self.node ~= node) then
    errors.raise("wrong-state", "this transport has a client or server already")
  end
  local made = core.Transport(node.loop, self.kind)
  if self.address then made:set_local(self.address) end
  if not self.cores then table.insert(node.scripts, self) end
  self.cores, self.runtime, self.node = self.cores or {}, runtime, node
  self.cores[key] = made
  return made
end

--- A datagram arrived from a peer such as "192.0.2.1:5683"; it is looked at in the next step. A record of DTLS and a
--- message of CoAP are told apart by their first byte (RFC 7983).
function Script:receive(data, peer)
  local cores = self.cores
  if not cores then errors.raise("wrong-state", "this transport has no client or server yet") end
  local likely = (data:byte() or 0) < 0x40 and cores.secure or cores.plain
  likely = likely or cores.plain or cores.secure
  likely:receive(peer, data)
end

--- What was sent to a peer could not be delivered.
function Script:unreachable(peer)
  for _, made in pairs(self.cores or {}) do made:unreachable(peer) end
end

local function flush(self, key)
  local made = self.cores[key]
  local name = made and made:next_lookup()
  while name do
    made:answer_lookup(name, self.lookup and self.lookup(name) or nil)
    name = made:next_lookup()
  end
  local peer, data
  if made then peer, data = made:next() end
  while peer do
    self.send(data, peer)
    if not self.cores then return end -- closed meanwhile
    peer, data = made:next()
  end
end

function Script:flush()
  flush(self, "plain")
  if self.cores then flush(self, "secure") end
end

--- True for coaps; says so early when an address asks for what there is not.
function transport.is_secure(uri)
  local scheme = uri and (uri:match "^(%a+)://" or "coap"):lower() or "coap"
  if scheme ~= "coap" and scheme ~= "coaps" then
    errors.raise("invalid-argument", uri .. ": the URI begins with coap:// or coaps://")
  end
  if scheme == "coaps" and core.dtls_backend() == "none" then
    errors.raise("unavailable", uri .. ": this build of linnet has no DTLS")
  end
  return scheme == "coaps"
end

local function give(role, made)
  role.transports[#role.transports + 1] = made
  role.core:add_transport(made)
end

--- Opens one transport of a role: the script's own, or a socket. `secure` with coaps, and then whom it lets in.
function transport.add(role, address, script, secure, store)
  local runtime, node = role.runtime, role.node
  local made = script and script:bind(runtime, node, secure) or core.Transport(node.loop, core.TRANSPORT_UDP)
  if secure then made:secure(store) end
  if not script then runtime:listen(node, made, address or nil) end
  give(role, made)
end

--- Opens the one for short messages, if there is one; `dtls` and `store` as Transport:bind() has them.
function transport.add_sms(role, sms, dtls, store)
  if sms then give(role, sms:bind(role.runtime, role.node, dtls, store)) end
end

--- Opens that of a server, which may let in others by SMS than those of `store`, or the same with other keys.
function transport.add_server_sms(role, sms, store)
  if not sms then return end
  if sms[1] then -- several, where devices secure them differently
    for _, one in ipairs(sms) do transport.add_server_sms(role, one, store) end
    return
  end
  store = credentials.of_server(role.node.loop, { credentials = sms.options.credentials }) or store
  local dtls = sms:uses_dtls(store ~= nil)
  if dtls and not store then
    errors.raise("invalid-argument", "short messages with DTLS need credentials: whom to let in")
  end
  transport.add_sms(role, sms, dtls, store)
end

--- Opens the transports of a server. `listen` false: no socket.
function transport.open(role, listen, script, store)
  if listen == false and not script then return end
  if type(listen) ~= "table" then listen = { listen or false } end
  for _, address in ipairs(listen) do
    local secure = transport.is_secure(errors.text("listen", address or nil))
    if secure and not store then
      errors.raise("invalid-argument", address .. " needs credentials: whom to let in, or whom to trust")
    end
    transport.add(role, address, script, secure, store)
  end
end

--- Ends what open() began. A transport of the script stays with the script.
function transport.close(role)
  for _, made in ipairs(role.transports) do made:close() end
  for index = #role.node.scripts, 1, -1 do
    local script = role.node.scripts[index]
    for _, made in ipairs(role.transports) do
      if script.core == made or script.cores and (script.cores.plain == made or script.cores.secure == made) then
        table.remove(role.node.scripts, index)
        script.core, script.cores = nil, nil
        break
      end
    end
  end
  role.closed = true
  role.runtime:remove(role.node, role)
end

--- Where the transports of a role can be reached: "coap://192.0.2.1:5683", ...
function transport.addresses(role)
  local found = {}
  for _, made in ipairs(role.transports) do
    local address = made:address()
    local scheme = made:is_secure() and "coaps://" or "coap://"
    found[#found + 1] = address and (address:find("^%a+:%D") and address or scheme .. address)
  end
  return found
end

return transport
