-- SPDX-License-Identifier: Apache-2.0
-- server.lua: linnet.server{}: an LwM2M server and its devices.

local core = require "linnet.core"
local credentials = require "linnet.credentials"
local errors = require "linnet.errors"
local object = require "linnet.object"
local observation = require "linnet.observation"
local run = require "linnet.run"
local transport = require "linnet.transport"

local Server, Device = {}, {}
Server.__index, Server.__name = Server, "linnet.server"
run.share(Server)

local OPTIONS = { listen = true, model = true, models = true, timeout = true, queue_time = true, nstart = true,
  store = true, transport = true, sms = true, triggers = true, world = true, clock = true, seed = true, wait = true,
  credentials = true, certificate = true, private_key = true, trust = true }

local EVENTS = { registered = true, updated = true, deregistered = true, expired = true, queued = true,
  ["trigger-wanted"] = true, response = true, notify = true, error = true, log = true }

local FORMATS = { text = core.FORMAT_TEXT, opaque = core.FORMAT_OPAQUE, tlv = core.FORMAT_TLV, json = core.FORMAT_JSON,
  link = core.FORMAT_LINK, any = core.FORMAT_ANY }

local REQUEST_OPTIONS = { format = true, timeout = true, replace = true }

-- How many devices an error names.
local NAMED = 5

-- Restores the server from its file and keeps it there.
local function keep(self, path)
  local driver = self.runtime.driver
  if self.runtime.keep_server then
    self.store_problem = self.runtime:keep_server(self, path)
    return
  end
  if not driver then errors.raise("unavailable", "a server on a clock of the script's own has no store") end
  local ok, raised = pcall(driver.keep_server, driver, self.core, path)
  if ok then return end
  if not errors.is(raised) or raised.status ~= "malformed" then error(raised, 0) end
  self.store_problem = raised.message
end

local function new(options)
  errors.check_options(options, OPTIONS, "linnet.server")
  local runtime = run.choose(options)
  local node = runtime:new_node()
  local handle = core.Server(node.loop, nil)
  local self = setmetatable({ runtime = runtime, node = node, core = handle, model = handle:own_model(),
    transports = {}, handlers = {}, pending = {}, observations = {}, arrivals = {},
    known = setmetatable({}, { __mode = "v" }), timeout_ms = math.floor((options.timeout or 0) * 1000),
    queue_ms = math.floor((options.queue_time or 0) * 1000), closed = false, stopped = false }, Server)
  runtime:add(node, self, handle:number())
  local ok, raised = pcall(function()
    run.read_models(self.model, options)
    local listen = options.listen
    if listen == nil and not options.world then listen = "coap://0.0.0.0:5683" end
    credentials.own(self, options)
    transport.open(self, listen, options.transport, self.credentials)
    transport.add_server_sms(self, options.sms, self.credentials)
    if options.nstart then handle:set_limit(core.LIMIT_NSTART, options.nstart) end
    if options.triggers == false then handle:set_trigger(core.TRIGGER_MANUAL) end
    if options.store then keep(self, options.store) end
  end)
  if not ok then
    self:close()
    error(raised, 0)
  end
  return self
end

function Server.begin() end

credentials.share(Server)

-- ---- devices -------------------------------------------------------------------------------------------------

local FACTS = { lifetime = "lifetime", binding = "binding", location = "location", version = "lwm2m_version",
  sms_number = "sms_number", address = "peer", root = "root" }

