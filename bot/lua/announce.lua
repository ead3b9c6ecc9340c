-- Prepended to the other scripts: the state of an operation and the news that its message is
-- out of date are written together, so that no crash can separate them.
local P = 'shipmate:'

local function now()
  local t = redis.call('TIME')
  return tonumber(t[1]) + tonumber(t[2]) / 1000000
end

local function announce(channel, item)
  if channel == '' then return end
  local at = string.format('%.6f', now())
  redis.call('ZADD', P .. 'outbox:' .. channel, 'NX', at, item)
  redis.call('ZADD', P .. 'outbox', 'NX', at, channel)
  redis.call('RPUSH', P .. 'outbox:wake', channel)
  redis.call('LTRIM', P .. 'outbox:wake', -1000, -1)
end
