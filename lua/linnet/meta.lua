---@meta linnet
-- SPDX-License-Identifier: Apache-2.0
-- meta.lua: what there is, for people and for editors with a Lua language server. It is never run.
--
-- Paths are texts such as "/3303/0/5700"; the leading slash may be missing, and names stand for numbers where the model
-- knows them: "/device/0/manufacturer". Values are numbers, strings (also bytes, with zeros), booleans, and links such as
-- "3:0". Times named seconds are seconds, step() and timeout() count milliseconds.
--
-- A call that waits (everything that asks a device, next(), sleep(), deregister(), wait_for()) yields in a coroutine that
-- linnet made: those of on() and spawn(). Elsewhere it runs things itself until it has what it wants. In Lua 5.1 a
-- coroutine cannot yield inside pcall, nor in the iterator of a `for`: there use linnet.pcall, and no iterators.
--
-- Numbers: Lua 5.3 and 5.4 have exact integers of 64 bits; 5.1 and LuaJIT are exact to 2^53. The definition of a resource
-- decides what a number becomes; without a definition or a `type`, it is a float in 5.1 and LuaJIT, and in 5.3 and 5.4 what
-- it is in Lua.

---@class linnet
---@field version string
local linnet = {}

---@alias linnet.value number|string|boolean|table<integer, number|string|boolean>

---A failed call raises this. tostring() gives the message.
---@class linnet.error
---@field status string "not-found", "timed-out", "refused", ...: see linnet/status.h
---@field code string the CoAP code if a device answered with one, "4.05"; else the status
---@field message string
---@field path? string
---@field endpoint? string
---@field ended? boolean an observation that has ended; a handler that does not catch it simply ends

---@class linnet.common_options
---@field model? string|string[] definition files (DDF XML)
---@field models? string|string[] the same
---@field transport? linnet.transport carries the datagrams in place of sockets
---@field sms? linnet.sms_transport|linnet.sms_transport[] carries short messages, beside sockets or alone; a server may have
---several, where devices secure them differently
---@field world? linnet.world the simulated world to live in
---@field clock? fun(): integer milliseconds, to run without the driver: with `transport`
---@field seed? string 16 bytes or more; with `clock`
---@field wait? fun(ms?: integer) called by calls that wait; with `clock`

---@class linnet.client_options: linnet.common_options
---@field endpoint string the name that servers know it by
---@field server? string "coap://host[:port]", or "sms:+15550100" for a server of which only the number is known
---@field server_number? string the number of a server that has a coap:// URI, too; with `sms`
---@field lifetime? integer seconds; default 86400
---@field id? integer Short Server ID; default 1
---@field binding? "U"|"UQ"|"S"|"SQ"|"US"|"UQS"
---@field listen? string the local address, "host:port"; any port if left out. "coaps://host:port": of the socket for coaps
---@field bootstrap? string "coap[s]://host[:port]" of a bootstrap server, which is asked for accounts of servers
---@field hold_off? integer seconds until it is asked; default 0
---@field psk? {[1]: string, [2]: string} identity and key, with coaps, or with a server that is reached by SMS alone; short
---messages beside coaps are secured by DTLS with it, too
---@field sms_psk? {[1]: string, [2]: string} another one for short messages; beside coaps with an identity of 6 or 7 bytes, and
---a key of 16, 32 or 48
---@field certificate? string with coaps: a file, or what is in one, PEM or DER; or a raw public key
---@field private_key? string its key
---@field trust? string the certificate of the server, or of an authority that vouches for it

---What lets a device in on coaps: {identity, key}, {certificate = ...}, {public_key = ...}, {subject = ...}.
---@alias linnet.credential {[1]?: string, [2]?: string, certificate?: string, public_key?: string, subject?: string}

---By endpoint name; or a function that returns such a table, or the name of a file of Lua that does: both are asked again by
---server:reload_credentials().
---@alias linnet.credentials table<string, linnet.credential>|string|(fun(): table<string, linnet.credential>)

