-- SPDX-License-Identifier: Apache-2.0
-- later.lua: linnet.later(), an answer that the handler of an object gives later: a CoAP separate response.

local errors = require "linnet.errors"

local later = {}

local Later = { __name = "linnet.later" }
Later.__index = Later

--- An answer to come. A handler returns it, and whatever knows the answer finishes it, once.
function later.new() return setmetatable({ done = false }, Later) end

function later.is(value) return getmetatable(value) == Later end

local function settle(self, value, raised)
  if self.done then errors.raise("wrong-state", "this answer was given already") end
  self.done, self.value, self.raised = true, value, raised
  local call = self.call
  self.call = nil
  if call then call() end
end

--- The answer is there: the value of a read; nothing for a write, an execute or a delete.
function Later:finish(value) settle(self, value) end

--- The request is refused: later:refuse("4.03").
function Later:refuse(code, message)
  settle(self, nil, errors.new("refused", message or "refused with " .. code, { code = code }))
end

--- It went wrong: the server gets 5.00, and the error is reported.
function Later:fail(raised)
  settle(self, nil, raised == nil and "the handler failed" or raised)
end

--- Calls done(values, raised) when all of `results` are there, which may hold what a later() stands for. What is there
--- already is passed on at once. Returns true if that was all.
function later.await(results, done)
  local open = 0
  local function look()
    if open > 0 then return end
    local values = {}
    for index, result in pairs(results) do
      if not later.is(result) then
        values[index] = result
      elseif result.raised ~= nil then
        return done(nil, result.raised)
      else
        values[index] = result.value
      end
    end
    done(values)
  end
  for _, result in pairs(results) do
    if later.is(result) and not result.done then
      if result.call then errors.raise("wrong-state", "two handlers returned the same linnet.later()") end
      open = open + 1
      result.call = function()
        open = open - 1
        look()
      end
    end
  end
  if open > 0 then return false end
  look()
  return true
end

return later
