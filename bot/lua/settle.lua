-- Take a shown operation out of its channel's line, unless it was announced again since.
-- ARGV: channel, id, marks seen before it was rendered
local marks = redis.call('HGET', P .. 'outbox:marks', ARGV[2])
if marks and marks ~= ARGV[3] then return 0 end
redis.call('HDEL', P .. 'outbox:marks', ARGV[2])
redis.call('ZREM', P .. 'outbox:' .. ARGV[1], ARGV[2])
return 1
