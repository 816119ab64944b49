-- ARGV: ids. Returns per id 1 when it is gone, 0 when a worker had taken it.
local answers = {}
for i, id in ipairs(ARGV) do
  local row = redis.call('HMGET', P .. 'job:' .. id, 'state', 'client', 'body')
  local taken = row[1] and
    not ((row[1] == 'queued' or row[1] == 'scheduled') and cjson.decode(row[3]).attempt == 0)
  if taken then
    answers[i] = 0
  else
    if row[1] then remove(id, row[1], row[2]) end
    redis.call('SET', P .. 'void:' .. id, '', 'EX', 86400)
    answers[i] = 1
  end
end
return answers
