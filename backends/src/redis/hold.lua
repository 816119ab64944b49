-- ARGV: attempt, trunk, lease, usual time on the way. A call that took longer pushes the next one back.
for _, gate in ipairs({ ARGV[2], '' }) do
  local kept = tonumber(redis.call('ZSCORE', P .. 'slots:' .. gate, ARGV[1]) or 0)
  redis.call('ZADD', P .. 'slots:' .. gate, text(math.max(kept, now + ARGV[3])), ARGV[1])
  if redis.call('ZREM', P .. 'out:' .. gate, ARGV[1]) == 1 then
    local row = redis.call('HMGET', P .. 'gate:' .. gate, 'next', 'gap')
    if row[2] then
      local next = math.max(tonumber(row[1]), now + row[2] - ARGV[4])
      redis.call('HSET', P .. 'gate:' .. gate, 'next', text(next))
    end
  end
end
return 0
