# shellcheck shell=sh
# For tests of programs: a folder $dir that goes away, with the process $server if there is one; and what
# a command must do.
dir=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true
  rm -rf "$dir"
}
trap cleanup EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }
# expect CODE COMMAND...: its exit status; its output is kept in $dir/out.
expect() {
  want=$1
  shift
  got=0
  "$@" >"$dir/out" 2>&1 || got=$?
  [ "$got" -eq "$want" ] || { cat "$dir/out" >&2; fail "exit $got instead of $want: $*"; }
}
says() { grep -q -- "$1" "$dir/out" || { cat "$dir/out" >&2; fail "does not say: $1"; }; }
