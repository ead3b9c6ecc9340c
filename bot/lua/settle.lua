-- Take a shown operation out of its channel's line, unless it changed after it was rendered.
-- ARGV: channel, id, version shown
local version = redis.call('HGET', P .. 'op:' .. ARGV[2], 'version')
if version == false or version == ARGV[3] then redis.call('ZREM', P .. 'outbox:' .. ARGV[1], ARGV[2]) end
