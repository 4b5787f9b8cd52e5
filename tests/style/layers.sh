#!/bin/sh
# layers.sh [ROOT [FILE...]]: every #include of our C++ sources goes where layers.txt allows.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=${1:-$here/../..}
[ $# -eq 0 ] || shift
if [ $# -gt 0 ]; then
  files=$(printf '%s\n' "$@")
else
  files=$(sh "$here/files.sh" "$root")
fi
cd "$root"
printf '%s\n' "$files" | grep -E '^(model|server|client|tests)/.*\.(cc|h)$' | awk -v table="$here/layers.txt" '
  # The longest key of `map` that is `path` itself or a folder above it.
  function owner(path, map) {
    while (!(path in map)) {
      if (!sub(/\/[^\/]*$/, "", path)) return ""
    }
    return path
  }
  function allows(list, folder,    n, i, items) {
    n = split(list, items, " ")
    for (i = 1; i <= n; i++) if (index(folder "/", items[i] "/") == 1) return 1
    return 0
  }
  function complain(what) {
    printf "%s:%d: %s\n", file, line, what
    bad = 1
  }
  function check(folder, header,    target, prefix) {
    if (header !~ /\//) {
      complain("\"" header "\": write the path from the root of the project")
    } else if (header ~ /^(model|server|client|tests|lingula)\//) {
      target = header
      sub(/\/[^\/]*$/, "", target)
      if (header ~ /^lingula\//) target = "proto"
      if (target != folder && owner(target, ours) != owner(folder, ours) &&
          !allows(ours[owner(folder, ours)], target))
        complain(folder " may not include " header)
    } else {
      prefix = header
      sub(/\/.*/, "/", prefix)
      if (header ~ /^google\//) prefix = header ~ /^google\/rpc\// ? "google/rpc/" : "google/protobuf/"
      if (!(prefix in homes)) complain(header ": a new library; give it a home in layers.txt")
      else if (!allows(homes[prefix], folder)) complain(folder " is not the home of " header)
    }
  }
  # <name.h> without a folder: the operating system, or a library that needs a home too.
  function check_system(folder, header) {
    if (header in homes) {
      if (!allows(homes[header], folder)) complain(folder " is not the home of " header)
    } else if (index(" dlfcn.h fcntl.h malloc.h poll.h pthread.h sched.h signal.h unistd.h ",
                     " " header " ") == 0) {
      complain(header ": a new library; give it a home in layers.txt")
    }
  }
  BEGIN {
    while ((getline row < table) > 0) {
      sub(/#.*/, "", row)
      if (row !~ /:/) continue
      key = row; sub(/:.*/, "", key)
      sub(/^[^:]*:/, "", row)
      if (key ~ /^</) { gsub(/[<>]/, "", key); homes[key] = homes[key] " " row }
      else ours[key] = ours[key] " " row
    }
  }
  {
    file = $0
    folder = file
    sub(/\/[^\/]*$/, "", folder)
    line = 0
    if (owner(folder, ours) == "") complain(folder ": a new folder; give it a row in layers.txt")
    while ((getline text < file) > 0) {
      line++
      if (text !~ /^[ \t]*#[ \t]*include[ \t]*["<]/) continue
      quoted = text ~ /"/
      sub(/^[^"<]*["<]/, "", text)
      sub(/[">].*/, "", text)
      if (quoted || text ~ /\//) check(folder, text)
      else if (text ~ /\.h$/) check_system(folder, text)
    }
    close(file)
  }
  END { exit bad }'
