-- KEYS[1]: the record. ARGV: fingerprint, now (ms), memory (ms), time-out (ms).
-- Returns what to do and its detail: go + first seen, busy, replay + answer, conflict.
local now, memory = tonumber(ARGV[2]), tonumber(ARGV[3])
local row = redis.call('HMGET', KEYS[1], 'fingerprint', 'first', 'busy', 'answer')
if not row[1] or now - tonumber(row[2]) >= memory then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'first', ARGV[2], 'busy', ARGV[2])
  redis.call('PEXPIRE', KEYS[1], memory)
  return { 'go', ARGV[2] }
end
if row[1] ~= ARGV[1] then return { 'conflict', '' } end
if row[4] then return { 'replay', row[4] } end
if now - tonumber(row[3]) < tonumber(ARGV[4]) then return { 'busy', '' } end
redis.call('HSET', KEYS[1], 'busy', ARGV[2])
return { 'go', row[2] }
