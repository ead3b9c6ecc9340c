-- Stop serving a channel: put it down for its next time, or forget it when nothing is left to say there.
-- One script, as an announcement in between would be forgotten with it.
-- ARGV: channel, token of the lock, now, seconds to pause (0: none; the lock then ends at once)
local channel, lock = ARGV[1], P .. 'outbox:lock:' .. ARGV[1]
local first, pause = redis.call('ZRANGE', P .. 'outbox:' .. channel, 0, 0, 'WITHSCORES'), tonumber(ARGV[4])
if first[2] then
  redis.call('ZADD', P .. 'outbox', math.max(tonumber(first[2]), tonumber(ARGV[3]) + pause), channel)
else
  redis.call('ZREM', P .. 'outbox', channel)
end
if redis.call('GET', lock) ~= ARGV[2] then return end
if pause > 0 then redis.call('PEXPIRE', lock, math.ceil(pause * 1000)) else redis.call('DEL', lock) end
