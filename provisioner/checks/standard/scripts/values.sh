# The first of these variables that is set, or the content of the file that NAME_FILE names.
value() {
  for name; do
    eval "text=\${$name-} file=\${${name}_FILE-}"
    if [ -z "$text" ] && [ -r "$file" ]; then text=$(cat "$file"); fi
    if [ -n "$text" ]; then printf %s "$text"; return; fi
  done
}
