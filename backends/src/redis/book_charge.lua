-- ARGV: engine, client, characters.
add(month_of(clock()), ARGV[1], ARGV[2], tonumber(ARGV[3]))
return 0
