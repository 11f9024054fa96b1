-- KEYS[1]: the record. ARGV: fence, ms to keep, this attempt, answer.
local held = redis.call('HMGET', KEYS[1], 'fence', 'answer', 'by')
if held[1] ~= ARGV[1] then
  return 0
elseif held[2] then
  -- Done already: by this attempt, where the answer to it was lost on its way.
  return held[3] == ARGV[3] and 1 or 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'ends', string.format('%.0f', now + ARGV[2]), 'by', ARGV[3],
  'answer', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
