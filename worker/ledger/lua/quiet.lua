-- What nobody wants to hear of at `now`, by the names it was snoozed under; and whether one of `targets` is among it.
local function quiet_at(prefix, now)
  local quiet, snoozes = {}, redis.call('HGETALL', prefix .. 'snoozes')
  for i = 1, #snoozes, 2 do quiet[snoozes[i]] = now < cjson.decode(snoozes[i + 1])['until'] end
  return function(targets)
    for _, target in ipairs(targets) do
      if quiet[target] then return true end
    end
    return false
  end
end
