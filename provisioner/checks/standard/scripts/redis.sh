# Runs in the container, after values.sh and before one of the parts. Stdin: user, password, database; blank ones are
# found here. The password is in the environment of the clients alone.
IFS= read -r user; IFS= read -r given_password; IFS= read -r _
export LC_ALL=C
client=$(command -v redis-cli || command -v valkey-cli) ||
  { echo "there is no redis-cli in the image" >&2; exit 127; }

ask() { "$client" -p "${REDIS_PORT_NUMBER:-6379}" ${user:+--user "$user"} "$@" 2>&1; }

REDISCLI_AUTH=${given_password:-$(value REDIS_PASSWORD VALKEY_PASSWORD REDISCLI_AUTH)}
export REDISCLI_AUTH
[ -n "$REDISCLI_AUTH" ] || unset REDISCLI_AUTH
pong=$(ask PING)
case $pong in *PONG*) ;; *) printf '%s\n' "$pong" >&2; exit 70 ;; esac

setting() { ask CONFIG GET "$1" | sed -n 2p; }