---@class linnet.server_options: linnet.common_options
---@field listen? string|string[]|false default "coap://0.0.0.0:5683"; also "coaps://..."; port 0 picks a free one; false: SMS alone
---@field credentials? linnet.credentials with coaps, or DTLS by SMS: what lets each endpoint in
---@field certificate? string with coaps: a file, or what is in one, PEM or DER; or a raw public key
---@field private_key? string its key
---@field trust? string|string[] authorities: who shows a certificate that they vouch for is let in
---@field triggers? boolean false: devices in UQS are not woken by SMS when requests wait for them
---@field timeout? number seconds that a request may take once it is sent; default: as CoAP says, about 90
---@field store? string a file that keeps registrations, observations and waiting requests over a restart
---@field queue_time? number seconds that it may wait for a device in queue mode to wake; default: while it is registered
---@field nstart? integer requests to one device that may be on their way at a time, 1 to 256; default 1: answered in their order

---@param options linnet.client_options
---@return linnet.client
function linnet.client(options) end

---@param options linnet.server_options
---@return linnet.server
function linnet.server(options) end

---Calls a function in a coroutine, in which calls may wait.
---@param call function
---@return thread
function linnet.spawn(call, ...) end

---Lets so many seconds pass for the caller.
---@param seconds number
function linnet.sleep(seconds) end

---pcall; in Lua 5.1 one inside which coroutines of linnet may wait without holding others up.
---@param call function
---@return boolean ok
---@return any ...
function linnet.pcall(call, ...) end

---Raised by the handler of an object, it refuses the request: linnet.refuse("4.03"). `return nil, "4.03"` does the same.
---@param code string
---@param message? string
function linnet.refuse(code, message) end

---An answer to come: the handler of an object returns it, and whatever knows the answer finishes it, once. The server
---gets a separate response. One that is forgotten is 5.00.
---
---    read = function()
---      local answer = linnet.later()
---      linnet.spawn(function() linnet.sleep(2); answer:finish(20.5) end)
---      return answer
---    end
---@return linnet.later
function linnet.later() end

---@class linnet.later
---@field done boolean
local later = {}

---@param value? any what the handler would have returned
function later:finish(value) end

---@param code string "4.03"
---@param message? string
function later:refuse(code, message) end

---It went wrong: 5.00, and the error is reported as if the handler had raised it.
---@param raised any
function later:fail(raised) end

---@param value any
---@return boolean
function linnet.is_error(value) end

---`for path, value in linnet.each(device:read "/3/0") do`: in the order of the paths.
---@param values table<string, linnet.value>
---@return fun(): string, linnet.value
function linnet.each(values) end

---What clients and servers have in common.
---@class linnet.role
---@field closed boolean
local role = {}

---Does what there is to do; if that is nothing, waits for something, at most so many milliseconds. Raises what handlers
---raised.
---@param ms? integer default 0
function role:step(ms) end

---Steps until stop() or close(). Everything in the script runs meanwhile: all its clients and servers share one loop.
---What handlers of objects raise without catching it goes to handlers of "error", or else of "log", or to stderr.
function role:run() end
function role:stop() end

---For other event loops: readable when step() has something to do. The same for all clients and servers of a script.
---@return integer
function role:fd() end

---Milliseconds after which to call step() anyway; nil: no need. Look again after each call to linnet.
---@return integer?
function role:timeout() end

---Where it can be reached: "coap://192.0.2.1:5683", ...
---@return string[]
function role:addresses() end

---Bounds what peers may ask for: "body-size", bytes of a payload in blocks, such as a firmware package (65536);
---"instances" (of an object, that servers create), "observations", "stored-notifications", "queued-requests" and whatever else linnet/limit.h has.
---@param name string
---@param value integer
function role:set_limit(name, value) end

---@param call function
---@return thread
function role:spawn(call, ...) end

---@param seconds number
function role:sleep(seconds) end

---Ends at once, without a word to the other side.
function role:close() end

---What a resource of an object is. A plain value stands for {value=...}, a function for {read=...}, or {execute=...} where
---the definition says that it is executable.
---@class linnet.resource
---@field value? linnet.value
---@field read? fun(path: string): linnet.value|linnet.later|nil, string? computes each read; nil is 4.04
---@field write? true|fun(value: linnet.value, path: string): any, string? what a server writes is stored after this
---@field execute? fun(arguments: table<integer, string>, path: string): any, string? before it is answered: what ends the script,
---such as a reboot, belongs into an "execute" event
---@field type? "string"|"integer"|"float"|"boolean"|"opaque"|"time"|"objlnk" without a definition: else what servers may write has the type of its first value, numbers float; the rest follows the value
---@field multiple? boolean without a definition: values are tables by resource instance id
---@field operations? string "R", "RW", "E", ... without a definition
---@field name? string
---@field units? string
---@field range? string
---@field mandatory? boolean

