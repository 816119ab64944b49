-- ARGV: time until a rate doubles again, then the trunks. Returns per trunk: calls, high calls that wait, halvings.
local answers = {}
for i = 2, #ARGV do
  local gate = ARGV[i]
  local row = redis.call('HMGET', P .. 'gate:' .. gate, 'level', 'eased')
  local level = tonumber(row[1] or 0) - math.floor((now - tonumber(row[2] or 0)) / tonumber(ARGV[1]))
  answers[i - 1] = {
    redis.call('ZCOUNT', P .. 'slots:' .. gate, '(' .. text(now), '+inf'),
    redis.call('ZCOUNT', P .. 'high:' .. gate, '(' .. text(now), '+inf'),
    math.max(0, level),
  }
end
return answers
