-- SPDX-License-Identifier: Apache-2.0
-- errors.lua: a failed call raises a table with status, code, message, and path and endpoint where there are any.

local core = require "linnet.core"

local errors = {}

--- Makes an error. `status` is a name such as "timed-out"; `code`, if a device answered with one, such as "4.05".
function errors.new(status, message, fields)
  local made = fields or {}
  made.status, made.message, made.code = status, message, made.code or status
  return setmetatable(made, core.Error)
end

function errors.raise(status, message, fields)
  error(errors.new(status, message, fields), 0)
end

--- True for what linnet raises.
function errors.is(value)
  return type(value) == "table" and getmetatable(value) == core.Error
end

local function pass(fields, ok, ...)
  if ok then return ... end
  local raised = ...
  if errors.is(raised) then
    raised.path = raised.path or fields.path
    raised.endpoint = raised.endpoint or fields.endpoint
  end
  error(raised, 0)
end

--- Calls a function of the core, which never yields, and notes in an error what it was about.
function errors.about(fields, call, ...)
  return pass(fields, pcall(call, ...))
end

local function wrong(name, wanted, value)
  errors.raise("invalid-argument", ("%s is %s, not %s"):format(name, wanted, tostring(value)))
end

--- A text, or nil if it was left out.
function errors.text(name, value)
  local fits = value == nil or type(value) == "string" and not value:find("\0", 1, true)
  if not fits then wrong(name, "text without zeros", value) end
  return value
end

--- A whole number within bounds, or nil if it was left out.
function errors.whole(name, value, low, high)
  if value == nil then return nil end
  local number = tonumber(value)
  if not number or number % 1 ~= 0 or number < low or number > high then
    wrong(name, ("a whole number from %d to %.0f"):format(low, high), value)
  end
  return number
end

--- Checks the names of an options table, because a name that nobody reads is a mistake.
function errors.check_options(options, allowed, what)
  if type(options) ~= "table" then errors.raise("invalid-argument", what .. " takes a table of options") end
  for name in pairs(options) do
    if not allowed[name] then
      errors.raise("invalid-argument", ("%s has no option %q"):format(what, tostring(name)))
    elseif allowed[name] == "later" then
      errors.raise("unavailable", ("%s: %s needs DTLS, which this build leaves out"):format(what, name))
    end
  end
end

return errors
