# Files of tables that the server does not know: their definitions (.frm) are not there. MySQL 8
# keeps no such files. What stays is a fault: a table may be made or dropped meanwhile.
without_definition() {
  find "$datadir" -mindepth 2 -maxdepth 2 \( -name '*.ibd' -o -name '*.MYD' -o -name '*.MAD' \) \
    2>/dev/null | while IFS= read -r file; do
    table=${file%.*}
    case ${table##*/} in '#sql'* | FTS_*) continue ;; esac
    table=${table%%'#P#'*}
    [ -e "${table%%'#p#'*}.frm" ] || printf '%s\n' "$file"
  done
}

orphans() {
  datadir=$(ask -e 'SELECT @@datadir') && datadir=${datadir%/}
  [ -n "$(find "$datadir" -mindepth 2 -maxdepth 2 -name '*.frm' 2>/dev/null | head -n 1)" ] ||
    return 0
  [ -n "$(without_definition)" ] || return 0
  sleep 1
  without_definition | while IFS= read -r file; do
    printf 'bad\t%s: the definition of this table (.frm) is not there\n' "${file#"$datadir"/}"
  done
}
