-- Compare-and-set of one lock, by all that it says.
-- ARGV: name, what is kept now ('': nothing), what to keep ('': nothing), when somebody must look after it
-- Returns 1 if written. Of those that ended the latest thousand are remembered.
local kept = redis.call('HGET', P .. 'locks', ARGV[1]) or ''
if kept ~= ARGV[2] then return 0 end
if ARGV[3] == '' then
  redis.call('HDEL', P .. 'locks', ARGV[1])
  redis.call('ZADD', P .. 'locks:past', cjson.decode(kept)['until'], kept)
  redis.call('ZREMRANGEBYRANK', P .. 'locks:past', 0, -1001)
  redis.call('ZREM', P .. 'locks:due', ARGV[1])
else
  redis.call('HSET', P .. 'locks', ARGV[1], ARGV[3])
  redis.call('ZADD', P .. 'locks:due', ARGV[4], ARGV[1])
end
return 1
