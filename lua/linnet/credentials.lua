-- SPDX-License-Identifier: Apache-2.0
-- credentials.lua: keys and certificates of coaps: whom a server lets in, and what a client shows.

local core = require "linnet.core"
local errors = require "linnet.errors"

local credentials = {}

-- How SubjectPublicKeyInfo of secp256r1 begins.
local P256_PUBLIC_KEY = "\48\89\48\19\6\7\42\134\72\206\61\2\1"

-- A sequence with a long length, or a short one that is that of the rest; file names may begin with "0", too.
local function is_der(material)
  local first, second = material:byte(1, 2)
  return first == 0x30 and second ~= nil and (second > 0x80 or second == #material - 2)
end

local function is_public_key(material)
  return material:find("-----BEGIN PUBLIC KEY-----", 1, true) ~= nil
    or material:sub(1, #P256_PUBLIC_KEY) == P256_PUBLIC_KEY
end

--- A certificate or key: the name of a file, or what is in one (PEM or DER).
function credentials.read(material)
  if type(material) ~= "string" then errors.raise("wrong-type", "a certificate or key is a string") end
  if material:find("-----BEGIN", 1, true) or is_der(material) then return material end
  local file, why = io.open(material, "rb")
  if not file then errors.raise("system", why) end
  local data = file:read "*a"
  file:close()
  return data
end

--- Lets an endpoint in: {identity, key}, {certificate = ...}, {public_key = ...} or {subject = "common name"}.
function credentials.add(store, endpoint, credential)
  if type(credential) ~= "table" then
    errors.raise("wrong-type", ("the credential of %s is a table"):format(tostring(endpoint)))
  elseif credential.certificate then
    store:add_certificate(endpoint, credentials.read(credential.certificate))
  elseif credential.public_key then
    store:add_public_key(endpoint, credentials.read(credential.public_key))
  elseif credential.subject then
    store:add_subject(endpoint, credential.subject)
  else
    store:add_psk(endpoint, credential[1] or credential.identity, credential[2] or credential.key)
  end
end

-- A file of Lua that returns the table; nothing else is known in it, and it is text.
local function read_file(name)
  local file, why = io.open(name, "rb")
  if not file then errors.raise("system", why) end
  local text = file:read "*a"
  file:close()
  if text:byte() == 27 then errors.raise("malformed", name .. ": it is compiled, not text") end
  local chunk
  if setfenv then -- Lua 5.1
    chunk, why = loadstring(text, "@" .. name)
    if chunk then setfenv(chunk, {}) end
  else
    chunk, why = load(text, "@" .. name, "t", {})
  end
  if not chunk then errors.raise("malformed", why) end
  local ok, found = pcall(chunk)
  if not ok then errors.raise("malformed", found) end
  if type(found) ~= "table" then errors.raise("malformed", name .. ": it returns no table") end
  return found
end

-- {endpoint = credential}: the table itself, what a function returns, or what is in a file.
local function devices_of(source)
  if type(source) == "function" then source = source() end
  if type(source) == "string" then return read_file(source) end
  if source ~= nil and type(source) ~= "table" then
    errors.raise("wrong-type", "credentials are a table, a function that returns one, or the name of a file")
  end
  return source or {}
end

-- One line for each that tells it from others.
local function keep(devices)
  local kept = {}
  for endpoint, credential in pairs(devices) do
    local parts = {}
    for key, value in pairs(credential) do parts[#parts + 1] = ("%q=%q"):format(tostring(key), tostring(value)) end
    table.sort(parts)
    kept[endpoint] = table.concat(parts, ";")
  end
  return kept
end

--- What a server and a bootstrap server have: let_in, shut_out, reload_credentials.
function credentials.share(class)
  local function store_of(self)
    if not self.credentials then errors.raise("wrong-state", "this server was made without credentials") end
    return self.credentials
  end

  --- Lets a device in on coaps from now on: server:let_in("kitchen", {"identity", "key"}), or with {certificate = ...},
  --- {public_key = ...}, {subject = "common name"}.
  function class:let_in(endpoint, credential) credentials.add(store_of(self), endpoint, credential) end

  --- Lets it in no more; its session ends.
  function class:shut_out(endpoint) store_of(self):remove(endpoint) end

  --- Reads the file again, or calls the function, that `credentials` was: all of it is taken, or nothing if something
  --- is wrong with it. Sessions of devices that are gone or have another key end. Returns how many changed.
  function class:reload_credentials()
    local store, changed = store_of(self), 0
    local devices = devices_of(self.credentials_source)
    local probe = core.Credentials(self.node.loop)
    for endpoint, credential in pairs(devices) do credentials.add(probe, endpoint, credential) end
    local kept = keep(devices)
    for endpoint, former in pairs(self.credentials_kept) do
      if kept[endpoint] ~= former then
        pcall(store.remove, store, endpoint) -- the script may have shut it out
        changed = changed + 1
      end
    end
    for endpoint, credential in pairs(devices) do
      local former = self.credentials_kept[endpoint]
      if kept[endpoint] ~= former then
        credentials.add(store, endpoint, credential)
        if not former then changed = changed + 1 end
      end
    end
    self.credentials_kept = kept
    return changed
  end
end

--- The store that the options of a server make, and what its devices are; nil: nothing was given.
function credentials.of_server(loop, options)
  if not (options.credentials or options.certificate or options.trust) then return nil end
  local store, devices = core.Credentials(loop), devices_of(options.credentials)
  for endpoint, credential in pairs(devices) do credentials.add(store, endpoint, credential) end
  if options.certificate then
    local own, key = credentials.read(options.certificate), credentials.read(options.private_key)
    if is_public_key(own) then store:set_key(key) else store:set_certificate(own, key) end
  end
  local trust = options.trust
  for _, authority in ipairs(type(trust) == "table" and trust or { trust }) do
    store:add_trust(credentials.read(authority))
  end
  return store, devices
end

--- The same, for a server that can reload them.
function credentials.own(role, options)
  local store, devices = credentials.of_server(role.node.loop, options)
  role.credentials, role.credentials_source, role.credentials_kept = store, options.credentials, keep(devices or {})
end

--- Writes what a client shows into the account of a server.
function credentials.give(client, uri, id, options)
  if options.psk then
    client:set_psk(id, options.psk[1] or options.psk.identity, options.psk[2] or options.psk.key)
  elseif options.certificate and options.private_key and options.trust then
    local own = credentials.read(options.certificate)
    local give = is_public_key(own) and client.set_public_key or client.set_certificate
    give(client, id, own, credentials.read(options.private_key), credentials.read(options.trust))
  elseif options.certificate or uri:find "^coaps:" then
    errors.raise("invalid-argument", uri .. " needs psk = {identity, key}, or certificate, private_key and trust")
  end
end

--- The pre-shared key for short messages: that of the account, or one of their own.
function credentials.give_for_sms(client, uri, id, options)
  if options.certificate and not options.sms_psk then
    errors.raise("invalid-argument", uri .. ": SMS are secured with a pre-shared key, not with certificates")
  end
  local psk = options.sms_psk or not uri:find "^coaps:" and options.psk or { "", "" }
  client:set_sms_security(id, core.SMS_DTLS, psk[1] or psk.identity, psk[2] or psk.key)
end

return credentials
