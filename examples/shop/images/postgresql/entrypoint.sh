#!/bin/bash
# Starts PostgreSQL. Where there is no data, it is initialised from POSTGRES_DATABASE,
# POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_BACKUP_PASSWORD; data that is there is started as it
# is, and its roles are left alone. Administration goes over the socket, as the operating system's
# user.
set -euo pipefail

VOLUME=$(dirname "$PGDATA")
FRESH=$PGDATA.initialising

holds_nothing() {
  [ -z "$(find "$VOLUME" -mindepth 1 -maxdepth 1 ! -name lost+found ! -path "$FRESH" -print -quit)" ]
}

first_statements() {
  cat <<'SQL'
\getenv database POSTGRES_DATABASE
\getenv user POSTGRES_USER
\getenv password POSTGRES_PASSWORD
\getenv backup_password POSTGRES_BACKUP_PASSWORD
CREATE ROLE :"user" LOGIN PASSWORD :'password';
CREATE ROLE backup LOGIN REPLICATION PASSWORD :'backup_password';
CREATE DATABASE :"database" OWNER :"user";
SQL
}

# Done in a folder of its own that is renamed at the end: an initialisation that was cut off is
# begun anew, never taken for a database.
initialise() {
  local socket="-c listen_addresses='' -c unix_socket_directories=/tmp"
  rm -rf "$FRESH"
  initdb --pgdata="$FRESH" --encoding=UTF8 --locale=C.UTF-8 --data-checksums \
    --auth-local=peer --auth-host=scram-sha-256 >/dev/null
  pg_ctl --pgdata="$FRESH" --silent --wait --log=/tmp/first-start.log --options="$socket" start
  first_statements | psql --host=/tmp --dbname=postgres --no-psqlrc --quiet --set=ON_ERROR_STOP=1
  pg_ctl --pgdata="$FRESH" --silent --wait --mode=fast stop
  mv "$FRESH" "$PGDATA"
}

if [ "${1:-}" = postgres ] && [ ! -f "$PGDATA/PG_VERSION" ]; then
  if ! holds_nothing; then
    echo "$VOLUME holds files but no database in $PGDATA: refusing to initialise over them" >&2
    exit 1
  fi
  initialise
fi
exec "$@"
