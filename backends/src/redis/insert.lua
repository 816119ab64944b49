-- ARGV: minute, then per job: id, version, state, wake, finished, client, body, change.
-- Returns per job: 0 new, 1 was there, 2 taken back.
-- Each command costs more than its work, so the sorted sets take all their new members at once.
local minute, answers, added, sets = ARGV[1], {}, 0, {}
local function member(set, score, id)
  local new = sets[set]
  if not new then
    new = {}
    sets[set] = new
  end
  new[#new + 1] = score
  new[#new + 1] = id
end
for i = 2, #ARGV, 8 do
  local id, version, state, wake = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local finished, client = ARGV[i + 4], ARGV[i + 5]
  local key, void = P .. 'job:' .. id, P .. 'void:' .. id
  local answer = 0
  if redis.call('EXISTS', key, void) > 0 then
    answer = redis.call('EXISTS', void) == 1 and 2 or 1
  else
    if client == '' then
      redis.call('HSET', key, 'version', version, 'state', state, 'body', ARGV[i + 6])
    else
      redis.call('HSET', key, 'version', version, 'state', state, 'body', ARGV[i + 6], 'client', client)
      member('client:' .. client, 0, id)
    end
    member('all', 0, id)
    member('state:' .. state, 0, id)
    if wake ~= '' then member('wake:' .. state, wake, id) end
    if finished ~= '' then member('finished', finished, id) end
    redis.call('PUBLISH', P .. 'changes', ARGV[i + 7])
    added = added + 1
  end
  answers[#answers + 1] = answer
end
for set, new in pairs(sets) do redis.call('ZADD', P .. set, unpack(new)) end
if added > 0 then count(minute, 'accepted', added) end
return answers
