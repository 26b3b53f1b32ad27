-- Has the slots seen to that journals told of, now that everything is planned.
--   ARGV: prefix, now
-- recalled: slot -> JSON [window id], and with it what is on the slot: plan, start, end, expire_at, not before
local prefix, now = ARGV[1], tonumber(ARGV[2])
local waiting = prefix .. 'recalled'

local function due(slot, id)
  redis.call('ZADD', prefix .. 'due', now, id)
  redis.call('HDEL', waiting, slot)
end

local told = redis.call('HGETALL', waiting)
for i = 1, #told, 2 do
  local slot, id, plan, start, last, expire_at, not_before = told[i], unpack(cjson.decode(told[i + 1]))
  local first = redis.call('ZRANGE', prefix .. 'slot:' .. slot .. ':windows', 0, 0)[1]
  local of = redis.call('HGET', prefix .. 'window:' .. id, 'slot')
  if first then
    due(slot, first)
  elseif of == slot then
    due(slot, id)
  elseif not plan then
    redis.call('HDEL', waiting, slot)
  elseif now >= not_before then
    if of then id = id .. '~' .. start end -- it plays elsewhere by now
    redis.call('HSET', prefix .. 'window:' .. id, 'plan', plan, 'slot', slot, 'start', start, 'end', last,
      'state', 'cancelled', 'by', 'plan', 'reason', 'known from the journal alone', 'rev', 1)
    redis.call('EXPIREAT', prefix .. 'window:' .. id, expire_at)
    due(slot, id)
  end
end
