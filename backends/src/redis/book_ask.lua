-- ARGV: engine, requests, interval (0: no limit), burst, patience, client, characters, limit (-1: none), then
-- pregon_core::book::constants: failures, first rest, longest rest, patience with probes, farthest turn. Returns a word
-- and what belongs to it. The rule is that of pregon_core::book::Record::admit.
local engine, requests, interval, burst = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local patience, client, characters, limit = tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])
local longest, probe_patience, farthest = tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13])
local now, record = clock(), read(engine)
local probe = false
if record.rest > 0 then
  local left = math.min(record['until'], now + longest) - now
  if left > 0 then return { 'resting', text(left), record.trouble } end
  local age = now - record.probe
  if record.probe > 0 and age >= 0 and age < probe_patience then
    return { 'resting', text(probe_patience - age), record.trouble }
  end
  probe = true
end
local month = month_of(now)
local spoken = used(month, engine, client)
if limit >= 0 and spoken + characters > limit then return { 'spent', text(spoken), text(month) } end
local first = now
if interval > 0 then
  first = math.max(math.min(record.next, now + farthest), now - interval * (burst - 1))
end
local wait = math.max(0, first - now)
if wait > patience then return { 'crowded', text(wait - patience), '' } end
if interval > 0 then redis.call('HSET', P .. 'engine:' .. engine, 'next', text(first + interval * requests)) end
if probe then redis.call('HSET', P .. 'engine:' .. engine, 'probe', text(now)) end
if characters > 0 then add(month, engine, client, characters) end
return { probe and 'probe' or 'go', text(wait), text(month) }
