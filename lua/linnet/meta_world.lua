---@meta _
-- SPDX-License-Identifier: Apache-2.0
-- meta_world.lua: a simulated world, and transports of the script; see meta.lua.

---@class linnet
local linnet = {}

---A virtual clock and a network; nothing sleeps, and the same seed gives the same run.
---@param seed? integer
---@return linnet.world
function linnet.world(seed) end

---A transport that the script carries: send(data, peer) is called for each datagram to send, lookup(name) for each host
---name, "host:port", to return an address or nil. It carries coap and coaps, which the first byte tells apart (RFC 7983).
---@param options {send: fun(data: string, peer: string), lookup?: (fun(name: string): string?), address?: string, kind?: "udp"|"sms"}
---@return linnet.transport
function linnet.transport(options) end

---@class linnet.transport
local transport = {}

---A datagram arrived from a peer such as "192.0.2.1:5683"; it is looked at in the next step.
---@param data string
---@param peer string
function transport:receive(data, peer) end

---@param peer string
function transport:unreachable(peer) end

---@class linnet.world
local world = {}

---@param options linnet.client_options
---@return linnet.client
function world:client(options) end

---@param options? linnet.server_options
---@return linnet.server
function world:server(options) end

---@param options? linnet.bootstrap_server_options
---@return linnet.bootstrap_server
function world:bootstrap_server(options) end

---Virtual milliseconds.
---@return integer
function world:now() end

---Lets so many virtual milliseconds pass.
---@param ms integer
function world:advance(ms) end

---@param ready fun(): any
---@param seconds? number virtual seconds; default a day
---@return boolean
function world:run_until(ready, seconds) end

---What the network does to datagrams: all of them, or those of one client or server.
---@param traits {loss?: number, duplication?: number, reordering?: number, delay?: integer, jitter?: integer, mtu?: integer, down?: boolean}
---@param role? linnet.client|linnet.server
function world:network(traits, role) end

---The same for the phone of a client or server; while it is down, messages for it wait, `store` of them.
---@param traits {loss?: number, duplication?: number, reordering?: number, delay?: integer, jitter?: integer, mtu?: integer, down?: boolean, store?: integer}
---@param role linnet.client|linnet.server
function world:phone(traits, role) end

---How many short messages wait for a number, "sms:+15550111", or for all.
---@param number? string
---@return integer
function world:stored(number) end

---@param role linnet.client|linnet.server
---@param address string
function world:rebind(role, address) end

---Ends a client or server as SIGKILL or a power cut does: nobody hears of it, nothing more is stored. Another one on the
---same store remembers what it had.
---@param role linnet.client|linnet.server|linnet.bootstrap_server
function world:kill(role) end

---@param name string
---@param address string
function world:name(name, address) end

---@param seconds number Unix time at virtual time 0
function world:set_epoch(seconds) end

---@param observer? fun(ms: integer, from: string, to: string, data: string, lost: boolean)
function world:watch(observer) end

---@param call function
---@return thread
function world:spawn(call, ...) end

---@param seconds number
function world:sleep(seconds) end
