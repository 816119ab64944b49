-- ARGV: trunk, time between two halvings, time until a rate doubles again, most halvings. As pregon_core::pace::Ease.
local key = P .. 'gate:' .. ARGV[1]
local row = redis.call('HMGET', key, 'level', 'eased')
local level, at = tonumber(row[1] or 0), tonumber(row[2] or 0)
if level > 0 and now - at < tonumber(ARGV[2]) then return 0 end
level = math.max(0, level - math.floor((now - at) / tonumber(ARGV[3])))
redis.call('HSET', key, 'level', math.min(level + 1, tonumber(ARGV[4])), 'eased', text(now))
redis.call('EXPIRE', key, 86400)
return 1
