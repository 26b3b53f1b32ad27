-- Keeps a channel to one watch.
--   ARGV: prefix, channel, who wants to serve it, seconds
-- Returns whether it is theirs: for so many seconds from now, then.
local mark = ARGV[1] .. 'heard:' .. ARGV[2]
local who = redis.call('GET', mark)
if who and who ~= ARGV[3] then return 0 end
redis.call('SET', mark, ARGV[3], 'EX', ARGV[4])
return 1
