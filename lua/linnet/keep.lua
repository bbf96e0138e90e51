-- SPDX-License-Identifier: Apache-2.0
-- keep.lua: clients and servers of a simulated world in files. They are those that the driver writes for clients and
-- servers on real sockets (linnet_driver_keep, linnet_driver_keep_server).

local errors = require "linnet.errors"

local keep = {}

-- The first bytes of a server's log; records follow.
local MAGIC = "linnet server 1\n"

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local data = file:read "*a"
  file:close()
  return data
end

local function write(path, data)
  local file, why = io.open(path .. ".new", "wb")
  if not file then errors.raise("system", "cannot write " .. why) end
  file:write(data)
  file:close()
  local ok
  ok, why = os.rename(path .. ".new", path)
  if not ok then errors.raise("system", "cannot write " .. why) end
end

-- Calls restore(data) with what the file has. Words, if it is damaged: then it is set aside.
local function restore(path, data, call)
  local ok, raised = pcall(call, data)
  if ok then return nil end
  if not errors.is(raised) or raised.status ~= "malformed" then error(raised, 0) end
  os.rename(path, path .. ".damaged")
  return ("%s is damaged: set aside as %s.damaged"):format(path, path:match "[^/]*$")
end

-- Lets the world store before anything of the role leaves; stop(true) does it a last time. The world holds the
-- function, so the function holds the role weakly.
local function begin(world, role, store, finish)
  local weak = setmetatable({ core = role.core }, { __mode = "v" })
  local function run()
    if weak.core then store(weak.core) end
  end
  function role.unkeep(last)
    role.unkeep = nil
    if last then run() end
    if not role.killed then world.core:keep(role.node.loop, nil) end
    if finish then finish() end
  end
  world.core:keep(role.node.loop, run)
end

--- Restores a server from a log and keeps it there. Words, if the log was damaged.
function keep.server(world, role, path)
  local server, data, problem = role.core, read(path), nil
  if data and data ~= "" then
    problem = restore(path, data, function()
      if data:sub(1, #MAGIC) ~= MAGIC then errors.raise("malformed", "no log of a server") end
      server:restore(data:sub(#MAGIC + 1))
    end)
  end
  server:record()
  write(path, MAGIC .. server:save())
  local file = assert(io.open(path, "ab"))
  begin(world, role, function(core)
    local changes = core:changes()
    if changes == "" then return end
    file:write(changes)
    file:flush()
    core:stored()
  end, function() file:close() end)
  return problem
end

--- The same for a client, whose file is written anew each time. True if there was a file; false and words if it was
--- damaged.
function keep.client(world, role, path)
  local data, problem = read(path), nil
  if data then problem = restore(path, data, function() role.core:restore(data) end) end
  local kept = data and not problem and role.core:revision() or nil
  begin(world, role, function(core)
    local revision = core:revision()
    if revision == kept then return end
    local ok, saved = pcall(core.save, core)
    if ok then
      write(path, saved)
      kept = revision
    elseif not errors.is(saved) or saved.status ~= "wrong-state" then -- else once the bootstrap has finished
      error(saved, 0)
    end
  end)
  if problem then return false, problem end
  return data ~= nil
end

return keep
