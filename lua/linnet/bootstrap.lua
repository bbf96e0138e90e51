-- SPDX-License-Identifier: Apache-2.0
-- bootstrap.lua: linnet.bootstrap_server{}: gives devices their accounts of servers.

local core = require "linnet.core"
local credentials = require "linnet.credentials"
local errors = require "linnet.errors"
local later = require "linnet.later"
local object = require "linnet.object"
local run = require "linnet.run"
local transport = require "linnet.transport"
local waiting = require "linnet.waiting"

local Bootstrap = {}
Bootstrap.__index, Bootstrap.__name = Bootstrap, "linnet.bootstrap_server"
run.share(Bootstrap)

local OPTIONS = { listen = true, devices = true, request = true, model = true, models = true, transport = true,
  sms = true, world = true, clock = true, seed = true, wait = true, credentials = true, certificate = true,
  private_key = true, trust = true }

local EVENTS = { ["bootstrap-started"] = true, ["bootstrap-finished"] = true, response = true, error = true,
  log = true }

local CONFIGURATION = { servers = true, bootstrap = true, values = true, owners = true, rights = true, delete = true,
  discover = true, operations = true, check = true }

local ACCOUNT = { uri = true, id = true, lifetime = true, binding = true, storing = true, pmin = true, pmax = true,
  disable_timeout = true, hold_off = true, account_timeout = true, psk = true, public_key = true, certificate = true,
  private_key = true, server_key = true, sms_number = true, sms_dtls = true, sms_psk = true, sms_packets = true }

local RIGHTS = { read = core.ACCESS_READ, write = core.ACCESS_WRITE, execute = core.ACCESS_EXECUTE,
  delete = core.ACCESS_DELETE, create = core.ACCESS_CREATE }

local FORMATS = { text = core.FORMAT_TEXT, opaque = core.FORMAT_OPAQUE, tlv = core.FORMAT_TLV, json = core.FORMAT_JSON }

local PSK, RPK, CERTIFICATE, NOSEC = 0, 1, 2, 3

-- How many endings wait_for() knows of; then the eldest is forgotten.
local MEMORY = 1024

-- ---- a configuration as commands -------------------------------------------------------------------------------

