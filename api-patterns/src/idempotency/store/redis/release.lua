-- KEYS[1]: the record. ARGV: fence, how long the fence is remembered in ms.
local held = redis.call('HMGET', KEYS[1], 'fence', 'answer')
if held[1] ~= ARGV[1] or held[2] then
  return 0
end
redis.call('HSET', KEYS[1], 'ends', '0', 'fence', string.format('%.0f', held[1] + 1))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
