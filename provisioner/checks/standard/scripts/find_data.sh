# Runs as root in the engine's image, on the claim: SET FOLDER. Says where the data directory is and
# whose. The claim's own root has no owner but the kubelet: it gets that of what lies in it.
cd /restored || exit 1

postgres_data() {
  find . -maxdepth 6 -name PG_VERSION ! -path '*/base/*' ! -path '*/pg_tblspc/*' |
    sed 's|/[^/]*$||'
  find . -maxdepth 7 -path '*/global/pg_control' | sed 's|/global/pg_control$||'
}

mariadb_data() {
  find . -maxdepth 6 \( -name ibdata1 -o -name aria_log_control -o -name mysql.ibd \) |
    sed 's|/[^/]*$||'
}

redis_data() {
  find . -maxdepth 6 \( -name '*.rdb' -o -name '*.aof' -o -name '*.aof.manifest' \) |
    sed 's|/[^/]*$||; s|/appendonlydir$||'
}

owned() { # FOLDER: something in it that the engine wrote
  for one in "$1"/PG_VERSION "$1"/ibdata1 "$1"/*.rdb "$1"/*; do
    [ -e "$one" ] && { printf '%s\n' "$one"; return; }
  done
  printf '%s\n' "$1"
}

if [ -n "$2" ]; then found=./$2; [ -d "$found" ] || found=''
else found=$("$1_data" | sort -u); fi
case $found in
  '') printf 'none\t%s\n' "$(ls -A "${2:-.}" 2>/dev/null | head -n 8 | tr '\n' ' ')"; exit ;;
  *"
"*) printf 'several\t%s\n' "$(printf '%s' "$found" | tr '\n' ' ')"; exit ;;
esac
whose=$(stat -c '%u %g' "$(owned "$found")")
if [ "$found" = . ]; then
  chown "${whose% *}:${whose#* }" . && chmod 0700 .
fi
printf 'data\t%s\t%s\t%s\n' "$found" "${whose% *}" "${whose#* }"
