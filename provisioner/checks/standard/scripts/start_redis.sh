# Starts Redis on a copy of its data folder, in $DATA, as whoever owns it. Arguments: more of the
# server's. Where there is an append-only file, it is loaded, as production would.
set -eu
cd "$DATA"
server=$(command -v redis-server || command -v valkey-server) ||
  { echo "there is no redis-server in the image" >&2; exit 127; }
first() { for one; do [ ! -f "$one" ] || { printf '%s\n' "$one"; return; }; done; }
manifest=$(first ./*/*.aof.manifest)
single=$(first ./appendonly.aof ./*.aof)
dump=$(first ./dump.rdb ./*.rdb)
if [ -n "$manifest" ]; then
  folder=${manifest%/*} name=${manifest##*/}
  set -- --appendonly yes --appenddirname "${folder##*/}" --appendfilename "${name%.manifest}" "$@"
elif [ -n "$single" ]; then
  set -- --appendonly yes --appendfilename "${single##*/}" "$@"
fi
[ -z "$dump" ] || set -- --dbfilename "${dump##*/}" "$@"
exec "$server" --dir "$DATA" --bind 127.0.0.1 --port 6379 --daemonize no --save '' "$@"