---Instances by number: tables of resources by number (or by name, where the model has a definition).
---@class linnet.object_definition
---@field name? string
---@field version? string
---@field multiple? boolean false: only instance 0
---@field resources? table<integer, linnet.resource|linnet.value|function> for all instances, whoever makes them: one that a server
---creates gets the functions, and the values that servers cannot give it
---@field create? true|fun(instance: integer, values: table): table? lets servers create; returns more resources for it
---@field delete? true|fun(instance: integer) lets servers delete
---@field [integer] table<integer|string, linnet.resource|linnet.value|function>

---Objects go by name or number: client.device.manufacturer, client[3303][0][5700]. Assigning tells observers.
---@class linnet.client: linnet.role
---@field endpoint string
---@field device table the Device object
---@field [string|integer] table
local client = {}

---Adds an object, or more to one that it has. Without a definition: the object that it has.
---@param id integer
---@param definition? linnet.object_definition
---@return table
function client:object(id, definition) end

---Adds an object that the model knows, with samples in every resource. Servers may create and delete instances where the
---definition allows several, unless `create` or `delete` is false; functions are asked before.
---@param id integer|string
---@param instances? integer[] default {0}
---@param hooks? {create?: false|fun(instance: integer, values: table): table?, delete?: false|fun(instance: integer)}
---@return table
function client:add_object(id, instances, hooks) end

---The paths of all instances, in order.
---@return string[]
function client:instances() end

---@param id integer
function client:remove(id) end

---Of a resource what it holds, of an instance or an object the values by path.
---@param path string
---@return linnet.value?
function client:get(path) end

---@param path string
---@param value linnet.value|linnet.resource|function|nil
function client:set(path, value) end

---Tells observers that what a function computes, at or below a path, changed.
---@param path string
function client:notify(path) end

---@param uri string
---@param options? {id?: integer, lifetime?: integer, binding?: string}
function client:add_server(uri, options) end

---Adds the account of a bootstrap server: "bootstrap-started" and "bootstrap-finished" events tell of each attempt.
---@param uri string
---@param options? {hold_off?: integer, psk?: string[], certificate?: string, private_key?: string, trust?: string}
function client:add_bootstrap_server(uri, options) end

---Accounts and what else the device is made with: {["/0/0"]={[0]="coap://host", ...}, ["/1/0"]={...}}. Nothing happens if it
---has accounts already. Before it is started.
---@param values table<string, table<integer, any>>
function client:factory(values) end

---Accounts from a smartcard: a function gives the content of EF LwM2M_Bootstrap, or nil without a card. It is called when the
---client starts, before each Register and Update with a server that the card gave, and by check_smartcard().
---@param read? fun(): string?
function client:set_smartcard(read) end
function client:check_smartcard() end

---Registers, and keeps registered. run() and the first step() do so by themselves.
function client:start() end

---@param id? integer
function client:update(id) end

---Registers as if for the first time: after the address of this device has changed.
---@param id? integer
function client:register_anew(id) end

---Whether notifications ask for an acknowledgement; one a day does anyway.
---@param confirmable boolean
---@param id? integer
function client:set_confirmable(confirmable, id) end

---Has the objects below a path, e.g. "/lwm2m", instead of "/".
---@param root string
function client:set_root(root) end

---@param number string digits only
function client:set_sms_number(number) end

---How many triggers by unsecured SMS a client on coaps takes from a server in a time; at first 3 in 180 s. 0: none.
---@param count integer
---@param seconds integer
function client:set_trigger_limit(count, seconds) end

---For how many seconds more a server in queue mode may send something; nil: always.
---@param id? integer
---@return number?
function client:awake_for(id) end

---What a server may do to an instance, or to an object ("create"); asked for with more than one server only.
---@param path string
---@param id? integer
---@param rights ("read"|"write"|"execute"|"delete"|"create")[]
function client:set_access(path, id, rights) end

