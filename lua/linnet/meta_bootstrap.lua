---@meta _
-- SPDX-License-Identifier: Apache-2.0
-- meta_bootstrap.lua: the bootstrap server, and what it gives devices; see meta.lua.

---@class linnet
local linnet = {}

---@class linnet.account keys are bytes; with public_key or certificate (DER) go private_key and server_key
---@field uri string
---@field psk? {identity: string, key: string}
---@field public_key? string
---@field certificate? string
---@field private_key? string
---@field server_key? string
---@field sms_number? string digits
---@field sms_dtls? boolean short messages are secured by DTLS with `psk`; always so where the URI is a number
---@field sms_psk? {identity: string, key: string} the same with a key of their own
---@field sms_packets? linnet.packet_keys they are secured packets

---@class linnet.server_account: linnet.account
---@field id? integer Short Server ID; default 1
---@field lifetime? integer default 86400
---@field binding? "U"|"UQ"|"S"|"SQ"|"US"|"UQS"
---@field storing? boolean default true
---@field pmin? integer
---@field pmax? integer
---@field disable_timeout? integer

---@class linnet.bootstrap_account: linnet.account
---@field hold_off? integer
---@field account_timeout? integer

---What devices are given; docs/bootstrap.md says more.
---@class linnet.configuration
---@field servers? linnet.server_account[]
---@field bootstrap? linnet.bootstrap_account in place of the one that the device has
---@field values? table<string, any> by path; tables go down to resources
---@field owners? table<string, integer> Short Server IDs by path of the instance
---@field rights? table<string, table<integer|"default", ("read"|"write"|"execute"|"delete"|"create")[]>>
---@field delete? string[] default {"/"}
---@field discover? string[] default {"/"}
---@field operations? table[] instead of all that: {"write", path, values, format?}, {"delete", path}, {"discover", path}
---@field check? boolean false: sent even if it contradicts itself

---@class linnet.bootstrap_server_options: linnet.common_options
---@field listen? string|string[] default "coap://0.0.0.0:5683"; also "coaps://..."
---@field credentials? linnet.credentials with coaps: what lets each endpoint in, and what it begins with (BS-04)
---@field certificate? string with coaps, as a server has it, and so `private_key` and `trust`
---@field private_key? string
---@field trust? string|string[]
---@field devices? table<string, linnet.configuration> by endpoint name, or pattern with * and ?
---@field request? fun(request: {endpoint: string, address: string}): linnet.configuration?, string? see on_request

---@param options linnet.bootstrap_server_options
---@return linnet.bootstrap_server
function linnet.bootstrap_server(options) end

---@class linnet.bootstrap_server: linnet.role
local bootstrap_server = {}

---What devices of a name, or of a pattern with * and ?, are given; nil: nothing any more. "*": all that nothing else fits.
---@param endpoint string
---@param configuration? linnet.configuration
function bootstrap_server:configure(endpoint, configuration) end

---Asks a function for each device. It returns a configuration, nil (what is configured for the name), nil and a code such as
---"4.00" (refused), or a linnet.later() for one of these.
---@param choose fun(request: {endpoint: string, address: string}): linnet.configuration?, string?
function bootstrap_server:on_request(choose) end

---Begins by itself with a device that has the account of this server. Returns the number of its events.
---@param endpoint string
---@param address string "192.0.2.7:5683"
---@param configuration? linnet.configuration
---@return integer
function bootstrap_server:begin_with(endpoint, address, configuration) end

---Waits until a device has been bootstrapped.
---@param endpoint string
---@param seconds? number
---@return table event
function bootstrap_server:wait_for(endpoint, seconds) end

---@param name "bootstrap-started"|"bootstrap-finished"|"response"|"error"|"log"
---@param handler fun(event: table)
function bootstrap_server:on(name, handler) end
