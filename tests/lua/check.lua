-- SPDX-License-Identifier: Apache-2.0
-- check.lua: a tiny harness. A test file requires it, calls test(name, function), and ends with test.finish().

local test = { failed = 0, count = 0 }

local function show(value)
  if type(value) ~= "table" then return type(value) == "string" and ("%q"):format(value) or tostring(value) end
  local meta = getmetatable(value)
  if meta and meta.__tostring then return tostring(value) end
  local parts = {}
  for key, item in pairs(value) do parts[#parts + 1] = "[" .. show(key) .. "]=" .. show(item) end
  table.sort(parts)
  return "{" .. table.concat(parts, ", ") .. "}"
end

function test.equal(found, expected, what)
  if show(found) == show(expected) then return end
  error(("%s%s instead of %s"):format(what and what .. ": " or "", show(found), show(expected)), 2)
end

function test.truth(value, what)
  if not value then error((what or "this") .. " is not true", 2) end
  return value
end

function test.match(text, pattern)
  if tostring(text):find(pattern) then return end
  error(("%s does not match %q"):format(show(text), pattern), 2)
end

--- Calls a function that must raise an error table of this status; returns the error.
function test.raises(status, call, ...)
  local ok, raised = pcall(call, ...)
  if ok then error("nothing was raised instead of " .. status, 2) end
  if type(raised) ~= "table" or raised.status ~= status then
    error(("%s was raised instead of %s"):format(show(raised), status), 2)
  end
  if type(raised.message) ~= "string" or type(raised.code) ~= "string" then error("an error without words", 2) end
  return raised
end

--- Everything that can be collected is.
function test.collect()
  for _ = 1, 4 do collectgarbage() end
end

setmetatable(test, { __call = function(self, name, body)
  self.count = self.count + 1
  local ok, raised = xpcall(body, function(raised)
    return type(raised) == "string" and debug.traceback(raised, 2) or raised
  end)
  if ok then return end
  self.failed = self.failed + 1
  io.stderr:write(("not ok: %s\n    %s\n"):format(name, tostring(raised)))
end })

function test.finish()
  print(("%d tests, %d failed"):format(test.count, test.failed))
  if test.failed > 0 then os.exit(1) end
end

return test
