-- Takes away the mark of who asks for a list, if it is still the caller's.
-- KEYS: the mark. ARGV: the caller's token.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
