-- The workloads as one would write them for LuaJIT.
local players, enemies, result = {}, {}, 0

for n = 0, 99 do
  players[n + 1] = { id = n * 7 + 1, score = 0, x = 0, y = 0, health = 0, team = 0 }
end
for n = 0, 999 do
  enemies[n + 1] = {
    id = n, x = n * 7919 % 1000, y = n * 104729 % 997, health = n * 7907 % 101 - 5, team = 0, speed = 0,
  }
end

local W = {}

function W.W1(a, b)
  result = a + b
end

function W.W2(count)
  local x, acc = 1, 0
  for i = 0, count - 1 do
    x = (x * 16807 + i) % 65536
    if x > 32768 then acc = acc + x else acc = acc - i end
  end
  result = acc
end

function W.W3(id)
  for i = 1, #players do
    local player = players[i]
    if player.id == id then
      player.score = player.score + 10
      return
    end
  end
end

function W.W4(x, y)
  local best, who = 1e300, -1
  for i = 1, #enemies do
    local enemy = enemies[i]
    if enemy.health > 0 then
      local dx, dy = enemy.x - x, enemy.y - y
      local squared = dx * dx + dy * dy
      if squared < best then best, who = squared, i - 1 end
    end
  end
  result = who
end

function W.W5()
  local sum = 0
  for i = 1, #enemies do
    local health = enemies[i].health
    if health > 50 then sum = sum + health * 2 end
  end
  result = sum
end

local function mix(value, by)
  return (value + by) % 65521
end

function W.W6(count)
  local acc = 0
  for i = 0, count - 1 do
    acc = mix(acc, i)
  end
  result = acc
end

function W.checksum()
  local sum = 0
  for i = 1, #players do sum = sum + players[i].score end
  return result, sum
end

return W
