-- Forget finished changes: those before a time, and the oldest beyond a number.
-- ARGV: epoch seconds, most to keep, most to forget in one call. Returns how many were forgotten.
local old = redis.call('ZRANGEBYSCORE', P .. 'finished', '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[3])
local surplus = redis.call('ZCARD', P .. 'finished') - #old - tonumber(ARGV[2])
if surplus > 0 then
  local room = math.min(surplus, tonumber(ARGV[3]) - #old)
  if room > 0 then
    for _, id in ipairs(redis.call('ZRANGE', P .. 'finished', #old, #old + room - 1)) do table.insert(old, id) end
  end
end
for _, id in ipairs(old) do
  local indexes = redis.call('HGET', P .. 'op:' .. id, 'indexes')
  for index in string.gmatch(indexes or '', '[^\n]+') do redis.call('ZREM', P .. index, id) end
  redis.call('DEL', P .. 'op:' .. id, P .. 'message:' .. id, P .. 'again:' .. id)
  redis.call('ZREM', P .. 'finished', id)
end
return #old
