-- Record a new operation and take the reservation of its target.
-- ARGV: id, data, state, kind, target, request key, seconds to remember the key, due, channel
-- Returns {"opened"|"again"|"busy"|"taken", operation id}
local id, data, state, kind, target, request, remember, due, channel =
  ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]

if request ~= '' then
  local earlier = redis.call('GET', P .. 'request:' .. request)
  if earlier then return {'again', earlier} end
end
if redis.call('EXISTS', P .. 'op:' .. id) == 1 then return {'taken', id} end
if kind == 'change' then
  local holder = redis.call('HGET', P .. 'reserved', target)
  if holder then return {'busy', holder} end
  redis.call('HSET', P .. 'reserved', target, id)
end
redis.call('HSET', P .. 'op:' .. id, 'version', 1, 'state', state, 'kind', kind, 'data', data)
if request ~= '' then redis.call('SET', P .. 'request:' .. request, id, 'EX', remember) end
redis.call('ZADD', P .. 'due', due, id)
redis.call('SADD', P .. 'active:' .. kind, id)
announce(channel, id)
return {'opened', id}
