-- ARGV: index, upper bound, lower bound, limit. Returns id and body in turn, newest first.
local rows = {}
for _, id in ipairs(redis.call('ZREVRANGEBYLEX', KEYS[1] .. ARGV[1], ARGV[2], ARGV[3], 'LIMIT', 0, ARGV[4])) do
  rows[#rows + 1] = id
  rows[#rows + 1] = redis.call('HGET', KEYS[1] .. 'job:' .. id, 'body')
end
return rows
