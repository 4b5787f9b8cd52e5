#!/bin/sh
# One shard of a bulk run, in a pod of the chart's Job: segments its share of the listed films, and goes on where a
# pod before it stopped. $SHARD (0 is the first) of $SHARDS; $LIST has one path a line; results go to $RESULTS.
#   shard.sh ARGUMENT... of `lingula segment`
# Exit codes for the Job: 0 each film has its row in the table; 143 stopped; else that of lingula: 2 wrong arguments,
# 3 server away.
set -eu
folder=$(printf '%s/shard-%05d' "$RESULTS" "$SHARD")
table=$folder/table.csv
mkdir -p "$folder"

awk -v shard="$SHARD" -v shards="$SHARDS" 'NF && (NR - 1) % shards == shard' "$LIST" >"$folder/films.txt"
[ -s "$folder/films.txt" ] || { echo "shard $SHARD of $SHARDS: no films" && exit 0; }
while IFS= read -r film; do
  set -- "$@" "$film"
done <"$folder/films.txt"
# Only with a table does --resume have something to go on with.
[ ! -s "$table" ] || set -- "$@" --resume

stopped=
# shellcheck disable=SC2317  # called by the trap
stop() {
  stopped=1
  kill -TERM "$lingula"
}
trap stop TERM INT
lingula segment "$@" --csv "$table" --out "$folder" &
lingula=$!
status=0
wait "$lingula" || status=$?
if [ -n "$stopped" ]; then
  wait "$lingula" || true  # finishes what is under way
  exit 143
fi
if [ "$status" -eq 1 ]; then
  echo "shard $SHARD of $SHARDS: some films have no mask; their rows say why: $table"
  status=0  # a film that cannot be read stays so: the archive's run goes on without it
fi
exit "$status"
