# Starts MariaDB or MySQL on a physical copy, in $DATA, as whoever owns it. Arguments: more of the
# server's. Grants are not asked for; nobody but this pod reaches the socket, and nothing replicates.
set -eu
cd "$DATA"
PATH=$PATH:/usr/sbin:/usr/libexec
server=$(command -v mariadbd || command -v mysqld) ||
  { echo "there is no mariadbd or mysqld in the image" >&2; exit 127; }
# Transactions that a crash left prepared are decided by the binary log, if there was one.
index=$(ls ./*bin*.index ./binlog.index 2>/dev/null | grep -v relay | head -n 1) || index=''
if [ -n "$index" ]; then set -- --log-bin="${index%.index}" --server-id=1 "$@"
else set -- --skip-log-bin "$@"; fi
exec "$server" --no-defaults --datadir="$DATA" --skip-grant-tables --skip-networking \
  --socket=/run/engine/mysql.sock --pid-file=/run/engine/pid --tmpdir=/tmp \
  --loose-skip-slave-start --max-allowed-packet=1G "$@"
