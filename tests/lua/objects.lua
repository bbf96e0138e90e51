-- SPDX-License-Identifier: Apache-2.0
-- Objects of a client as a script writes them down, and what a server sees of them.
local test = require "check"
local linnet = require "linnet"

-- A world with a server and a client; device is the client as the server sees it.
local function home(definition, id)
  local world = linnet.world(7)
  local server = world:server{ listen = "coap://10.0.0.1:5683" }
  local client = world:client{ endpoint = "kitchen", server = "coap://10.0.0.1:5683", lifetime = 300 }
  if definition then client:object(id or 3303, definition) end
  return client, server:wait_for("kitchen", 10), world, server
end

test("built-in objects go by name", function()
  local client, device = home()
  client.device.manufacturer = "ACME"
  client.device["Model Number"] = "M1"
  client[3][0][2] = "S1"
  test.equal(client.device.manufacturer, "ACME")
  test.equal(client[3][0].model_number, "M1")
  test.equal(client.device.serial_number, "S1")
  test.equal(client.device.firmware_version, nil)
  test.equal(client.bogus, nil)
  test.equal(device:read "/3/0/0", "ACME")
  test.equal(device:read "/Device/0/Manufacturer", "ACME")
  test.raises("not-found", function() client.device.bogus = 1 end)
  test.raises("not-found", function() return client.device.bogus end)
  test.raises("wrong-type", function() client.device.manufacturer = 5 end)
  client.device.serial_number = nil
  test.equal(test.raises("refused", device.read, device, "/3/0/2").code, "4.04")
end)

test("a value, a function, a description", function()
  local written, executed
  local client, device = home{
    [0] = {
      [5700] = function() return 20.5 end,
      [5701] = "Cel",
      [5750] = { value = "wall", write = function(value, path) written = value .. " at " .. path end },
      [5605] = { execute = function(arguments) executed = arguments end },
    },
  }
  test.equal(device:read "/3303/0", {
    ["/3303/0/5700"] = 20.5, ["/3303/0/5701"] = "Cel", ["/3303/0/5750"] = "wall" })
  device:write("/3303/0/5750", "oven")
  test.equal(written, "oven at /3303/0/5750")
  test.equal(client[3303][0][5750], "oven")
  device:execute("/3303/0/5605", { [0] = "now,please", [2] = true })
  test.equal(executed, { [0] = "now,please", [2] = "" })
  device:execute("/3303/0/5605", "1,7='x'")
  test.equal(executed, { [1] = "", [7] = "x" })
  device:execute "/3303/0/5605"
  test.equal(executed, {})
  test.equal(test.raises("refused", device.write, device, "/3303/0/5701", "K").code, "4.05")
  test.equal(test.raises("refused", device.execute, device, "/3303/0/5700").code, "4.05")
end)

test("handlers refuse by a second result, or by an error with a code", function()
  local _, device = home{
    [0] = {
      [1] = function() return nil, "4.03" end,
      [2] = function() return nil end,
      [3] = { write = function() linnet.refuse("4.06", "not like this") end, value = "a" },
      [4] = { execute = function() error({ code = "5.03" }) end },
    },
    [1] = { [1] = function() return nil end, [5] = { type = "integer", value = 5 } },
  }
  test.equal(test.raises("refused", device.read, device, "/3303/0/1").code, "4.03")
  test.equal(test.raises("refused", device.read, device, "/3303/0/2").code, "4.04")
  test.equal(device:read "/3303/1", { ["/3303/1/5"] = 5 })
  test.equal(test.raises("refused", device.write, device, "/3303/0/3", "b").code, "4.06")
  test.equal(device:read "/3303/0/3", "a")
  test.equal(test.raises("refused", device.execute, device, "/3303/0/4").code, "5.03")
end)

test("other errors of a handler are raised by the step", function()
  local _, device = home{ [0] = { [1] = function() error "sensor broken" end } }
  local ok, raised = pcall(device.read, device, "/3303/0/1")
  test.equal(ok, false)
  test.match(raised, "sensor broken")
end)

