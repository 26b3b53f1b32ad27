-- Takes note of the conditions that hold now in the scopes that were looked at, and writes down what people are to hear.
--   ARGV: prefix, now, calm (seconds for which one must be gone to have ended), messages to keep, seconds for which a
--         look may take, seconds after which a scope that nobody looks at any more is forgotten, then for each scope:
--         its name, and its conditions (JSON: key, level, patience, until (-1: for ever), instead_of (keys), unsure,
--         targets, body)
-- Returns how many messages were written. What people heard of is in `told`, so that the same judgement twice, or
-- two who judge at once, say nothing twice; of two looks at a scope the older, if it comes second, is no news. What is
-- snoozed is neither told of nor said to be well until it is no longer snoozed; if it was told of before and holds even
-- then, that is told. Numbers are kept as the text they came as; those that lie ahead are from before the clock was set
-- back, and count from now. Whether something is over goes by the latest look of all: one that began before and took
-- its time must not begin what has ended since.
local prefix, now, calm, most, longest, forget = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local conditions, looked, written = prefix .. 'conditions', prefix .. 'looked', 0
local is_quiet = quiet_at(prefix, now)

local function since(at)
  return at and tonumber(at) <= now and at or ARGV[2]
end

local function tell(what, each, level)
  redis.call('XADD', prefix .. 'alerts', 'MAXLEN', '~', most, '*', 'what', what, 'at', ARGV[2], 'since', each.since,
    'level', level, 'body', each.body)
  written = written + 1
end

local function drop(key, each, what)
  if each.told >= 0 then tell(what, each, each.told) end
  redis.call('HDEL', conditions, key)
end

local latest = now
for _, at in ipairs(redis.call('HVALS', looked)) do
  at = tonumber(at)
  if at > latest and at - now <= longest then latest = at end
end

local known, fresh, holds = {}, {}, {}
local stored = redis.call('HGETALL', conditions)
for i = 1, #stored, 2 do known[stored[i]] = cjson.decode(stored[i + 1]) end

for i = 7, #ARGV, 2 do
  local scope = ARGV[i]
  local last = tonumber(redis.call('HGET', looked, scope) or '0')
  if now >= last or last - now > longest then
    redis.call('HSET', looked, scope, ARGV[2])
    fresh[scope] = true
    for _, found in ipairs(cjson.decode(ARGV[i + 1])) do
      local was = known[found.key] or { told = -1 }
      local each = {
        scope = scope, since = since(was.since), told = was.told, level = found.level, ['until'] = found['until'],
        targets = found.targets, body = found.body, hushed = was.hushed,
      }
      local over = found['until'] >= 0 and latest >= found['until']
      if over then
        if known[found.key] then known[found.key]['until'] = found['until'] end
      elseif found.unsure then
        holds[found.key] = true
      elseif found.level > each.told and now - tonumber(each.since) >= found.patience and not is_quiet(found.targets) then
        tell(each.told < 0 and 'began' or 'worse', each, found.level)
        each.told, each.hushed = found.level, nil
      elseif each.told >= 0 and is_quiet(found.targets) then
        each.hushed = true
      elseif each.hushed then
        tell('still', each, found.level)
        each.hushed = nil
      end
      if not over and not found.unsure then
        holds[found.key] = true
        redis.call('HSET', conditions, found.key, cjson.encode(each))
        for _, key in ipairs(found.instead_of or {}) do
          local other = known[key]
          if other and each.told < 0 and other.told >= 0 then
            holds[key] = true
          elseif other then
            other['until'] = 0
          end
        end
      end
    end
  end
end

for key, each in pairs(known) do
  local over = each['until'] >= 0 and latest >= each['until']
  if holds[key] then
    -- It was found.
  elseif over then
    drop(key, each, 'over')
  elseif fresh[each.scope] then
    each.since, each.gone = since(each.since), since(each.gone)
    if each.told < 0 or now - tonumber(each.gone) >= calm and not is_quiet(each.targets) then
      drop(key, each, 'recovered')
    else
      redis.call('HSET', conditions, key, cjson.encode(each))
    end
  elseif now - tonumber(redis.call('HGET', looked, each.scope) or '0') >= forget then
    drop(key, each, 'over')
  end
end

local scopes = redis.call('HGETALL', looked)
for i = 1, #scopes, 2 do
  if now - tonumber(scopes[i + 1]) >= forget then redis.call('HDEL', looked, scopes[i]) end
end
return written
