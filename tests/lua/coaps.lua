-- SPDX-License-Identifier: Apache-2.0
-- coaps from Lua: keys, errors that say what is wrong, changes at run time (digest 10).
local test = require "check"
local linnet = require "linnet"
local core = require "linnet.core"

local KEY = "0123456789abcdef"

-- Key pairs that only tests have.
local SERVER = { key = [[
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbRuZ2qEb5linfGpU
27rOaE+S4qXbjrl0ZLasR4LM4o+hRANCAAQtIyw4JmJ91KT13lgpHNqsZBWzwCrs
2j46q54R4naFScqPJWRz9soW31ZjvSI0V4h3C5CDFV5lsXNVdgZPGzfT
-----END PRIVATE KEY-----
]], public = [[
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAELSMsOCZifdSk9d5YKRzarGQVs8Aq
7No+OqueEeJ2hUnKjyVkc/bKFt9WY70iNFeIdwuQgxVeZbFzVXYGTxs30w==
-----END PUBLIC KEY-----
]] }
local KITCHEN = { key = [[
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghDpaEJniR4Th7i5i
No04c5MJefEk7AhWfb7b5NQahxShRANCAAQy4WWzJv1yZQ6rf+0NvB4O4MTvC16j
vgLVOYCb+uGdGbvkdSo+nqsmzprRxFop5B9sPt7j4IAE4s9i83HSXH10
-----END PRIVATE KEY-----
]], public = [[
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMuFlsyb9cmUOq3/tDbweDuDE7wte
o74C1TmAm/rhnRm75HUqPp6rJs6a0cRaKeQfbD7e4+CABOLPYvNx0lx9dA==
-----END PUBLIC KEY-----
]] }

local function scene(seed, credentials, psk)
  local world = linnet.world(seed)
  local server = linnet.server{ listen = "coaps://10.0.0.1:5684", world = world, credentials = credentials }
  local client = linnet.client{ endpoint = "kitchen", server = "coaps://10.0.0.1:5684", psk = psk, world = world }
  return world, server, client
end