test("the type of a resource follows its value, or is declared", function()
  local number = 1.5
  local client, device = home{
    [0] = {
      [1] = function() return number end,
      [2] = { value = 5, type = "integer", write = true },
      [3] = { value = 1, write = true },
      [4] = { value = "x", write = true },
      [5] = { value = "3:0", type = "objlnk", write = true },
      [6] = { value = "a\0b", type = "opaque", write = true },
      [7] = { value = false, write = true },
      [8] = { type = "time", value = 1700000000 },
    },
  }
  test.equal(device:read "/3303/0/1", 1.5)
  number = "now text"
  test.equal(device:read "/3303/0/1", "now text")
  device:write("/3303/0/2", 7)
  test.equal(client:get "/3303/0/2", 7)
  device:write("/3303/0/3", 2.5)
  test.equal(client:get "/3303/0/3", 2.5)
  device:write("/3303/0/4", "y")
  test.equal(client:get "/3303/0/4", "y")
  device:write("/3303/0/7", true)
  test.equal(client:get "/3303/0/7", true)
  test.equal(client:get "/3303/0/5", "3:0")
  client:set("/3303/0/5", "1:65535")
  test.equal(device:read "/3303/0/5", "1:65535")
  test.raises("wrong-type", client.set, client, "/3303/0/5", "three")
  test.equal(client:get "/3303/0/6", "a\0b")
  test.equal(device:read "/3303/0/8", 1700000000)
  test.raises("wrong-type", client.set, client, "/3303/0/2", "seven")
end)

test("multiple resources are tables by instance", function()
  local now = { [0] = 1, [5] = 2 }
  local written
  local client, device = home{
    [0] = {
      [1] = { [0] = 10, [3] = 30 },
      [2] = { read = function() return now end, multiple = true },
      [3] = { value = { [0] = "a" }, type = "string", write = function(values) written = values end },
    },
  }
  test.equal(device:read "/3303/0/1", { [0] = 10, [3] = 30 })
  test.equal(device:read "/3303/0/2", { [0] = 1, [5] = 2 })
  now = {}
  test.equal(device:read "/3303/0/2", {})
  device:write("/3303/0/3", { [1] = "b", [2] = "c" })
  test.equal(written, { [1] = "b", [2] = "c" })
  test.equal(client[3303][0][3], { [1] = "b", [2] = "c" })
  client[3303][0][1] = { [7] = 70 }
  test.equal(client:get "/3303/0/1", { [7] = 70 })
  test.equal(client:get "/3303/0/1/7", 70)
  client:set("/3303/0/1/8", 80)
  test.equal(device:read "/3303/0/1", { [7] = 70, [8] = 80 })
  client.device.available_power_sources = { [0] = 1, [1] = 5 }
  test.equal(device:read "/3/0/6", { [0] = 1, [1] = 5 })
end)

test("a function makes an executable of the definition run, a resource be computed", function()
  local client, device = home()
  local rebooted = false
  client.device.reboot = function() rebooted = true end
  client.device.battery_level = function() return 80 end
  device:execute "/3/0/4"
  test.equal(rebooted, true)
  test.equal(device:read "/3/0/9", 80)
  test.equal(client.device.battery_level, 80)
  client.device.battery_level = 70
  test.equal(device:read "/3/0/9", 70)
end)

test("instances come and go", function()
  local client, device, world = home{ [0] = { [5700] = 1.5 } }
  client[3303][4] = { [5700] = function() return 4 end }
  test.equal(tostring(client[3303][4]), "/3303/4")
  test.equal(client[3303][5], nil)
  world:advance(5000)
  test.equal(table.concat(device.objects, " "), "/1/0 /3/0 /3303/0 /3303/4")
  test.equal(device:lists "/3303/4", true)
  test.equal(device:read "/3303/4/5700" == 4, true)
  client[3303][4] = nil
  world:advance(5000)
  test.equal(device:lists "/3303/4", false)
end)

