-- Takes note of the conditions that hold now in the scopes that were looked at, and writes down what people are to hear.
--   ARGV: prefix, now, calm (seconds for which one must be gone to have ended), messages to keep, then for each
--         scope: its name, and its conditions (JSON: key, level, patience, until (-1: for ever), quiet, body)
-- Returns how many messages were written. What people heard of is in `told`, so that the same judgement twice, or
-- two who judge at once, say nothing twice. A quiet one is not told of until it is no longer quiet.
local prefix, now, calm, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local conditions, written = prefix .. 'conditions', 0

local function tell(what, each, level)
  redis.call('XADD', prefix .. 'alerts', 'MAXLEN', '~', most, '*', 'what', what, 'at', ARGV[2], 'since', each.since,
    'level', level, 'body', each.body)
  written = written + 1
end

local open = {}
local stored = redis.call('HGETALL', conditions)
for i = 1, #stored, 2 do
  local each = cjson.decode(stored[i + 1])
  open[each.scope] = open[each.scope] or {}
  open[each.scope][stored[i]] = each
end

for i = 5, #ARGV, 2 do
  local scope, known, holds = ARGV[i], open[ARGV[i]] or {}, {}
  for _, found in ipairs(cjson.decode(ARGV[i + 1])) do
    local was = known[found.key] or { since = ARGV[2], told = -1 }
    local each = {
      scope = scope, since = was.since, told = was.told, level = found.level, body = found.body, ['until'] = found['until'],
    }
    if not found.quiet and now - tonumber(each.since) >= found.patience then
      if each.told < 0 then
        tell('began', each, each.level)
        each.told = each.level
      elseif each.level > each.told then
        tell('worse', each, each.level)
        each.told = each.level
      end
    end
    holds[found.key] = true
    redis.call('HSET', conditions, found.key, cjson.encode(each))
  end
  for key, each in pairs(known) do
    if not holds[key] then
      each.gone = each.gone or ARGV[2]
      local over = each['until'] >= 0 and now >= each['until']
      if each.told < 0 or over or now - tonumber(each.gone) >= calm then
        if each.told >= 0 then tell(over and 'over' or 'recovered', each, each.told) end
        redis.call('HDEL', conditions, key)
      else
        redis.call('HSET', conditions, key, cjson.encode(each))
      end
    end
  end
end
return written
