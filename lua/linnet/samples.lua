-- SPDX-License-Identifier: Apache-2.0
-- samples.lua: objects that the model knows, with a value in each resource that nobody filled in yet.

local core = require "linnet.core"

local samples = {}

local READ, EXECUTE = core.OPERATION_READ, core.OPERATION_EXECUTE

local function has(operations, operation) return operations % (2 * operation) >= operation end

--- A value that a resource may hold: the lowest of its range, or nothing.
local function sample(resource)
  local lowest = tonumber((resource.range or ""):match "^%s*(%-?%d+%.?%d*)") or 0
  local by_type = { [core.TYPE_STRING] = "", [core.TYPE_OPAQUE] = "", [core.TYPE_BOOLEAN] = false,
    [core.TYPE_INTEGER] = lowest, [core.TYPE_FLOAT] = lowest, [core.TYPE_TIME] = os.time(),
    [core.TYPE_OBJLNK] = { 65535, 65535 } }
  return by_type[resource.type]
end

--- Makes the resources of an instance exist: all of them, or those that it must have.
function samples.fill(home, instance, mandatory_only)
  for _, resource in ipairs(home.core:definition().resources) do
    local path = home:path(instance, resource.id)
    if not home.core:has(path) and (resource.mandatory or not mandatory_only) then
      local operations = resource.operations
      if resource.multiple or has(operations, EXECUTE) or not has(operations, READ) then
        home.core:offer(path)
      else
        home.core:set(path, sample(resource))
      end
    end
  end
end

return samples
