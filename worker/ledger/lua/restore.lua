-- Makes what was staged what people want, all of it at once, unless the ledger was told something newer. If all
-- that it was told is newer, because it was emptied and a file applied before anybody noticed, then what people
-- had said of the file's events is put back, of those of which nobody has said anything since.
--   ARGV: prefix, key of the staged list, stamp, now, 1 if whoever calls knew the ledger until it was lost
--   staged: JSON [event, [field, value, ...] of its hash, [window id, override, ...]], or
--           ['', [number of the last apply, applied, ...], [word, ...]]
-- Returns 1, or 0 if the ledger knows better. The events that are here and were not staged wait in `restoring`.
local prefix, staged, stamp, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local intent = tonumber(redis.call('GET', prefix .. 'intent') or 0)
local whole = intent < tonumber(stamp)
local lost = ARGV[5] == '1' and tonumber(stamp) < tonumber(redis.call('GET', prefix .. 'born') or 0)
if not (whole or lost) then
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
  redis.call('SADD', prefix .. 'events', event)
  redis.call('SREM', prefix .. 'restoring', event)
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

-- Numbers go on where the lost ones ended, whatever was applied since.
local function prepend_log(applied, words)
  local count = tonumber(table.remove(applied, 1) or 0)
  for i = #applied, 1, -1 do redis.call('LPUSH', prefix .. 'applied', applied[i]) end
  for i = #words, 1, -1 do redis.call('LPUSH', prefix .. 'words', words[i]) end
  redis.call('INCRBY', prefix .. 'revisions', count)
end

local function put_words_back(event, fields, overrides)
  local key, told = prefix .. 'event:' .. event, {}
  for i = 1, #fields, 2 do told[fields[i]] = fields[i + 1] end
  local known = redis.call('HMGET', key, 'spec', 'said')
  if not told.said or not known[1] or known[2] then return end
  fill(key .. ':overrides', overrides)
  redis.call('HSET', key, 'said', told.said)
  if told.paused then redis.call('HSET', key, 'paused', told.paused) end
  if told.paused or #overrides > 0 then redis.call('SADD', prefix .. 'overruled', event) end
  redis.call('HDEL', key, 'planned_until')
  redis.call('ZADD', prefix .. 'plan', 0, event)
end

local restore_event, restore_words = restore, restore_log
if not whole then restore_event, restore_words = put_words_back, prepend_log end
local waiting = prefix .. 'restoring'
if whole then
  redis.call('SUNIONSTORE', waiting, prefix .. 'events')
  redis.call('SADD', waiting, '')
end
for first = 0, redis.call('LLEN', staged) - 1, 500 do
  for _, text in ipairs(redis.call('LRANGE', staged, first, first + 499)) do
    local event, fields, overrides = unpack(cjson.decode(text))
    if event == '' then
      restore_words(fields, overrides)
    else
      restore_event(event, fields, overrides)
    end
  end
end
redis.call('DEL', staged)
redis.call('SET', prefix .. 'intent', whole and stamp or string.format('%.6f', intent + 1e-6))
redis.call('DEL', prefix .. 'born') -- once is enough, and what is here is what counts
redis.call('SET', prefix .. 'lost', now)
redis.call('INCR', prefix .. 'revision')
return 1
