#!/bin/bash
# Copies Redis' append-only files into /prepared/queue, as Redis' own documentation has it: no
# rewrite may begin or be under way meanwhile.
set -euo pipefail
exec 2>&1
redis() { redis-cli -e -h "$REDIS_HOST" "$@"; }

setting=auto-aof-rewrite-percentage
before=$(redis CONFIG GET "$setting" | tail -n 1)
trap 'redis CONFIG SET "$setting" "$before"' EXIT
redis CONFIG SET "$setting" 0
while redis INFO persistence | grep -q '^aof_rewrite_in_progress:1'; do sleep 0.2; done
mkdir -p /prepared/queue
cp -a /data/appendonlydir /prepared/queue/