if core.dtls_backend() ~= "none" then
  test("a device is read over a real socket", function()
    local server = linnet.server{ listen = "coaps://127.0.0.1:0", credentials = { kitchen = { "id", KEY } } }
    local address = server:addresses()[1]
    test.match(address, "^coaps://127%.0%.0%.1:%d+$")
    local client = linnet.client{ endpoint = "kitchen", server = address, psk = { "id", KEY } }
    local found
    server:on("registered", function(device)
      found = device:read "/3/0/16"
      server:stop()
    end)
    server:run()
    test.equal(found, "U")
    test.equal(client:deregister(5), true)
    client:close()
    server:close()
  end)

  test("an unknown identity is named on both sides", function()
    local world, server, client = scene(3, { kitchen = { "id", KEY } }, { "stranger", KEY })
    local told, heard
    server:on("error", function(event) told = event end)
    client:on("error", function(event) heard = event end)
    world:advance(10000)
    test.equal(told.cause, "unknown-identity")
    test.equal(heard.cause, "unknown-identity")
    test.match(heard.text or heard.message, "coaps://10%.0%.0%.1")
  end)

  test("a device is let in and shut out while the server runs", function()
    local world, server = scene(4, { cellar = { "other", KEY } }, { "id", KEY })
    world:advance(5000)
    test.equal(server:device("kitchen"), nil)
    server:let_in("kitchen", { "id", KEY })
    world:advance(600000)
    local device = test.truth(server:device("kitchen"))
    test.equal(device:read "/3/0/16", "U")
    server:shut_out("kitchen")
    test.raises("security", function() device:read "/3/0/16" end)
  end)

  test("a raw public key takes the place of a certificate", function()
    local world = linnet.world(5)
    local options = { listen = "coaps://10.0.0.1:5684", world = world,
      credentials = { kitchen = { public_key = KITCHEN.public } },
      certificate = SERVER.public, private_key = SERVER.key }
    local made, server = pcall(linnet.server, options)
    if not made then -- a build without says how to get it
      test.equal(server.code, "unavailable")
      test.match(server.message, "libgnutls28%-dev")
      return
    end
    local client = linnet.client{ endpoint = "kitchen", server = "coaps://10.0.0.1:5684", world = world,
      certificate = KITCHEN.public, private_key = KITCHEN.key, trust = SERVER.public }
    world:advance(10000)
    test.equal(test.truth(server:device("kitchen")):read "/3/0/16", "U")
    client:close()
  end)

  test("a bootstrap server begins by itself with a device that has its key", function() -- BS-04, SEC-03
    local world = linnet.world(6)
    local bootstrap = linnet.bootstrap_server{ listen = "coaps://10.0.0.2:5684", world = world,
      credentials = { kitchen = { "factory", KEY } },
      devices = { kitchen = { servers = { { uri = "coap://10.0.0.1:5683" } } } } }
    local server = linnet.server{ listen = "coap://10.0.0.1:5683", world = world }
    local client = linnet.client{ endpoint = "kitchen", bootstrap = "coaps://10.0.0.2:5684", hold_off = 3600,
      psk = { "factory", KEY }, listen = "coaps://10.0.0.9:5684", world = world }
    world:advance(1000)
    bootstrap:begin_with("kitchen", "10.0.0.9:5684")
    world:advance(20000)
    test.truth(server:device("kitchen"))
    client:close()
  end)

  test("a script carries coap and coaps", function() -- RFC 7983
    local sent = {}
    local wire = linnet.transport{ send = function(data, peer) sent[peer] = data:byte() end }
    local client = linnet.client{ endpoint = "kitchen", transport = wire, clock = function() return 0 end,
      seed = ("c"):rep(32), server = "coaps://192.0.2.1", psk = { "kitchen", KEY } }
    client:add_server("coap://192.0.2.2", { id = 2 })
    client:step()
    test.equal(sent["192.0.2.1:5684"], 22) -- a ClientHello
    test.equal(sent["192.0.2.2:5683"], 0x48) -- a Register with a token of 8 bytes
  end)

  test("credentials may stand in a file, which may change", function()
    local name = os.tmpname()
    local function write(text)
      local file = assert(io.open(name, "w"))
      file:write(text)
      file:close()
    end
    write(('return { kitchen = { "id", %q }, ["urn:cellar"] = { subject = "cellar" } }'):format(KEY))
    local world, server, client = scene(7, name, { "id", KEY })
    world:advance(10000)
    test.truth(server:device "kitchen")
    test.equal(server:reload_credentials(), 0)
    for text, words in pairs{ ["return 5"] = "it returns no table", ["return {"] = "expected",
      ['return { kitchen = { "id", "" } }'] = "the key has 0 bytes", ["os.exit()"] = "os" } do
      write(text)
      local ok, raised = pcall(server.reload_credentials, server)
      test.equal(ok, false)
      test.match(raised.message, words)
    end
    test.equal(server:device("kitchen"):read "/3/0/16", "U") -- nothing was taken of these
    write(('return { kitchen = { "id", %q }, hall = { "hall", %q } }'):format(KEY:reverse(), KEY))
    test.equal(server:reload_credentials(), 3) -- another key, one new, one gone
    local causes = {}
    client:on("error", function(event) causes[event.cause] = true end)
    client:update()
    world:advance(60000)
    test.truth(causes["wrong-key"])
    os.remove(name)
    test.raises("system", linnet.server, { listen = "coaps://127.0.0.1:0", credentials = name })
  end)

  test("credentials may come from a function", function()
    local known = { kitchen = { "id", KEY } }
    local world, server = scene(8, function() return known end, { "id", KEY })
    world:advance(10000)
    test.truth(server:device "kitchen")
    known = {}
    test.equal(server:reload_credentials(), 1)
    test.raises("wrong-type", linnet.server, { listen = "coaps://127.0.0.1:0", credentials = 5 })
  end)

  test("what is missing is said early", function()
    test.raises("invalid-argument", linnet.server, { listen = "coaps://127.0.0.1:0" })
    test.raises("invalid-argument", linnet.client, { endpoint = "kitchen", server = "coaps://localhost" })
    test.raises("out-of-range", linnet.server,
      { listen = "coaps://127.0.0.1:0", credentials = { kitchen = { "id", KEY:rep(5) } } })
    local raised = test.raises("system", linnet.server, { listen = "coaps://127.0.0.1:0", trust = "no-such-file.pem" })
    test.match(raised.message, "no%-such%-file%.pem")
  end)
end

test.finish()
