-- ARGV: id, token, milliseconds, due. Returns 1 while the lease is still ours.
if redis.call('GET', P .. 'lease:' .. ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('PEXPIRE', P .. 'lease:' .. ARGV[1], ARGV[3])
redis.call('ZADD', P .. 'due', 'XX', ARGV[4], ARGV[1])
return 1
