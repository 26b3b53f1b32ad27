-- Lets the most urgent callers through, as many as are due now, and says when to come again.
--
-- {prefix}quota  zset: all the state there is, so that one read and one write make a grant. A ticket's score
-- is the stage of its life, and the stages lie in this order:
--
--   -(free again)    a permit: a ticket that was let through. There are always exactly as many as the quota,
--                    and one counts until the second after its request's latest possible arrival has passed
--   -(1e9 + t / 10)  "last":  the time of the last grant
--   -n               "count": grants so far
--   1 - t            "floor": how long a request takes at best, as those say who had an answer
--   lane * 1e11 + t  a ticket that waits, by lane and deadline; tickets are named by the time they came, then
--                    by the process that they belong to: {microseconds}.{n}:{process}
--   1e12 + t         a ticket whose permit went to another; counts for statistics, forgotten after a minute
--
-- {prefix}quota:baton           list: one element while nobody is pacing; whoever pops it paces: it calls this
--                               script whenever a grant is due, until nobody waits, then puts it back
-- {prefix}quota:grants:{process} list: "ticket slot floor", read by the process it is named after
--
-- The set expires two hours after its last use, a list that nobody reads an hour after the minute is over;
-- the baton stays. Times are Unix seconds by the clock of this server.
--
-- Safety rests on the permits alone: a grant takes the permit that is free first, and only once it is free.
-- The baton merely saves work. Two who pace see that the count moved without them, and step back.
--
-- KEYS  set, baton
-- ARGV  quota · prefix of the lists · process · its tickets waiting · "baton", "look" or the count it knows ·
--       seconds between two grants · seconds that an unfinished request holds its permit · "doubt" or ""
-- gives {state, wait, count, now, ticket, slot, floor, ticket, slot, floor ...}: its own grants;
--       state "pace": come again after wait · "wait": nothing to do for it · "lost": its tickets may be gone

local set, baton = KEYS[1], KEYS[2]
local quota, lists, me, mine = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
local role, interval, hold = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])

local PERMITS, LAST, BACKGROUND, GONE = -1.5e9, -1e9, 1e11, 1e12
local RESERVE = 10      -- every so manieth grant goes to the background lane, if anybody waits there
local PUNCTUAL = 0.015  -- a grant this late keeps its slot: being late is measured and paid for, not added up
local CATCH_UP = 0.9    -- how close two grants may come, in intervals, so that time lost is made up for
local OVERDUE = 0.3     -- whoever paces and lets a grant wait for so long is dead
local EARLIER = 0.2
local SWEEP = 100       -- grants
local IDLE, MINUTE, HOUR = 60, 60, 3600

local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1e6
local own = {}

local function repair(doubt)
  -- What is missing may have been used a moment ago: nothing is known of the last second, or of less.
  if doubt then redis.call('ZREMRANGEBYSCORE', set, '-inf', LAST) end
  local permits = redis.call('ZCOUNT', set, '-inf', PERMITS)
  for permit = permits + 1, quota do
    redis.call('ZADD', set, -(now + hold), string.format('unused.%.6f.%d', now, permit))
  end
  if permits > quota then redis.call('ZREMRANGEBYRANK', set, quota, permits - 1) end
  redis.call('ZADD', set, 'NX', -(1e9 + now / 10), 'last', 0, 'count', 1, 'floor')
  redis.call('EXPIRE', set, 2 * HOUR)
  redis.call('DEL', baton)
  redis.call('LPUSH', baton, 'baton')
end

local function look()
  local from = math.max(quota - 2, 0)
  local near = redis.call('ZRANGE', set, from, quota + 4, 'WITHSCORES')
  local at = 2 * (quota - 1 - from) + 1
  if near[at + 2] ~= 'last' or near[at + 4] ~= 'count' or near[at + 6] ~= 'floor' then return nil end
  local function waiting(i) return near[i] and tonumber(near[i + 1]) < GONE and near[i] or nil end
  local seen = {
    permit = near[at], free = -near[at + 1], second = at > 1 and -near[at - 1] or math.huge,
    last = (-near[at + 3] - 1e9) * 10, count = -near[at + 5], floor = 1 - near[at + 7],
    first = waiting(at + 8), urgent = tonumber(near[at + 9] or 0) < BACKGROUND, more = waiting(at + 10),
  }
  seen.due = math.max(seen.last + CATCH_UP * interval, seen.free)
  return seen
