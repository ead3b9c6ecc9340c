-- Record a new operation; a change that need not be approved takes its place at the target.
-- ARGV: id, data, state, kind, target, request key, seconds to remember the key, due, channel,
--       first in line ('1'/'0'), announced at once ('1'/'0')
-- Returns {"opened"|"again"|"taken", operation id, holder of the target or ''}
local id, data, state, kind, target, request, remember, due, channel, first, told =
  ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11]

if request ~= '' then
  local earlier = redis.call('GET', P .. 'request:' .. request)
  if earlier then return {'again', earlier, ''} end
end
if redis.call('EXISTS', P .. 'op:' .. id) == 1 then return {'taken', id, ''} end
redis.call('HSET', P .. 'op:' .. id, 'version', 1, 'state', state, 'channel', channel, 'data', data, 'due', due)
if request ~= '' then redis.call('SET', P .. 'request:' .. request, id, 'EX', remember) end
redis.call('ZADD', P .. 'due', due, id)
-- what is to be answered later is nothing that is under way
if kind == 'change' or state ~= 'scheduled' then redis.call('SADD', P .. 'active:' .. kind, id) end
local holder = false
if kind == 'change' and state == 'queued' then holder = take_place(target, id, first, due) end
if told == '1' then announce(channel, id) end
return {'opened', id, holder or ''}
