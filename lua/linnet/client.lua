-- SPDX-License-Identifier: Apache-2.0
-- client.lua: linnet.client{}: an LwM2M client, its objects, its registrations.

local core = require "linnet.core"
local credentials = require "linnet.credentials"
local errors = require "linnet.errors"
local object = require "linnet.object"
local run = require "linnet.run"
local sms = require "linnet.sms"
local standard = require "linnet.standard"
local transport = require "linnet.transport"
local waiting = require "linnet.waiting"

local Client = {}
run.share(Client)
standard.share(Client)

local OPTIONS = { endpoint = true, server = true, bootstrap = true, hold_off = true, lifetime = true, id = true,
  binding = true, model = true, models = true, listen = true, transport = true, sms = true, server_number = true,
  world = true, clock = true, seed = true, wait = true,
  psk = true, certificate = true, private_key = true, trust = true, sms_psk = true }

-- How long Ctrl-C waits for the servers to say goodbye.
local GOODBYE_S = 3

local EVENTS = { registered = true, updated = true, deregistered = true, error = true, write = true, execute = true,
  create = true, delete = true, log = true, ["bootstrap-started"] = true, ["bootstrap-finished"] = true,
  asleep = true, awake = true }

local RIGHTS = { read = core.ACCESS_READ, write = core.ACCESS_WRITE, execute = core.ACCESS_EXECUTE,
  delete = core.ACCESS_DELETE, create = core.ACCESS_CREATE }

local STATES = { [core.CLIENT_IDLE] = "idle", [core.CLIENT_RESOLVING] = "resolving",
  [core.CLIENT_REGISTERING] = "registering", [core.CLIENT_REGISTERED] = "registered",
  [core.CLIENT_WAITING] = "waiting", [core.CLIENT_DEREGISTERING] = "deregistering" }

local EVERY_SERVER = 0

-- Methods first, then objects by id or name: client.device, client[3303].
local function index(self, key)
  local method = Client[key]
  if method ~= nil then return method end
  local id = key
  if type(key) == "string" then
    local ok, path = pcall(self.model.path, self.model, key)
    id = ok and tonumber(path:match "^/(%d+)$")
  end
  local home = type(id) == "number" and not rawget(self, "closed") and object.find(self, id)
  return home and object.proxy(home) or nil
end

local class = { __index = index, __name = "linnet.client" }
class.__tostring = function(self) return "linnet.client " .. self.endpoint end

local function new(options)
  errors.check_options(options, OPTIONS, "linnet.client")
  if type(options.endpoint) ~= "string" then
    errors.raise("invalid-argument", "linnet.client needs an endpoint name")
  end
  local runtime = run.choose(options)
  local node = runtime:new_node()
  local handle = core.Client(node.loop, options.endpoint, nil)
  local self = setmetatable({ endpoint = options.endpoint, runtime = runtime, node = node, core = handle,
    model = handle:own_model(), transports = {}, reached = {}, homes = {}, handlers = {}, tickets = {},
    closed = false, stopped = false, started = false, last_error = false }, class)
  runtime:add(node, self, handle:number())
  local ok, raised = pcall(function()
    run.read_models(self.model, options)
    local by_number = options.sms and type(options.server) == "string" and options.server:find "^%a+:%+?%d+$"
    self.listen, self.script = options.listen, options.transport
    errors.text("server", options.server)
    errors.text("listen", options.listen or nil)
    if options.listen ~= false and (options.listen ~= nil or not by_number) then
      self:reach(not by_number and transport.is_secure(options.server))
    end
    self.sms = options.sms
    self.sms_dtls = options.sms and options.sms:uses_dtls((options.psk or options.sms_psk) ~= nil)
    transport.add_sms(self, options.sms, self.sms_dtls)
    if options.sms and options.sms.digits then self:set_sms_number(options.sms.digits) end
    if options.server then self:add_server(options.server, options) end
    if options.bootstrap then self:add_bootstrap_server(options.bootstrap, options) end
  end)
  if not ok then
    self:close()
    error(raised, 0)
  end
  return self
end

