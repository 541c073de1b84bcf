#!/bin/bash
# Starts MariaDB. An empty data directory is initialised from MARIADB_DATABASE, MARIADB_USER,
# MARIADB_PASSWORD and MARIADB_BACKUP_PASSWORD; data that is there is started as it is, and its
# users are left alone. Administration goes over the socket, as the operating system's user.
set -euo pipefail

DATA=/var/lib/mysql
FRESH=$DATA/.initialising

holds_nothing() {
  [ -z "$(find "$DATA" -mindepth 1 -maxdepth 1 ! -name lost+found ! -path "$FRESH" -print -quit)" ]
}

quoted() {
  local text=${1//\\/\\\\}
  printf "'%s'" "${text//\'/\'\'}"
}

first_statements() {
  cat <<SQL
CREATE DATABASE \`$MARIADB_DATABASE\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER $(quoted "$MARIADB_USER")@'%' IDENTIFIED BY $(quoted "$MARIADB_PASSWORD");
GRANT ALL ON \`$MARIADB_DATABASE\`.* TO $(quoted "$MARIADB_USER")@'%';
CREATE USER 'backup'@'%' IDENTIFIED BY $(quoted "$MARIADB_BACKUP_PASSWORD");
GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON *.* TO 'backup'@'%';
SHUTDOWN;
SQL
}

# Done in a folder of its own and moved at the end, the system tables last: an initialisation that
# was cut off is recognised and begun anew, never taken for a database.
initialise() {
  local statements=/tmp/first-statements.sql log=/tmp/first-start.log
  rm -rf "$FRESH"
  mkdir -m 0750 "$FRESH"
  mariadb-install-db --datadir="$FRESH" --auth-root-authentication-method=socket \
    --auth-root-socket-user=mysql --skip-test-db --skip-name-resolve >/dev/null
  (umask 077 && first_statements >"$statements")
  mariadbd --datadir="$FRESH" --skip-networking --init-file="$statements" 2>&1 | tee "$log"
  rm -f "$statements"
  if grep -q '\[ERROR\]' "$log"; then
    echo "the first statements failed, see above" >&2
    exit 1
  fi
  find "$FRESH" -mindepth 1 -maxdepth 1 ! -name mysql -exec mv -t "$DATA" {} +
  mv "$FRESH/mysql" "$DATA/mysql"
  rmdir "$FRESH"
}

if [ "${1:-}" = mariadbd ] && [ ! -d "$DATA/mysql" ]; then
  if [ -d "$FRESH" ]; then
    find "$DATA" -mindepth 1 -maxdepth 1 ! -name lost+found ! -path "$FRESH" -exec rm -rf {} +
  elif ! holds_nothing; then
    echo "$DATA holds files but no system tables: refusing to initialise over them" >&2
    exit 1
  fi
  initialise
fi
exec "$@"
