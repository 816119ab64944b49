-- ARGV: engine. As pregon_core::book::Record::unlock.
local record = read(ARGV[1])
if record.locked == 0 then return 0 end
write(ARGV[1], { failures = 0, rest = 0, ['until'] = 0, probe = 0, locked = 0, since = clock(), troubled = 0,
  next = record.next, trouble = '' })
return 1
