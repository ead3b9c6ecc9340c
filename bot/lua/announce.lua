-- The message of an operation may read differently by now although nothing was written: draw it again.
-- ARGV: id
if redis.call('SISMEMBER', P .. 'active:change', ARGV[1]) == 1 then
  announce(redis.call('HGET', P .. 'op:' .. ARGV[1], 'channel'), ARGV[1])
end
