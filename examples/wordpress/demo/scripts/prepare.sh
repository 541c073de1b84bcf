#!/bin/bash
# Copies the running database into /prepared/data and makes the copy consistent, so that it is a
# data directory MariaDB can start on.
set -euo pipefail
exec 2>&1
data=/prepared/data
options=/tmp/backup-client.cnf

(umask 077 && printf '[client]\nhost=%s\nuser=backup\npassword=%s\n' \
  "$DATABASE_HOST" "$BACKUP_PASSWORD" >"$options")
mariadb-backup --defaults-extra-file="$options" --backup --datadir=/var/lib/mysql \
  --target-dir="$data" | tail -n 3
rm -f "$options"
mariadb-backup --prepare --target-dir="$data" | tail -n 3

if [ -n "${CUT_IN_HALF:-}" ]; then
  size=$(stat -c %s "$data/$CUT_IN_HALF")
  truncate -s $((size / 2)) "$data/$CUT_IN_HALF"
  echo "cut $CUT_IN_HALF from $size bytes to half"
fi
