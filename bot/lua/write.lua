-- Compare-and-set of one operation by its version, fenced by the lease where the writer holds one.
-- ARGV: id, expected version, lease token or '', data, state, kind, target, final ('1'/'0'),
--       due, topic or '', channel or '', finished, seconds to keep a finished query
-- Returns 1, or 0 when somebody else wrote first or the lease is lost
local id, expected, token, data, state, kind, target, final, due, topic, channel, finished, keep =
  ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11],
  ARGV[12], ARGV[13]
local key = P .. 'op:' .. id

if redis.call('HGET', key, 'version') ~= expected then return 0 end
if token ~= '' and redis.call('GET', P .. 'lease:' .. id) ~= token then return 0 end
redis.call('HSET', key, 'version', expected + 1, 'state', state, 'data', data)

if topic ~= '' then
  if redis.call('HGET', P .. 'waiting', id) ~= topic then
    redis.call('HSET', P .. 'waiting', id, topic)
    redis.call('DEL', P .. 'news:' .. id)
    redis.call('RPUSH', P .. 'waiting:wake', id)
    redis.call('LTRIM', P .. 'waiting:wake', -1000, -1)
  end
else
  redis.call('HDEL', P .. 'waiting', id)
  redis.call('DEL', P .. 'news:' .. id)
end

if final == '1' then
  redis.call('ZREM', P .. 'due', id)
  redis.call('SREM', P .. 'active:' .. kind, id)
  if kind == 'change' then
    if redis.call('HGET', P .. 'reserved', target) == id then redis.call('HDEL', P .. 'reserved', target) end
    redis.call('ZADD', P .. 'target:' .. target, finished, id)
    redis.call('ZADD', P .. 'finished', finished, id)
  else
    redis.call('EXPIRE', key, keep)
  end
else
  redis.call('ZADD', P .. 'due', due, id)
end
announce(channel, id)
return 1
