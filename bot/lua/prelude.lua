-- Prepended to the other scripts. The state of an operation, its place in line and the news that its
-- message is out of date are written together, so that no crash can separate them.
local P = 'shipmate:'

local function now()
  local t = redis.call('TIME')
  return tonumber(t[1]) + tonumber(t[2]) / 1000000
end

-- An item keeps its place in the channel's line. `marks` says how often it was announced since.
local function announce(channel, item)
  if not channel or channel == '' then return end
  local at = string.format('%.6f', now())
  -- LT: an update that was put off is due now, as it may be the last one
  redis.call('ZADD', P .. 'outbox:' .. channel, 'LT', at, item)
  redis.call('ZADD', P .. 'outbox', 'LT', at, channel)
  redis.call('HINCRBY', P .. 'outbox:marks', item, 1)
  redis.call('RPUSH', P .. 'outbox:wake', channel)
  redis.call('LTRIM', P .. 'outbox:wake', -1000, -1)
end

local function announce_line(target)
  for _, id in ipairs(redis.call('ZRANGE', P .. 'line:' .. target, 0, -1)) do
    announce(redis.call('HGET', P .. 'op:' .. id, 'channel'), id)
  end
end

-- A change that touches no environment (`web` rather than `web/trunk`) has nothing to reserve.
local function is_place(target)
  return string.find(target, '/', 1, true) ~= nil
end

-- Reserve the target, or wait in line for it. Returns the holder when there is one already.
local function take_place(target, id, first, due)
  local holder = is_place(target) and redis.call('HGET', P .. 'reserved', target)
  if not holder then
    if is_place(target) then redis.call('HSET', P .. 'reserved', target, id) end
    redis.call('ZADD', P .. 'due', due, id)
    return false
  end
  local at = now()
  if first == '1' then at = at - 1e10 end
  redis.call('ZADD', P .. 'line:' .. target, string.format('%.6f', at), id)
  redis.call('ZREM', P .. 'due', id)
  if first == '1' then announce_line(target) end
  return holder
end

-- Those whose call a system did not answer take turns in trying it again, whoever has waited longest first:
-- a system that is down gets one call in a while, not one for each that waits. Returns who tries, at `at`.
local function may_try(system, most, at)
  local ids = redis.call('ZRANGE', P .. 'silent:' .. system, 0, most - 1)
  for _, id in ipairs(ids) do
    redis.call('ZADD', P .. 'due', 'XX', 'LT', at, id)
    redis.call('HSET', P .. 'op:' .. id, 'due', math.min(at, redis.call('HGET', P .. 'op:' .. id, 'due')))
  end
  return ids
end

-- Give up the reservation or the place in line. Returns who has the target next, if anybody new.
local function leave_place(target, id)
  if redis.call('ZREM', P .. 'line:' .. target, id) == 1 then
    announce_line(target)
    return false
  end
  if redis.call('HGET', P .. 'reserved', target) ~= id then return false end
  local next = redis.call('ZPOPMIN', P .. 'line:' .. target)[1]
  if not next then
    redis.call('HDEL', P .. 'reserved', target)
    return false
  end
  redis.call('HSET', P .. 'reserved', target, next)
  redis.call('ZADD', P .. 'due', now(), next)
  announce(redis.call('HGET', P .. 'op:' .. next, 'channel'), next)
  announce_line(target)
  return next
end