---@param path string
---@param id integer
function client:set_owner(path, id) end

---What a server may do to an instance, or whether it may create instances of an object.
---@param path string
---@param id integer
---@return table<"read"|"write"|"execute"|"delete"|"create", true>
function client:access(path, id) end

---Seconds until the next Update; nil: not registered.
---@param id? integer
---@return number?
function client:next_update(id) end

---Leaves the servers and waits for their answer.
---@param seconds? number
---@return boolean
function client:deregister(seconds) end

---@alias linnet.device_error "low_battery"|"external_supply_off"|"gps_failure"|"low_signal"|"out_of_memory"|"sms_failure"|"ip_failure"|"peripheral_malfunction"

---One more value of /3/0/11.
---@param name linnet.device_error
function client:raise_error(name) end

---@param name linnet.device_error
function client:clear_error(name) end

---Adds object 5 with its state machine. A "write" event of /5/0/0 brings a package, one of /5/0/1 its URI, where /5/0/8
---and /5/0/9 say that the script can fetch it; the state is "downloading" then. An "execute" event of /5/0/2 asks to
---install it, in state "updating". end_firmware() says how either went.
---@param ... "coap"|"coaps"|"http"|"https" protocols that the script can fetch a package by, besides being given one
function client:add_firmware(...) end

---@return "idle"|"downloading"|"downloaded"|"updating"
function client:firmware_state() end

---@param result "complete"|"updated"|"no_space"|"no_memory"|"connection_lost"|"integrity"|"unsupported_package"|"invalid_uri"|"update_failed"|"unsupported_protocol"
function client:end_firmware(result) end

---Adds object 6; its instance comes with the first position.
function client:add_location() end

---@param latitude number degrees
---@param longitude number degrees
---@param time integer Unix time of the fix
function client:set_location(latitude, longitude, time) end

---@param speed number m/s
---@param bearing number degrees clockwise from north
function client:set_velocity(speed, bearing) end

---Adds object 7, which counts what the client's transports carry, from Start to Stop.
function client:add_statistics() end

---Fills in what Linux knows of the machine, as far as the client does not have it yet: Device, and object 4.
function client:describe() end

---Location from gpsd: every report of a fix sets position and time, and altitude, radius, velocity and speed as far as
---gpsd tells them. Where it is not there, an "error" event tells, and it is tried again every 10 s.
---@param address? string "host:port"; default "localhost:2947"
function client:follow_gpsd(address) end

---Keeps the client in a file, and restores it from there first: accounts, access control, attributes and what servers
---wrote survive a restart, also by SIGKILL. When the client has its objects, before it is started. The accounts of the
---file take the place of those that the client has.
---@param path string
---@return boolean restored
---@return string? why the file was damaged, and has been set aside
function client:keep(path) end

---What keep() would write. It holds keys.
---@return string
function client:save() end

---Makes the client what it was. Before it is started.
---@param data string
function client:restore(data) end

---Grows when there is something new to save.
---@return integer
function client:revision() end

---@param seconds? number
function client:wait_registered(seconds) end

---@param id? integer
---@return boolean
function client:registered(id) end

---@param id? integer
---@return "idle"|"resolving"|"registering"|"registered"|"waiting"|"deregistering"
function client:state(id) end

---@param id? integer
---@return string
function client:location(id) end

---Calls handler(event) in a coroutine of its own.
---@param name "registered"|"updated"|"deregistered"|"error"|"write"|"execute"|"create"|"delete"|"log"|"asleep"|"awake"
---@param handler fun(event: table)
function client:on(name, handler) end

---@class linnet.server: linnet.role
---@field store_problem? string the store was damaged: what became of it
local server = {}

---Calls handler(device, event) in a coroutine of its own; "response" and "notify" are of what was asked or observed before
---a restart, for which nobody waits any more. "error" calls handler(problem), also with what other handlers
---raise; without such a handler step() and run() raise that.
---@param name "registered"|"updated"|"deregistered"|"expired"|"queued"|"trigger-wanted"|"response"|"notify"|"error"|"log"
---@param handler fun(device: linnet.device, event: table)
function server:on(name, handler) end

