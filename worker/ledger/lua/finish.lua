-- Records what came of an attempt and gives the slot back.
--   ARGV: prefix, slot, fence, now, window id that was claimed, book, moves (JSON), domain, app/stream,
--         1 if the book has relays of ours, else 0, seconds for which a slot without windows is kept, what came
--         of each call (JSON)
--   move: {id, rev, from = {state...}, to, due (or -1: never), closes, set = {field, value...}, expire_at,
--          calls = {line...}, change (line or '')}
-- Returns the ids of the windows that moved; nothing at all when the lease was lost: then nothing is
-- recorded, for the new holder knows better.
local prefix, slot, fence, now = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local slot_key = prefix .. 'slot:' .. slot
if redis.call('HGET', slot_key, 'fence') ~= fence or redis.call('HEXISTS', slot_key, 'lease_until') == 0 then return false end

redis.call('HDEL', slot_key, 'lease_until', 'holder')
if ARGV[6] == '' then redis.call('HDEL', slot_key, 'book') else redis.call('HSET', slot_key, 'book', ARGV[6]) end
redis.call(ARGV[10] == '1' and 'SADD' or 'SREM', prefix .. 'held:' .. ARGV[8], ARGV[9])
redis.call('ZREM', prefix .. 'out', ARGV[5])
for _, outcome in ipairs(cjson.decode(ARGV[12])) do redis.call('HINCRBY', prefix .. 'outcomes', outcome, 1) end

local moved = {}
for _, move in ipairs(cjson.decode(ARGV[7])) do
  local key = prefix .. 'window:' .. move.id
  local state, rev = unpack(redis.call('HMGET', key, 'state', 'rev'))
  local log = prefix .. 'log:' .. move.id
  for _, line in ipairs(move.calls) do redis.call('RPUSH', log, line) end
  local allowed = state == move.to
  for _, from in ipairs(move.from) do allowed = allowed or state == from end
  local open = state == 'planned' or state == 'retrying' or state == 'placing' or state == 'placed' or state == 'displaced'
  if open and tonumber(rev) ~= move.rev then
    -- The plan changed while this attempt worked by the old one: do it again by the new one.
    if state == 'placing' then redis.call('HSET', key, 'state', 'planned') end
    redis.call('ZADD', prefix .. 'due', now, move.id)
  elseif allowed then
    redis.call('HSET', key, 'state', move.to)
    if move.change ~= '' then
      redis.call('RPUSH', log, move.change)
      moved[#moved + 1] = move.id
    end
    for i = 1, #move.set, 2 do
      -- A relay that was lost and put back counts from when it first was there.
      redis.call(move.set[i] == 'placed_at' and 'HSETNX' or 'HSET', key, move.set[i], move.set[i + 1])
    end
    if move.due < 0 then
      redis.call('ZREM', prefix .. 'due', move.id)
    else
      redis.call('ZADD', prefix .. 'due', move.due, move.id)
    end
    if move.closes then redis.call('ZREM', slot_key .. ':windows', move.id) end
    redis.call('LTRIM', log, -200, -1)
    if move.expire_at > 0 then
      redis.call('EXPIREAT', key, move.expire_at)
      redis.call('EXPIREAT', log, move.expire_at)
    end
  elseif state == 'cancelled' then
    -- Called off meanwhile: whatever this attempt placed has to go again.
    redis.call('ZADD', prefix .. 'due', now, move.id)
  end
end
-- A slot that nothing is planned for goes with its last windows: names made for one occurrence pile up.
if redis.call('ZCARD', slot_key .. ':windows') == 0 then
  redis.call('EXPIRE', slot_key, ARGV[11])
else
  redis.call('PERSIST', slot_key)
end
redis.call('INCR', prefix .. 'revision')
return moved