end

local function owner(ticket) return string.match(ticket, ':(.*)') end

local function bury(process)
  -- Its grants pile up, so it is dead or stands still; what it waits for is registered anew if it wakes.
  redis.call('EXPIRE', lists .. process, HOUR)
  for _, ticket in ipairs(redis.call('ZRANGE', set, '(1', '(' .. GONE, 'BYSCORE')) do
    if owner(ticket) == process then redis.call('ZREM', set, ticket) end
  end
end

local function sweep()
  local old, seen = redis.call('ZRANGE', set, GONE, GONE + now - MINUTE, 'BYSCORE'), {}
  for _, ticket in ipairs(old) do
    local process = owner(ticket)
    if process and not seen[process] then redis.call('EXPIRE', lists .. process, HOUR) end
    seen[process or ''] = true
  end
  redis.call('ZREMRANGEBYSCORE', set, GONE, GONE + now - MINUTE)
  redis.call('EXPIRE', set, 2 * HOUR)
end

local function choose(seen)
  if seen.urgent and seen.count % RESERVE == RESERVE - 1 then
    local reserve = redis.call('ZRANGE', set, BACKGROUND, '(' .. GONE, 'BYSCORE', 'LIMIT', 0, 1)
    return reserve[1] or seen.first
  end
  return seen.first
end

local function grant(seen)
  local ticket = choose(seen)
  local slot = now - seen.due <= PUNCTUAL and seen.due or now
  local unused = string.sub(seen.permit, 1, 7) == 'unused.'
  redis.call('ZADD', set, -(slot + hold), ticket, GONE + (unused and 0 or seen.free), seen.permit,
    -(1e9 + slot / 10), 'last', -(seen.count + 1), 'count')
  if (seen.count + 1) % SWEEP == 0 or slot - seen.last > IDLE then sweep() end
  if owner(ticket) == me then
    mine = mine - 1
    own[#own + 1] = { ticket, string.format('%.6f', slot), string.format('%.6f', seen.floor) }
  else
    local told = string.format('%s %.6f %.6f', ticket, slot, seen.floor)
    local unread = redis.call('RPUSH', lists .. owner(ticket), told)
    if unread > 1 + quota / 20 then bury(owner(ticket)) end
  end
  seen.first = ticket ~= seen.first and seen.first or seen.more
  seen.count = seen.count + 1
  seen.due = math.max(slot + CATCH_UP * interval, math.min(seen.second, slot + hold))
  return seen.first and seen.due <= now and look() or seen
end

local function answer(state, seen)
  -- A permit may come back before it is due, so whoever paces looks again soon.
  local soon = math.min(2 * interval, math.max(interval, EARLIER))
  local wait = math.min(math.max(seen.due - now, 0), soon)
  local told = { state, string.format('%.6f', wait), seen.count, string.format('%.6f', now) }
  for _, each in ipairs(own) do
    for _, value in ipairs(each) do told[#told + 1] = value end
  end
  return told
end

local seen = look()
local set_back = seen and seen.due > now + hold + interval  -- the clock was
if not seen or set_back or ARGV[8] == 'doubt' then
  repair(set_back or ARGV[8] == 'doubt')
  return answer('lost', look())
end
if role == 'look' then
  if now < seen.due + OVERDUE then return answer('wait', seen) end
  redis.call('DEL', baton)
elseif role ~= 'baton' and tonumber(role) ~= seen.count then
  return answer('wait', seen)
end

while seen.first and seen.due <= now do seen = grant(seen) end

if seen.first and mine > 0 then return answer('pace', seen) end
redis.call('LPUSH', baton, 'baton')
return answer(mine > 0 and 'lost' or 'wait', seen)
