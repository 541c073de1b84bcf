#!/bin/sh
# What lies in FOLDER: one walk over all of it, and a look into SAMPLE files that are drawn by lot.
# USERS who read it as UID/GID,GID/1 (1: may read all there is), none known: each owner its own.
# EXCLUDE is an extended regular expression of paths, MOUNTED where the application has the folder,
# MARK what no name can be made to begin a line with.
export LC_ALL=C
cd "$FOLDER" || exit 1
tab=$(printf '\t')
errors=$(mktemp) || exit 1
trap 'rm -f "$errors"' EXIT

# Lines to come: "n NAME NUMBER", "f FEATURE NUMBER", "e NAME PATH: WORDS"; then "l PATH" for each
# link and "s EXTENSION SIZE PATH" for each file to look into, which go no further than this script.
# A name may hold a line's end: what does not begin with the mark goes on with a name.
walked='
BEGIN {
  srand(ENVIRON["SEED"]); most = ENVIRON["SAMPLE"] + 0; exclude = ENVIRON["EXCLUDE"]
  people = split(ENVIRON["USERS"], user, " ")
  for (i = 1; i <= people; i++) {
    split(user[i], part, "/"); uid[i] = part[1]; all[i] = part[3]
    members = split(part[2], group, ",")
    for (j = 1; j <= members; j++) belongs[i, group[j]] = 1
  }
}
$1 != mark { odd = 1; next }
{ settle(); held = $0; odd = 0 }
END {
  settle()
  number["walked"] = 1; number["followed"] = links
  for (name in number) printf "n\t%s\t%.0f\n", name, number[name]
  for (name in feature)
    if (feature[name] * 100 >= number["files"]) printf "f\t%s\t%d\n", name, feature[name]
  for (i = 1; i <= links; i++) print "l\t" link[i]
  for (i = 1; i <= drawn; i++) print "s\t" draw[i]
}
function settle(  part, path, name, at, ending) {
  if (held == "") return
  split(held, part, " ")
  path = substr(held, index(held, " .") + 1)
  path = path == "." ? path : substr(path, 3)
  held = ""
  if (exclude != "" && path ~ exclude) return
  if (part[2] ~ /^a/) {
    number["links"]++
    if (!odd && links < 50000) link[++links] = path
    return
  }
  if (part[2] ~ /^[48]/) access(part, path)
  if (part[2] !~ /^8/) {
    if (path != ".") number[part[2] ~ /^4/ ? "folders" : "others"]++
    return
  }
  number["files"]++
  number["bytes"] += part[4]
  at = index(path, "/")
  if (at) met(substr(path, 1, at))
  name = path; sub(/.*\//, "", name)
  ending = name ~ /.\.[A-Za-z0-9]+$/ ? tolower(name) : ""
  sub(/.*\./, "", ending)
  if (ending != "" && length(ending) < 9) met("*." ending); else ending = ""
  if (path ~ /[A-Z]/) met("names with capitals")
  if (path ~ /[^ -~]/) met("names beyond ASCII")
  if (part[4] == 0) { number["empty"]++; return }
  if (!odd) choose(ending "\t" part[4] "\t" path)
}
# Of a folder for each of a million users none is much among all.
function met(name) {
  if (name in feature || ++kinds <= 5000) feature[name]++
}
function choose(line,  place) {
  place = ++seen <= most ? ++drawn : int(rand() * seen) + 1
  if (place <= most) draw[place] = line
}
function access(part, path,  key) {
  key = substr(part[2], 1, 1) " " part[3] " " part[5] " " part[6]
  if (!(key in reads)) judge(key, part)
  number["entries"]++
  if (writes[key]) number["writable"]++
  if (reads[key]) return
  if (number["unreadable"]++ < 5 && !odd)
    printf "e\tunreadable\t%s: of %s:%s, mode %s\n", path, part[5], part[6], part[3]
}
# Of a folder, search goes with both. The digits of the mode are octal, and read as they stand.
function judge(key, part,  i, digit, search) {
  search = part[2] ~ /^4/
  for (i = people ? 1 : 0; i <= people; i++) {
    if (i && all[i]) { reads[key] = writes[key] = 1; return }
    digit = i == 0 || uid[i] == part[5] ? 100 : ((i, part[6]) in belongs) ? 10 : 1
    digit = int(part[3] / digit) % 10
    if (search && digit % 2 == 0) digit = 0
    if (digit >= 4) reads[key] = 1
    if (int(digit / 2) % 2) writes[key] = 1
  }
  reads[key] += 0; writes[key] += 0
}
'

looked=0 zeros=0 known=0 broken=0 dangling=0

fault() { # WORDS: the file at hand is not whole
  broken=$((broken + 1))
  [ "$broken" -gt 5 ] || printf 'e\tbroken\t%s: %s\n' "${path#./}" "$1"
}

# shellcheck disable=SC2046
hex() { # FROM COUNT: so many bytes of the file at hand, each with blanks around it
  set -- $(od -An -v -tx1 -j "$1" -N "$2" "$path" 2>/dev/null)
  bytes=" $* "
}

kind_of() { # ENDING
  case $1 in
    jpg | jpeg | jpe | jfif) kind=JPEG ;;
    png) kind=PNG ;;
    gif) kind=GIF ;;
    webp) kind=WebP ;;
    pdf) kind=PDF ;;
    zip | docx | xlsx | pptx | odt | ods | odp | epub | jar | war) kind=ZIP ;;
    gz | tgz) kind=gzip ;;
    txt | csv | tsv | json | xml | html | htm | svg | md | css | js | sql | yml | yaml) kind=text ;;
    *) kind='' ;;
  esac
}

