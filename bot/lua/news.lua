-- What the watcher saw, for an operation that still waits for that topic.
-- ARGV: id, topic, what was seen. Returns 1 when it is news.
if redis.call('HGET', P .. 'waiting', ARGV[1]) ~= ARGV[2] then return 0 end
if redis.call('GET', P .. 'news:' .. ARGV[1]) == ARGV[3] then return 0 end
redis.call('SET', P .. 'news:' .. ARGV[1], ARGV[3], 'EX', 86400)
return 1
