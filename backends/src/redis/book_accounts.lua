-- Returns the month and what was spent in it, field by field.
local month = text(month_of(clock()))
return { month, redis.call('HGETALL', P .. 'spent:' .. month) }
