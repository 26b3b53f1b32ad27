-- Calls a window off, because the plan has it no longer.
--   ARGV: prefix, now, window id, by (plan | person), reason, history line, expire_at
-- Returns the state it was in, or '' if it cannot be called off any more.
local state = redis.call('HGET', window_key(ARGV[3]), 'state')
if not state or state == 'removed' or state == 'missed' or state == 'cancelled' then return '' end
call_off(ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7])
redis.call('INCR', prefix .. 'revision')
return state
