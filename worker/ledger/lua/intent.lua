-- Stamps what people want: the stamp grows with every change of it. Alone, or ahead of a script that changes it.
--   ARGV: prefix, ...
do
  local key, time = ARGV[1] .. 'intent', redis.call('TIME')
  local stamp = math.max(time[1] + time[2] / 1e6, tonumber(redis.call('GET', key) or 0) + 1e-6)
  if redis.call('EXISTS', key) == 0 then redis.call('SET', ARGV[1] .. 'born', string.format('%.6f', stamp)) end
  redis.call('SET', key, string.format('%.6f', stamp))
end
