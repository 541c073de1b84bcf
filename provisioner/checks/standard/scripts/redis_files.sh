# What lies on the volume, by the server's own tools. The server goes on writing meanwhile, so a
# fault counts when it stays.
checked() { # TOOL FILE
  tool=$(command -v "redis-$1" || command -v "valkey-$1") ||
    { echo "there is no redis-$1 in the image" >&2; exit 127; }
  for _ in 1 2 3; do
    said=$("$tool" "$2" 2>&1 </dev/null) && { printf 'sound\t%s\n' "$2"; return; }
    sleep 0.3
  done
  printf 'bad\t%s: %s\n' "$2" "$(printf '%s\n' "$said" | grep -v '^$' | tail -n 3 | tr '\n\t' '  ')"
}

folder=$(setting dir)
case $folder in /*) ;; *) echo "not covered: CONFIG GET dir says: $folder" >&2; exit 71 ;; esac
if [ "$(setting appendonly)" = yes ]; then
  name=$(setting appendfilename)
  manifest=$folder/$(setting appenddirname)/$name.manifest
  if [ -f "$manifest" ]; then checked check-aof "$manifest"
  elif [ -f "$folder/$name" ]; then checked check-aof "$folder/$name"
  else printf 'bad\tthere is no append-only file %s\n' "$manifest"; fi
elif [ -f "$folder/$(setting dbfilename)" ]; then
  checked check-rdb "$folder/$(setting dbfilename)"
else
  printf 'bad\tthere is no file %s\n' "$folder/$(setting dbfilename)"
fi
