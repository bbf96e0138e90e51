-- SPDX-License-Identifier: Apache-2.0
-- waiting.lua: coroutines that wait until something is true of a client or server, which its events may change.

local waiting = {}

--- Waits until ready() is true, or so many seconds, or until the client or server is closed. Says whether it is. Of one
--- whose `passive` is true what is awaited comes from others, so that a world that is still is no mistake.
function waiting.wait(self, ready, seconds)
  local till = seconds and self.runtime:now() + seconds * 1000
  while not ready() and not self.closed do
    local left = till and (till - self.runtime:now()) / 1000
    if left and left <= 0 then return false end
    local ticket = { endless = self.passive }
    self.tickets[#self.tickets + 1] = ticket
    self.runtime:await(ticket, left)
  end
  return ready()
end

--- Something happened: all of them look again.
function waiting.wake(self)
  local tickets = self.tickets
  self.tickets = {}
  for _, ticket in ipairs(tickets) do self.runtime:complete(ticket) end
end

return waiting
