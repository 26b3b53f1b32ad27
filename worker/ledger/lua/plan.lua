-- Writes windows of one event as the plan has them now.
--   ARGV: prefix, now, event, its digest, what people had said of it, planned_until, next planning (or -1:
--         never), forget (seconds past the start), history line if it is to be placed anew, history line if it
--         stays placed, overrides that have ended (JSON), the edition by which it was planned, '' or what another
--         edition had planned otherwise (JSON), then for each window: id, plan (JSON), slot, start (of a permanent
--         one: its end), end, due, expire_at, reading, '' or a person's word against it (JSON: reason, line)
--   what was planned otherwise: gone: [id, its heir or '', reason, line, expire_at, line of the heir] of each window;
--         carried: [id, its new name, override, reason, line] of each word that goes over to another name
-- Returns one word for each window: added, changed, revived, kept (by a person's word), off (by that word), done
-- or same; nothing at all if the event, or what people said of it, is not what was planned any more: whoever
-- changed it has it planned again. Nor if the ledger goes by another edition: the tick of that one plans it.
local event = ARGV[3]
local event_key = prefix .. 'event:' .. event
if redis.call('HGET', event_key, 'digest') ~= ARGV[4] or said(event) ~= ARGV[5] then return false end
local by = redis.call('HGET', prefix .. 'edition', 'by')
if by and by ~= ARGV[12] then return false end
if not by then redis.call('HSET', prefix .. 'edition', 'by', ARGV[12]) end
local shift = ARGV[13] ~= '' and cjson.decode(ARGV[13]) or { gone = {}, carried = {} }
local words, changed = {}, #shift.gone + #shift.carried > 0

for _, word in ipairs(shift.carried) do redis.call('HDEL', event_key .. ':overrides', word[1]) end
for _, word in ipairs(shift.carried) do
  local id, heir, override, reason, line = unpack(word)
  redis.call('HSET', event_key .. ':overrides', heir, override)
  if redis.call('HGET', window_key(id), 'by') == 'person' then
    -- From now on it is the plan that is silent of this name: who comes to bear it is not called off.
    redis.call('HSET', window_key(id), 'by', 'plan', 'reason', reason)
  end
  if redis.call('EXISTS', window_key(id)) == 1 then log(id, line) end
end
if #shift.carried > 0 then redis.call('HINCRBY', event_key, 'said', 1) end

local ancestors = {}
for _, old in ipairs(shift.gone) do
  if old[2] ~= '' then ancestors[old[2]] = old[1] end
end

-- A window that bears another name now goes on where the one before it stands: placed, it is corrected, and what is
-- on air is so without a moment in which nobody wants it there.
local function inherit(window)
  local old, key = ancestors[window.id] and window_key(ancestors[window.id]), window_key(window.id)
  if not old then return end
  local state, slot = unpack(redis.call('HMGET', old, 'state', 'slot'))
  local known, by = unpack(redis.call('HMGET', key, 'state', 'by'))
  if state ~= 'placed' or slot ~= window.slot or (known and not (known == 'cancelled' and by == 'plan')) then return end
  for _, name in ipairs({ 'plan', 'slot', 'start', 'end', 'state', 'task_id', 'placed_at' }) do
    local value = redis.call('HGET', old, name)
    if value then redis.call('HSET', key, name, value) end
  end
  redis.call('HSETNX', key, 'rev', 1)
end

local function call_off_by_person(window, known, word)
  if not known then record(event, window, 'cancelled') end
  call_off(window.id, 'person', word.reason, word.line, window.expire_at)
end

for i = 14, #ARGV, 9 do
  local id, plan, slot, start, last, due, expire_at, reading, against = unpack(ARGV, i, i + 8)
  local window =
    { id = id, plan = plan, slot = slot, start = start, last = last, due = due, expire_at = expire_at, reading = reading }
  if against == '' then inherit(window) end
  local old_plan, state, by = unpack(redis.call('HMGET', window_key(id), 'plan', 'state', 'by'))
  local word
  if state == 'cancelled' and by == 'person' then
    word = 'kept'
  elseif state == 'removed' or (state == 'missed' and (tonumber(last) <= now or against ~= '')) then
    word = old_plan == plan and 'same' or 'done'
  elseif against ~= '' then
    call_off_by_person(window, old_plan, cjson.decode(against))
    word = 'off'
  elseif not old_plan then
    add(event, window)
    word = 'added'
  elseif old_plan == plan and state ~= 'cancelled' then
    word = 'same'
  else
    word = state == 'cancelled' and 'revived' or 'changed'
    rewrite(event, window, ARGV[9], ARGV[10])
  end
  if ARGV[13] ~= '' then redis.call('HSET', window_key(id), 'reading', reading) end
  if word ~= 'same' and word ~= 'kept' and word ~= 'done' then changed = true end
  words[#words + 1] = word
end

for _, old in ipairs(shift.gone) do
  local id, heir, reason, line, expire_at, heir_line = unpack(old)
  local state = redis.call('HGET', window_key(id), 'state')
  if state and state ~= 'removed' and state ~= 'missed' and state ~= 'cancelled' then
    call_off(id, 'plan', reason, line, expire_at)
  end
  if heir ~= '' then log(heir, heir_line) end
end

local ended = cjson.decode(ARGV[11])
if #ended > 0 then redis.call('HDEL', event_key .. ':overrides', unpack(ended)) end
if #ended + #shift.carried > 0 then list_overruled(event) end
-- The records of windows long past expire by themselves; here they leave the event's index.
redis.call('ZREMRANGEBYSCORE', event_key .. ':windows', '-inf', now - tonumber(ARGV[8]))
redis.call('HSET', event_key, 'planned_until', ARGV[6], 'edition', ARGV[12])
if tonumber(ARGV[7]) < 0 then redis.call('ZREM', prefix .. 'plan', event) else redis.call('ZADD', prefix .. 'plan', ARGV[7], event) end
if changed then redis.call('INCR', prefix .. 'revision') end
return words
