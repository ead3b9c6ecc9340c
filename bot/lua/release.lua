-- Give a lease back. Until now the operation was due when its lease would have ended; from now on when its
-- last write said, or soon if somebody came meanwhile, as whoever is to look again may die first.
-- ARGV: id, token, soon. Returns 1 when somebody came meanwhile: look again.
local id = ARGV[1]
if redis.call('GET', P .. 'lease:' .. id) ~= ARGV[2] then return 0 end
redis.call('DEL', P .. 'lease:' .. id)
local again = redis.call('DEL', P .. 'again:' .. id)
local due = again == 1 and ARGV[3] or redis.call('HGET', P .. 'op:' .. id, 'due')
if due then redis.call('ZADD', P .. 'due', 'XX', due, id) end
return again
