-- What the watcher saw, for an operation that still waits for that topic.
-- ARGV: id, topic, what was seen, due. Returns 1 when it is news; the operation is due then, as the job that
-- takes the news to it may be lost with its worker. `unread` keeps that until somebody has read it: whoever is
-- at work on the operation just now, and looked before, may put it off when it writes.
if redis.call('HGET', P .. 'waiting', ARGV[1]) ~= ARGV[2] then return 0 end
if redis.call('GET', P .. 'news:' .. ARGV[1]) == ARGV[3] then return 0 end
redis.call('SET', P .. 'news:' .. ARGV[1], ARGV[3], 'EX', 86400)
redis.call('HSET', P .. 'op:' .. ARGV[1], 'unread', ARGV[4])
redis.call('ZADD', P .. 'due', 'XX', 'LT', ARGV[4], ARGV[1])
return 1