---@param endpoint string
---@return linnet.device?
function server:device(endpoint) end

---The device that has been told this location, such as "/rd/5a3f".
---@param location string
---@return linnet.device?
function server:located(location) end

---The devices that come from an address, such as "192.0.2.1:5683".
---@param address string
---@return linnet.device[]
function server:at(address) end

---Lets a device in on coaps from now on.
---@param endpoint string
---@param credential linnet.credential
function server:let_in(endpoint, credential) end

---Lets it in no more; its session ends.
---@param endpoint string
function server:shut_out(endpoint) end

---Reads the file again, or calls the function, that `credentials` was: all of it is taken, or nothing if it raises.
---@return integer changed how many devices
function server:reload_credentials() end

---@return linnet.device[]
function server:devices() end

---@param endpoint string
---@param seconds? number
---@return linnet.device
function server:wait_for(endpoint, seconds) end

---A device of a server. Facts are nil when it is not registered.
---@class linnet.device
---@field endpoint string
---@field registered boolean
---@field lifetime? integer
---@field binding? string
---@field awake? boolean a request would go now, not wait until the device wakes
---@field queued? integer how many requests wait for it
---@field location? string
---@field version? string
---@field sms_number? string
---@field address? string
---@field root? string the path that its objects are below; "" mostly
---@field objects? string[] paths of its objects and instances
local device = {}

---@class linnet.request_options
---@field format? "text"|"opaque"|"tlv"|"json"|"any" "any", to read in: what the device prefers
---@field timeout? number seconds, for waiting until a device wakes, too

---The value of a resource; {[index]=value} of a multiple one; {[path]=value} of an instance or object.
---@param path string
---@param options? linnet.request_options
---@return any
function device:read(path, options) end

---Writes a resource, or {resource=value} to an instance, which is updated unless options.replace is true.
---@param path string
---@param value linnet.value|table
---@param options? linnet.request_options|{replace?: boolean}
function device:write(path, value, options) end

---@param path string
---@param arguments? string|table<integer, string|true> {[0]="now"} or "0='now'"
---@param options? linnet.request_options
function device:execute(path, arguments, options) end

---The same device, asked over "sms" or "udp"; without, over what it registered. By SMS at any time, asleep or not.
---@param channel? "udp"|"sms"
---@return linnet.device
function device:over(channel) end

---Asks by SMS for an Update, which comes over what the device registered over (/1/x/8).
---@param options? linnet.request_options
function device:trigger(options) end

---Creates "/3303/1", or an instance of "/3303" with a number of the device's choice. Returns its path.
---@param path string
---@param values? table<integer|string, linnet.value>
---@param options? linnet.request_options
---@return string?
function device:create(path, values, options) end

---@param path string
---@param options? linnet.request_options
function device:delete(path, options) end

---@param path string
---@param options? linnet.request_options
---@return {path: string, attributes: table<string, number|string|true>}[]
function device:discover(path, options) end

---@class linnet.attributes
---@field pmin? integer|false
---@field pmax? integer|false
---@field gt? number|false
---@field lt? number|false
---@field st? number|false

---Sets when to notify; false takes an attribute away.
---@param path string
---@param attributes linnet.attributes
---@param options? linnet.request_options
function device:write_attributes(path, attributes, options) end

---Observes a path; attributes are written before. The first next() gives the present value.
---@param path string
---@param attributes? linnet.attributes
---@param options? linnet.request_options
---@return linnet.observation
function device:observe(path, attributes, options) end

---@param path string
---@return boolean
function device:lists(path) end

---"1.0" if the device told none; nil if it has no such object.
---@param object_id integer
---@return string?
function device:object_version(object_id) end

---@class linnet.observation
---@field device linnet.device
---@field path string
---@field ended boolean
---@field dropped integer values that came while 256 were waiting already
local observation = {}

---Waits for the next value; nil after so many seconds. Raises when the observation has ended.
---@param seconds? number
---@return {value: any, path: string, code: string, records: table[]}?
function observation:next(seconds) end

---From now on it begins again whenever the device registers.
function observation:keep() end

---Ends it, and waits for the device's answer.
function observation:cancel() end

---Ends it here; the device is told by a Reset, when it notifies next.
function observation:forget() end

return linnet
