-- KEYS[1]: the record. ARGV: fence, lease in ms, how long after its end a record is remembered.
local held = redis.call('HMGET', KEYS[1], 'fence', 'answer')
if held[1] ~= ARGV[1] or held[2] then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'ends', string.format('%.0f', now + ARGV[2]))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[2] + ARGV[3]))
return 1
