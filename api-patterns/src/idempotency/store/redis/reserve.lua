-- KEYS[1]: the record. ARGV: fingerprint, lease in ms, this attempt, how long after its end a
-- record is remembered in ms.
-- Answers {0, fence} reserved, {1, ms left} in flight, {2, ''} mismatch, {3, answer} done.
local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = math.floor(micros / 1000)
local held = redis.call('HMGET', KEYS[1], 'print', 'fence', 'ends', 'answer', 'by')
local fence = tonumber(held[2] or 0)
if held[3] and tonumber(held[3]) > now then
  if held[1] ~= ARGV[1] then
    return {2, ''}
  elseif held[4] then
    return {3, held[4]}
  elseif held[5] == ARGV[3] then
    -- The answer to the same attempt was lost on its way.
    return {0, string.format('%.0f', fence)}
  end
  return {1, string.format('%.0f', tonumber(held[3]) - now)}
end
-- The clock keeps fences growing where nothing is remembered.
local next_fence = string.format('%.0f', math.max(fence + 1, micros))
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'print', ARGV[1], 'fence', next_fence,
  'ends', string.format('%.0f', now + ARGV[2]), 'by', ARGV[3])
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[2] + ARGV[4]))
return {0, next_fence}
