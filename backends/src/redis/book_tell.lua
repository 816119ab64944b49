-- ARGV: engine, whether it was a probe (1 or 0), the report, what went wrong, the rest asked for (-1: none), month,
-- client and characters of a refund (0: none), then pregon_core::book::constants. The rule is that of
-- pregon_core::book::Record::note.
local engine, probe, report, trouble, asked = ARGV[1], ARGV[2] == '1', ARGV[3], ARGV[4], tonumber(ARGV[5])
local most, first, longest = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
if tonumber(ARGV[8]) > 0 then add(tonumber(ARGV[6]), engine, ARGV[7], -tonumber(ARGV[8])) end
local now, record = clock(), read(engine)
local before = record.rest
local function open(rest)
  if record.rest == 0 then record.since = now end
  record.rest = math.min(rest, longest)
  record['until'] = now + record.rest
  record.probe = 0
end
if asked >= 0 then asked = math.min(math.max(asked, 1), longest) end
if report == 'answered' then
  if before > 0 and not probe then return 0 end
  if before > 0 then record.since = now end
  record = { failures = 0, rest = 0, ['until'] = 0, probe = 0, locked = 0, since = record.since,
    troubled = trouble ~= '' and now or 0, next = record.next, trouble = trouble }
elseif report == 'undecided' then
  if not probe then return 0 end
  record.probe = 0
else
  record.trouble, record.troubled = trouble, now
  if report == 'locked' then
    record.locked = 1
    open(longest)
  elseif before == 0 then
    record.failures = record.failures + 1
    if asked >= 0 then open(asked) elseif record.failures >= most then open(first) end
  elseif probe then
    open(asked >= 0 and asked or before * 2)
  elseif asked >= 0 then
    record['until'] = math.max(record['until'], now + asked)
    record.rest = math.max(before, asked)
  end
end
write(engine, record)
return 1
