-- Compare-and-set of one operation by its version, fenced by the lease where the writer holds one.
-- ARGV: id, expected version, lease token or '', data, state, kind, target, final ('1'/'0'), due,
--       topic or '', announced ('1'/'0'), finished, seconds to keep a finished query, project, actor,
--       system that does not answer or '', seconds until it is tried again, mailed when it has ended ('1'/'0')
-- Returns {1, ids that may go on now ...}, or {0}: somebody else wrote, or the lease is lost
local id, expected, token, data, state, kind, target, final, due, topic, told, finished, keep, project, actor =
  ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11],
  ARGV[12], ARGV[13], ARGV[14], ARGV[15]
local silent, pause, mailed = ARGV[16], ARGV[17], ARGV[18]
local key = P .. 'op:' .. id

local version, before, channel, tried = unpack(redis.call('HMGET', key, 'version', 'state', 'channel', 'silent'))
if version ~= expected then return {0} end
if token ~= '' and redis.call('GET', P .. 'lease:' .. id) ~= token then return {0} end
if topic == '' or redis.call('HGET', P .. 'waiting', id) ~= topic then redis.call('HDEL', key, 'unread') end
due = math.min(due, redis.call('HGET', key, 'unread') or due) -- else news that came meanwhile would wait
redis.call('HSET', key, 'version', expected + 1, 'state', state, 'data', data, 'due', due)
if token ~= '' then -- a writer that dies now must be succeeded when its lease ends, whatever it waits for
  due = math.min(due, now() + redis.call('PTTL', P .. 'lease:' .. id) / 1000)
end

if topic == '' then
  redis.call('HDEL', P .. 'waiting', id)
  redis.call('DEL', P .. 'news:' .. id)
elseif redis.call('HGET', P .. 'waiting', id) ~= topic then
  redis.call('HSET', P .. 'waiting', id, topic)
  redis.call('DEL', P .. 'news:' .. id)
  redis.call('RPUSH', P .. 'waiting:wake', id)
  redis.call('LTRIM', P .. 'waiting:wake', -1000, -1)
end

local woken = {1}
if final == '1' then
  redis.call('ZREM', P .. 'due', id)
  redis.call('HDEL', key, 'due')
  redis.call('SREM', P .. 'active:' .. kind, id)
  if kind == 'change' then
    local next = leave_place(target, id)
    if next then table.insert(woken, next) end
    redis.call('ZADD', P .. 'finished', finished, id)
    if mailed == '1' then redis.call('ZADD', P .. 'mails', now(), id) end
    local whole = string.match(target, '^[^#]*') -- `web/product#rollout` reserves a lane beside its target
    local indexes = {'target:' .. whole, 'project:' .. project, 'actor:' .. actor, 'state:' .. state}
    for _, index in ipairs(indexes) do redis.call('ZADD', P .. index, finished, id) end
    redis.call('HSET', key, 'indexes', table.concat(indexes, '\n'))
  else
    redis.call('EXPIRE', key, keep)
  end
elseif state == 'queued' and before ~= 'queued' then
  take_place(target, id, '0', due)
elseif not is_place(target) or redis.call('HGET', P .. 'reserved', target) == id or state ~= 'queued' then
  redis.call('ZADD', P .. 'due', due, id)
end

if tried and tried ~= silent then -- it got on, or gave up: others may try, and each that gets on lets more
  redis.call('ZREM', P .. 'silent:' .. tried, id)
  redis.call('HDEL', key, 'silent')
  for _, other in ipairs(may_try(tried, 2, now())) do table.insert(woken, other) end
end
if silent ~= '' and tonumber(pause) > 0 then
  redis.call('ZADD', P .. 'silent:' .. silent, string.format('%.6f', now()), id)
  redis.call('HSET', key, 'silent', silent)
  may_try(silent, 1, now() + pause)
end
if told == '1' then announce(channel, id) end
return woken
