-- Writes down what a person says of one window, and does it.
--   ARGV: prefix, now, event, its digest, what people had said of it, window id, its rev and state ('' if there is
--         no record of it yet), what becomes of it (cancelled | planned | hurried | forgotten), the override that holds from
--         now on (JSON, or '': none), reason, history line, then the window: plan (JSON), slot, start (of a
--         permanent one: its end), end, due, expire_at,
--         reading
-- Returns 1, or 0 if any of that is not what the person was told: then nothing is done.
local event, id, rev, state, to = ARGV[3], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local event_key = prefix .. 'event:' .. event
if redis.call('HGET', event_key, 'digest') ~= ARGV[4] or said(event) ~= ARGV[5] then return 0 end
local known = redis.call('HMGET', window_key(id), 'rev', 'state')
if (known[1] or '') ~= rev or (known[2] or '') ~= state then return 0 end

if ARGV[10] == '' then
  redis.call('HDEL', event_key .. ':overrides', id)
else
  redis.call('HSET', event_key .. ':overrides', id, ARGV[10])
end
redis.call('HINCRBY', event_key, 'said', 1)
list_overruled(event)

local window = { id = id, plan = ARGV[13], slot = ARGV[14], start = ARGV[15], last = ARGV[16], due = ARGV[17], expire_at = ARGV[18] }
if rev == '' then window.reading = ARGV[19] end -- of one that is known, whoever planned it knew
if to == 'cancelled' then
  if rev == '' then record(event, window, 'cancelled') end
  call_off(id, 'person', ARGV[11], ARGV[12], window.expire_at)
elseif to == 'hurried' then
  redis.call('HSET', window_key(id), 'next_attempt_at', now)
  redis.call('ZADD', prefix .. 'due', now, id)
  log(id, ARGV[12])
elseif to == 'forgotten' then
  log(id, ARGV[12])
  forget(event, window)
elseif rev == '' then
  add(event, window)
  log(id, ARGV[12])
else
  rewrite(event, window, ARGV[12], ARGV[12])
  -- Others of the slot may have been told to wait for its old times.
  if redis.call('ZCARD', seats(window.slot)) > 1 then redis.call('ZADD', prefix .. 'due', now, id) end
end
speak(id, ARGV[12])
redis.call('INCR', prefix .. 'revision')
return 1
