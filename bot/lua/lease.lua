-- Take the right to advance one operation. Whoever comes second leaves word, so that nothing is missed.
-- ARGV: id, token, milliseconds, due. Returns 1 if taken.
if redis.call('SET', P .. 'lease:' .. ARGV[1], ARGV[2], 'NX', 'PX', ARGV[3]) then
  redis.call('DEL', P .. 'again:' .. ARGV[1])
  redis.call('ZADD', P .. 'due', 'XX', ARGV[4], ARGV[1])
  return 1
end
redis.call('SET', P .. 'again:' .. ARGV[1], 1, 'EX', 60)
return 0
