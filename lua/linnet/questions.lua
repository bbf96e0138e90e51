-- SPDX-License-Identifier: Apache-2.0
-- questions.lua: what servers ask the objects of a script: its functions are called, and their answers given, at once
-- or later. Methods of the homes of object.lua.

local core = require "linnet.core"
local errors = require "linnet.errors"
local later = require "linnet.later"

local questions = {}

local READ, WRITE, EXECUTE = core.OPERATION_READ, core.OPERATION_WRITE, core.OPERATION_EXECUTE
local CREATE, DELETE = core.OPERATION_CREATE, core.OPERATION_DELETE

--- Ids of a path, as numbers.
function questions.ids(path)
  local ids = {}
  for id in path:gmatch "%d+" do ids[#ids + 1] = tonumber(id) end
  return ids
end

--- "0='now',2" as {[0]="now", [2]=""}.
function questions.arguments(text)
  local arguments = {}
  local at, digit, value, after = 1
  text = text or ""
  while true do
    digit, after = text:match("^,?(%d)()", at)
    if not digit then return arguments end
    value, at = text:match("^='([^']*)'()", after)
    arguments[tonumber(digit)], at = value or "", at or after
  end
end

--- {[resource]=value or {[index]=value}} of records.
function questions.values(records)
  local values = {}
  for _, record in ipairs(records or {}) do
    local ids = questions.ids(record.path)
    if ids[4] then
      values[ids[3]] = type(values[ids[3]]) == "table" and values[ids[3]] or {}
      values[ids[3]][ids[4]] = record.value
    elseif ids[3] then
      values[ids[3]] = record.value
    end
  end
  return values
end

-- ---- what is called, and what is done with the answer ------------------------------------------------------

-- What a function returns: its answer; or nil and a code such as "4.05", which refuses.
local function answer(answered, refusal)
  if refusal then errors.raise("refused", "the handler refused", { code = refusal }) end
  return answered
end

-- By operation: call(home, event, ids) returns what the script's functions returned, by any keys; give(home, question,
-- path, ids, values) does what there is to be done with that, and may return a status.
local HANDLED = {}

HANDLED[READ] = {
  call = function(home, event, ids)
    local functions = home:functions_of(ids[2], ids[3])
    return { functions and functions.read and answer(functions.read(event.path)) }
  end,
  give = function(home, question, path, ids, values)
    local value = values[1]
    if value == nil then return core.ERROR_NOT_FOUND end
    local resource = home.definitions[ids[3]]
    if type(value) ~= "table" then return question:answer(path, home.encode(resource.type, value)) end
    for index, item in pairs(value) do
      question:answer(path .. "/" .. index, home.encode(resource.type, item))
    end
  end,
}

HANDLED[EXECUTE] = {
  call = function(home, event, ids)
    local functions = home:functions_of(ids[2], ids[3])
    return { functions and functions.execute and
      answer(functions.execute(questions.arguments(event.text), event.path)) }
  end,
}

HANDLED[CREATE] = {
  call = function(home, event, ids)
    return { type(home.create) == "function" and answer(home.create(ids[2], questions.values(event.records))) or nil }
  end,
  give = function(home, _, _, ids, values)
    home.created = home.created or {}
    home.created[ids[2]] = values[1]
  end,
}

HANDLED[DELETE] = {
  call = function(home, _, ids) return { type(home.delete) == "function" and answer(home.delete(ids[2])) } end,
}

local WRITTEN = {
  call = function(home, event, ids)
    local results = {}
    for id, value in pairs(questions.values(event.records)) do
      local functions = home:functions_of(ids[2], id)
      if functions and functions.write then results[id] = answer(functions.write(value, home:path(ids[2], id))) end
    end
    return results
  end,
}

local unpack = unpack or table.unpack -- luacheck: ignore 143

-- ---- answers, refusals and failures --------------------------------------------------------------------------

local function traced(raised)
  return type(raised) == "string" and debug.traceback(raised, 2) or raised
end

-- xpcall of Lua 5.1 passes no arguments on.
local function try(call, ...)
  local arguments, count = { ... }, select("#", ...)
  return xpcall(function() return call(unpack(arguments, 1, count)) end, traced)
end

local Home = {}

--- A handler refuses by an error with a code such as "4.05"; other errors are reported, and the server gets 5.00.
function Home:refuse(question, path, raised)
  local class, detail = tostring(type(raised) == "table" and raised.code or ""):match "^([45])%.(%d%d)$"
  if class then
    question:refuse(tonumber(class .. detail))
    return core.ERROR_REFUSED
  end
  self.client:handler_failed(path, raised)
  return core.ERROR_HANDLER_FAILED
end

-- The status of an answer that is there.
local function conclude(home, question, path, ids, handled, values, raised)
  if raised == nil and handled.give then
    local ok, given = try(handled.give, home, question, path, ids, values)
    if ok then return given or core.OK end
    raised = given
  end
  return raised == nil and core.OK or home:refuse(question, path, raised)
end

-- A deferred answer is there. If nobody waits for it any more, that is nobody's fault.
local function finish(question, status)
  local ok, raised = pcall(question.finish, question, status)
  if not ok and not (errors.is(raised) and (raised.status == "closed" or raised.status == "wrong-state")) then
    error(raised, 0)
  end
end

function Home:ask(question, event)
  local path, ids = event.path, questions.ids(event.path)
  local handled = HANDLED[event.operation] or WRITTEN
  local asking, status = true, nil
  later.await(handled.call(self, event, ids), function(values, raised)
    status = conclude(self, question, path, ids, handled, values, raised)
    if not asking then finish(question, status) end
  end)
  asking = false
  if status == nil then question:defer() end
  return status or core.OK
end

--- From now on servers' questions come here. C holds the function, so the function holds the home weakly. About writes
--- it is asked only where somebody checks them: C keeps no value of write-only resources that it asked about.
function Home:listen()
  local asked = READ + EXECUTE + CREATE + DELETE + (self.checks and WRITE or 0)
  if self.listening == asked then return end
  self.listening = asked
  local weak = setmetatable({ self }, { __mode = "v" })
  self.core:set_handler(asked, function(question, event)
    local home = weak[1]
    if not home then return core.ERROR_CLOSED end
    local ok, answered = try(home.ask, home, question, event)
    if ok then return answered end
    return home:refuse(question, event.path, answered)
  end)
end

--- Gives a class of homes these methods.
function questions.share(class)
  for name, method in pairs(Home) do class[name] = method end
end

return questions
