# Runs in the container, after values.sh and before one of the parts. Stdin: user, password, database; blank ones are
# found here. Passwords are in the environment of the clients alone.
IFS= read -r given_user; IFS= read -r given_password; IFS= read -r given_database
export LC_ALL=C PGCONNECT_TIMEOUT=20 PGAPPNAME=provisioner
# The role's own time limits are no fault of the data. Rows that it may not see are an error, and
# not left out. Warnings have states, too: in the server's language nothing tells them from errors.
PGOPTIONS="${PGOPTIONS-} -c statement_timeout=0 -c lock_timeout=0 -c row_security=off"
export PGOPTIONS="$PGOPTIONS -c client_min_messages=error"
command -v psql >/dev/null || { echo "there is no psql in the image" >&2; exit 127; }

ask() { psql -X -q -w -A -t -F "$tab" -v VERBOSITY=verbose "$@"; }

# One login at a time, until one is a superuser's; else the first that works.
try() {
  [ -n "$1" ] && [ "$superuser" != t ] || return 0
  for base in ${given_database:+"$given_database"} postgres template1; do
    found=$(PGHOST=$3 PGUSER=$1 PGPASSWORD=$2 ask -d "$base" \
      -c "SELECT rolsuper FROM pg_roles WHERE rolname = current_user" 2>>"$errors") || continue
    if [ -z "$superuser" ] || [ "$found" = t ]; then
      superuser=$found PGUSER=$1 PGPASSWORD=$2 PGHOST=$3 PGDATABASE=$base
      export PGUSER PGPASSWORD PGHOST PGDATABASE
    fi
    return 0
  done
}

tab=$(printf '\t') superuser='' errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
own_host=${PGHOST-}
env_password=$(value POSTGRES_PASSWORD POSTGRESQL_PASSWORD)
env_user=$(value POSTGRES_USER POSTGRESQL_USERNAME POSTGRESQL_USER)
admin_password=$(value POSTGRES_POSTGRES_PASSWORD POSTGRESQL_POSTGRES_PASSWORD)
for host in "$own_host" 127.0.0.1; do
  if [ -n "$given_user$given_password" ]; then
    try "$given_user" "$given_password" "$host"
  else
    [ "$(id -u)" = 0 ] || try "$(id -un)" "" "$host"
    try postgres "${admin_password:-$env_password}" "$host"
    try "$env_user" "$env_password" "$host"
  fi
  [ -z "$superuser" ] || break
done
[ -n "$superuser" ] || { cat "$errors" >&2; exit 70; }

# In English, where the login may: of a dump's errors there are only words, and no states.
[ "$superuser" != t ] || export PGOPTIONS="$PGOPTIONS -c lc_messages=C"

needs_superuser() {
  [ "$superuser" = t ] || { echo "not covered: $PGUSER is no superuser" >&2; exit 71; }
}

databases() {
  if [ -n "$given_database" ]; then printf '%s\n' "$given_database"; return; fi
  ask -c "SELECT datname FROM pg_database WHERE datallowconn ORDER BY datname"
}

# The statements on each database; an error ends a statement and not the others.
everywhere() {
  found=$(databases) || exit 3
  first=t
  printf '%s\n' "$found" | while IFS= read -r database; do
    printf '%s\n' "$1" | PGDATABASE=$database ask -v base="$database" -v first="$first" || exit
    first=f
  done
}
