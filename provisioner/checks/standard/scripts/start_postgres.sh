# Starts PostgreSQL on a physical copy, in $DATA, as whoever owns it. Arguments: more of the server's.
# Anybody who reaches the socket is let in, which is this pod. Nothing follows production or fetches
# from its archive: the WAL of the copy has to do.
set -eu
cd "$DATA"
for folder in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do PATH=$PATH:$folder; done
command -v postgres >/dev/null || { echo "there is no postgres in the image" >&2; exit 127; }
rm -f postmaster.pid postmaster.opts standby.signal recovery.signal recovery.conf
echo 'local all all trust' >/run/engine/pg_hba.conf
: >/run/engine/pg_ident.conf
[ -f postgresql.conf ] || { : >/run/engine/own.conf; set -- -c config_file=/run/engine/own.conf "$@"; }
set -- -D "$DATA" -c data_directory="$DATA" -c hba_file=/run/engine/pg_hba.conf -c ident_file=/run/engine/pg_ident.conf \
  -c listen_addresses= -c unix_socket_directories=/run/engine -c port=5432 -c external_pid_file=/run/engine/pid \
  -c ssl=off -c logging_collector=off -c log_destination=stderr -c lc_messages=C \
  -c archive_mode=off -c synchronous_standby_names= -c max_logical_replication_workers=0 \
  -c default_transaction_read_only=off -c autovacuum=off -c jit=off -c max_parallel_workers=0 \
  -c shared_buffers=128MB -c huge_pages=off "$@"
# The password is not asked for, but a name is: single-user mode needs none.
said=$(printf '%s\n' \
  'SELECT rolname FROM pg_authid WHERE rolsuper ORDER BY rolcanlogin DESC, oid LIMIT 1' |
  postgres --single "$@" template1) || exit
printf '%s\n' "$said" | sed -n 's/.*rolname = "\(.*\)"[[:space:]]*(typeid.*/\1/p' >/run/engine/user
[ -s /run/engine/user ] || { echo "FATAL:  there is no superuser in pg_authid" >&2; exit 1; }
exec postgres "$@"
