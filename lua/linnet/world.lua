-- SPDX-License-Identifier: Apache-2.0
-- world.lua: linnet.world(seed): a virtual clock and a network as bad as you like. The same seed gives the same run.

local core = require "linnet.core"
local errors = require "linnet.errors"
local keep = require "linnet.keep"
local run = require "linnet.run"

local World = run.derive {}

local function new(seed)
  if not core.World then errors.raise("unavailable", "this build has no simulator") end
  local self = run.init(setmetatable({}, World))
  self.core, self.addresses = core.World(seed or 1), 0
  return self
end

function World:now() return self.core:now() end
function World:new_node() return self:node_of(self.core:new_loop()) end

function World:listen(_, transport, address)
  if not address then
    self.addresses = self.addresses + 1
    address = ("10.1.%d.%d:5683"):format(math.floor(self.addresses / 256) % 256, self.addresses % 256)
  end
  self.core:attach(transport, address)
end

function World:attach_phone(transport, uri) self.core:attach(transport, uri) end

function World:work() self.core:run(self.core:now()) end

function World:idle(ms)
  local now = self.core:now()
  local upcoming = self.core:next()
  if upcoming and (not ms or upcoming < now + ms) then ms = math.max(0, upcoming - now) end
  if not ms then errors.raise("wrong-state", "this would wait for ever: the world is still") end
  self.core:run(now + ms)
end

function World.fd()
  errors.raise("wrong-state", "a simulated world has no descriptor")
end

function World:is_still() return not self:timeout() and not self.core:next() end

function World:release(node)
  if next(node.roles) then return end
  self:drop(node)
  self.gone = self.gone or {}
  table.insert(self.gone, node)
end

local turn = World.turn -- that of every runtime
function World:turn()
  for _, node in ipairs(self.gone or {}) do
    if not node.removed then self.core:remove_loop(node.loop) end
  end
  self.gone = nil
  return turn(self)
end

function World:keep_server(role, path) return keep.server(self, role, path) end
function World:keep_client(role, path) return keep.client(self, role, path) end

--- Ends a client or server as SIGKILL or a power cut does: nobody hears of it, nothing more is stored.
function World:kill(role)
  if role.runtime ~= self then errors.raise("wrong-state", "this client or server is not in this world") end
  if role.closed then return end
  role.killed, role.node.removed = true, true
  self.core:remove_loop(role.node.loop)
  if role.unkeep then role.unkeep(false) end
  role:close()
end

--- Lets so many virtual milliseconds pass.
function World:advance(ms)
  local till = self:now() + ms
  repeat self:step(till - self:now()) until self:now() >= till
end

--- Runs until `ready()` is true, or so many virtual seconds have passed. Says whether it is.
function World:run_until(ready, seconds)
  local till = self:now() + (seconds or 86400) * 1000
  while not ready() and self:now() < till and not self:is_still() do self:step(till - self:now()) end
  return ready() and true or false
end

--- A name for look-ups.
function World:name(name, address) self.core:name(name, address) end

--- The Unix time at virtual time 0, in seconds.
function World:set_epoch(seconds) self.core:set_epoch(seconds * 1000) end

--- Calls observer(ms, from, to, data, lost) for every datagram that is sent.
function World:watch(observer) self.core:observe(observer) end

local TRAITS = { loss = "LOSS", duplication = "DUPLICATION", reordering = "REORDERING", delay = "DELAY_MS",
  jitter = "JITTER_MS", mtu = "MTU", down = "DOWN", store = "STORE" }

--- What the network does to datagrams, all of them or those of one client or server:
--- loss, duplication, reordering (0 to 1), delay, jitter (ms), mtu (bytes), down (true, false).
function World:network(traits, role) self:treat(traits, role and role.transports[1]) end

--- The same for the phone of a client or server, for which messages wait while it is down: store (how many).
function World:phone(traits, role)
  for _, made in ipairs(role.transports) do
    if made:get_kind() == core.TRANSPORT_SMS then return self:treat(traits, made) end
  end
  errors.raise("wrong-state", "this client or server has no phone")
end

--- How many short messages wait for a number, "sms:+15550111", or for all.
function World:stored(number) return self.core:stored(number) end

function World:treat(traits, made)
  for name, value in pairs(traits) do
    local trait = TRAITS[name] and core["WORLD_" .. TRAITS[name]]
    if not trait then errors.raise("invalid-argument", ("a network has no %q"):format(tostring(name))) end
    if type(value) == "boolean" then value = value and 1 or 0 end
    if name == "loss" or name == "duplication" or name == "reordering" then value = math.floor(value * 1000 + 0.5) end
    self.core:set(made, trait, value)
  end
end

--- Gives a client or server another address, as a NAT that forgot does.
function World:rebind(role, address) self.core:rebind(role.transports[1], address) end

-- The options, and the world to live in.
local function inside(self, options)
  local copy = { world = self }
  for name, value in pairs(options or {}) do copy[name] = value end
  return copy
end

function World:client(options) return require "linnet.client"(inside(self, options)) end
function World:server(options) return require "linnet.server"(inside(self, options)) end
function World:bootstrap_server(options) return require "linnet.bootstrap"(inside(self, options)) end

return new
