---@meta _
-- SPDX-License-Identifier: Apache-2.0
-- meta_sms.lua: short messages: what carries them, and what secures them; see meta.lua.

---@class linnet
local linnet = {}

---CoAP in short messages. Without a modem in a simulated world, where the number is enough.
---@param modem linnet.modem?
---@param options linnet.sms_options?
---@return linnet.sms_transport
function linnet.sms_transport(modem, options) end

---A modem that understands AT commands, on a serial line or a descriptor. It is linnet's alone.
---@param device string|integer
---@param options {speed?: integer, pin?: string, center?: string, command_timeout?: number, submit_timeout?: number, retry?: number, check?: number, attempts?: integer}?
---@return linnet.modem
function linnet.at_modem(device, options) end

---A modem that is two functions of the script: send is called for each message, receive() is told of those that arrive.
---@param send fun(message: {number: string, payload: string, header: string, pdu: string})
---@return linnet.modem
function linnet.script_modem(send) end

---What secures messages to a number and from it, as resources 7 and 8 of the Security object have it: KIc, KID, SPI, TAR;
---and one AES key of 16 octets, two of them, or two triple DES keys of 24.
---@alias linnet.packet_keys {[1]: string, [2]: string}

---@class linnet.sms_options
---@field number? string of this client or server, "+15550111"
---@field parts? integer how many short messages one CoAP message may be cut into; default 1
---@field part_bits? 8|16 of the reference that the parts share; default 8
---@field ports? integer[] {destination, source}, if messages go to ports
---@field port_bits? 8|16 default 16
---@field validity? integer seconds that the service centre tries to deliver a message; default 300
---@field response_timeout? number seconds that an answer may take; default 300
---@field parts_timeout? integer seconds that the parts of a message may take; default 300
---@field reports? boolean ask for status reports
---@field coding? integer TP-DCS, one for 8-bit data; default 4
---@field protocol? integer TP-PID; default 0
---@field packets? table<string, linnet.packet_keys> by number: messages are secured packets (ETSI TS 102 225)
---@field dtls? boolean they are secured by DTLS; default: where the client has a `psk`, or the server `credentials`. false beside
---coaps: for triggers alone, which anybody could send
---@field credentials? table<string, linnet.credential> of a server: whom to let in by SMS, where they have other keys than on coaps
---@field tag? integer of the TLV in a secured packet; default 5
---@field checksum? 4|8 octets of its checksum; default 8

---@class linnet.sms_transport
local sms_transport = {}

---Keys for secured packets of one more number, or others; "", "": none any more.
---@param number string
---@param parameters string
---@param keys string
function sms_transport:set_keys(number, parameters, keys) end

---The counters of the last secured packet sent to a number, and of the last that was accepted from it.
---@param number string
---@return integer sent
---@return integer accepted
function sms_transport:counters(number) end

---Sets them, where no store keeps them over a restart: what was accepted once is not accepted again.
---@param number string
---@param sent integer
---@param accepted integer
function sms_transport:set_counters(number, sent, accepted) end

---@class linnet.modem
local modem = {}

---Of an AT modem: closed, starting, ready, or waiting to try again.
---@return "closed"|"starting"|"ready"|"waiting"
function modem:state() end

---Of an AT modem: what went wrong last; "" if nothing has.
---@return string
function modem:failure() end

---Of an AT modem: how often.
---@return {sent: integer, refused: integer, received: integer, garbage: integer, starts: integer}
function modem:counts() end

---To a script modem: a message arrived. `header`: the user data header without the octet of its length.
---@param number string
---@param payload string
---@param header? string
function modem:receive(number, payload, header) end

---To a script modem: an SMS-DELIVER or SMS-STATUS-REPORT arrived, without the number of a service centre before it.
---@param pdu string
function modem:receive_pdu(pdu) end
