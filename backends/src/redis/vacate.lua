-- ARGV: attempt, trunk.
leave(ARGV[2], ARGV[1])
leave('', ARGV[1])
return 0
