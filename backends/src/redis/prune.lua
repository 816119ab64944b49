-- ARGV: finished before (ms, exclusive), limit. Returns the ids.
local ids = redis.call('ZRANGEBYSCORE', P .. 'finished', '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
  local row = redis.call('HMGET', P .. 'job:' .. id, 'state', 'client')
  remove(id, row[1], row[2])
  -- A duplicate of its message must not bring it back: its ledger entry goes with it.
  redis.call('SET', P .. 'void:' .. id, '', 'EX', 604800)
end
return ids
