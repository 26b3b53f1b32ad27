-- How the quota is doing: {used in the last second, in the last minute, waiting urgently, waiting in the
-- background, grants so far}. What the scores mean is told in quota_grant.lua.
--
-- KEYS  set
-- ARGV  seconds that a permit is held at least

local set, held = KEYS[1], tonumber(ARGV[1])
local BACKGROUND, GONE, MINUTE = '1e11', 1e12, 60
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1e6

local function count(from, to) return redis.call('ZCOUNT', set, from, to) end
local function unused(from, to)
  local n = 0
  for _, permit in ipairs(redis.call('ZRANGE', set, from, to, 'BYSCORE')) do
    if string.sub(permit, 1, 7) == 'unused.' then n = n + 1 end
  end
  return n
end

local second, minute = -(now + held - 1), -(now - MINUTE + held)
return {
  count('-inf', second) - unused('-inf', second),
  count('-inf', minute) - unused('-inf', minute) + count(GONE + now - MINUTE + held, 'inf'),
  count('(1', '(' .. BACKGROUND),
  count(BACKGROUND, '(' .. GONE),
  -(redis.call('ZSCORE', set, 'count') or 0),
}
