-- KEYS[1]: the record. ARGV: fingerprint, answer, now (ms), memory (ms). Recreates a record that was lost on the way:
-- the answer has been given. Leaves a record alone that belongs to another request by now.
local fingerprint = redis.call('HGET', KEYS[1], 'fingerprint')
if not fingerprint then
  redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'first', ARGV[3], 'busy', ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
elseif fingerprint ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'answer', ARGV[2])
return 1
