# Runs in the container, after values.sh and before one of the parts. Stdin: user, password, database; blank ones are
# found here. Passwords are in the environment of the clients alone.
IFS= read -r given_user; IFS= read -r given_password; IFS= read -r given_database
export LC_ALL=C
client=$(command -v mariadb || command -v mysql) ||
  { echo "there is no mariadb or mysql client in the image" >&2; exit 127; }

# Option files are left out: their passwords would win over ours. Only the socket is read there.
socket() {
  [ -z "${MYSQL_UNIX_PORT-}" ] || { printf '%s\n' "$MYSQL_UNIX_PORT"; return; }
  command -v my_print_defaults >/dev/null || return 0
  my_print_defaults client mysqld mariadb mariadbd server 2>/dev/null |
    sed -n 's/^--socket=//p' | head -n 1
}

# shellcheck disable=SC2086
connected() { # PROGRAM ARGUMENTS: with the way and the user that were found
  program=$1; shift
  "$program" --no-defaults $way --user="$user" --default-character-set=utf8mb4 "$@"
}

ask() { connected "$client" --batch --skip-column-names --connect-timeout=5 "$@"; }

# One login at a time, until one may read everything; else the first that works.
try() {
  [ -n "$1" ] && [ "$all" != 1 ] || return 0
  before="$user|$way" before_password=${MYSQL_PWD-} user=$1 way=$3
  export MYSQL_PWD="$2"
  # The last names are what a server without grants calls everybody: it lets them do everything.
  found=$(ask -e "SELECT COUNT(*) > 0 OR CURRENT_USER() IN ('@', '$everybody') FROM information_schema.USER_PRIVILEGES
    WHERE PRIVILEGE_TYPE = 'SELECT' AND REPLACE(GRANTEE, '''', '') = CURRENT_USER()" \
    2>>"$errors") || found=''
  if [ -n "$found" ] && { [ -z "$all" ] || [ "$found" = 1 ]; }; then all=$found; return 0; fi
  user=${before%%|*} way=${before#*|} MYSQL_PWD=$before_password
}

all='' user='' way='' errors=$(mktemp) everybody='skip-grants user@skip-grants host'
trap 'rm -f "$errors"' EXIT
file=$(socket)
env_password=$(value MARIADB_PASSWORD MYSQL_PASSWORD)
root_password=$(value MARIADB_ROOT_PASSWORD MYSQL_ROOT_PASSWORD)
for host in "--protocol=socket${file:+ --socket=$file}" "--protocol=tcp --host=127.0.0.1"; do
  if [ -n "$given_user$given_password" ]; then
    try "$given_user" "$given_password" "$host"
  else
    [ -z "$root_password" ] || try "$(value MARIADB_ROOT_USER MYSQL_ROOT_USER || :)" \
      "$root_password" "$host"
    [ -z "$root_password" ] || try root "$root_password" "$host"
    try "$(id -un 2>/dev/null)" "" "$host"
    try "$(value MARIADB_USER MYSQL_USER)" "$env_password" "$host"
  fi
  [ -z "$all" ] || break
done
[ -n "$all" ] || { cat "$errors" >&2; exit 70; }

export given_database
# Statements that are made by a statement; an error ends one and not the others.
each() {
  # MySQL 8 keeps the counters that it shows for a day; MariaDB knows no such setting.
  fresh='SET SESSION information_schema_stats_expiry = 0;'
  ask -e "$fresh" 2>/dev/null || fresh=''
  {
    printf "SET @only = '%s';\n" "$(printf %s "$given_database" | sed "s/'/''/g")"
    printf '%s\n' "$1"
  } | ask --raw | { printf '%s\n' "$fresh"; cat; } | ask --force
}

rights() {
  [ "$all" = 1 ] || printf 'note\tonly what user %s may read\n' "$user"
}
