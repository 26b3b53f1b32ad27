-- Calls a window off: by the plan, or by a person.
--   ARGV: prefix, window id, now, by (plan | person), reason, history line, expire_at
-- Returns the state it was in, or '' if it cannot be called off any more.
local prefix, id = ARGV[1], ARGV[2]
local key = prefix .. 'window:' .. id
local state, slot = unpack(redis.call('HMGET', key, 'state', 'slot'))
local open = state == 'planned' or state == 'retrying' or state == 'placing' or state == 'placed' or state == 'failed'
if not open then return '' end
redis.call('HSET', key, 'state', 'cancelled', 'by', ARGV[4], 'reason', ARGV[5])
redis.call('HDEL', key, 'next_attempt_at')
redis.call('RPUSH', prefix .. 'log:' .. id, ARGV[6])
redis.call('ZREM', prefix .. 'slot:' .. slot .. ':windows', id)
-- Its relay may be at the provider, or on its way there: the slot is looked after once more.
redis.call('ZADD', prefix .. 'due', ARGV[3], id)
redis.call('EXPIREAT', key, ARGV[7])
redis.call('EXPIREAT', prefix .. 'log:' .. id, ARGV[7])
redis.call('INCR', prefix .. 'revision')
return state
