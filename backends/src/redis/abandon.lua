-- KEYS[1]: the record. ARGV: fingerprint. Only an unanswered request of one's own can be forgotten.
local row = redis.call('HMGET', KEYS[1], 'fingerprint', 'answer')
if row[1] == ARGV[1] and not row[2] then redis.call('DEL', KEYS[1]) end
return 0
