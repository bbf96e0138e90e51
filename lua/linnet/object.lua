-- SPDX-License-Identifier: Apache-2.0
-- object.lua: an object of a client as a script writes it down: values, functions, and tables that say more.
-- Resources go by id or by name: client[3][0][0], client.device.manufacturer.

local core = require "linnet.core"
local errors = require "linnet.errors"
local questions = require "linnet.questions"
local samples = require "linnet.samples"

local object = {}

local READ, WRITE, EXECUTE = core.OPERATION_READ, core.OPERATION_WRITE, core.OPERATION_EXECUTE
local CREATE, DELETE = core.OPERATION_CREATE, core.OPERATION_DELETE

local TYPES = { string = core.TYPE_STRING, integer = core.TYPE_INTEGER, float = core.TYPE_FLOAT,
  boolean = core.TYPE_BOOLEAN, opaque = core.TYPE_OPAQUE, time = core.TYPE_TIME, objlnk = core.TYPE_OBJLNK,
  none = core.TYPE_NONE }

-- ---- what a script may write ---------------------------------------------------------------------------

-- What a table that describes a resource may have.
local WORDS = { value = true, read = true, write = true, execute = true, type = true, multiple = true, name = true,
  operations = true, units = true, range = true, mandatory = true }

--- True for {value=..., write=...}, false for the values of a multiple resource, {[0]=1, [1]=5}.
local function is_description(spec)
  if type(spec) ~= "table" then return false end
  local word = next(spec)
  if type(word) ~= "string" then return false end
  for name in pairs(spec) do
    if not WORDS[name] then errors.raise("invalid-argument", ("a resource has no %q"):format(tostring(name))) end
  end
  return true
end

-- A function says what an executable resource does, and what any other one reads.
local function described(spec, operations)
  if is_description(spec) then return spec end
  if type(spec) ~= "function" then return { value = spec } end
  return operations == EXECUTE and { execute = spec } or { read = spec }
end

object.ids = questions.ids

--- Links are strings such as "3:0"; the core takes them as pairs of numbers.
function object.encode(kind, value)
  if kind ~= core.TYPE_OBJLNK or type(value) ~= "string" then return value end
  local to, instance = value:match "^(%d+):(%d+)$"
  if not to then errors.raise("wrong-type", ('a link is written "3:0", not %q'):format(value)) end
  return { tonumber(to), tonumber(instance) }
end

-- ---- definitions of objects that the model does not know -----------------------------------------------

local function operations_of(spec)
  local sum = 0
  if spec.operations then
    if spec.operations:find "R" then sum = sum + READ end
    if spec.operations:find "W" then sum = sum + WRITE end
    if spec.operations:find "E" then sum = sum + EXECUTE end
    return sum
  end
  if spec.execute then return EXECUTE end
  if spec.write then sum = sum + WRITE end
  if spec.read or spec.value ~= nil or not spec.write then sum = sum + READ end
  return sum
end

local GUESSES = { string = core.TYPE_STRING, boolean = core.TYPE_BOOLEAN, number = core.TYPE_FLOAT }

-- What servers write needs a type, so it gets that of its first value. What they only read follows the value.
local function type_of(spec)
  if spec.type then
    return TYPES[spec.type] or errors.raise("invalid-argument", ("there is no type %q"):format(tostring(spec.type)))
  end
  local value = spec.value
  if type(value) == "table" then value = select(2, next(value)) end
  return spec.write and GUESSES[type(value)] or core.TYPE_NONE
end

local function is_multiple(spec)
  if spec.multiple ~= nil then return spec.multiple end
  return type(spec.value) == "table"
end

-- The resources that any instance has, each by its first description.
local function collect(definition)
  local found = {}
  for id, spec in pairs(definition.resources or {}) do found[id] = described(spec) end
  for instance, resources in pairs(definition) do
    if type(instance) == "number" then
      for id, spec in pairs(resources) do
        if type(id) ~= "number" then
          errors.raise("invalid-argument", ("resource %q has no number in an object without definition"):format(id))
        end
        found[id] = found[id] or described(spec)
      end
    end
  end
  return found
end

local function declare(model, id, definition)
  model:add_object(id, definition.name or "Object " .. id, definition.version,
    definition.multiple == false and core.SINGLE or core.MULTIPLE)
  for resource, spec in pairs(collect(definition)) do
    model:add_resource(id, resource, spec.name or "Resource " .. resource, type_of(spec), operations_of(spec),
      is_multiple(spec) and core.MULTIPLE or core.SINGLE, spec.mandatory and core.MANDATORY or core.OPTIONAL)
    if spec.units or spec.range then model:describe_resource(id, resource, spec.units, spec.range) end
  end
end

-- ---- homes: where an object of a client lives ----------------------------------------------------------

local Home = { encode = object.encode }
Home.__index = Home
questions.share(Home)

local function new_home(client, handle)
  local home = setmetatable({ client = client, core = handle, id = handle:id(), functions = {} }, Home)
  home.definitions = {}
  for _, definition in ipairs(handle:definition().resources) do home.definitions[definition.id] = definition end
  client.node.roles[handle:number()] = client
  return home
