-- Put ahead of scripts that must know which life of the ledger this is; `fresh` is 'new' if this server has only
-- now been told the script.
--
-- A server that does not know the epoch has lost its memory, and one that does not know this script has just
-- started, perhaps from half a file: whoever kept a journal tells it first what it may have forgotten.
local function epoch_of(prefix, now, fresh)
  local epoch = redis.call('GET', prefix .. 'epoch')
  if not epoch or fresh == 'new' then
    -- From half a file: another machine may be in the middle of a write that this ledger knows nothing of.
    if epoch then redis.call('SET', prefix .. 'lost', now) end
    epoch = string.format('%.0f', now * 1000)
    redis.call('SET', prefix .. 'epoch', epoch)
  end
  return epoch
end
