-- What the ledger knows of some slots: each as it stands at one moment.
--   ARGV: prefix, most windows to return, then for each slot: slot, the latest end that is listed on it
--         ('0' if nothing is, '+inf' for a row without an end)
-- Returns for each {book or '', lease_until or '0', {id, plan, state, rev, tries}...}: of its open windows those
-- that begin before everything we hold there, or that is listed, has ended.
local prefix, most = ARGV[1], ARGV[2]
local found = {}
for i = 3, #ARGV, 2 do
  local key, latest = prefix .. 'slot:' .. ARGV[i], ARGV[i + 1]
  local book, lease_until = unpack(redis.call('HMGET', key, 'book', 'lease_until'))
  for _, relay in ipairs(book and cjson.decode(book).ours or {}) do
    local times = relay[3]
    if times == cjson.null then latest = '+inf' end
    if latest ~= '+inf' then latest = tostring(math.max(tonumber(latest), times[2])) end
  end
  local told = { book or '', lease_until or '0' }
  local ids = redis.call('ZRANGEBYSCORE', key .. ':windows', '-inf', latest, 'LIMIT', 0, most)
  for _, id in ipairs(ids) do
    local window = redis.call('HMGET', prefix .. 'window:' .. id, 'plan', 'state', 'rev', 'tries')
    if window[1] then told[#told + 1] = { id, window[1], window[2], window[3], window[4] or '0' } end
  end
  found[#found + 1] = told
end
return found
