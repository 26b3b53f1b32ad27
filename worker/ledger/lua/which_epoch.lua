-- Which life of the ledger this is.
--   ARGV: prefix, now, 'new' if this server has only now been told this script
return epoch_of(ARGV[1], tonumber(ARGV[2]), ARGV[3])
