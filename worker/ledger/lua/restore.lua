-- Makes what was staged what people want, all of it at once, unless the ledger was told something newer.
--   ARGV: prefix, key of the staged list, stamp, now
--   staged: JSON [event, [field, value, ...] of its hash, [window id, override, ...]], or
--           ['', [number of the last apply, applied, ...], [word, ...]]
-- Returns 1, or 0 if the ledger knows better. The events that are here and were not staged wait in `restoring`.
local prefix, staged, stamp, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if tonumber(redis.call('GET', prefix .. 'intent') or 0) >= tonumber(stamp) then
  redis.call('DEL', staged)
  return 0
end

local function fill(key, pairs)
  redis.call('DEL', key)
  for i = 1, #pairs, 2 do redis.call('HSET', key, pairs[i], pairs[i + 1]) end
end

local function restore(event, fields, overrides)
  local key = prefix .. 'event:' .. event
  fill(key, fields)
  fill(key .. ':overrides', overrides)
  local overruled = #overrides > 0 or redis.call('HEXISTS', key, 'paused') == 1
  redis.call(overruled and 'SADD' or 'SREM', prefix .. 'overruled', event)
  if redis.call('HGET', key, 'in_file') == '1' then
    redis.call('HDEL', key, 'planned_until')
    redis.call('ZADD', prefix .. 'plan', 0, event)
  else
    redis.call('ZREM', prefix .. 'plan', event)
  end
end

local function refill(key, lines)
  redis.call('DEL', key)
  for _, line in ipairs(lines) do redis.call('RPUSH', key, line) end
end

local function restore_log(applied, words)
  redis.call('SET', prefix .. 'revisions', table.remove(applied, 1) or 0)
  refill(prefix .. 'applied', applied)
  refill(prefix .. 'words', words)
end

local waiting = prefix .. 'restoring'
redis.call('SUNIONSTORE', waiting, prefix .. 'events')
redis.call('SADD', waiting, '')
for first = 0, redis.call('LLEN', staged) - 1, 500 do
  for _, text in ipairs(redis.call('LRANGE', staged, first, first + 499)) do
    local event, fields, overrides = unpack(cjson.decode(text))
    if event == '' then
      restore_log(fields, overrides)
    else
      restore(event, fields, overrides)
      redis.call('SADD', prefix .. 'events', event)
      redis.call('SREM', waiting, event)
    end
  end
end
redis.call('DEL', staged)
redis.call('SET', prefix .. 'intent', stamp)
redis.call('SET', prefix .. 'lost', now)
redis.call('INCR', prefix .. 'revision')
return 1
