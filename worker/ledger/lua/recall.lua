-- Tells the ledger what a journal knows of a slot.
--   ARGV: prefix, now, seconds for which a slot without windows is kept, slot, the book and the sent_at it was
--         found with ('' where there is none), the book that it has from now on, sent_at from now on, the fence of the write, domain, app/stream, how many relays of ours
--         are in the book, what `revisit` needs to see to it (JSON)
-- Returns 'moved' if the slot is not as it was found: then nothing is done; 'forgotten' if the ledger did not know
-- the write, 'joined' if it did.
local prefix, now, slot = ARGV[1], ARGV[2], ARGV[4]
local key = prefix .. 'slot:' .. slot
local book, sent_at, fence = unpack(redis.call('HMGET', key, 'book', 'sent_at', 'fence'))
if (book or '') ~= ARGV[5] or (sent_at or '') ~= ARGV[6] then return 'moved' end

-- `told_at` is as `sent_at` until the next write: what it says came from a journal, and others may add to it.
-- Whoever holds the lease decided without knowing this, so it is taken away.
redis.call('HSET', key, 'book', ARGV[7], 'sent_at', ARGV[8], 'told_at', ARGV[8],
  'fence', string.format('%.0f', math.max(tonumber(fence or 0), tonumber(ARGV[9])) + 1))
redis.call('HDEL', key, 'lease_until', 'holder')
if redis.call('EXISTS', key .. ':windows') == 0 then redis.call('EXPIRE', key, ARGV[3]) else redis.call('PERSIST', key) end
if tonumber(ARGV[12]) > 0 then redis.call('SADD', prefix .. 'held:' .. ARGV[10], ARGV[11]) end
redis.call('HSET', prefix .. 'recalled', slot, cjson.encode({ now, ARGV[13] }))
if ARGV[8] == (sent_at or '') then return 'joined' end
redis.call('SET', prefix .. 'lost', now)
return 'forgotten'