function Device:__index(key)
  local method = Device[key]
  if method ~= nil then return method end
  local server = rawget(self, "server")
  local registration = not server.closed and server.core:find(rawget(self, "endpoint")) or 0
  if key == "registered" then return registration ~= 0 end
  if registration == 0 then return nil end
  if key == "awake" then return server.core:is_awake(registration) end
  if key == "queued" then return server.core:queued_count(registration) end
  if key == "objects" then
    local paths = {}
    for _, link in ipairs(core.link_parse(server.core:links(registration), server.core:root(registration))) do
      local path = link.path or ""
      if path:match "^/%d+$" or path:match "^/%d+/%d+$" then paths[#paths + 1] = path end -- REG-24
    end
    return paths
  end
  local fact = FACTS[key]
  return fact and server.core[fact](server.core, registration)
end

function Device:__tostring() return "linnet.device " .. self.endpoint end

-- The same table for an endpoint as long as somebody has it.
local function device_of(self, endpoint)
  local device = self.known[endpoint]
  if not device then
    device = setmetatable({ endpoint = endpoint, server = self }, Device)
    self.known[endpoint] = device
  end
  return device
end

--- The device of that name, or nil if it is not registered.
function Server:device(endpoint)
  return self.core:find(endpoint) ~= 0 and device_of(self, endpoint) or nil
end

--- The device that has been told this location, such as "/rd/5a3f"; or nil.
function Server:located(location)
  local registration = self.core:find_location(errors.text("a location", location) or "")
  return registration ~= 0 and device_of(self, self.core:endpoint(registration)) or nil
end

--- The devices that come from an address, such as "192.0.2.1:5683".
function Server:at(address)
  local devices, registration = {}, self.core:find_peer(address)
  while registration ~= 0 do
    devices[#devices + 1] = device_of(self, self.core:endpoint(registration))
    registration = self.core:next_at_peer(registration)
  end
  return devices
end

--- All registered devices.
function Server:devices()
  local devices = {}
  for index = 0, self.core:registration_count() - 1 do
    local registration = self.core:registration_at(index)
    devices[#devices + 1] = device_of(self, self.core:endpoint(registration))
  end
  return devices
end

-- Of whom what was awaited, how long, and who is there instead.
local function raise_absence(self, endpoint, seconds)
  local about = { endpoint = endpoint }
  if self.closed then errors.raise("closed", ("waiting for %q: the server is closed"):format(endpoint), about) end
  local count, names = self.core:registration_count(), {}
  for index = 0, math.min(count, NAMED) - 1 do
    names[#names + 1] = self.core:endpoint(self.core:registration_at(index))
  end
  local there = count == 0 and "no device is registered" or "registered: " .. table.concat(names, ", ")
  if count > NAMED then there = ("%s and %d more"):format(there, count - NAMED) end
  local waited = seconds and ("waited %g s"):format(seconds) or "waited"
  errors.raise("timed-out", ("%s for %q to register; %s"):format(waited, endpoint, there), about)
end

--- Waits until a device is registered; raises after so many seconds.
function Server:wait_for(endpoint, seconds)
  local ticket = { endpoint = endpoint, endless = true }
  if self.core:find(endpoint) == 0 then
    self.arrivals[ticket] = true
    self.runtime:await(ticket, seconds)
    self.arrivals[ticket] = nil
  end
  if ticket.failure then error(ticket.failure, 0) end
  return self:device(endpoint) or raise_absence(self, endpoint, seconds)
end

-- ---- requests ------------------------------------------------------------------------------------------------

local function failure(self, verb, path, event)
  local message = event.text or ("%s %s of %s: %s"):format(verb, path, self.endpoint, event.code or event.status)
  return errors.new(event.status, message, { code = event.code, path = path, endpoint = self.endpoint })
end

local CHANNELS = { registered = core.CHANNEL_REGISTERED, udp = core.CHANNEL_UDP, sms = core.CHANNEL_SMS }

--- The same device, asked over "sms" or "udp"; without, over what it registered.
function Device:over(channel)
  if channel and not CHANNELS[channel] then
    errors.raise("invalid-argument", "there is no channel " .. tostring(channel))
  end
  return setmetatable({ endpoint = self.endpoint, server = self.server, channel = channel }, Device)
end

--- Asks by SMS for an Update, which comes over what the device registered over.
function Device:trigger(options)
  for _, path in ipairs(self.objects or {}) do
    if path:find "^/1/%d+$" then return self:over("sms"):execute(path .. "/8", nil, options) end
  end
  return self:over("sms"):execute("/1/0/8", nil, options)
end

-- Sends a request and waits for the answer. `begun(number)` is called in between.
local function request(self, verb, path, options, payload, text, begun)
  errors.check_options(options or {}, REQUEST_OPTIONS, verb:gsub("_", " ") .. " " .. path)
  local server, format = self.server, options and options.format
  if format and not FORMATS[format] then errors.raise("invalid-argument", "there is no format " .. tostring(format)) end
  local handle, timeout = server.core, options and options.timeout
  local timeout_ms = timeout and math.floor(timeout * 1000)
  handle:set_timeout(timeout_ms or server.timeout_ms)
  handle:set_queue_time(timeout_ms or server.queue_ms)
  handle:set_channel(CHANNELS[rawget(self, "channel") or "registered"])
  local operation = core["OPERATION_" .. verb:upper()]
  local number = errors.about({ path = path, endpoint = self.endpoint }, handle.request, handle,
    handle:find(self.endpoint), operation, path, payload, text, FORMATS[format] or core.FORMAT_NONE)
  local ticket = {}
  server.first_request = server.first_request or number
  server.pending[number] = ticket
  if begun then begun(number) end
  server.runtime:await(ticket)
  if ticket.failure then error(ticket.failure, 0) end
  local event = ticket.event
  if event.status ~= "ok" then error(failure(self, verb:gsub("_", " "), path, event), 0) end
  return event, number
end

local function path_of(self, path)
  if type(path) ~= "string" then
    errors.raise("invalid-argument", ("a path is text, such as '/3/0/0', not %s"):format(tostring(path)))
  end
  return errors.about({ path = path, endpoint = self.endpoint }, self.server.model.path, self.server.model, path)
end

--- The value at a path; see linnet.each for the tables that instances and objects give.
function Device:read(path, options)
  path = path_of(self, path)
  return observation.values(path, request(self, "read", path, options).records)
end

local function add(self, batch, path, value)
  local model = self.server.model
  local definition = model:resource(path)
  batch:add(path, object.encode(definition and definition.type, value))
end

local function add_resource(self, batch, path, value)
  if type(value) ~= "table" then return add(self, batch, path, value) end
  if next(value) == nil then return batch:add(path, {}) end
  for index, item in pairs(value) do add(self, batch, path .. "/" .. index, item) end
end

-- Records are grouped by resource, in the order of their ids.
local function add_instance(self, batch, path, values)
  local ids, by_id = {}, {}
  for key, value in pairs(values) do
    local id = tonumber(path_of(self, path .. "/" .. key):match "(%d+)$")
    ids[#ids + 1], by_id[id] = id, value
  end
  table.sort(ids)
  for _, id in ipairs(ids) do add_resource(self, batch, path .. "/" .. id, by_id[id]) end
end

--- Writes a resource, or {resource=value} to an instance, which is updated unless options.replace is true.
function Device:write(path, value, options)
  path = path_of(self, path)
  local batch, verb = core.Batch(self.server.node.loop), "write"
  if #object.ids(path) == 2 and type(value) == "table" then
    errors.about({ path = path, endpoint = self.endpoint }, add_instance, self, batch, path, value)
    verb = options and options.replace and "write" or "update"
  else
    errors.about({ path = path, endpoint = self.endpoint }, add_resource, self, batch, path, value)
  end
  request(self, verb, path, options, batch)
end

-- {[0]="now", [2]=true} as "0='now',2".
local function encode_arguments(arguments)
  if type(arguments) ~= "table" then return arguments end
  local parts = {}
  for digit = 0, 9 do
    local value = arguments[digit]
    if value == true or value == "" then
      parts[#parts + 1] = tostring(digit)
    elseif value then
      parts[#parts + 1] = ("%d='%s'"):format(digit, tostring(value))
    end
  end
  return table.concat(parts, ",")
end

--- Executes a resource, with arguments if wanted: {[0]="now"}, or as text: "0='now'".
function Device:execute(path, arguments, options)
  path = path_of(self, path)
  request(self, "execute", path, options, nil, encode_arguments(arguments))
end

--- Creates an instance, "/3303/1", or "/3303" where the device chooses. Returns its path.
function Device:create(path, values, options)
  path = path_of(self, path)
  local ids = object.ids(path)
  local target, batch = "/" .. (ids[1] or ""), core.Batch(self.server.node.loop)
  local instance = ("%s/%d"):format(target, ids[2] or 65535)
  errors.about({ path = path, endpoint = self.endpoint }, function()
    if next(values or {}) == nil then return batch:add(instance, nil) end
    add_instance(self, batch, instance, values)
  end)
  local event = request(self, "create", target, options, batch)
  return event.path and event.path ~= target and event.path or ids[2] and path or nil
end

function Device:delete(path, options)
  path = path_of(self, path)
  request(self, "delete", path, options)
end

--- What there is at or below a path: {{path="/3/0/6", attributes={dim=2}}, ...}.
function Device:discover(path, options)
  path = path_of(self, path)
  local event, links = request(self, "discover", path, options), {}
  local root = self.server.core:root(self.server.core:find(self.endpoint))
  for _, link in ipairs(core.link_parse(event.text or "", root)) do
    for name, value in pairs(link.attributes) do link.attributes[name] = tonumber(value) or value end
    if link.path then links[#links + 1] = { path = link.path, attributes = link.attributes } end
  end
  return links
end

local ATTRIBUTES = { "pmin", "pmax", "gt", "lt", "st" }
local IS_ATTRIBUTE = { pmin = true, pmax = true, gt = true, lt = true, st = true }

--- Sets when to notify: {pmin=1, pmax=10, gt=, lt=, st=}; false takes one away.
function Device:write_attributes(path, attributes, options)
  path = path_of(self, path)
  errors.check_options(attributes, IS_ATTRIBUTE, "write attributes to " .. path)
  local parts = {}
  for _, name in ipairs(ATTRIBUTES) do
    local value = attributes[name]
    if value == false then parts[#parts + 1] = name end
    if value and type(value) ~= "number" then
      errors.raise("invalid-argument", ("%s is a number, or false, not %s"):format(name, tostring(value)))
    end
    if value then parts[#parts + 1] = ("%s=%.14g"):format(name, value) end
  end
  request(self, "write_attributes", path, options, nil, table.concat(parts, "&"))
end

--- The version of an object as the device registered it: "1.0" if it told none; nil if it has no such object.
function Device:object_version(object_id)
  local version = self.server.core:object_version(self.server.core:find(self.endpoint), object_id)
  return version ~= "" and version or nil
end

--- True if the device has said that it has this object or instance.
function Device:lists(path)
  local registration = self.server.core:find(self.endpoint)
  return registration ~= 0 and self.server.core:lists(registration, path_of(self, path))
end

--- Observes a path; attributes such as {pmin=1, pmax=10} are written before. The first next() gives the present value.
function Device:observe(path, attributes, options)
  path = path_of(self, path)
  if next(attributes or {}) ~= nil then self:write_attributes(path, attributes, options) end
  local server = self.server
  local made = observation.new(self, path)
  local event = request(self, "observe", path, options, nil, nil, function(number)
    made.number = number
    server.observations[number] = made
  end)
  return made:begin(event)
end

-- What was asked or observed before a restart: nobody waits for it any more.
local function earlier(self, event)
  if self.first_request and event.request >= self.first_request then return end
  run.call_handlers(self, event.kind, device_of(self, event.endpoint), event)
end

-- ---- events --------------------------------------------------------------------------------------------------

--- Calls handler(device, event) in a coroutine of its own: registered, updated, deregistered, expired, queued (a
--- request waits until the device wakes), trigger-wanted (a short message to event.text would wake it); and of what was
--- asked or observed before a restart, response and notify, with records. "error" calls handler(problem), a table with
--- status and message, also for what other handlers raise, which step() and run() raise otherwise.
function Server:on(name, handler)
  run.on(self, EVENTS, name, handler)
end

local function answered(self, event)
  local ticket = self.pending[event.request]
  self.pending[event.request] = nil
  if not ticket then return earlier(self, event) end
  ticket.event = event
  if event.status ~= "ok" then self.observations[event.request] = nil end
  self.runtime:complete(ticket)
end

local function arrived(self, endpoint)
  local found = {}
  for ticket in pairs(self.arrivals) do
    if ticket.endpoint == endpoint then found[#found + 1] = ticket end
  end
  for _, ticket in ipairs(found) do self.runtime:complete(ticket) end
end

function Server:dispatch(event)
  local observed = self.observations[event.request]
  if self.closed then return end
  if event.kind == "response" then return answered(self, event) end
  if event.kind == "notify" then return observed and observed:notified(event) or earlier(self, event) end
  if event.kind == "observation-ended" then return observed and observed:finish() end
  if event.kind == "error" then event.message = event.text or event.status end
  if event.kind == "error" or event.kind == "log" then return run.call_handlers(self, event.kind, event) end
  run.call_handlers(self, event.kind, device_of(self, event.endpoint), event)
  if event.kind == "registered" then arrived(self, event.endpoint) end
end

--- Ends at once. Whoever waits for an answer gets an error.
function Server:close()
  if self.closed then return end
  if self.unkeep then self.unkeep(true) end
  self.core:close()
  transport.close(self)
  local why = errors.new("closed", "the server was closed")
  local waiting = {}
  for _, ticket in pairs(self.pending) do waiting[#waiting + 1] = ticket end
  for ticket in pairs(self.arrivals) do waiting[#waiting + 1] = ticket end
  self.pending, self.arrivals = {}, {}
  for _, ticket in ipairs(waiting) do
    ticket.failure = why
    self.runtime:complete(ticket)
  end
  for _, observed in pairs(self.observations) do observed:finish() end
end

return new
