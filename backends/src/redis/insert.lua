-- ARGV: minute, then per job: id, version, state, wake, finished, client, body, change.
-- Returns per job: 0 new, 1 was there, 2 taken back.
local minute, answers, added = ARGV[1], {}, 0
for i = 2, #ARGV, 8 do
  local id, version, state, wake = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local finished, client = ARGV[i + 4], ARGV[i + 5]
  local key = P .. 'job:' .. id
  local answer = 0
  if redis.call('EXISTS', P .. 'void:' .. id) == 1 then
    answer = 2
  elseif redis.call('EXISTS', key) == 1 then
    answer = 1
  else
    redis.call('HSET', key, 'version', version, 'state', state, 'body', ARGV[i + 6])
    redis.call('ZADD', P .. 'all', 0, id)
    if client ~= '' then
      redis.call('HSET', key, 'client', client)
      redis.call('ZADD', P .. 'client:' .. client, 0, id)
    end
    enter(id, state, wake, finished)
    redis.call('PUBLISH', P .. 'changes', ARGV[i + 7])
    added = added + 1
  end
  answers[#answers + 1] = answer
end
if added > 0 then count(minute, 'accepted', added) end
return answers
