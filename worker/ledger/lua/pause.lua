-- Pauses an event, or resumes it; its windows follow when it is planned next, which is at once.
--   ARGV: prefix, now, event, the pause it had (JSON, or '': none), the pause it has from now on, history line
-- Returns 1, or 0 if it is gone, or its pause is not what the person was told: then nothing is done.
local event = ARGV[3]
local event_key = prefix .. 'event:' .. event
if redis.call('HEXISTS', event_key, 'spec') == 0 or (redis.call('HGET', event_key, 'paused') or '') ~= ARGV[4] then return 0 end

if ARGV[5] == '' then redis.call('HDEL', event_key, 'paused') else redis.call('HSET', event_key, 'paused', ARGV[5]) end
redis.call('HINCRBY', event_key, 'said', 1)
list_overruled(event)
redis.call('HDEL', event_key, 'planned_until')
redis.call('ZADD', prefix .. 'plan', 0, event)
log(event, ARGV[6])
speak(event, ARGV[6])
redis.call('INCR', prefix .. 'revision')
return 1