end

--- The home of an object that the client has, or nil.
function object.find(client, id)
  local home = client.homes[id]
  if home then return home end
  local handle = client.core:own_object(id)
  if not handle then return nil end
  client.homes[id] = new_home(client, handle)
  return client.homes[id]
end

function Home:path(instance, resource, index)
  return index and ("/%d/%d/%d/%d"):format(self.id, instance, resource, index)
    or ("/%d/%d/%d"):format(self.id, instance, resource)
end

--- A resource by id or name.
function Home:resource(key)
  local definition = self.definitions[key]
  if definition then return definition end
  local path = type(key) == "string" and self.client.model:path(("/%d/0/%s"):format(self.id, key))
  local id = path and tonumber(path:match "(%d+)$") or key
  definition = self.definitions[id]
  if not definition then
    errors.raise("not-found", ("object %d has no resource %s"):format(self.id, tostring(key)))
  end
  self.definitions[key] = definition
  return definition
end

--- The functions of a resource: read, write, execute. Makes room for them if asked to.
function Home:functions_of(instance, resource, make)
  local key = instance .. "/" .. resource
  if make and not self.functions[key] then self.functions[key] = {} end
  return self.functions[key]
end

function Home:forget(instance)
  for key in pairs(self.functions) do
    if key:match "^%d+" == tostring(instance) then self.functions[key] = nil end
  end
end

local function records_below(self, path)
  local batch = core.Batch(self.client.node.loop)
  self.core:collect(path, batch)
  return core.records(batch)
end

--- Stores a value, or the values of a multiple resource in place of those it has; nil makes it not exist.
function Home:put(instance, definition, value)
  local path = self:path(instance, definition.id)
  local functions = self:functions_of(instance, definition.id)
  if functions then functions.read = nil end
  if value == nil then
    if self.core:has(path) then self.core:unset(path) end
  elseif type(value) == "table" then
    if not definition.multiple then errors.raise("wrong-type", "a table is for multiple resources", { path = path }) end
    for _, record in ipairs(self.core:has(path) and records_below(self, path) or {}) do
      local index = object.ids(record.path)[4]
      if index and value[index] == nil then self.core:unset(record.path) end
    end
    self.core:offer(path)
    for index, item in pairs(value) do
      self.core:set(self:path(instance, definition.id, index), object.encode(definition.type, item))
    end
  else
    self.core:set(definition.multiple and path .. "/0" or path, object.encode(definition.type, value))
  end
end

--- What a resource holds, or what its function says now; nil: it does not exist.
function Home:get(instance, definition)
  local functions = self:functions_of(instance, definition.id)
  local path = self:path(instance, definition.id)
  if functions and functions.read then return (functions.read(path)) end
  if not self.core:has(path) then return nil end
  if not definition.multiple then
    local ok, value = pcall(self.core.get, self.core, path)
    if ok then return value end
    return nil -- an executable, or write-only
  end
  local values = {}
  for _, record in ipairs(records_below(self, path)) do
    local index = object.ids(record.path)[4]
    if index then values[index] = record.value end
  end
  return values
end

--- Gives a resource what a script wrote: a value, a function, or a table that describes it.
function Home:assign(instance, key, spec)
  local definition = self:resource(key)
  if type(spec) == "function" or is_description(spec) then
    spec = described(spec, definition.operations)
  else
    return self:put(instance, definition, spec)
  end
  local path = self:path(instance, definition.id)
  local functions = self:functions_of(instance, definition.id, true)
  local read = spec.read or type(spec.value) == "function" and spec.value or nil
  functions.write = type(spec.write) == "function" and spec.write or nil
  functions.execute = spec.execute
  self.checks = self.checks or functions.write ~= nil
  if read then
    self.core:compute(path)
  elseif spec.value ~= nil then
    self:put(instance, definition, spec.value)
  elseif definition.multiple or definition.operations % (2 * READ) < READ then
    self.core:offer(path)
  end
  functions.read = read
  self:listen()
end

-- Does a description say more than of what kind the resource is?
local function says_what(spec)
  return not is_description(spec) or spec.value ~= nil or spec.read or spec.write or spec.execute
end

--- Adds an instance, or more to one that is there. A new one gets what the description of the object has for all.
function Home:add(instance, resources)
  local is_new, own = not self.core:has_instance(instance), {}
  for key in pairs(resources) do own[self:resource(key).id] = true end
  if is_new then self.core:add_instance(instance) end
  for id, spec in pairs(is_new and self.resources or {}) do
    if not own[self:resource(id).id] and says_what(spec) then self:assign(instance, id, spec) end
  end
  for key, spec in pairs(resources) do self:assign(instance, key, spec) end
end

-- ---- what servers did, and the end ---------------------------------------------------------------------------

