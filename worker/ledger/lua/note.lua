-- Writes what is about to be sent, or what is known since, into the slot's book, if the lease still holds.
--   ARGV: prefix, slot, fence, now, lease (seconds), book
-- Returns 1, or 0 when somebody else holds the slot by now: then nothing may be sent.
local slot_key = ARGV[1] .. 'slot:' .. ARGV[2]
local fence, lease_until = unpack(redis.call('HMGET', slot_key, 'fence', 'lease_until'))
if fence ~= ARGV[3] or tonumber(lease_until or 0) <= tonumber(ARGV[4]) then return 0 end
redis.call('HSET', slot_key, 'lease_until', tonumber(ARGV[4]) + tonumber(ARGV[5]), 'book', ARGV[6])
return 1
