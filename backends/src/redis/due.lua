-- ARGV: state, now (ms), limit. Returns the bodies, longest overdue first.
local bodies = {}
for i, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1] .. 'wake:' .. ARGV[1], '-inf', ARGV[2], 'LIMIT', 0, ARGV[3])) do
  bodies[i] = redis.call('HGET', KEYS[1] .. 'job:' .. id, 'body')
end
return bodies
