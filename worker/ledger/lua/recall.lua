-- Tells the ledger what a journal knows of a slot.
--   ARGV: prefix, slot, the book and the sent_at it was found with ('' where there is none), the book that it has
--         from now on, sent_at from now on, the fence of the write, domain, app/stream, how many relays of ours
--         are in the book, what `revisit` needs to see to it (JSON)
-- Returns 1, or 0 if the slot moved since it was found: then nothing is done.
local prefix, slot = ARGV[1], ARGV[2]
local key = prefix .. 'slot:' .. slot
local book, sent_at, fence = unpack(redis.call('HMGET', key, 'book', 'sent_at', 'fence'))
if (book or '') ~= ARGV[3] or (sent_at or '') ~= ARGV[4] then return 0 end

-- `told_at` is as `sent_at` until the next write: what it says came from a journal, and others may add to it.
-- Whoever holds the lease decided without knowing this, so it is taken away.
redis.call('HSET', key, 'book', ARGV[5], 'sent_at', ARGV[6], 'told_at', ARGV[6],
  'fence', string.format('%.0f', math.max(tonumber(fence or 0), tonumber(ARGV[7])) + 1))
redis.call('HDEL', key, 'lease_until', 'holder')
if redis.call('EXISTS', key .. ':windows') == 0 then redis.call('EXPIRE', key, 1814400) else redis.call('PERSIST', key) end
if tonumber(ARGV[10]) > 0 then redis.call('SADD', prefix .. 'held:' .. ARGV[8], ARGV[9]) end
redis.call('HSET', prefix .. 'recalled', slot, ARGV[11])
return 1
