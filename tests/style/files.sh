#!/bin/sh
# files.sh ROOT: the project's files below ROOT, one a line: what git knows or does not ignore, or, where
# there is no git, everything but build output.
set -eu
cd "${1:-.}"
if [ -e .git ] && git ls-files --cached --others --exclude-standard >/dev/null 2>&1; then
  git ls-files --cached --others --exclude-standard
else
  find . \( -path ./.git -o -path ./build -o -path ./third_party -o -path ./data -o -path ./.cache \) \
    -prune -o -type f -print | sed 's|^\./||'
fi | sort -u | while IFS= read -r file; do
  [ ! -f "$file" ] || printf '%s\n' "$file"
done
