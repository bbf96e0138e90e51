-- SPDX-License-Identifier: Apache-2.0
-- run.lua: what runs clients and servers: one loop on real sockets for all of a script, or the script's own clock; the
-- simulated world is in world.lua. User code runs in coroutines, which wait by yielding and are resumed from here,
-- never from under C; so it is the same in Lua 5.1 and 5.4.

local core = require "linnet.core"
local errors = require "linnet.errors"
local transport = require "linnet.transport"

local run = {}

-- How often one step looks for more to do, so that a flood of datagrams cannot keep it for ever.
local ROUNDS = 64

-- ---- what the three have in common ------------------------------------------------------------------

local Runtime = {}
Runtime.__index = Runtime

--- Gives a runtime what they all have.
function run.init(self)
  self.nodes = {}      -- {loop=, roles= by the number that events carry, scripts= transports of the script}
  self.starting = {}   -- roles that want to be told when things begin to run
  self.timers = {}     -- tickets with a time, the next one last
  self.owners = setmetatable({}, { __mode = "k" }) -- of coroutines: the role that gets their errors
  self.later = {}      -- coroutines that handlers of objects began
  self.open = 0        -- how many roles are open
  return self
end

--- The coroutine that linnet resumed last, and the runtime that did: where plain functions such as sleep belong.
local current = {}

