#!/bin/bash
# Puts $BACKUP_PATH into the restic repository, which is made at the first backup.
set -euo pipefail
exec 2>&1
export RESTIC_CACHE_DIR=/tmp/restic-$HOSTNAME-$UID

# Made first and not looked for first: restic asks a bucket that is not there for many minutes.
if ! restic init >"$RESTIC_CACHE_DIR.init" 2>&1; then
  grep -q 'already' "$RESTIC_CACHE_DIR.init" || { cat "$RESTIC_CACHE_DIR.init"; exit 1; }
fi
restic backup --host "$BACKUP_HOST" --tag "$BACKUP_TAGS" "$BACKUP_PATH"
