# qata_manifest.awk: a data manifest (docs/bundles.md) for a folder laid out like QaTa-COV19. Reads the
# paths of its images; dir is the folder, which also holds reports.csv and masks/; split_name goes into
# every row. An image without report or mask is named and makes the exit status 1.
BEGIN {
  while ((getline line < (dir "/reports.csv")) > 0) {
    id = line; sub(/,.*/, "", id)
    rest = substr(line, length(id) + 2)
    zones[id] = substr(rest, 1, 6)
    text = substr(rest, 8)
    if (text ~ /^"/) {
      text = substr(text, 2)
      sub(/".*/, "", text)
    } else {
      sub(/,.*/, "", text)
    }
    report[id] = text
  }
  print "image,mask,zones,report,split"
}
{
  id = $0; sub(/.*\//, "", id); sub(/\.[^.]*$/, "", id)
  mask = dir "/masks/" id ".png"
  if (!(id in zones)) { print "no report for " id > "/dev/stderr"; bad = 1; next }
  if ((getline byte < mask) < 0) { print "no mask for " id > "/dev/stderr"; bad = 1; next }
  close(mask)
  printf "%s,%s,%s,\"%s\",%s\n", $0, mask, zones[id], report[id], split_name
}
END { exit bad }
