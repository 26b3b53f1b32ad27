-- Takes what is due, most urgent first, no more than there is room for.
--   ARGV: prefix, now, capacity, redeliver (seconds)
-- What is handed out stays in `due`, `redeliver` seconds later: a lost message costs that and no more.
local prefix, now, capacity, redeliver = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local due, out = prefix .. 'due', prefix .. 'out'

redis.call('ZREMRANGEBYSCORE', out, '-inf', now - redeliver)
local room = capacity - redis.call('ZCARD', out)
if room <= 0 then return {} end

local ids = redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, 20000)
local found = {}
for _, id in ipairs(ids) do
  local window = redis.call('HMGET', prefix .. 'window:' .. id, 'state', 'start', 'end')
  if window[1] then
    local state, start, last = window[1], tonumber(window[2]), tonumber(window[3])
    local wanted = state == 'planned' or state == 'retrying' or state == 'placing' or state == 'displaced'
    local corrected = state == 'placed' and last > now
    local cut = state == 'cancelled' and start <= now and now < last
    -- A relay that has to go waits behind every window that has to come, unless it is stopped while on air.
    found[#found + 1] = { id, (wanted or corrected or cut) and start or last + 1e10 }
  else
    redis.call('ZREM', due, id)
  end
end
table.sort(found, function(a, b) return a[2] < b[2] or (a[2] == b[2] and a[1] < b[1]) end)

local handed = {}
for i = 1, math.min(room, #found) do
  local id = found[i][1]
  redis.call('ZADD', due, now + redeliver, id)
  redis.call('ZADD', out, now, id)
  handed[i] = id
end
return handed
