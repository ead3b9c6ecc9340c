-- ARGV: id, token. Returns 1 when somebody came meanwhile: look again.
if redis.call('GET', P .. 'lease:' .. ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('DEL', P .. 'lease:' .. ARGV[1])
return redis.call('DEL', P .. 'again:' .. ARGV[1])
