-- Writes the next revision down, unless somebody applied something since it was planned.
--   ARGV: prefix, its number, its line (JSON), how many are kept
-- Returns 1, or 0 if that number is taken: then nothing is done.
local key, counter = ARGV[1] .. 'applied', ARGV[1] .. 'revisions'
local count, number = tonumber(redis.call('GET', counter) or redis.call('LLEN', key)), tonumber(ARGV[2])
if count == number and redis.call('LINDEX', key, -1) == ARGV[3] then return 1 end -- sent twice
if count + 1 ~= number then return 0 end

redis.call('SET', counter, ARGV[2])
redis.call('RPUSH', key, ARGV[3])
redis.call('LTRIM', key, -tonumber(ARGV[4]), -1)
redis.call('INCR', ARGV[1] .. 'revision')
return 1
