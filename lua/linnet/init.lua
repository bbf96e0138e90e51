-- SPDX-License-Identifier: Apache-2.0
-- linnet: OMA LwM2M 1.0.2 for Lua 5.1, LuaJIT, 5.3 and 5.4. meta.lua says what there is.

local core = require "linnet.core"
local errors = require "linnet.errors"
local later = require "linnet.later"
local object = require "linnet.object"
local run = require "linnet.run"
local sms = require "linnet.sms"
local transport = require "linnet.transport"

local linnet = {
  version = "0.1.0",
  client = require "linnet.client",
  transport = transport.new,
  sms_transport = sms.transport,
  at_modem = sms.at_modem,
  script_modem = sms.script_modem,
  later = later.new,
  spawn = run.spawn,
  sleep = run.sleep,
  pcall = run.pcall,
  is_error = errors.is,
}

if core.Server then linnet.server = require "linnet.server" end
if core.Bootstrap then linnet.bootstrap_server = require "linnet.bootstrap" end

--- A simulated world; loaded when it is wanted.
function linnet.world(seed) return require "linnet.world"(seed) end

--- A handler of an object refuses a request: linnet.refuse("4.05").
function linnet.refuse(code, message)
  errors.raise("refused", message or "refused with " .. code, { code = code })
end

--- `for path, value in linnet.each(device:read "/3/0") do`: in the order of the paths.
function linnet.each(values)
  local paths, keys = {}, {}
  for path in pairs(values) do
    paths[#paths + 1] = path
    local ids = object.ids(tostring(path))
    for at = 1, 4 do ids[at] = ("%06d"):format((ids[at] or -1) + 1) end
    keys[path] = table.concat(ids)
  end
  table.sort(paths, function(a, b) return keys[a] < keys[b] end)
  local at = 0
  return function()
    at = at + 1
    if paths[at] ~= nil then return paths[at], values[paths[at]] end
  end
end

return linnet
