#!/bin/bash
# Starts Redis with the configuration in REDIS_CONFIGURATION (a file) and the password in
# REDIS_PASSWORD; anything else is run as it stands.
set -euo pipefail

configuration() {
  local password=${REDIS_PASSWORD//\\/\\\\}
  cat "$REDIS_CONFIGURATION"
  printf 'requirepass "%s"\n' "${password//\"/\\\"}"
}

if [ "${1:-}" = redis-server ]; then
  # Over standard input: a command line is there for every process to read.
  exec redis-server - < <(configuration)
fi
exec "$@"
