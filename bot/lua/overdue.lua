-- Operations that somebody must look at now; each is put off, so that two sweepers do not both take it.
-- ARGV: now, put off until, most
local ids = redis.call('ZRANGEBYSCORE', P .. 'due', '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do redis.call('ZADD', P .. 'due', 'XX', ARGV[2], id) end
return ids