-- {{path, value}, ...} of what a script wrote below a path: tables go down to resources and their instances.
local function flatten(model, path, value, into)
  if type(value) ~= "table" or (next(value) == nil and #object.ids(path) > 2) then
    into[#into + 1] = { path, value }
    return into
  end
  for key, item in pairs(value) do
    local absolute = type(key) == "string" and key:sub(1, 1) == "/"
    flatten(model, model:path(absolute and key or (path == "/" and "/" or path .. "/") .. key), item, into)
  end
  return into
end

local function batch_of(self, values)
  local batch = core.Batch(self.node.loop)
  for _, item in ipairs(values) do
    local definition = self.model:resource(item[1])
    batch:add(item[1], object.encode(definition and definition.type, item[2]))
  end
  return batch
end

-- Mode, identity, the server's key, the secret.
local function keys_of(account, by_number)
  local psk = account.psk
  if psk then return by_number and NOSEC or PSK, psk.identity or psk[1], "", psk.key or psk[2] end
  local mode = account.certificate and CERTIFICATE or account.public_key and RPK or NOSEC
  return mode, account.certificate or account.public_key or "", account.server_key or "", account.private_key or ""
end

-- Mode, parameters and keys of short messages.
local function sms_keys_of(account, by_number)
  if not (by_number or account.sms_number) then return nil end
  local dtls = account.sms_dtls or account.sms_psk or by_number and account.psk
  local own = account.sms_psk or account.sms_packets or {}
  if dtls and account.sms_packets then
    errors.raise("invalid-argument", account.uri .. ": short messages are secured by DTLS or by packets, not by both")
  end
  local mode = dtls and core.SMS_DTLS or account.sms_packets and core.SMS_SECURED_PACKETS or core.SMS_UNSECURED
  return mode, own[1] or own.identity, own[2] or own.key
end

local function add_account(values, account, security, resources)
  errors.check_options(account, ACCOUNT, "an account")
  local by_number = tostring(account.uri):find "^%a+:%+?%d+$" ~= nil
  local mode, identity, server_key, secret = keys_of(account, by_number)
  local sms_mode, parameters, sms_keys = sms_keys_of(account, by_number)
  local all = { [0] = account.uri, [2] = mode, [3] = identity, [4] = server_key, [5] = secret, [6] = sms_mode,
    [7] = parameters, [8] = sms_keys, [9] = account.sms_number }
  for id, value in pairs(all) do values[#values + 1] = { ("/0/%d/%d"):format(security, id), value } end
  for path, value in pairs(resources) do values[#values + 1] = { path, value } end
end

local function add_server(values, account, index)
  local id, server = account.id or 1, "/1/" .. index - 1
  local storing = account.storing
  if storing == nil then storing = true end
  add_account(values, account, index, { ["/0/" .. index .. "/1"] = false, ["/0/" .. index .. "/10"] = id,
    [server .. "/0"] = id, [server .. "/1"] = account.lifetime or 86400, [server .. "/2"] = account.pmin,
    [server .. "/3"] = account.pmax, [server .. "/5"] = account.disable_timeout, [server .. "/6"] = storing,
    [server .. "/7"] = account.binding or "U" })
end

local function add_bootstrap(values, account, index)
  local security = "/0/" .. index
  add_account(values, account, index, { [security .. "/1"] = true, [security .. "/11"] = account.hold_off or 0,
    [security .. "/12"] = account.account_timeout })
end

local function set_rights(made, path, rights)
  for id, names in pairs(rights) do
    local sum = 0
    for _, name in ipairs(names) do
      if not RIGHTS[name] then errors.raise("invalid-argument", "there is no right to " .. tostring(name), {}) end
      sum = sum + RIGHTS[name]
    end
    made:set_access(path, id == "default" and 0 or id, sum)
  end
end

local function operate(self, made, operation)
  local verb, path = operation[1], self.model:path(operation[2] or "/")
  if verb == "discover" or verb == "delete" then return made[verb](made, path) end
  if verb ~= "write" then errors.raise("invalid-argument", "operations are discover, delete and write", {}) end
  local values = flatten(self.model, path, operation[3], {})
  made:write(path, batch_of(self, values), FORMATS[operation[4]] or core.FORMAT_NONE)
end

local function commands(self, made, configuration)
  local model, values = self.model, {}
  for _, path in ipairs(configuration.discover or { "/" }) do made:discover(model:path(path)) end
  for _, path in ipairs(configuration.delete or { "/" }) do made:delete(model:path(path)) end
  for index, account in ipairs(configuration.servers or {}) do add_server(values, account, index) end
  if configuration.bootstrap then
    add_bootstrap(values, configuration.bootstrap, #(configuration.servers or {}) + 1)
  end
  flatten(model, "/", configuration.values or {}, values)
  made:write("/", batch_of(self, values), core.FORMAT_NONE)
  for path, owner in pairs(configuration.owners or {}) do made:set_owner(model:path(path), owner) end
  for path, rights in pairs(configuration.rights or {}) do set_rights(made, model:path(path), rights) end
  made:control()
end

-- The same for C.
local function make(self, configuration)
  if type(configuration) ~= "table" then errors.raise("invalid-argument", "a configuration is a table", {}) end
  errors.check_options(configuration, CONFIGURATION, "a configuration")
  local made = core.Configuration(self.model)
  if configuration.operations then
    for _, operation in ipairs(configuration.operations) do operate(self, made, operation) end
  else
    commands(self, made, configuration)
  end
  if configuration.check == false then made:set_unchecked() end
  return made
end

-- ---- who gets what -----------------------------------------------------------------------------------------------

-- A pattern with * and ? as one of Lua; nil: it is a name.
local function pattern_of(endpoint)
  if not endpoint:find "[*?]" then return nil end
  return "^" .. endpoint:gsub("[%^%$%(%)%%%.%[%]%+%-]", "%%%0"):gsub("%*", ".*"):gsub("%?", ".") .. "$"
end

local function keep_pattern(self, endpoint, pattern, made)
  self.probe:configure(nil, made) -- checks it
  for index, entry in ipairs(self.patterns) do
    if entry.endpoint == endpoint then
      table.remove(self.patterns, index)
      break
    end
  end
  if made then table.insert(self.patterns, { endpoint = endpoint, pattern = pattern, made = made }) end
end

local function configure(self, endpoint, configuration)
  local made = configuration ~= nil and make(self, configuration) or nil
  local pattern = pattern_of(endpoint)
  if endpoint == "*" then return self.core:configure(nil, made) end
  if pattern then return keep_pattern(self, endpoint, pattern, made) end
  self.core:configure(endpoint, made)
  self.named[endpoint] = made and true or nil
end

--- What devices of a name, or of a pattern with * and ?, are given when they ask; nil: nothing any more. "*" is for all
--- that nothing else fits; of several patterns the first one counts.
function Bootstrap:configure(endpoint, configuration)
  errors.about({ endpoint = endpoint }, configure, self, endpoint, configuration)
end

local function fitting(self, endpoint)
  for _, entry in ipairs(self.patterns) do
    if endpoint:match(entry.pattern) then return entry.made end
  end
end

--- Asks a function for each device: it gets {endpoint=, address=} and returns a configuration, nil (what is configured
--- for the name), nil and a code such as "4.00" (refused), or a linnet.later() for one of these.
function Bootstrap:on_request(choose) self.choose = choose end

local function give(self, question, request, answer)
  if answer ~= nil then return self.core:answer(question, make(self, answer)) end
  local made = not self.named[request.endpoint] and fitting(self, request.endpoint)
  if made then self.core:answer(question, made) end
end

local function refuse(self, question, raised)
  local class, detail = tostring(type(raised) == "table" and raised.code or ""):match "^([45])%.(%d%d)$"
  if class then
    question:refuse(tonumber(class .. detail))
    return core.ERROR_REFUSED
  end
  if not errors.is(raised) then raised = errors.new("handler-failed", tostring(raised)) end
  raised.message = raised.message or raised.status
  if self.handlers.error then
    run.call_handlers(self, "error", raised)
  else
    self.runtime:fail(raised)
  end
  return core.ERROR_HANDLER_FAILED
end

-- The status for what was chosen.
local function conclude(self, question, request, answer, raised)
  if raised == nil then
    local ok, why = pcall(errors.about, { endpoint = request.endpoint }, give, self, question, request, answer)
    if ok then return core.OK end
    raised = why
  end
  return refuse(self, question, raised)
end

local function ask(self, question, event)
  local request, asking, status = { endpoint = event.endpoint, address = event.text }, true, nil
  local ok, answer, refusal = true, nil, nil
  if self.choose then ok, answer, refusal = pcall(self.choose, request) end
  if not ok then return refuse(self, question, answer) end
  if refusal then return refuse(self, question, errors.new("refused", "refused", { code = refusal })) end
  later.await({ answer }, function(values, raised)
    status = conclude(self, question, request, values and values[1], raised)
    if not asking then pcall(question.finish, question, status) end -- nobody may wait any more
  end)
  asking = false
  if status == nil then question:defer() end
  return status or core.OK
end

-- C holds the function, so the function holds the server weakly.
local function listen(self)
  local weak = setmetatable({ self }, { __mode = "v" })
  self.core:set_handler(function(question, event)
    local server = weak[1]
    return server and ask(server, question, event) or core.ERROR_CLOSED
  end)
end

-- ---- life -----------------------------------------------------------------------------------------------------------

local function new(options)
  errors.check_options(options, OPTIONS, "linnet.bootstrap_server")
  local runtime = run.choose(options)
  local node = runtime:new_node()
  local handle = core.Bootstrap(node.loop, nil)
  local self = setmetatable({ runtime = runtime, node = node, core = handle, model = handle:own_model(),
    probe = core.Bootstrap(node.loop, nil), transports = {}, handlers = {}, patterns = {}, named = {}, endings = {},
    ended = {}, tickets = {}, passive = true, choose = options.request, closed = false, stopped = false }, Bootstrap)
  runtime:add(node, self, handle:number())
  local ok, raised = pcall(function()
    run.read_models(self.model, options)
    listen(self)
    for endpoint, configuration in pairs(options.devices or {}) do self:configure(endpoint, configuration) end
    credentials.own(self, options)
    transport.open(self, options.listen or not options.world and "coap://0.0.0.0:5683" or nil, options.transport,
      self.credentials)
    transport.add_server_sms(self, options.sms, self.credentials)
  end)
  if not ok then
    self:close()
    error(raised, 0)
  end
  return self
end

function Bootstrap.begin() end

credentials.share(Bootstrap)

--- Begins by itself with the device at an address such as "192.0.2.7:5683", which has the account of this server. It
--- gets what is configured for its name, or from now on `configuration`. Returns the number of its events.
function Bootstrap:begin_with(endpoint, address, configuration)
  if configuration then self:configure(endpoint, configuration) end
  local made = not self.named[endpoint] and fitting(self, endpoint)
  if made then self.core:configure(endpoint, made) end -- for this time
  local ok, number = pcall(errors.about, { endpoint = endpoint }, self.core.start, self.core, endpoint, address)
  if made then self.core:configure(endpoint, nil) end
  if not ok then error(number, 0) end
  return number
end

--- Waits until a device has been bootstrapped; raises after so many seconds. Returns the event.
function Bootstrap:wait_for(endpoint, seconds)
  local function done() return self.endings[endpoint] and self.endings[endpoint].status == "ok" end
  if waiting.wait(self, done, seconds) then return self.endings[endpoint] end
  local about, ending = { endpoint = endpoint }, self.endings[endpoint]
  if self.closed then errors.raise("closed", ("waiting for %q: the server is closed"):format(endpoint), about) end
  local waited = seconds and ("waited %g s"):format(seconds) or "waited"
  local why = ending and (ending.text or ending.status) or "it has not finished"
  errors.raise("timed-out", ("%s for %q to be bootstrapped; %s"):format(waited, endpoint, why), about)
end

--- Calls handler(event) in a coroutine: bootstrap-started (text: the address), bootstrap-finished, response (text: the
--- links of a Discover), error, log.
function Bootstrap:on(name, handler) run.on(self, EVENTS, name, handler) end

local function remember(self, event)
  if not self.endings[event.endpoint] then
    table.insert(self.ended, event.endpoint)
    if #self.ended > MEMORY then self.endings[table.remove(self.ended, 1)] = nil end
  end
  self.endings[event.endpoint] = event
end

function Bootstrap:dispatch(event)
  if self.closed then return end
  if event.kind == "bootstrap-finished" then remember(self, event) end
  if event.kind == "error" then event.message = event.text or event.status end
  waiting.wake(self)
  run.call_handlers(self, event.kind, event)
end

--- Ends at once.
function Bootstrap:close()
  if self.closed then return end
  self.probe:close()
  self.core:close()
  transport.close(self)
  waiting.wake(self)
end

return new
