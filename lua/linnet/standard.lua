-- SPDX-License-Identifier: Apache-2.0
-- standard.lua: what a client does with objects 3 to 7, what it tells of its machine, and what it keeps over a restart.
-- Methods of clients.

local core = require "linnet.core"
local errors = require "linnet.errors"

local standard = {}

local function numbers(prefix, names)
  local found = {}
  for name in names:gmatch "%S+" do found[name] = core[prefix .. name:upper()] end
  return found
end

local DEVICE_ERRORS = numbers("DEVICE_",
  "low_battery external_supply_off gps_failure low_signal out_of_memory sms_failure ip_failure peripheral_malfunction")
local RESULTS = numbers("FIRMWARE_",
  "complete updated no_space no_memory connection_lost integrity unsupported_package invalid_uri update_failed " ..
  "unsupported_protocol")
local STATES = { [core.FIRMWARE_IDLE] = "idle", [core.FIRMWARE_DOWNLOADING] = "downloading",
  [core.FIRMWARE_DOWNLOADED] = "downloaded", [core.FIRMWARE_UPDATING] = "updating" }

-- As /5/0/8 numbers them; and a delivery method, /5/0/9.
local PROTOCOLS, PUSH_AND_PULL = { coap = 0, coaps = 1, http = 2, https = 3 }, 2

-- A word of a table, or the number it stands for.
local function number_of(known, word, what)
  if type(word) == "number" then return word end
  return known[word] or errors.raise("invalid-argument", ("there is no %s %q"):format(what, tostring(word)))
end

local Client = {}

-- ---- Device --------------------------------------------------------------------------------------------------

--- An error is there from now on, such as "low_battery": one more value of /3/0/11.
function Client:raise_error(name) self.core:raise_error(number_of(DEVICE_ERRORS, name, "device error")) end

--- The error is gone; without another one /3/0/11/0 is 0.
function Client:clear_error(name) self.core:clear_error(number_of(DEVICE_ERRORS, name, "device error")) end

-- ---- Firmware Update -----------------------------------------------------------------------------------------

--- Adds object 5 with its state machine: "write" and "execute" events say what to do, end_firmware() how it went.
-- Packages may be pushed, and fetched by the application by those protocols: "coap", "coaps", "http", "https".
function Client:add_firmware(...)
  local wanted = {}
  for index, protocol in ipairs{ ... } do wanted[index] = number_of(PROTOCOLS, protocol, "protocol") end
  self.core:add_firmware()
  for index, number in ipairs(wanted) do self.core:set("/5/0/8/" .. index - 1, number) end
  if #wanted > 0 then self.core:set("/5/0/9", PUSH_AND_PULL) end
end

--- "idle", "downloading", "downloaded" or "updating".
function Client:firmware_state() return STATES[self.core:firmware_state()] end

--- The download, or the update, has ended so: "complete", "updated", "integrity", ...
function Client:end_firmware(result) self.core:end_firmware(number_of(RESULTS, result, "update result")) end

-- ---- Location, Connectivity Statistics -----------------------------------------------------------------------

--- Adds object 6; its instance comes with the first position.
function Client:add_location() self.core:add_location() end

--- Where it is, in degrees, and when that was found out, as Unix time.
function Client:set_location(latitude, longitude, time) self.core:set_location(latitude, longitude, time) end

--- How it moves: m/s, and degrees clockwise from north.
function Client:set_velocity(speed, bearing) self.core:set_velocity(speed, bearing) end

--- Adds object 7, which counts what the client's transports carry, from Start to Stop.
function Client:add_statistics() self.core:add_statistics() end

-- ---- the machine, and what is kept ---------------------------------------------------------------------------

local function driver_of(self)
  return self.runtime.driver or
    errors.raise("unavailable", "only a client on real sockets is on a machine; use save() and restore() elsewhere",
      { endpoint = self.endpoint })
end

--- Fills in what Linux knows of the machine, as far as the client does not have it yet: Device, and object 4.
function Client:describe() driver_of(self):describe(self.core) end

--- Location from gpsd, "host:port" (default "localhost:2947"): adds object 6 if need be. Where it is not there, an
--- "error" event tells, and it is tried again every 10 s.
function Client:follow_gpsd(address) driver_of(self):follow_gpsd(self.core, address) end

--- Keeps the client in a file, restores it from there first. Returns true if it was restored; false and words if the
--- file was damaged and has been set aside. When the client has its objects, before it is started.
function Client:keep(path)
  if self.runtime.keep_client then
    local there, problem = self.runtime:keep_client(self, path)
    self:reach_accounts()
    return there, problem
  end
  local driver, file = driver_of(self), io.open(path, "rb")
  if file then file:close() end
  local ok, raised = pcall(driver.keep, driver, self.core, path)
  if ok then
    self:reach_accounts()
    return file ~= nil
  end
  if errors.is(raised) and raised.status == "malformed" then return false, raised.message end
  error(raised, 0)
end

--- What keep() would write, for a store of the script's own. It holds keys.
function Client:save() return self.core:save() end

--- Makes the client what it was when save() was called. Before it is started.
function Client:restore(data)
  self.core:restore(data)
  self:reach_accounts()
end

--- Grows when there is something new to save.
function Client:revision() return self.core:revision() end

--- Gives a class of clients these methods.
function standard.share(class)
  for name, method in pairs(Client) do class[name] = method end
end

return standard
