-- ARGV: attempt, trunk, lane, lease, gap of an eased trunk, the constants of pregon_core::pace::constants, then for the
-- trunk's gate and for the shared one: gap, slots (-1: no bound), calls on their way. Returns how long to wait, 0 to go.
-- The rule is that of pregon_core::pace::decide.
local key, trunk, high, lease, eased_gap = ARGV[1], ARGV[2], ARGV[3] == 'high', tonumber(ARGV[4]), tonumber(ARGV[5])
local lenience, on_its_way, next_look = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local full, patience, step = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local gates = {}
for i, name in ipairs({ trunk, '' }) do
  local at = 12 + (i - 1) * 3
  for _, set in ipairs({ 'slots:', 'high:' }) do
    redis.call('ZREMRANGEBYSCORE', P .. set .. name, '-inf', text(now))
  end
  redis.call('ZREMRANGEBYSCORE', P .. 'out:' .. name, '-inf', text(now - on_its_way))
  local row = redis.call('HMGET', P .. 'gate:' .. name, 'next', 'level', 'eased')
  local gate = { name = name, next = tonumber(row[1] or 0), gap = tonumber(ARGV[at]), slots = tonumber(ARGV[at + 1]),
    out = tonumber(ARGV[at + 2]) }
  local level = math.max(0, tonumber(row[2] or 0) - math.floor((now - tonumber(row[3] or 0)) / step))
  if level > 0 and name ~= '' then
    gate.gap = eased_gap * 2 ^ level
    gate.out = math.max(gate.out, 1)
  end
  gates[i] = gate
end
local function keep(gate) redis.call('ZADD', P .. 'slots:' .. gate.name, text(now + lease), key) end
if redis.call('ZSCORE', P .. 'slots:', key) then
  for _, gate in ipairs(gates) do keep(gate) end
  return 0
end
local longest = 0
for _, gate in ipairs(gates) do
  local wait = 0
  if gate.gap > 0 then
    wait = math.max(0, gate.next - now)
    if redis.call('ZCARD', P .. 'out:' .. gate.name) >= gate.out then wait = math.max(wait, next_look) end
  end
  if gate.slots >= 0 and redis.call('ZCARD', P .. 'slots:' .. gate.name) >= gate.slots then
    wait = math.max(wait, full)
  end
  if not high then
    local theirs = redis.call('ZCARD', P .. 'high:' .. gate.name)
    if theirs > 0 then wait = math.max(wait + math.min(gate.gap * theirs, on_its_way), next_look) end
  end
  gate.wait = wait
  longest = math.max(longest, wait)
end
for _, gate in ipairs(gates) do
  if longest == 0 then
    keep(gate)
    redis.call('ZADD', P .. 'out:' .. gate.name, text(now), key)
    if gate.gap > 0 then
      redis.call('HSET', P .. 'gate:' .. gate.name, 'next', text(math.max(gate.next, now - lenience) + gate.gap),
        'gap', text(gate.gap))
      redis.call('EXPIRE', P .. 'gate:' .. gate.name, 86400)
    else
      redis.call('HDEL', P .. 'gate:' .. gate.name, 'gap')
    end
  end
  if high and gate.wait > 0 then
    redis.call('ZADD', P .. 'high:' .. gate.name, text(now + longest + patience), key)
  elseif high then
    redis.call('ZREM', P .. 'high:' .. gate.name, key)
  end
end
return math.ceil(longest)
