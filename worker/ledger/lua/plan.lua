-- Writes windows of one event as the plan has them now.
--   ARGV: prefix, now, event, its digest, planned_until, next planning (or -1: never), forget (seconds past
--         the start), history line if it is to be placed anew, history line if it stays placed, then for each
--         window: id, plan (JSON), slot, start (of a permanent one: its end), end, due, expire_at
-- Returns one word for each window: added, changed, revived, kept (by a person's word), done or same; nothing
-- at all if the event is not the one that was planned any more: whoever changed it has it planned again.
local prefix, now, event = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local event_key = prefix .. 'event:' .. event
if redis.call('HGET', event_key, 'digest') ~= ARGV[4] then return false end
local words, changed = {}, false

-- A window that moves to another slot leaves its relay behind: a cancelled twin sees to the old slot.
local function leave(id, slot, expire_at)
  local key = prefix .. 'window:' .. id
  local rev = redis.call('HGET', key, 'rev')
  local twin = id .. '~' .. rev
  local twin_key = prefix .. 'window:' .. twin
  local old = redis.call('HMGET', key, 'plan', 'start', 'end')
  redis.call('HSET', twin_key, 'plan', old[1], 'slot', slot, 'start', old[2], 'end', old[3],
    'state', 'cancelled', 'by', 'plan', 'reason', 'moved to another slot', 'rev', rev)
  redis.call('EXPIREAT', twin_key, expire_at)
  redis.call('ZADD', prefix .. 'due', now, twin)
  redis.call('ZREM', prefix .. 'slot:' .. slot .. ':windows', id)
end

local function seat(id, slot, start, due)
  redis.call('ZADD', prefix .. 'slot:' .. slot .. ':windows', start, id)
  redis.call('ZADD', prefix .. 'due', due, id)
end

for i = 10, #ARGV, 7 do
  local id, plan, slot, start, last, due, expire_at = unpack(ARGV, i, i + 6)
  local key = prefix .. 'window:' .. id
  local old_plan, state, by, old_slot = unpack(redis.call('HMGET', key, 'plan', 'state', 'by', 'slot'))
  local word
  if not old_plan then
    redis.call('HSET', key, 'plan', plan, 'slot', slot, 'start', start, 'end', last, 'state', 'planned', 'rev', 1)
    redis.call('ZADD', event_key .. ':windows', start, id)
    seat(id, slot, start, due)
    word = 'added'
  elseif state == 'cancelled' and by == 'person' then
    word = 'kept'
  elseif old_plan == plan and state ~= 'cancelled' then
    word = 'same'
  elseif state == 'removed' or (state == 'missed' and tonumber(last) <= now) then
    word = 'done'
  else
    word = state == 'cancelled' and 'revived' or 'changed'
    if old_slot ~= slot then leave(id, old_slot, expire_at) end
    redis.call('HSET', key, 'plan', plan, 'slot', slot, 'start', start, 'end', last, 'tries', 0)
    redis.call('HINCRBY', key, 'rev', 1)
    redis.call('HDEL', key, 'by', 'reason', 'next_attempt_at')
    redis.call('PERSIST', key)
    redis.call('PERSIST', prefix .. 'log:' .. id)
    -- What is on air stays placed while it is corrected, or it could be missed by its own correction.
    local on_air = state == 'placed' and old_slot == slot and tonumber(start) <= now
    -- A worker that is placing it right now finds `rev` changed, and does it again.
    if state ~= 'placing' and not on_air then redis.call('HSET', key, 'state', 'planned') end
    redis.call('ZADD', event_key .. ':windows', start, id)
    -- The old plan's relay may be on the slot, or on its way there: it must not wait for the new plan's time.
    local used = redis.call('HEXISTS', prefix .. 'slot:' .. slot, 'book') == 1
    seat(id, slot, start, used and now or due)
    redis.call('RPUSH', prefix .. 'log:' .. id, on_air and ARGV[9] or ARGV[8])
  end
  if word ~= 'same' and word ~= 'kept' and word ~= 'done' then changed = true end
  words[#words + 1] = word
end

-- The records of windows long past expire by themselves; here they leave the event's index.
redis.call('ZREMRANGEBYSCORE', event_key .. ':windows', '-inf', now - tonumber(ARGV[7]))
redis.call('HSET', event_key, 'planned_until', ARGV[5])
if tonumber(ARGV[6]) < 0 then redis.call('ZREM', prefix .. 'plan', event) else redis.call('ZADD', prefix .. 'plan', ARGV[6], event) end
if changed then redis.call('INCR', prefix .. 'revision') end
return words