# What a file begins with counts, and not its name: pictures are often called otherwise.
format_of() { # BYTES
  case $1 in
    ' ff d8 ff '*) format=JPEG ;;
    ' 89 50 4e 47 0d 0a 1a 0a '*) format=PNG ;;
    ' 47 49 46 38 '*) format=GIF ;;
    ' 52 49 46 46 '??' '??' '??' '??' 57 45 42 50 '*) format=WebP ;;
    ' 25 50 44 46 '*) format=PDF ;;
    ' 50 4b 03 04 '* | ' 50 4b 05 06 '*) format=ZIP ;;
    ' 1f 8b '*) format=gzip ;;
    # BMP, TIFF, what MPEG-4 keeps pictures in, old or encrypted Office
    ' 42 4d '* | ' 49 49 2a 00 '* | ' 4d 4d 00 2a '* | *' 66 74 79 70 '* | ' d0 cf 11 e0 '*)
      format=other ;;
    # text with a byte-order mark, of UTF-8 or UTF-16
    ' ef bb bf '* | ' ff fe '* | ' fe ff '*) format=other ;;
    # any of the control characters that no text has
    *' 0'[1-8be]' '* | *' 1'[0-9acdef]' '* | *' 7f '*) format='' ;;
    *) format=text ;;
  esac
}

ends_well() {
  case $format in
    WebP) # its size is at its beginning
      # shellcheck disable=SC2086
      set -- $bytes
      [ $((0x$8$7$6$5 + 8)) -le "$size" ]; return ;;
    gzip) # 2 is a warning
      [ "$size" -gt 4194304 ] || gzip -t <"$path" 2>/dev/null || [ $? = 2 ]; return ;;
  esac
  hex $((size > 1024 ? size - 1024 : 0)) 1024
  case $format:$bytes in
    JPEG:*' ff d9 '* | JPEG:*' 53 45 46 54 '* | PNG:*' 49 45 4e 44 '*) ;;
    # a film may lie behind a picture
    JPEG:*) head -c 65536 "$path" | tr -cd 'A-Za-z' | grep -q -e MotionPhoto -e MicroVideo ;;
    GIF:*' 3b ' | GIF:*' 3b 00 ' | PDF:*' 25 25 45 4f 46 '* | ZIP:*' 50 4b 05 06 '*) ;;
    *) return 1 ;;
  esac
}

only_zeros() { [ -z "$(head -c 16777216 "$path" | tr -d '\000' | head -c 1)" ]; }

look() { # ENDING SIZE PATH
  kind_of "$1"
  size=$2 path=./$3
  hex 0 64
  [ -f "$path" ] || return 0 # the application removed it
  looked=$((looked + 1))
  [ -z "$kind" ] || known=$((known + 1))
  case $bytes in
    *[1-9a-f]*) ;;
    *0*)
      if only_zeros; then zeros=$((zeros + 1)); fi
      if [ -n "$kind" ]; then fault "begins with zeros"; fi
      return 0 ;;
    *) fault "cannot be read"; return 0 ;;
  esac
  [ -n "$kind" ] || return 0
  format_of "$bytes"
  case $kind:$format in
    *:) fault "does not begin as $kind does" ;;
    text:* | *:text | *:other) ;;
    *) ends_well || fault "has no end, as $format has it" ;;
  esac
}

follow() { # PATH
  [ ! -e "./$1" ] || return 0
  target=$(readlink "./$1") || return 0
  if [ -n "$MOUNTED" ]; then
    case $target in "$MOUNTED"/*) [ ! -e "./${target#"$MOUNTED"/}" ] || return 0 ;; esac
  fi
  dangling=$((dangling + 1))
  [ "$dangling" -gt 5 ] || printf 'e\tdangling\t%s: to %s\n' "$1" "$target" | tr '\n' ' '
  [ "$dangling" -gt 5 ] || echo
}

find . -path ./lost+found -prune -o -exec stat -c "$MARK %f %a %s %u %g %n" {} + 2>"$errors" |
  awk -v mark="$MARK" "$walked" | {
  while IFS= read -r line; do
    what=${line%%"$tab"*} rest=${line#*"$tab"}
    case $what in
      l) follow "$rest" ;;
      s) more=${rest#*"$tab"}; look "${rest%%"$tab"*}" "${more%%"$tab"*}" "${more#*"$tab"}" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done
  printf 'n\tlooked\t%s\nn\tzeros\t%s\nn\tknown\t%s\nn\tbroken\t%s\nn\tdangling\t%s\n' \
    "$looked" "$zeros" "$known" "$broken" "$dangling"
}
! grep 'ermission denied' "$errors"
