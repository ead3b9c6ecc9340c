-- What the watcher saw, for an operation that still waits for that topic.
-- ARGV: id, topic, what was seen, due. Returns 1 when it is news; the operation is due then, as the job that
-- takes the news to it may be lost with its worker.
if redis.call('HGET', P .. 'waiting', ARGV[1]) ~= ARGV[2] then return 0 end
if redis.call('GET', P .. 'news:' .. ARGV[1]) == ARGV[3] then return 0 end
redis.call('SET', P .. 'news:' .. ARGV[1], ARGV[3], 'EX', 86400)
redis.call('ZADD', P .. 'due', 'XX', 'LT', ARGV[4], ARGV[1])
return 1
