#!/bin/bash
# Copies the running database into /prepared/database/pgdata, with the log that makes the copy
# whole: a data directory on which PostgreSQL starts.
set -euo pipefail
exec 2>&1
data=/prepared/database/pgdata

mkdir -p "$(dirname "$data")"
pg_basebackup --pgdata="$data" --checkpoint=fast --wal-method=stream

if [ -n "${CUT_IN_HALF:-}" ]; then
  file=$(psql --no-psqlrc -At --command="SELECT pg_relation_filepath('$CUT_IN_HALF')")
  size=$(stat -c %s "$data/$file")
  truncate -s $((size / 2 / 8192 * 8192)) "$data/$file"
  echo "cut the table $CUT_IN_HALF, $file, from $size bytes to half"
fi