--- The transport for coap or coaps: opened when it is asked for first.
function Client:reach(secure)
  local key = secure and "secure" or "plain"
  if self.reached[key] then return end
  local address = self.listen or nil
  if address and address:find "://" then -- the socket of that scheme
    address = transport.is_secure(address) == secure and address or nil
  elseif next(self.reached) then
    address = nil
  end
  transport.add(self, address, self.script, secure)
  self.reached[key] = true
end

--- What the accounts need that a file brought.
function Client:reach_accounts()
  local securities = self.core:own_object(0)
  for at = 0, securities:instance_count() - 1 do
    local uri = securities:get(("/0/%d/0"):format(securities:instance_at(at)))
    self:reach(uri:find "^coaps:" ~= nil)
  end
end

-- The Short Server IDs of its accounts, also of those that keep() or a bootstrap-server brought.
local function accounts(self)
  local servers, found = self.core:own_object(1), {}
  for at = 0, servers:instance_count() - 1 do
    found[#found + 1] = servers:get(("/1/%d/0"):format(servers:instance_at(at)))
  end
  return found
end

local function need_sms(self, uri)
  for _, made in ipairs(self.transports) do
    if made:get_kind() == core.TRANSPORT_SMS then return end
  end
  errors.raise("invalid-argument", uri .. " takes what carries short messages: sms = linnet.sms_transport(...)")
end

--- Adds a server account: {lifetime=86400, id=1, binding="U", server_number="+15550100", psk={"identity", "key"}}, or
--- with certificate, private_key and trust. One that is reached by SMS alone has its number as its URI,
--- "sms:+15550100", and the binding S.
function Client:add_server(uri, options)
  options = options or {}
  local id = errors.whole("id", options.id, 1, 65534) or #accounts(self) + 1
  local lifetime = errors.whole("lifetime", options.lifetime, 1, 0xffffffff) or 86400
  uri = errors.text("server", uri) or errors.raise("invalid-argument", "a server has a URI")
  errors.text("server_number", options.server_number)
  errors.text("binding", options.binding)
  local by_number = uri:find "^%a+:%+?%d+$"
  if by_number then need_sms(self, uri) else self:reach(transport.is_secure(uri)) end
  self.core:add_server(uri, id, lifetime)
  if options.server_number then self.core:set_server_number(id, sms.digits_of(options.server_number)) end
  if options.binding then self.core:set_binding(id, options.binding) end
  if not by_number then credentials.give(self.core, uri, id, options) end
  local number = by_number and uri or options.server_number
  if number then self:secure_sms(uri, sms.digits_of(number), id, options) end
end

-- Writes into the account of a server how short messages to it are secured.
function Client:secure_sms(uri, digits, id, options)
  local packets = self.sms and self.sms.packets and self.sms.packets[digits]
  if self.sms_dtls then
    credentials.give_for_sms(self.core, uri, id, options)
  elseif packets then
    self.core:set_sms_security(id, core.SMS_SECURED_PACKETS, packets[1], packets[2])
  elseif options.sms_psk or ((options.psk or options.certificate) and not uri:find "^coaps:") then
    errors.raise("invalid-argument", uri .. ": there are keys, but the short messages are not secured by DTLS")
  end
end

--- Adds the account of a bootstrap server, which is asked for accounts of servers: {hold_off=0} seconds after the start
--- without one, or after registrations with all of them failed. On coaps with psk={"identity", "key"}, or certificate,
--- private_key and trust.
function Client:add_bootstrap_server(uri, options)
  local hold_off = errors.whole("hold_off", options and options.hold_off, 0, 0xffffffff) or 0
  uri = errors.text("bootstrap", uri) or errors.raise("invalid-argument", "a bootstrap server has a URI")
  local by_number = uri:find "^%a+:%+?%d+$"
  local secure = not by_number and transport.is_secure(uri)
  if by_number then
    need_sms(self, uri)
  else
    self:reach(secure)
    if core.dtls_backend() ~= "none" then self:reach(not secure) end -- whatever servers it will name
  end
  self.core:add_bootstrap_server(uri, hold_off)
  if secure then credentials.give(self.core, uri, core.BOOTSTRAP_ACCOUNT, options or {}) end
  if by_number then self:secure_sms(uri, sms.digits_of(uri), core.BOOTSTRAP_ACCOUNT, options or {}) end
end

--- Accounts and what else the device is made with: {["/0/0"]={...}, ["/1/0"]={...}}, instances of resources by path.
--- Nothing happens if it has accounts already. Before it is started.
function Client:factory(values)
  local batch, list = core.Batch(self.node.loop), {}
  for path, resources in pairs(values) do
    for id, value in pairs(resources) do list[#list + 1] = { self.model:path(path .. "/" .. id), value } end
  end
  table.sort(list, function(a, b)
    local left, right = object.ids(a[1]), object.ids(b[1])
    for at = 1, 3 do
      if left[at] ~= right[at] then return left[at] < right[at] end
    end
    return false
  end)
  for _, item in ipairs(list) do
    local definition = self.model:resource(item[1])
    if type(item[2]) == "table" then
      for number, value in pairs(item[2]) do
        batch:add(item[1] .. "/" .. number, object.encode(definition and definition.type, value))
      end
    else
      batch:add(item[1], object.encode(definition and definition.type, item[2]))
    end
  end
  errors.about({ endpoint = self.endpoint }, self.core.factory, self.core, batch)
end

--- Accounts from a smartcard: a function gives the content of EF LwM2M_Bootstrap, or nil without a card. It is called
--- when the client starts, before each Register and Update with a server that the card gave, and by check_smartcard().
function Client:set_smartcard(read)
  self.core:set_smartcard(read and function(question)
    local content = read()
    if content == nil then return core.ERROR_NOT_FOUND end
    question:answer("/", content)
  end)
end

--- The card may have been changed.
function Client:check_smartcard() self.core:check_smartcard() end

-- ---- registration ------------------------------------------------------------------------------------------

--- Called when things begin to run.
function Client:begin()
  if self.core:own_object(0):instance_count() > 0 and not self.started then self:start() end
end

--- Registers, and keeps registered. run() and the first step() do it by themselves.
function Client:start()
  self.started = true
  self.core:start()
end

--- Sends an Update now.
function Client:update(id) self.core:update(id or EVERY_SERVER) end

--- Registers as if for the first time: after the address of this device has changed.
function Client:register_anew(id) self.core:register_anew(id or EVERY_SERVER) end

--- Whether notifications ask for an acknowledgement; one a day does anyway.
function Client:set_confirmable(confirmable, id)
  self.core:set_reliability(id or EVERY_SERVER, confirmable and core.CONFIRMABLE or core.NON_CONFIRMABLE)
end

--- Has the objects below a path, e.g. "/lwm2m", instead of "/".
function Client:set_root(root) self.core:set_root(root) end

--- The number of this device, digits only, for servers whose binding has an S.
function Client:set_sms_number(number) self.core:set_sms_number(number) end

--- How many triggers by unsecured SMS a client on coaps takes from a server in so many seconds.
function Client:set_trigger_limit(count, seconds) self.core:set_trigger_limit(count, seconds) end

--- For how many seconds more a server in queue mode may send something; nil: always.
function Client:awake_for(id)
  local till = self.core:awake_until(id or EVERY_SERVER)
  return till and math.max(0, (till - self.runtime:now()) / 1000)
end

--- What a server may do to an instance, or to an object: {read=true, write=true, ...}.
function Client:access(path, id)
  local granted, found = self.core:access(path, id), {}
  for name, right in pairs(RIGHTS) do
    if granted % (2 * right) >= right then found[name] = true end
  end
  return found
end

--- In how many seconds the next Update is due; nil: not registered.
function Client:next_update(id)
  local due = self.core:next_update(id or accounts(self)[1] or 1)
  return due and math.max(0, (due - self.runtime:now()) / 1000)
end

--- Gives a server rights on an instance, {"read", "write", "execute", "delete"}, or {"create"} on an object. They are
-- asked for with more than one server only. id nil: those servers that were given nothing of their own.
function Client:set_access(path, id, rights)
  local sum = 0
  for _, right in ipairs(rights) do
    if not RIGHTS[right] then errors.raise("invalid-argument", "there is no right to " .. tostring(right), {}) end
    sum = sum + RIGHTS[right]
  end
  self.core:set_access(path, id or EVERY_SERVER, sum)
end

--- Makes a server the owner of an instance: it has all rights and gives them to others.
function Client:set_owner(path, id) self.core:set_owner(path, id) end

--- One of idle, resolving, registering, registered, waiting (to try again), deregistering.
function Client:state(id) return STATES[self.core:get_state(id or EVERY_SERVER)] end

function Client:registered(id) return not self.closed and self:state(id) == "registered" end

--- Where the server keeps the registration; "" if not registered.
function Client:location(id) return self.core:location(id or accounts(self)[1] or 1) end

--- Waits until it is registered with every server; raises after so many seconds.
function Client:wait_registered(seconds)
  if waiting.wait(self, function() return self:registered() end, seconds) then return end
  local about = { endpoint = self.endpoint }
  if self.closed then errors.raise("closed", ("waiting for %q: the client is closed"):format(self.endpoint), about) end
  local why = self.last_error and "; " .. (self.last_error.text or self.last_error.status) or ""
  local waited = seconds and ("waited %g s"):format(seconds) or "waited"
  errors.raise("timed-out", ("%s for %q to be registered; it is %s%s"):format(waited, self.endpoint, self:state(), why),
    about)
end

--- Ctrl-C in run().
function Client:leave() self:deregister(GOODBYE_S) end

--- Leaves the servers, and waits for their answer, at most so many seconds.
function Client:deregister(seconds)
  local function gone()
    for _, id in ipairs(accounts(self)) do
      if self:state(id) ~= "idle" then return false end
    end
    return true
  end
  self.runtime.starting[self] = nil
  self.started = true
  if gone() then return true end
  self.core:deregister(EVERY_SERVER)
  return waiting.wait(self, gone, seconds)
end

-- ---- objects and values --------------------------------------------------------------------------------------

--- Adds an object: client:object(3303, { [0] = { [5700] = 20.5 } }). Without a definition: the object it has.
function Client:object(id, definition)
  if definition ~= nil then
    if type(id) ~= "number" or type(definition) ~= "table" then
      errors.raise("invalid-argument", "an object is its number and a table of instances")
    end
    return errors.about({ path = "/" .. id, endpoint = self.endpoint }, object.add, self, id, definition)
  end
  return index(self, id) or
    errors.raise("not-found", ("%s has no object %s"):format(self.endpoint, tostring(id)), { endpoint = self.endpoint })
end

--- Adds an object that the model knows, by id or name, with samples in every resource of its instances, 0 if left out:
--- client:add_object("Temperature", { 0, 1 }, { create = function(instance, values) ... end, delete = false }). Servers
--- may create and delete instances where the definition allows several, unless that is false; functions are asked.
function Client:add_object(id, instances, hooks)
  local path = self.model:path(type(id) == "number" and "/" .. id or id)
  local number = object.ids(path)[1]
  if not self.model:find(number) then
    errors.raise("not-found", ("there is no definition of object %d"):format(number))
  end
  return errors.about({ path = path, endpoint = self.endpoint }, object.add_samples, self, number, instances or { 0 },
    hooks or {})
end

--- The paths of all instances, but those of Security, in order.
function Client:instances()
  local ids = {}
  for at = 0, self.model:count() - 1 do
    local id = self.model:at(at).id
    local there = id ~= 0 and self.core:own_object(id)
    for place = 0, (there and there:instance_count() or 0) - 1 do
      ids[#ids + 1] = { id, there:instance_at(place) }
    end
  end
  table.sort(ids, function(a, b) return a[1] < b[1] or a[1] == b[1] and a[2] < b[2] end)
  local paths = {}
  for at, pair in ipairs(ids) do paths[at] = ("/%d/%d"):format(pair[1], pair[2]) end
  return paths
end

function Client:remove(id)
  self.core:remove_object(id)
  self.homes[id] = nil
end

-- The home, instance and definition that a path of depth 3 (or 4) means.
local function resolve(self, path)
  local ids = object.ids(self.model:path(path))
  local home = ids[3] and object.find(self, ids[1])
  if not home then errors.raise("not-found", ("%s has no resource %s"):format(self.endpoint, path)) end
  return home, ids[2], home:resource(ids[3]), ids[4]
end

-- Of an instance, or of an object: {["/3/0/0"]="ACME", ["/3/0/6/0"]=1, ...}, as device:read has it.
local function get_all(self, ids)
  local home, found = object.find(self, ids[1]), {}
  if not home or ids[2] and not home.core:has_instance(ids[2]) then
    errors.raise("not-found", ("%s has no /%s"):format(self.endpoint, table.concat(ids, "/")))
  end
  for place = 0, home.core:instance_count() - 1 do
    local instance = home.core:instance_at(place)
    for _, definition in ipairs(ids[2] and ids[2] ~= instance and {} or home.core:definition().resources) do
      local value, at = home:get(instance, definition), home:path(instance, definition.id)
      if type(value) == "table" then
        for item, one in pairs(value) do found[at .. "/" .. item] = one end
      else
        found[at] = value
      end
    end
  end
  return found
end

local function get(self, path)
  local ids = object.ids(self.model:path(path))
  if ids[1] and not ids[3] then return get_all(self, ids) end
  local home, instance, definition, item = resolve(self, path)
  local value = home:get(instance, definition)
  if item then return value and value[item] end
  return value
end

local function set(self, path, value)
  local home, instance, definition, item = resolve(self, path)
  if item then return self.core:set(home:path(instance, definition.id, item), object.encode(definition.type, value)) end
  home:assign(instance, definition.id, value)
end

--- What a resource holds; nil if it does not exist. Paths may have names: "/device/0/manufacturer". Of an instance, or
--- of an object, the values by path.
function Client:get(path) return errors.about({ path = path, endpoint = self.endpoint }, get, self, path) end

--- Gives a resource a value, a function or a description. Observers are told.
function Client:set(path, value)
  errors.about({ path = path, endpoint = self.endpoint }, set, self, path, value)
end

--- Tells observers that what a function computes, at or below a path, changed.
function Client:notify(path) self.core:notify(self.model:path(path)) end

-- ---- events --------------------------------------------------------------------------------------------------

--- Calls handler(event) in a coroutine: registered, updated, deregistered, error, write, execute, create, delete.
function Client:on(name, handler) run.on(self, EVENTS, name, handler) end

--- The handler of an object failed: the server got 5.00. Goes to handlers of "error"; without one run() logs it, to
--- handlers of "log" if there are some, and other steps raise it.
function Client:handler_failed(path, raised)
  local failed = errors.is(raised) and raised or
    errors.new("handler-failed", ("the handler of %s failed: %s"):format(path, tostring(raised)), { cause = raised })
  failed.path, failed.endpoint = failed.path or path, failed.endpoint or self.endpoint
  if self.handlers.error then
    for _, handler in ipairs(self.handlers.error) do self.runtime:spawn(handler, failed) end
  elseif self.runtime.running then
    local event = { kind = "log", level = core.LOG_ERROR, text = failed.message }
    for _, handler in ipairs(self.handlers.log or { run.log }) do self.runtime:spawn(handler, event) end
  else
    self.runtime:fail(failed)
  end
end

function Client:dispatch(event)
  if self.closed then return end
  if event.kind == "error" then
    event.message = event.text or event.status
    self.last_error = event
  end
  local ids = event.path and object.ids(event.path) or {}
  local home = self.homes[ids[1]]
  if home and event.kind == "create" then home:on_created(ids[2]) end
  if home and event.kind == "delete" then home:forget(ids[2]) end
  if home and event.kind == "write" then home:on_written(event.records) end
  waiting.wake(self)
  run.call_handlers(self, event.kind, event)
end

--- Ends at once, without a word to the servers: deregister() first, to be polite.
function Client:close()
  if self.closed then return end
  for _, home in pairs(self.homes) do home:close() end
  if self.unkeep then self.unkeep(true) end
  self.core:close()
  transport.close(self)
  waiting.wake(self)
end

return new
