-- SPDX-License-Identifier: Apache-2.0
-- observation.lua: the values of a path that a device notifies, for who waits for them.

local core = require "linnet.core"
local errors = require "linnet.errors"
local object = require "linnet.object"

local Observation = {}
Observation.__index, Observation.__name = Observation, "linnet.observation"

-- How many values wait for observation:next(); then the eldest goes.
local QUEUE = 256

-- What a read gives to people: the value of a single resource, {[index]=value} of a multiple one, {[path]=value} of
-- more than that.
local function values(path, records)
  local depth = #object.ids(path)
  local found = {}
  for _, record in ipairs(records or {}) do
    if depth >= 3 and #object.ids(record.path) == depth then return record.value end
    if depth >= 3 then
      found[object.ids(record.path)[4]] = record.value
    elseif record.type ~= core.TYPE_NONE then
      found[record.path] = record.value
    end
  end
  return found
end

local function note_of(path, event)
  event.value = values(path, event.records)
  return event
end

--- The first value is there.
function Observation:begin(event)
  table.insert(self.queue, 1, note_of(self.path, event))
  return self
end

local function ended(self)
  return errors.new("cancelled", ("%s: the observation of %s has ended"):format(self.device.endpoint, self.path),
    { path = self.path, endpoint = self.device.endpoint, ended = true })
end

--- Waits for the next value: {value=, path=, records=}. nil after so many seconds. When the observation has ended it
--- raises; an event handler that does not catch that simply ends.
function Observation:next(seconds)
  if self.ticket then errors.raise("wrong-state", "somebody waits for this observation already") end
  if #self.queue == 0 and not self.ended then
    self.ticket = { endless = true }
    self.device.server.runtime:await(self.ticket, seconds)
    self.ticket = nil
  end
  local note = table.remove(self.queue, 1)
  if note then return note end
  if self.ended then error(ended(self), 0) end
end

local function wake(self)
  local ticket = self.ticket
  self.ticket = nil
  if ticket then self.device.server.runtime:complete(ticket) end
end

--- Nothing more will come.
function Observation:finish()
  self.ended = true
  self.device.server.observations[self.number] = nil
  wake(self)
end

--- From now on it begins again whenever the device registers.
function Observation:keep()
  local server = self.device.server
  errors.about({ path = self.path, endpoint = self.device.endpoint }, server.core.keep_observation, server.core,
    self.number)
end

--- Ends the observation, and waits for the device's answer.
function Observation:cancel()
  if self.ended then return end
  local server = self.device.server
  self:finish()
  if not self.device.registered then return pcall(server.core.forget, server.core, self.number) end
  local ok, number = pcall(server.core.cancel, server.core, self.number)
  if not ok then
    if errors.is(number) and number.status == "not-found" then return end
    error(number, 0)
  end
  local ticket = {}
  server.first_request = server.first_request or number
  server.pending[number] = ticket
  server.runtime:await(ticket)
end

--- Ends the observation here. The device is told by a Reset, when it notifies next.
function Observation:forget()
  if self.ended then return end
  self:finish()
  local server = self.device.server
  local ok, why = pcall(server.core.forget, server.core, self.number)
  if not ok and not (errors.is(why) and why.status == "not-found") then error(why, 0) end
end

--- One more value.
function Observation:notified(event)
  if #self.queue >= QUEUE then
    table.remove(self.queue, 1)
    self.dropped = self.dropped + 1
  end
  self.queue[#self.queue + 1] = note_of(self.path, event)
  wake(self)
  return true
end

local function new(device, path)
  return setmetatable({ device = device, path = path, queue = {}, dropped = 0, ended = false }, Observation)
end

return { new = new, values = values }
