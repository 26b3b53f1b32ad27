-- Leases the slot of a window to one worker.
--   ARGV: prefix, window id, now, lease (seconds), holder, most windows to return, history line, the epoch
--         that the worker knows, 'new' if this server has only now been told this script
-- Returns {'epoch', epoch} | {'gone'} | {'busy'} |
--         {'held', fence, book, lost, own, {id, plan, state, rev, tries} of open ones...}
local prefix, id, now, lease = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

-- A server that does not know the epoch has lost its memory, and one that does not know this script has just
-- started, perhaps from half a file: whoever kept a journal tells it first what it may have forgotten, and another
-- machine may be in the middle of a write that it knows nothing of.
local epoch = redis.call('GET', prefix .. 'epoch')
if not epoch or ARGV[9] == 'new' then
  if epoch then redis.call('SET', prefix .. 'lost', now) end
  epoch = string.format('%.0f', now * 1000)
  redis.call('SET', prefix .. 'epoch', epoch)
end
if epoch ~= ARGV[8] then return { 'epoch', epoch } end

local key = prefix .. 'window:' .. id
local slot, state, plan, rev, tries = unpack(redis.call('HMGET', key, 'slot', 'state', 'plan', 'rev', 'tries'))
if not slot then
  redis.call('ZREM', prefix .. 'due', id)
  redis.call('ZREM', prefix .. 'out', id)
  return { 'gone' }
end

local slot_key = prefix .. 'slot:' .. slot
local lease_until = tonumber(redis.call('HGET', slot_key, 'lease_until') or 0)
if lease_until > now then
  redis.call('ZADD', prefix .. 'due', math.min(lease_until, now + 3), id)
  redis.call('ZREM', prefix .. 'out', id)
  return { 'busy' }
end

local fence = redis.call('HINCRBY', slot_key, 'fence', 1)
redis.call('HSET', slot_key, 'lease_until', now + lease, 'holder', ARGV[5])
redis.call('ZADD', prefix .. 'due', now + lease, id)
if state == 'planned' or state == 'retrying' then
  state = 'placing'
  redis.call('HSET', key, 'state', state)
  redis.call('RPUSH', prefix .. 'log:' .. id, ARGV[7])
  redis.call('INCR', prefix .. 'revision')
end

local lost = redis.call('GET', prefix .. 'lost') or '0'
local answer = { 'held', fence, redis.call('HGET', slot_key, 'book') or '', lost, { id, plan, state, rev, tries or '0' } }
local ids = redis.call('ZRANGE', slot_key .. ':windows', 0, tonumber(ARGV[6]) - 1)
for _, each in ipairs(ids) do
  local window = redis.call('HMGET', prefix .. 'window:' .. each, 'plan', 'state', 'rev', 'tries')
  if window[1] then
    answer[#answer + 1] = { each, window[1], window[2], window[3], window[4] or '0' }
  else
    redis.call('ZREM', slot_key .. ':windows', each)
  end
end
return answer
