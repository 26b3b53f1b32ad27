-- Writes what is about to be sent into the slot's book, if the lease still holds.
--   ARGV: prefix, slot, fence, now, lease (seconds), book, domain, app/stream
-- `sent_at` is how a process that kept a journal tells whether the ledger has forgotten this.
-- Returns 1, or 0 when somebody else holds the slot by now: then nothing may be sent.
local slot_key = ARGV[1] .. 'slot:' .. ARGV[2]
local fence, lease_until = unpack(redis.call('HMGET', slot_key, 'fence', 'lease_until'))
if fence ~= ARGV[3] or tonumber(lease_until or 0) <= tonumber(ARGV[4]) then return 0 end
redis.call('HSET', slot_key, 'lease_until', tonumber(ARGV[4]) + tonumber(ARGV[5]), 'book', ARGV[6], 'sent_at', ARGV[4])
redis.call('SADD', ARGV[1] .. 'held:' .. ARGV[7], ARGV[8])
return 1