test("servers create and delete where the object lets them", function()
  local made, gone
  local _, device = home{
    resources = { [5750] = { type = "string", operations = "RW" }, [5700] = { type = "float", operations = "R" } },
    create = function(instance, values)
      made = instance .. values[5750]
      return { [5700] = function() return 42 end }
    end,
    delete = function(instance) gone = instance end,
  }
  test.equal(device:create("/3303/2", { [5750] = "hall" }), "/3303/2")
  test.equal(made, "2hall")
  test.equal(device:read "/3303/2/5700" == 42, true)
  test.equal(device:read "/3303/2/5750", "hall")
  device:delete "/3303/2"
  test.equal(gone, 2)
  test.equal(test.raises("refused", device.read, device, "/3303/2").code, "4.04")
  test.equal(test.raises("refused", device.delete, device, "/3/0").code, "4.05")
end)

test("an instance that a server makes has what the description gives to all", function() -- DM-61, DM-62, MOD-07
  local executed, written
  local client, device = home{
    resources = {
      [1] = { type = "string", operations = "R", value = "oven" },
      [2] = { type = "integer", operations = "RW", value = 180, mandatory = true },
      [3] = { type = "string", operations = "RW", value = "not without being asked for" },
      [4] = { type = "float", operations = "R", read = function(path) return #path end },
      [5] = { operations = "E", execute = function(_, path) executed = path end },
      [6] = { type = "string", operations = "RW", write = function(value) written = value end },
    },
    create = function(instance) return instance == 9 and { [1] = "another" } or nil end, delete = true,
  }
  test.equal(device:create("/3303/7", { [2] = 200, [6] = "x" }), "/3303/7")
  test.equal(device:read "/3303/7",
    { ["/3303/7/1"] = "oven", ["/3303/7/2"] = 200, ["/3303/7/4"] = #"/3303/7/4", ["/3303/7/6"] = "x" })
  device:execute "/3303/7/5"
  test.equal(executed, "/3303/7/5")
  device:write("/3303/7/6", "y")
  test.equal(written, "y")
  test.equal(device:create("/3303/9", { [2] = 1 }), "/3303/9")
  test.equal(device:read "/3303/9/1", "another")
  test.equal(client:get "/3303/9/3", nil)
  test.equal(table.concat(client:instances(), " "), "/1/0 /3/0 /3303/7 /3303/9")
  test.equal(client:get "/3303/7", device:read "/3303/7")
  test.equal(client:get "/3303"["/3303/9/1"], "another")
  test.raises("not-found", client.get, client, "/3303/8")
end)

test("what the description has for all, each instance has", function()
  local client, device, world = home{
    resources = {
      [1] = function(path) return #path end,
      [2] = { type = "integer", operations = "RW", value = 5 },
      [3] = { type = "integer", operations = "RW", multiple = true },
    },
    [0] = {}, [7] = { [2] = 7 },
  }
  client[3303][8] = { [3] = { [1] = 1 } }
  world:advance(2000)
  test.equal(device:read "/3303/0", { ["/3303/0/1"] = 9, ["/3303/0/2"] = 5 })
  test.equal(device:read "/3303/7/2", 7)
  test.equal(device:read "/3303/8", { ["/3303/8/1"] = 9, ["/3303/8/2"] = 5, ["/3303/8/3/1"] = 1 })
end)

test("what is only written is there for the script", function() -- DM-12
  for _, checked in ipairs{ false, true } do
    local client, device = home{ [0] = {
      [1] = { type = "string", operations = "W" },
      [2] = { type = "integer", operations = "W", multiple = true },
      [3] = { value = "a", write = checked and function() end or true },
    } }
    device:write("/3303/0/1", "a letter")
    device:write("/3303/0/2", { [3] = 5 })
    client:sleep(1)
    test.equal(client:get "/3303/0/1", "a letter")
    test.equal(client:get "/3303/0/2", { [3] = 5 })
    test.equal(test.raises("refused", device.read, device, "/3303/0/1").code, "4.05")
  end
end)

test("an object that the model knows has samples, and functions are asked about its instances", function()
  local asked = {}
  local client, device, world = home()
  client.model:add_object(30002, "Cupboard", nil, 1)
  client.model:add_resource(30002, 0, "Doors", 2, 1, 0, 1) -- an integer, R, mandatory
  client.model:describe_resource(30002, 0, nil, "1..9")
  client.model:add_resource(30002, 1, "Label", 1, 3, 0, 0)
  client:add_object("Cupboard", { 0, 2 }, {
    create = function(instance) asked[#asked + 1] = instance; if instance > 3 then return nil, "4.06" end end,
    delete = function() return nil, "4.05" end,
  })
  world:advance(2000)
  test.equal(client:get "/30002/2", { ["/30002/2/0"] = 1, ["/30002/2/1"] = "" })
  test.equal(test.raises("refused", device.create, device, "/30002/4", {}).code, "4.06")
  test.equal(device:create("/30002/3", {}), "/30002/3")
  test.equal(device:read "/30002/3", { ["/30002/3/0"] = 1 })
  test.equal(asked, { 4, 3 })
  test.equal(test.raises("refused", device.delete, device, "/30002/0").code, "4.05")
  test.raises("not-found", client.add_object, client, 30003)
end)

test("a limit lets a large value in", function()
  local client, device = home{ [0] = { [1] = { value = "", write = true } } }
  local long = ("x"):rep(100000)
  test.equal(test.raises("refused", device.write, device, "/3303/0/1", long).code, "4.13") -- BW-06
  client:set_limit("body-size", 200000)
  device:write("/3303/0/1", long)
  test.equal(client:get "/3303/0/1" == long, true)
  test.raises("invalid-argument", client.set_limit, client, "size", 5)
  test.raises("invalid-argument", client.set_limit, client, "nstart", "many")
end)

test("mistakes in a definition are told", function()
  local client = home()
  test.raises("invalid-argument", client.object, client, 3303, { [0] = { [1] = { valeu = 1 } } })
  test.raises("invalid-argument", client.object, client, 3304, { instances = {} })
  test.raises("invalid-argument", client.object, client, 3305, { [0] = { [1] = { type = "number" } } })
  test.raises("invalid-argument", client.object, client, "3306", {})
  test.raises("not-found", client.object, client, 3307)
  test.equal(test.raises("not-found", client.get, client, "/3307/0/1").path, "/3307/0/1")
end)

test("definitions are read from files", function()
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write [[<LWM2M><Object ObjectType="MODefinition"><Name>Lamp</Name><ObjectID>3400</ObjectID>
    <MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory><Resources>
    <Item ID="1"><Name>Bright Level</Name><Operations>RW</Operations>
    <MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory>
    <Type>Integer</Type><RangeEnumeration>0..100</RangeEnumeration><Units>%</Units></Item>
    </Resources></Object></LWM2M>]]
  file:close()
  local world = linnet.world(1)
  local server = world:server{ listen = "10.0.0.1:5683", models = { name } }
  local client = world:client{ endpoint = "lamp", server = "coap://10.0.0.1", model = name }
  client:object(3400, { [0] = { bright_level = 50 } })
  local device = server:wait_for "lamp"
  test.equal(client.lamp.bright_level, 50)
  test.equal(device:read "/Lamp/0/Bright Level", 50)
  device:write("/lamp/0/bright_level", 70)
  test.equal(client.lamp.bright_level, 70)
  test.raises("out-of-range", function() client.lamp.bright_level = 101 end)
  os.remove(name)
  test.raises("system", linnet.client, { endpoint = "x", model = name, world = world })
end)

test("linnet.each goes in the order of the paths", function()
  local order = {}
  for path in linnet.each{ ["/3/0/10"] = 1, ["/3/0/9"] = 2, ["/3/0/9/1"] = 3, ["/3/0/0"] = 4 } do
    order[#order + 1] = path
  end
  test.equal(table.concat(order, " "), "/3/0/0 /3/0/9 /3/0/9/1 /3/0/10")
end)

test.finish()
