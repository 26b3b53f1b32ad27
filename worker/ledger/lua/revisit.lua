-- Has the slots seen to that journals told of, now that everything is planned.
--   ARGV: prefix, now, patience (seconds), how long a closed window is kept after its end (seconds)
-- recalled: slot -> JSON [when it was told, JSON [window id] or, with what is on the slot, [window id, plan, start,
-- end]]
local prefix, now, patience, kept = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local waiting = prefix .. 'recalled'

local function due(slot, id)
  redis.call('ZADD', prefix .. 'due', now, id)
  redis.call('HDEL', waiting, slot)
end

local told = redis.call('HGETALL', waiting)
for i = 1, #told, 2 do
  local slot, at, window = told[i], unpack(cjson.decode(told[i + 1]))
  local id, plan, start, last = unpack(cjson.decode(window))
  local first = redis.call('ZRANGE', prefix .. 'slot:' .. slot .. ':windows', 0, 0)[1]
  local of = redis.call('HGET', prefix .. 'window:' .. id, 'slot')
  if first then
    due(slot, first)
  elseif of == slot then
    due(slot, id)
  elseif not plan then
    redis.call('HDEL', waiting, slot)
  elseif now >= tonumber(at) + patience then
    if of then id = id .. '~' .. start end -- it plays elsewhere by now
    redis.call('HSET', prefix .. 'window:' .. id, 'plan', plan, 'slot', slot, 'start', start, 'end', last,
      'state', 'cancelled', 'by', 'plan', 'reason', 'known from the journal alone', 'rev', 1)
    redis.call('EXPIREAT', prefix .. 'window:' .. id, math.max(last, math.floor(now)) + kept)
    due(slot, id)
  end
end
