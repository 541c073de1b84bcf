# Every key of every database, in portions, so that the server goes on answering.
portion="local found = redis.call('SCAN', ARGV[1], 'COUNT', 1000)
local bytes, lasting = 0, 0
local sizes = {list = 'LLEN', hash = 'HLEN', set = 'SCARD', zset = 'ZCARD', stream = 'XLEN'}
for _, key in ipairs(found[2]) do
  bytes = bytes + #(redis.call('DUMP', key) or '')
  if redis.call('PTTL', key) == -1 then
    local size = sizes[redis.call('TYPE', key).ok]
    lasting = lasting + (size and redis.call(size, key) or 1)
  end
end
return found[1] .. ' ' .. #found[2] .. ' ' .. bytes .. ' ' .. lasting"
ask INFO keyspace | tr -d '\r' | sed -n 's/^db\([0-9]*\):.*/\1/p' | while read -r database; do
  cursor=0
  while :; do
    said=$(ask -n "$database" EVAL "$portion" 0 "$cursor")
    case $said in
      [0-9]*\ [0-9]*\ [0-9]*\ [0-9]*) ;;
      *) printf 'error\t%s\n' "$(printf %s "$said" | tr '\n\t' '  ')"; break ;;
    esac
    # shellcheck disable=SC2086
    printf 'read\t%s\t%s\t%s\t%s\n' $said
    cursor=${said%% *}
    [ "$cursor" != 0 ] || break
  done
done
echo end
