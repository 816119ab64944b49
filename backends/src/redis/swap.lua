-- ARGV: id, version before, version after, state, wake, finished, body, change, minute, then counter and number
-- pairs. Returns 0 done, 1 stale, 2 missing.
local id, state = ARGV[1], ARGV[4]
local key = P .. 'job:' .. id
local row = redis.call('HMGET', key, 'version', 'state')
if not row[1] then return 2 end
if row[1] ~= ARGV[2] then return 1 end
-- The stored state counts, not the caller's: after a loss two histories of one job may share a version number.
if row[2] ~= state then depart(id, row[2]) end
redis.call('HSET', key, 'version', ARGV[3], 'state', state, 'body', ARGV[7])
enter(id, state, ARGV[5], ARGV[6])
for i = 10, #ARGV, 2 do count(ARGV[9], ARGV[i], ARGV[i + 1]) end
redis.call('PUBLISH', P .. 'changes', ARGV[8])
return 0