function Runtime:node_of(loop)
  local node = { loop = loop, roles = {}, scripts = {} }
  self.nodes[#self.nodes + 1] = node
  return node
end

function Runtime:add(node, role, number)
  node.roles[number] = role
  self.starting[role] = true
  self.open = self.open + 1
end

--- A role is closed. `node` goes with its last role, if it is not shared.
function Runtime:remove(node, role)
  for number, other in pairs(node.roles) do
    if other == role then node.roles[number] = nil end
  end
  self.starting[role] = nil
  self.open = self.open - 1
  self:release(node)
end

function Runtime:drop(node)
  for index, other in ipairs(self.nodes) do
    if other == node then table.remove(self.nodes, index) end
  end
end

--- Keeps the first error; the step that is under way raises it when it is done.
function Runtime:fail(raised)
  if self.failure == nil then self.failure = { raised } end
end

function Runtime:raise()
  local failure = self.failure
  self.failure = nil
  if failure then error(failure[1], 0) end
end

-- ---- coroutines --------------------------------------------------------------------------------------

local unpack = unpack or table.unpack -- luacheck: ignore 143

local function describe(co, raised)
  return type(raised) == "string" and debug.traceback(co, raised) or raised
end

function Runtime:resume(co, ...)
  local coroutine_before, runtime_before = current.co, current.runtime
  current.co, current.runtime = co, self
  local ok, raised = coroutine.resume(co, ...)
  current.co, current.runtime = coroutine_before, runtime_before
  if ok or (errors.is(raised) and raised.ended) then return end
  raised = describe(co, raised)
  local role = self.owners[co]
  if not role or not role.handlers.error then return self:fail(raised) end
  if not errors.is(raised) then raised = errors.new("handler-failed", tostring(raised)) end
  for _, handler in ipairs(role.handlers.error) do self:spawn(handler, raised) end
end

--- Calls a function in a coroutine of its own: at once, or, inside the handler of an object, after it.
function Runtime:spawn(call, ...)
  local co = coroutine.create(call)
  if self.asking then
    table.insert(self.later, { co, select("#", ...), ... })
  else
    self:resume(co, ...)
  end
  return co
end

function Runtime:run_later()
  local later = self.later
  self.later = {}
  for _, item in ipairs(later) do self:resume(item[1], unpack(item, 3, 2 + item[2])) end
  return #later > 0
end

-- Of coroutines that run.pcall made: the one of linnet that they are a part of.
local parts = setmetatable({}, { __mode = "k" })

-- Lua 5.1 cannot yield across pcall, and cannot say so: a C function between here and the beginning tells.
local may_yield = coroutine.isyieldable or function()
  for level = 2, math.huge do
    local info = debug.getinfo(level, "S")
    if not info then return true end
    if info.what == "C" then return false end
  end
end

--- Completes a ticket: whoever awaits it goes on. Values are fields of the ticket.
function Runtime:complete(ticket)
  ticket.done = true
  local co = ticket.co
  ticket.co = nil
  if co then self:resume(co) end
end

-- What Lua 5.1 lacks, a pcall that lets coroutines wait: the function runs in a coroutine of its own, whose yields are
-- passed on.
local function pass_on(co, ok, ...)
  if not ok or coroutine.status(co) == "dead" then return ok, ... end
  return pass_on(co, coroutine.resume(co, coroutine.yield(...)))
end

function run.pcall(call, ...)
  if not current.co then return pcall(call, ...) end
  local arguments, count = { ... }, select("#", ...)
  local co = coroutine.create(function() return call(unpack(arguments, 1, count)) end)
  parts[co] = current.co
  return pass_on(co, coroutine.resume(co))
end

if coroutine.isyieldable then run.pcall = pcall end

function Runtime:set_timer(ticket, due)
  local timers, at = self.timers, 1
  ticket.due = due
  while timers[at] and timers[at].due > due do at = at + 1 end
  table.insert(timers, at, ticket)
end

function Runtime:take_timer(ticket)
  for index, other in ipairs(self.timers) do
    if other == ticket then return table.remove(self.timers, index) end
  end
end

-- The coroutine of linnet that may yield here, or nil.
local function waiter()
  local running = coroutine.running()
  if not running or not current.co then return nil end
  return (running == current.co or parts[running] == current.co) and may_yield() and current.co or nil
end

--- Waits until a ticket is done, at most so many seconds. A coroutine of linnet yields; other code runs things itself
--- until then, which holds up whatever runs it: not for waits that may never end. True if it is done.
function Runtime:await(ticket, seconds)
  local co = waiter()
  if ticket.done then return true end
  if self.asking then errors.raise("wrong-state", "the handler of an object cannot wait") end
  if not co and self.stepping and ticket.endless and not seconds then
    errors.raise("wrong-state", "only a coroutine that linnet made can wait for ever (and in Lua 5.1 not inside " ..
      "pcall, but inside linnet.pcall)")
  end
  if seconds then self:set_timer(ticket, self:now() + math.ceil(seconds * 1000)) end
  if co then
    ticket.co = co
    coroutine.yield()
  else
    while not ticket.done and not ticket.timed_out do self:step(nil) end
  end
  if seconds and not ticket.timed_out then self:take_timer(ticket) end
  return ticket.done == true
end

--- Lets so many seconds pass for the caller.
function Runtime:sleep(seconds)
  self:await({}, seconds)
end

-- ---- turns -------------------------------------------------------------------------------------------

function Runtime:run_timers()
  local timers, busy = self.timers, false
  local now = timers[1] and self:now()
  while timers[1] and timers[#timers].due <= now do
    local ticket = table.remove(timers)
    local co = ticket.co
    ticket.timed_out, ticket.co, busy = true, nil, true
    if co then self:resume(co) end
  end
  return busy
end

-- Events are about a role, or, as log lines are, about nobody in particular.
local function hand_out(node, event)
  local told, role = {}, node.roles[event.source]
  if role then return role:dispatch(event) end
  for _, other in pairs(node.roles) do told[other] = true end
  for other in pairs(told) do other:dispatch(event) end
end

function Runtime:dispatch()
  local busy = false
  for index = #self.nodes, 1, -1 do
    local node = self.nodes[index]
    local event = node and node.loop:next_event()
    while event do
      busy = true
      hand_out(node, event)
      event = node.loop:next_event()
    end
  end
  return busy
end

function Runtime:flush()
  for _, node in ipairs(self.nodes) do
    for _, script in ipairs(node.scripts) do
      local ok, raised = pcall(script.flush, script)
      if not ok then self:fail(raised) end
    end
  end
end

-- Runs the core, in which handlers of objects may be called.
function Runtime:ask(call, ...)
  local runtime_before = current.runtime
  self.asking, current.runtime = true, self
  local ok, raised = pcall(call, self, ...)
  self.asking, current.runtime = false, runtime_before
  if not ok then self:fail(raised) end
end

--- Does what there is to do, without waiting. True if something happened.
function Runtime:turn()
  local busy = false
  for role in pairs(self.starting) do
    self.starting[role] = nil
    role:begin()
  end
  for _ = 1, ROUNDS do
    self:ask(self.work)
    self:flush()
    local later, events, timers = self:run_later(), self:dispatch(), self:run_timers()
    if not later and not events and not timers then return busy end
    busy = true
  end
  self.more = true
  return busy
end

--- Milliseconds until something is due; nil: nothing is.
function Runtime:timeout()
  local due = self.timers[1] and self.timers[#self.timers].due
  if self.more or next(self.starting) then return 0 end
  for _, node in ipairs(self.nodes) do
    local deadline = node.loop:has_event() and 0 or node.loop:deadline()
    if deadline and (not due or deadline < due) then due = deadline end
  end
  return due and math.max(0, due - self:now())
end

--- Does what there is to do; if that is nothing, waits for it, at most `ms` (nil: as long as it takes).
function Runtime:once(ms)
  self.more = false
  if self:turn() or ms == 0 or self.more then return end
  local timer = self.timers[1] and math.max(0, self.timers[#self.timers].due - self:now())
  if timer and (not ms or timer < ms) then ms = timer end
  self:ask(self.idle, ms)
  self:turn()
end

--- The same for users: raises what handlers raised.
function Runtime:step(ms)
  if self.asking then errors.raise("wrong-state", "the handler of an object cannot step") end
  local outermost = not self.stepping
  ms = ms and math.floor(ms)
  self.stepping = true
  local ok, raised = pcall(self.once, self, ms)
  if outermost then self.stepping = false end
  if not ok then error(raised, 0) end
  if outermost then self:raise() end
end

--- lua, lua5.4 and luajit turn Ctrl-C into an error that says so.
local function is_interrupt(raised)
  return type(raised) == "string" and raised:find("interrupted!", 1, true) ~= nil
end

--- Steps until a role is stopped or closed, or until Ctrl-C: then it leaves politely.
function Runtime:run(role)
  role.stopped = false
  local outer = self.running
  self.running = true -- nobody is there to catch what the handlers of objects raise
  while not role.stopped and not role.closed and not self:is_still() do
    local ok, raised = pcall(self.step, self, nil)
    if not ok and not is_interrupt(raised) then
      self.running = outer
      error(raised, 0)
    end
    if not ok then
      if role.leave then role:leave() end
      role:close()
    end
  end
  self.running = outer
end

--- Where log events go that no handler takes.
function run.log(event) io.stderr:write("linnet: ", event.text, "\n") end

function Runtime.is_still() return false end
function Runtime.release() end

function run.derive(methods)
  methods.__index = methods
  return setmetatable(methods, Runtime)
end

-- ---- real sockets: one driver for all clients and servers of a script ---------------------------------

local Driven = run.derive {}

-- Weak, so that what nobody uses any more is collected.
local shared = setmetatable({}, { __mode = "v" })

function run.shared()
  if not core.Driver then errors.raise("unavailable", "this build has no driver: give a clock and a transport") end
  if not shared.runtime then
    local self = run.init(setmetatable({}, Driven))
    self.node = self:node_of(core.Loop(core.entropy(32)))
    self.driver = core.Driver(self.node.loop)
    shared.runtime = self
  end
  return shared.runtime
end

function Driven.now() return core.clock_monotonic() end
function Driven:new_node() return self.node end
function Driven:listen(_, made, address) self.driver:open(made, address) end
function Driven:work() self.driver:run() end
function Driven:idle(ms) self.driver:wait(ms and math.min(ms, 0x7fffffff) or -1) end
function Driven:fd() return self.driver:descriptor() end

function Driven:release()
  if self.open > 0 then return end
  self.driver:close()
  self.work, self.idle = function() end, function() end
  if shared.runtime == self then shared.runtime = nil end
end

-- ---- the script's own clock ---------------------------------------------------------------------------

local Manual = run.derive {}

function run.manual(clock, seed, wait)
  local self = run.init(setmetatable({}, Manual))
  self.clock, self.wait = clock, wait
  if not seed and not core.entropy then errors.raise("invalid-argument", "a clock needs a seed of 16 bytes or more") end
  self.node = self:node_of(core.Loop(seed or core.entropy(32)))
  return self
end

function Manual:now() return self.clock() end
function Manual:new_node() return self.node end
function Manual:work() self.node.loop:step(self.clock()) end

function Manual.listen()
  errors.raise("wrong-state", "with a clock of your own, the transport is yours, too")
end

function Manual:idle(ms)
  if self.wait then return self.wait(ms) end
  if ms ~= 0 then errors.raise("wrong-state", "this would wait: give a wait function, or step until it is there") end
end

function Manual.fd()
  errors.raise("wrong-state", "there is no descriptor: the transport is yours")
end

-- ---- what client.lua and server.lua begin with -----------------------------------------------------------

--- The runtime that the options ask for.
function run.choose(options)
  local world = options.world
  if world then
    if type(world) ~= "table" or not world.new_node then
      errors.raise("invalid-argument", "world is not a linnet.world()")
    end
    return world
  end
  if options.clock then return run.manual(options.clock, options.seed, options.wait) end
  return run.shared()
end

-- "body-size" and the like by name (linnet/limit.h).
local LIMITS = {}
for name, value in pairs(core) do
  local word = type(name) == "string" and name:match "^LIMIT_(.+)$"
  if word then LIMITS[word:lower():gsub("_", "-")] = value end
end

--- What clients and servers have in common.
function run.share(methods)
  --- Bounds what peers may ask for, "body-size" (bytes of a payload in blocks; default 65536), "observations", ...
  function methods:set_limit(name, value)
    if not LIMITS[name] then errors.raise("invalid-argument", ("there is no limit %q"):format(tostring(name))) end
    self.core:set_limit(LIMITS[name], errors.whole(name, value, 0, 2 ^ 53) or 0)
  end
  --- Does what there is to do; if that is nothing, waits for something, at most `ms` milliseconds (0 if left out).
  function methods:step(ms) return self.runtime:step(ms or 0) end
  --- Steps until stop() or close() is called. Everything in the script runs meanwhile.
  function methods:run() return self.runtime:run(self) end
  function methods:stop() self.stopped = true end
  --- For other event loops: a descriptor that is readable when step() has something to do,
  function methods:fd() return self.runtime:fd() end
  --- and the milliseconds after which to call it anyway; nil: no need.
  function methods:timeout() return self.runtime:timeout() end
  --- Where it can be reached: "coap://192.0.2.1:5683", ...
  function methods:addresses() return transport.addresses(self) end
  --- Calls a function in a coroutine of its own, in which calls may wait.
  function methods:spawn(call, ...) return self.runtime:spawn(call, ...) end
  --- Lets so many seconds pass for the caller.
  function methods:sleep(seconds) return self.runtime:sleep(seconds) end
end

--- Reads definition files into a model.
function run.read_models(model, options)
  for _, names in ipairs { options.model or {}, options.models or {} } do
    for _, name in ipairs(type(names) == "table" and names or { names }) do
      local file, why = io.open(name, "rb")
      if not file then errors.raise("system", "cannot read definitions: " .. why) end
      local text = file:read "*a"
      file:close()
      errors.about({ path = name }, model.read_ddf, model, text)
    end
  end
end

--- Handlers by name of event; each call runs in a coroutine of its own.
function run.on(role, known, name, handler)
  if not known[name] then errors.raise("invalid-argument", ("there is no event %q"):format(tostring(name))) end
  if type(handler) ~= "function" then errors.raise("invalid-argument", "the handler must be a function") end
  if name == "log" then role.node.loop:set_log_level(core.LOG_DEBUG) end
  local handlers = role.handlers
  handlers[name] = handlers[name] or {}
  table.insert(handlers[name], handler)
end

function run.call_handlers(role, name, ...)
  local runtime = role.runtime
  for _, handler in ipairs(role.handlers[name] or {}) do
    local co = coroutine.create(handler)
    if name ~= "error" then runtime.owners[co] = role end
    runtime:resume(co, ...)
  end
end

--- linnet.spawn(fn, ...) and linnet.sleep(seconds): in the runtime that called, else the one on sockets.
function run.spawn(call, ...) return (current.runtime or run.shared()):spawn(call, ...) end
function run.sleep(seconds) return (current.runtime or run.shared()):sleep(seconds) end

return run
