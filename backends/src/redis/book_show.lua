-- ARGV: engines. Returns the time and their records.
local records = {}
for i, engine in ipairs(ARGV) do
  local r = read(engine)
  records[i] = { text(r.failures), text(r.rest), text(r['until']), text(r.probe), text(r.locked), text(r.since),
    r.trouble, text(r.troubled), text(r.next) }
end
return { text(clock()), records }
