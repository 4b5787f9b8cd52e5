# shellcheck shell=sh
# Part of ./dev, with its functions: Clang's fuzzer over the parsers of tests/fuzz/.

# Fuzzes one parser, TARGET, for SECONDS, from the corpus that is committed. Stops at the first finding;
# fuzz_TARGET FILE of any build runs it again.
fuzz_one() {
  mkdir -p "build/fuzz/corpus/$1" build/fuzz/found
  cmake -E chdir "build/fuzz/corpus/$1" cmake -E tar xf "$PWD/tests/fuzz/corpus/$1.zip"
  "build/fuzz/bin/fuzz_$1" "build/fuzz/corpus/$1" -max_total_time="$2" \
    -max_len=65536 -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/found/$1-" >"build/fuzz/$1.log" 2>&1 ||
    { tail -n 40 "build/fuzz/$1.log" >&2 && die "fuzz: $1: see build/fuzz/$1.log"; }
  grep -E 'number_of_executed_units|average_exec_per_sec|new_units_added' "build/fuzz/$1.log"
}

# Writes tests/fuzz/corpus/TARGET.zip anew: of what is in build/fuzz/corpus/ the fewest files of at most 4 KiB
# that take as many paths.
keep_one() {
  rm -rf "build/fuzz/kept/$1"
  mkdir -p "build/fuzz/kept/$1"
  "build/fuzz/bin/fuzz_$1" -merge=1 -max_len=4096 "build/fuzz/kept/$1" "build/fuzz/corpus/$1" >"build/fuzz/$1-keep.log" 2>&1 ||
    { tail -n 40 "build/fuzz/$1-keep.log" >&2 && die "fuzz: $1: see build/fuzz/$1-keep.log"; }
  find "build/fuzz/kept/$1" -type f -size +4k -delete
  (cd "build/fuzz/kept/$1" && find . -type f | sort >../files &&
    cmake -E tar cf "$OLDPWD/tests/fuzz/corpus/$1.zip" --format=zip --mtime=2020-01-01 --files-from=../files)
  echo "$(find "build/fuzz/kept/$1" -type f | wc -l) files, $(wc -c <"tests/fuzz/corpus/$1.zip") bytes"
}

# fuzz [keep] [TARGET] [SECONDS]: what it finds stays in build/fuzz/corpus/TARGET.
fuzz() {
  setup
  what=fuzz_one
  [ "${1-}" != keep ] || { what=keep_one && shift; }
  targets=$(sed -n 's/^lingula_fuzz_target(\([a-z_]*\) .*/\1/p' tests/fuzz/CMakeLists.txt)
  case ${1-} in
    '' | [0-9]*) ;;
    *)
      printf '%s\n' "$targets" | grep -qx "$1" ||
        die "fuzz: no target $1; there is $(echo "$targets" | tr '\n' ' ')"
      targets=$1
      shift
      ;;
  esac
  # shellcheck disable=SC2046,SC2086  # a list
  build fuzz $(printf 'fuzz_%s ' $targets)
  for target in $targets; do
    say "$target"
    "$what" "$target" "${1:-60}"
  done
}
