-- What the scripts that change windows share; it is put ahead of each of them.
--   ARGV: prefix, now, ...
local prefix, now = ARGV[1], tonumber(ARGV[2])

local function window_key(id) return prefix .. 'window:' .. id end
local function log(id, line)
  redis.call('RPUSH', prefix .. 'log:' .. id, line)
  redis.call('LTRIM', prefix .. 'log:' .. id, -200, -1)
end
-- A person's word goes into the log of all words, beside the history of what it is about.
local function speak(about, line)
  local key = prefix .. 'words'
  redis.call('RPUSH', key, '{"about":' .. cjson.encode(about) .. ',' .. string.sub(line, 2))
  redis.call('LTRIM', key, -1000, -1)
end
local function seats(slot) return prefix .. 'slot:' .. slot .. ':windows' end

-- Whoever gave way to a window of this slot looks again who has it.
local function look_again(slot)
  for _, id in ipairs(redis.call('ZRANGE', seats(slot), 0, -1)) do
    if redis.call('HGET', window_key(id), 'state') == 'displaced' then redis.call('ZADD', prefix .. 'due', now, id) end
  end
end

local function call_off(id, by, reason, line, expire_at)
  local key = window_key(id)
  local slot = redis.call('HGET', key, 'slot')
  redis.call('HSET', key, 'state', 'cancelled', 'by', by, 'reason', reason)
  redis.call('HDEL', key, 'next_attempt_at')
  log(id, line)
  redis.call('ZREM', seats(slot), id)
  -- Its relay may be at the provider, or on its way there: the slot is looked after once more.
  redis.call('ZADD', prefix .. 'due', now, id)
  redis.call('EXPIREAT', key, expire_at)
  redis.call('EXPIREAT', prefix .. 'log:' .. id, expire_at)
  look_again(slot)
end

-- A window that moves to another slot leaves its relay behind: a cancelled twin sees to the old slot.
local function leave(id, slot, expire_at)
  local old = redis.call('HMGET', window_key(id), 'plan', 'start', 'end', 'rev')
  local twin = id .. '~' .. old[4]
  redis.call('HSET', window_key(twin), 'plan', old[1], 'slot', slot, 'start', old[2], 'end', old[3],
    'state', 'cancelled', 'by', 'plan', 'reason', 'moved to another slot', 'rev', old[4])
  redis.call('EXPIREAT', window_key(twin), expire_at)
  redis.call('ZADD', prefix .. 'due', now, twin)
  redis.call('ZREM', seats(slot), id)
  look_again(slot)
end

-- What is not to be planned yet leaves the ledger, with a twin if something may have been sent for it.
local function forget(event, window)
  local key = window_key(window.id)
  local slot = redis.call('HGET', key, 'slot')
  if not slot then return end
  if redis.call('HEXISTS', prefix .. 'slot:' .. slot, 'book') == 1 then leave(window.id, slot, window.expire_at) end
  redis.call('ZREM', seats(slot), window.id)
  look_again(slot)
  redis.call('DEL', key)
  redis.call('ZREM', prefix .. 'event:' .. event .. ':windows', window.id)
  redis.call('ZREM', prefix .. 'due', window.id)
  redis.call('ZREM', prefix .. 'out', window.id)
  redis.call('EXPIREAT', prefix .. 'log:' .. window.id, window.expire_at)
end

-- Whoever reconciles looks at the domains of windows to come.
local function note_domain(window)
  redis.call('ZADD', prefix .. 'domains', 'GT', window.last, string.match(window.slot, '^[^/]+'))
end

local function record(event, window, state)
  redis.call('HSET', window_key(window.id), 'plan', window.plan, 'slot', window.slot, 'start', window.start,
    'end', window.last, 'state', state, 'rev', 1, 'reading', window.reading)
  redis.call('ZADD', prefix .. 'event:' .. event .. ':windows', window.start, window.id)
  note_domain(window)
end

-- From when on it waits to be handed out: not from before it was known, or the queue would look older than it is. Of
-- those that are due already, the one that was due first stays ahead, by some millionths of what lies between.
local function waits_from(window)
  local due = tonumber(window.due)
  return due > now and due or now - math.min((now - due) / 1e6, 1)
end

local function add(event, window)
  record(event, window, 'planned')
  redis.call('ZADD', seats(window.slot), window.start, window.id)
  redis.call('ZADD', prefix .. 'due', waits_from(window), window.id)
end

-- Writes a window anew that is known by another plan. A worker that is placing it right now finds `rev`
-- changed, and does it again; what is on air stays placed while it is corrected, or it could be missed by
-- its own correction.
local function rewrite(event, window, line, line_on_air)
  local key = window_key(window.id)
  local state, old_slot = unpack(redis.call('HMGET', key, 'state', 'slot'))
  if old_slot ~= window.slot then leave(window.id, old_slot, window.expire_at) end
  redis.call('HSET', key, 'plan', window.plan, 'slot', window.slot, 'start', window.start, 'end', window.last, 'tries', 0)
  redis.call('HINCRBY', key, 'rev', 1)
  if window.reading then redis.call('HSET', key, 'reading', window.reading) end
  redis.call('HDEL', key, 'by', 'reason', 'next_attempt_at')
  redis.call('PERSIST', key)
  redis.call('PERSIST', prefix .. 'log:' .. window.id)
  local on_air = state == 'placed' and old_slot == window.slot and tonumber(window.start) <= now
  if state ~= 'placing' and not on_air then
    redis.call('HSET', key, 'state', 'planned')
    redis.call('HDEL', key, 'placed_at')
  end
  log(window.id, on_air and line_on_air or line)
  note_domain(window)
  redis.call('ZADD', prefix .. 'event:' .. event .. ':windows', window.start, window.id)
  redis.call('ZADD', seats(window.slot), window.start, window.id)
  -- The old plan's relay may be on the slot, or on its way there: it must not wait for the new plan's time.
  local used = redis.call('HEXISTS', prefix .. 'slot:' .. window.slot, 'book') == 1
  redis.call('ZADD', prefix .. 'due', used and now or waits_from(window), window.id)
  look_again(window.slot)
end

-- What people said of an event is the same as when it was read: so many words, or none that still holds.
local function said(event)
  if redis.call('SISMEMBER', prefix .. 'overruled', event) == 0 then return '' end
  return redis.call('HGET', prefix .. 'event:' .. event, 'said') or ''
end

-- Lists the event among those of which people said something, as long as that holds.
local function list_overruled(event)
  local key = prefix .. 'event:' .. event
  local holds = redis.call('HEXISTS', key, 'paused') == 1 or redis.call('EXISTS', key .. ':overrides') == 1
  redis.call(holds and 'SADD' or 'SREM', prefix .. 'overruled', event)
end