-- One resource of the object's description in an instance that a server made: what the server gave stays, what it
-- left out and may write does not come into being (DM-62), the rest is the device's own (DM-61).
local function complete(self, instance, id, spec)
  local definition = self:resource(id)
  local found = described(spec, definition.operations)
  local writable = definition.operations % (2 * WRITE) >= WRITE
  if found.execute or found.read or type(found.value) == "function" then
    self:assign(instance, id, found)
  elseif found.write then
    self:assign(instance, id, { write = found.write })
  end
  local there = self.core:has(self:path(instance, definition.id))
  local own = definition.mandatory or not writable
  if not there and own and found.value ~= nil then self:put(instance, definition, found.value) end
end

--- A server created an instance: it gets what the description of the object has for all, and what the create function
--- returned for it.
function Home:on_created(instance)
  if not self.core:has_instance(instance) then return end
  local own = self.created and self.created[instance] or {}
  if self.created then self.created[instance] = nil end
  for id, spec in pairs(self.resources or {}) do
    if own[id] == nil then complete(self, instance, id, spec) end
  end
  self:add(instance, own)
  if self.samples then samples.fill(self, instance, true) end
end

--- A server wrote, and C asked: what may only be written, and no function took, is kept here.
function Home:on_written(records)
  local ids = self.checks and records and records[1] and object.ids(records[1].path)
  if not ids or not self.core:has_instance(ids[2]) then return end
  for id, value in pairs(questions.values(records)) do
    local definition, functions = self.definitions[id], self:functions_of(ids[2], id)
    local readable = not definition or definition.operations % (2 * READ) >= READ
    if not readable and not (functions and functions.write) then self:put(ids[2], definition, value) end
  end
end

--- The client is closed: C lets go of our function.
function Home:close()
  if self.listening then self.core:set_handler(0, nil) end
end

-- ---- what scripts see: client.device, client[3303][0] ------------------------------------------------------

local HOME, NUMBER = {}, {}
local Instance, Object = {}, {}

local function instance_proxy(home, number)
  return setmetatable({ [HOME] = home, [NUMBER] = number }, Instance)
end

function Instance:__index(key)
  local home = rawget(self, HOME)
  return home:get(rawget(self, NUMBER), home:resource(key))
end

function Instance:__newindex(key, spec)
  rawget(self, HOME):assign(rawget(self, NUMBER), key, spec)
end

function Instance:__tostring()
  return ("/%d/%d"):format(rawget(self, HOME).id, rawget(self, NUMBER))
end

-- client.device.manufacturer is that of instance 0; client[3303][1] is an instance.
function Object:__index(key)
  local home = rawget(self, HOME)
  if type(key) ~= "number" then return instance_proxy(home, 0)[key] end
  return home.core:has_instance(key) and instance_proxy(home, key) or nil
end

function Object:__newindex(key, value)
  local home = rawget(self, HOME)
  if type(key) ~= "number" then
    home:assign(0, key, value)
  elseif value ~= nil then
    home:add(key, value)
  elseif home.core:has_instance(key) then
    home.core:remove_instance(key)
    home:forget(key)
  end
end

function Object:__tostring() return "/" .. rawget(self, HOME).id end

function object.proxy(home)
  return setmetatable({ [HOME] = home }, Object)
end

-- What the definition of an object may have besides its instances.
local OBJECT_WORDS = { name = true, version = true, multiple = true, resources = true, create = true, delete = true }

local function check_definition(definition)
  for key in pairs(definition) do
    if type(key) ~= "number" and not OBJECT_WORDS[key] then
      errors.raise("invalid-argument", ("an object has no %q"):format(tostring(key)))
    end
  end
end

-- Gives a client an object that it does not have yet.
local function attach(client, id, home)
  if not client.homes[id] then
    client.core:add_object(home.core)
    client.homes[id] = home
  end
  return object.proxy(home)
end

--- Adds an object to a client, or more to one it has.
function object.add(client, id, definition)
  check_definition(definition)
  local home = object.find(client, id)
  if not home then
    if not client.model:find(id) then declare(client.model, id, definition) end
    home = new_home(client, core.Object(client.model, id))
  end
  home.resources = definition.resources or home.resources
  for instance, resources in pairs(definition) do
    if type(instance) == "number" then home:add(instance, resources) end
  end
  home.create, home.delete = definition.create or home.create, definition.delete or home.delete
  local allowed = (definition.create and CREATE or 0) + (definition.delete and DELETE or 0)
  if allowed > 0 then
    home.core:allow(allowed)
    home:listen()
  end
  return attach(client, id, home)
end

--- Adds an object that the model knows, or instances to one that there is, with samples in every resource.
function object.add_samples(client, id, instances, hooks)
  check_definition(hooks)
  local home = object.find(client, id) or new_home(client, core.Object(client.model, id))
  home.samples = true
  for _, instance in ipairs(instances) do
    if not home.core:has_instance(instance) then home.core:add_instance(instance) end
    samples.fill(home, instance)
  end
  home.create, home.delete = hooks.create or home.create, hooks.delete or home.delete
  if home.core:definition().multiple then
    home.core:allow((hooks.create ~= false and CREATE or 0) + (hooks.delete ~= false and DELETE or 0))
    if hooks.create or hooks.delete then home:listen() end
  end
  return attach(client, id, home)
end

return object
