-- Put before the scripts about pacing. KEYS[1] is the prefix of all keys. A gate is that of a trunk, or with an empty
-- name the one that all trunks share: `pace:gate:` a hash (next: when the next call may go; gap: from that to the one
-- after; level and eased: how often the rate was halved, and when), and three sorted sets of attempts by time:
-- `pace:slots:` until when each is kept, `pace:out:` when each was admitted that is on its way, `pace:high:` until
-- when each waits. Times are microseconds of this server's clock, written out: numbers of this size lose digits else.
local P = KEYS[1] .. 'pace:'
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local function text(n) return string.format('%.0f', n) end

local function leave(gate, key)
  redis.call('ZREM', P .. 'slots:' .. gate, key)
  redis.call('ZREM', P .. 'out:' .. gate, key)
  redis.call('ZREM', P .. 'high:' .. gate, key)
end
