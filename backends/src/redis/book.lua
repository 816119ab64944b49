-- Put before the scripts about voice engines. KEYS[1] is the prefix of all keys. `engine:` is a hash with the fields of
-- pregon_core::book::Record, `spent:` of a month one of characters by `<length of the engine's name>:<engine>:<client>`.
-- Times are microseconds of this server's clock, written out: numbers of this size lose digits else.
local P = KEYS[1]
local function text(n) return string.format('%.0f', n) end

-- As pregon_core::book::Month: months since January of the year 0. Days are counted from 1 March of the year 0, where
-- leap days are the last of their year, in cycles of 400 years.
local function month_of(micros)
  local days = math.floor(micros / 86400000000) + 719468
  local cycle, day = math.floor(days / 146097), days % 146097
  local year = math.floor((day - math.floor(day / 1460) + math.floor(day / 36524) - math.floor(day / 146096)) / 365)
  day = day - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  return (cycle * 400 + year) * 12 + math.floor((5 * day + 2) / 153) + 2
end

local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function read(engine)
  local names = { 'failures', 'rest', 'until', 'probe', 'locked', 'since', 'troubled', 'next' }
  local row, record = redis.call('HMGET', P .. 'engine:' .. engine, unpack(names)), {}
  for i, name in ipairs(names) do record[name] = tonumber(row[i] or 0) end
  record.trouble = redis.call('HGET', P .. 'engine:' .. engine, 'trouble') or ''
  return record
end

local function write(engine, record)
  local key = P .. 'engine:' .. engine
  for name, value in pairs(record) do
    redis.call('HSET', key, name, name == 'trouble' and value or text(value))
  end
end

-- Kept for a year after the month has begun, for whoever wants to look back.
local function add(month, engine, client, characters)
  local key, field = P .. 'spent:' .. text(month), #engine .. ':' .. engine .. ':' .. client
  if redis.call('HINCRBY', key, field, text(characters)) < 0 then redis.call('HSET', key, field, 0) end
  redis.call('EXPIRE', key, 34560000)
end

local function used(month, engine, client)
  return tonumber(redis.call('HGET', P .. 'spent:' .. text(month), #engine .. ':' .. engine .. ':' .. client) or 0)
end
