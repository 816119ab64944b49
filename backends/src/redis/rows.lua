-- Put before the scripts that change rows. KEYS[1] is the prefix of all keys, a hash tag inside, so that a cluster
-- keeps them together. A row is a hash; every index is changed in the same script, so none can drift.
local P = KEYS[1]

-- Puts a row into the indexes of its state.
local function enter(id, state, wake, finished)
  redis.call('ZADD', P .. 'state:' .. state, 0, id)
  if wake ~= '' then redis.call('ZADD', P .. 'wake:' .. state, wake, id) end
  if finished ~= '' then redis.call('ZADD', P .. 'finished', finished, id) end
end

-- Takes it out again.
local function depart(id, state)
  redis.call('ZREM', P .. 'state:' .. state, id)
  if redis.call('ZREM', P .. 'wake:' .. state, id) == 0 then redis.call('ZREM', P .. 'finished', id) end
end

-- Removes a row from everywhere.
local function remove(id, state, client)
  depart(id, state)
  redis.call('ZREM', P .. 'all', id)
  if client and client ~= '' then redis.call('ZREM', P .. 'client:' .. client, id) end
  redis.call('DEL', P .. 'job:' .. id)
end

-- Adds to the counters of a minute. They outlive the two days that anybody looks at.
local function count(minute, name, n)
  local key = P .. 'minute:' .. minute
  if redis.call('HINCRBY', key, name, n) == tonumber(n) then redis.call('EXPIRE', key, 176400) end
end
