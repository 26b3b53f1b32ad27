-- Makes one window of a slot due now, so that an attempt looks at the slot.
--   ARGV: prefix, now, slot, stub's id, its plan (JSON, or '' for no stub), its start and end, expire_at, reason,
--         domain, app/stream, a book for a slot that has none ('' for none), then the ids of windows to
--         choose from
-- The window is the first of those that is still open, else the slot's earliest. A slot without open windows
-- gets a stub: a cancelled window whose relay is the one that has to go. Returns the window's id, or ''.
-- What is under way, or waits out a backoff, keeps its time. The reason goes into its history.
local prefix, now, slot = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local waiting = prefix .. 'slot:' .. slot .. ':windows'
local chosen
for i = 13, #ARGV do
  if not chosen and redis.call('ZSCORE', waiting, ARGV[i]) then chosen = ARGV[i] end
end
chosen = chosen or redis.call('ZRANGE', waiting, 0, 0)[1]
if not chosen then
  if ARGV[5] == '' then return '' end
  chosen = ARGV[4]
  local key = prefix .. 'window:' .. chosen
  redis.call('HSET', key, 'plan', ARGV[5], 'slot', slot, 'start', ARGV[6], 'end', ARGV[7],
    'state', 'cancelled', 'by', 'plan', 'reason', ARGV[9], 'rev', 1)
  redis.call('EXPIREAT', key, ARGV[8])
  redis.call('INCR', prefix .. 'revision')
end
local slot_key = prefix .. 'slot:' .. slot
if ARGV[12] ~= '' and redis.call('HEXISTS', slot_key, 'book') == 0 then
  -- Only the plan remembers that what has to go is ours: from here on the ledger does.
  redis.call('HSET', slot_key, 'book', ARGV[12])
  redis.call('SADD', prefix .. 'held:' .. ARGV[10], ARGV[11])
end
local due = tonumber(redis.call('ZSCORE', prefix .. 'due', chosen) or 'inf')
local tried = tonumber(redis.call('HGET', prefix .. 'window:' .. chosen, 'tries') or 0) > 0 and due < math.huge
if due > now and not tried and not redis.call('ZSCORE', prefix .. 'out', chosen) then
  redis.call('ZADD', prefix .. 'due', ARGV[2], chosen)
  local state = redis.call('HGET', prefix .. 'window:' .. chosen, 'state')
  redis.call('RPUSH', prefix .. 'log:' .. chosen,
    cjson.encode({ kind = 'change', at = now, action = 'window.differs', to = state, by = 'reconcile', why = ARGV[9] }))
  redis.call('LTRIM', prefix .. 'log:' .. chosen, -200, -1)
  if chosen == ARGV[4] then redis.call('EXPIREAT', prefix .. 'log:' .. chosen, ARGV[8]) end
end
return chosen
