-- Writes a message that people hear once, whoever says it and however often. Behind quiet.lua.
--   ARGV: prefix, now, its name, seconds for which that is remembered, messages to keep, level, targets (JSON), body
-- Returns whether it was written; one that is snoozed is not, and may be said again.
if quiet_at(ARGV[1], tonumber(ARGV[2]))(cjson.decode(ARGV[7])) then return 0 end
if not redis.call('SET', ARGV[1] .. 'told:' .. ARGV[3], ARGV[2], 'NX', 'EX', ARGV[4]) then return 0 end
redis.call('XADD', ARGV[1] .. 'alerts', 'MAXLEN', '~', ARGV[5], '*', 'what', 'told', 'at', ARGV[2], 'since', ARGV[2],
  'level', ARGV[6], 'body', ARGV[8])
return 1
