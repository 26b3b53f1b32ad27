-- Notes how far somebody is who finds out what another edition would move; in the end the ledger goes by it.
--   ARGV: prefix, now, the edition that the ledger goes by, the survey as it was read (JSON, or '': there is none),
--         the survey as it is now (JSON), its edition, 1 if it is done, 1 if it has begun anew, how many changes are
--         kept, then a line for each move that was found since (JSON)
-- Returns 1, or 0 if somebody else went on meanwhile: then nothing is done.
local prefix, now, edition = ARGV[1], ARGV[2], ARGV[1] .. 'edition'
if redis.call('HGET', edition, 'by') ~= ARGV[3] or (redis.call('HGET', edition, 'survey') or '') ~= ARGV[4] then return 0 end

-- Whoever does this is there: else an older edition might take over again before its next sign of life.
redis.call('ZADD', prefix .. 'seen:edition', now, ARGV[6])
if ARGV[8] == '1' then redis.call('DEL', prefix .. 'moves') end
for i = 10, #ARGV do redis.call('RPUSH', prefix .. 'moves', ARGV[i]) end
if ARGV[7] == '0' then
  redis.call('HSET', edition, 'survey', ARGV[5])
  return 1
end
redis.call('HSET', edition, 'by', ARGV[6])
redis.call('HDEL', edition, 'survey')
redis.call('RPUSH', prefix .. 'editions', ARGV[5])
redis.call('LTRIM', prefix .. 'editions', -tonumber(ARGV[9]), -1)
-- All events, for with other rules also the next start of one that moves nothing may be another. They are planned
-- in batches, as after an apply; each says by which edition it was planned, so none is forgotten or moved twice.
redis.call('ZUNIONSTORE', prefix .. 'plan', 1, prefix .. 'events', 'WEIGHTS', 0)
redis.call('INCR', prefix .. 'revision')
return 1
