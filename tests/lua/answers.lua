-- SPDX-License-Identifier: Apache-2.0
-- What handlers of objects answer: at once, later, or by failing; and that a client survives all of it (CO-36).
local test = require "check"
local linnet = require "linnet"

-- A world with a server and a client; device is the client as the server sees it.
local function home(definition)
  local world = linnet.world(7)
  local server = world:server{ listen = "coap://10.0.0.1:5683" }
  local client = world:client{ endpoint = "kitchen", server = "coap://10.0.0.1:5683", lifetime = 300 }
  client:object(3303, definition)
  return client, server:wait_for("kitchen", 10), world, server
end

test("a read is answered later, in a separate response", function()
  local asked = 0
  local _, device, world = home{
    [0] = {
      [5700] = function()
        local answer = linnet.later()
        asked = asked + 1
        linnet.spawn(function()
          linnet.sleep(7)
          answer:finish(20.5)
        end)
        return answer
      end,
      [6] = { multiple = true, read = function()
        local answer = linnet.later()
        linnet.spawn(function() answer:finish{ [0] = 1, [4] = 5 } end)
        return answer
      end },
      [7] = "at once",
    },
  }
  local acknowledged, began = false, world:now()
  world:watch(function(_, from, _, data)
    -- An empty ACK comes before the response (RFC 7252 5.2.2).
    if from ~= "10.0.0.1:5683" and #data == 4 and data:byte(1) == 0x60 then acknowledged = true end
  end)
  test.equal(device:read "/3303/0/5700", 20.5)
  world:watch(nil)
  test.truth(world:now() - began >= 7000)
  test.truth(acknowledged)
  test.equal(asked, 1)
  test.equal(device:read "/3303/0/6", { [0] = 1, [4] = 5 })
  test.equal(device:read "/3303/0", { ["/3303/0/6/0"] = 1, ["/3303/0/6/4"] = 5, ["/3303/0/7"] = "at once",
    ["/3303/0/5700"] = 20.5 })
end)

test("a write waits for every function that checks it, and is all or nothing", function()
  local answers = {}
  local function check(value)
    local answer = linnet.later()
    answers[value] = answer
    return answer
  end
  local client, device, world = home{
    [0] = {
      [1] = { value = "a", write = check },
      [2] = { value = "b", write = check },
      [3] = { value = 1, write = true },
    },
  }
  local function write(values)
    local done
    world:spawn(function()
      done = { linnet.pcall(device.write, device, "/3303/0", values) }
    end)
    test.truth(world:run_until(function() return answers.x and answers.y end, 5))
    return function() return done end
  end
  local done = write{ [1] = "x", [2] = "y", [3] = 2 }
  answers.x:finish()
  world:advance(3000)
  test.equal(done(), nil)
  test.equal(client:get "/3303/0/3" == 1, true)
  answers.y:finish()
  test.truth(world:run_until(done, 5))
  test.equal(done()[1], true)
  test.equal(client:get "/3303/0/1", "x")
  test.equal(client:get "/3303/0/3" == 2, true)
  answers = {}
  done = write{ [1] = "x", [2] = "y", [3] = 3 }
  answers.x:finish()
  answers.y:refuse("4.06", "not that")
  test.truth(world:run_until(done, 5))
  test.equal(done()[1], false)
  test.equal(done()[2].code, "4.06")
  test.equal(client:get "/3303/0/3" == 2, true)
end)

