-- Writes windows of one event as the plan has them now.
--   ARGV: prefix, now, event, its digest, what people had said of it, planned_until, next planning (or -1:
--         never), forget (seconds past the start), history line if it is to be placed anew, history line if it
--         stays placed, overrides that have ended (JSON), then for each window: id, plan (JSON), slot, start (of
--         a permanent one: its end), end, due, expire_at, '' or a person's word against it (JSON: reason, line)
-- Returns one word for each window: added, changed, revived, kept (by a person's word), off (by that word), done
-- or same; nothing at all if the event, or what people said of it, is not what was planned any more: whoever
-- changed it has it planned again.
local event = ARGV[3]
local event_key = prefix .. 'event:' .. event
if redis.call('HGET', event_key, 'digest') ~= ARGV[4] or said(event) ~= ARGV[5] then return false end
local words, changed = {}, false

local function call_off_by_person(window, known, word)
  if not known then record(event, window, 'cancelled') end
  call_off(window.id, 'person', word.reason, word.line, window.expire_at)
end

for i = 12, #ARGV, 8 do
  local id, plan, slot, start, last, due, expire_at, against = unpack(ARGV, i, i + 7)
  local window = { id = id, plan = plan, slot = slot, start = start, last = last, due = due, expire_at = expire_at }
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
  if word ~= 'same' and word ~= 'kept' and word ~= 'done' then changed = true end
  words[#words + 1] = word
end

local ended = cjson.decode(ARGV[11])
if #ended > 0 then
  redis.call('HDEL', event_key .. ':overrides', unpack(ended))
  list_overruled(event)
end
-- The records of windows long past expire by themselves; here they leave the event's index.
redis.call('ZREMRANGEBYSCORE', event_key .. ':windows', '-inf', now - tonumber(ARGV[8]))
redis.call('HSET', event_key, 'planned_until', ARGV[6])
if tonumber(ARGV[7]) < 0 then redis.call('ZREM', prefix .. 'plan', event) else redis.call('ZADD', prefix .. 'plan', ARGV[7], event) end
if changed then redis.call('INCR', prefix .. 'revision') end
return words