test("execute, create and delete are answered later, too", function()
  local open = {}
  local function later()
    open[#open + 1] = linnet.later()
    return open[#open]
  end
  local client, device, world = home{
    resources = { [5750] = { type = "string", operations = "RW" }, [5700] = { type = "float", operations = "R" } },
    [0] = { [5605] = { execute = later } },
    create = later, delete = later,
  }
  local function act(call, ...)
    local done
    world:spawn(function(...) done = { linnet.pcall(call, device, ...) } end, ...)
    test.truth(world:run_until(function() return #open > 0 end, 5))
    test.equal(done, nil)
    return table.remove(open), function()
      test.truth(world:run_until(function() return done end, 5))
      return done
    end
  end
  local answer, done = act(device.execute, "/3303/0/5605")
  answer:finish()
  test.equal(done()[1], true)
  answer, done = act(device.execute, "/3303/0/5605")
  answer:refuse "5.03"
  test.equal(done()[2].code, "5.03")
  answer, done = act(device.create, "/3303/2", { [5750] = "hall" })
  test.equal(client[3303][2], nil)
  answer:finish{ [5700] = 42 }
  test.equal(done()[1], true)
  test.equal(client:get "/3303/2/5700" == 42, true)
  test.equal(client:get "/3303/2/5750", "hall")
  answer, done = act(device.delete, "/3303/2")
  answer:refuse "4.05"
  test.equal(done()[2].code, "4.05")
  test.truth(client[3303][2])
  answer, done = act(device.delete, "/3303/2")
  answer:finish()
  test.equal(done()[1], true)
  test.equal(client[3303][2], nil)
end)

test("an answer that is there at once needs no waiting, and one is given once", function()
  local again
  local _, device = home{
    [0] = { [1] = function()
      again = linnet.later()
      again:finish "now"
      return again
    end },
  }
  test.equal(device:read "/3303/0/1", "now")
  test.raises("wrong-state", again.finish, again, "twice")
  test.raises("wrong-state", again.refuse, again, "4.04")
end)

test("an answer that is forgotten, or wrong, or comes after the end", function()
  local kept
  local client, device, world = home{
    [0] = {
      [1] = function() return linnet.later() end,
      [2] = { type = "integer", operations = "R", read = function()
        kept = linnet.later()
        return kept
      end },
    },
  }
  local done
  local function read(path)
    done = nil
    world:spawn(function() done = { linnet.pcall(device.read, device, path) } end)
    world:advance(1000)
    test.collect()
  end
  read "/3303/0/1"
  test.truth(world:run_until(function() return done end, 120))
  test.equal(done[2].code, "5.00")
  read "/3303/0/2"
  kept:finish(print)
  local ok, raised = pcall(world.advance, world, 1000)
  test.equal(ok, false)
  test.equal(raised.path, "/3303/0/2")
  test.truth(world:run_until(function() return done end, 5))
  test.equal(done[2].code, "5.00")
  read "/3303/0/2"
  client:close()
  kept:finish(7)
  world:advance(1000)
end)

local function broken() error "sensor broken" end

test("a handler that fails gives 5.00, and goes to the error handlers with its traceback", function()
  local told = {}
  local client, device = home{
    [0] = { [1] = broken, [2] = { value = "a", write = broken }, [3] = { execute = broken }, [4] = "fine" },
  }
  client:on("error", function(raised) told[#told + 1] = raised end)
  test.equal(test.raises("refused", device.read, device, "/3303/0/1").code, "5.00")
  test.equal(test.raises("refused", device.write, device, "/3303/0/2", "b").code, "5.00")
  test.equal(test.raises("refused", device.execute, device, "/3303/0/3").code, "5.00")
  test.equal(#told, 3)
  for index, path in ipairs{ "/3303/0/1", "/3303/0", "/3303/0/3" } do
    test.match(told[index].path, path)
    test.equal(told[index].endpoint, "kitchen")
    test.equal(told[index].status, "handler-failed")
    test.match(told[index].message, "answers.lua:%d+: sensor broken")
    test.match(told[index].message, "stack traceback")
    test.match(told[index].message, "broken")
  end
  test.equal(device:read "/3303/0/2", "a")
  test.equal(device:read "/3303/0/4", "fine")
  test.equal(client:registered(), true)
end)

test("run() logs it and goes on", function()
  local server = linnet.server{ listen = "coap://127.0.0.1:0" }
  local client = linnet.client{ endpoint = "local", server = server:addresses()[1] }
  local logged, answers = {}, {}
  client:object(3303, { [0] = { [1] = broken, [2] = "fine" } })
  client:on("log", function(event)
    if event.text:find "sensor broken" then logged[#logged + 1] = event.text end
  end)
  server:on("registered", function(device)
    for _ = 1, 2 do
      local _, raised = linnet.pcall(device.read, device, "/3303/0/1")
      answers[#answers + 1] = raised.code
    end
    answers[#answers + 1] = device:read "/3303/0/2"
    server:stop()
  end)
  server:run()
  test.equal(table.concat(answers, " "), "5.00 5.00 fine")
  test.equal(#logged, 2)
  test.match(logged[1], "the handler of /3303/0/1 failed")
  test.match(logged[1], "stack traceback")
  test.equal(client:registered(), true)
  client:close()
  server:close()
end)

test("a script that steps by itself has it raised, after the answer", function()
  local client, device, world = home{ [0] = { [1] = broken } }
  local done
  world:spawn(function() done = { linnet.pcall(device.read, device, "/3303/0/1") } end)
  local ok, raised = pcall(world.advance, world, 1000)
  test.equal(ok, false)
  test.equal(raised.path, "/3303/0/1")
  test.match(raised, "stack traceback")
  test.truth(world:run_until(function() return done end, 5))
  test.equal(done[2].code, "5.00")
  test.equal(client:registered(), true)
end)

test.finish()
