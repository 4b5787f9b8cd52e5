# outside_manifest.awk (with csv.awk): a data manifest (docs/bundles.md) for pictures without masks, from outside
# the training data: `dir` holds images/ and index.csv with the columns file, finding and view. Reads the
# paths of images. One that the index does not name, or that is missing, makes the exit status 1.
BEGIN {
  table = dir "/index.csv"
  csv_header(table, column, "file finding view")
  print "image,mask,group"
  while ((getline line < table) > 0) {
    csv_split(line, f)
    finding[f[column["file"]]] = f[column["finding"]]
  }
}
{
  name = $0
  sub(/.*\//, "", name)
  if (!(name in finding)) { complain("index.csv does not name " name); next }
  seen[name] = 1
  # The index marks what nobody has looked at as a thing to be done.
  group = tolower(finding[name]) ~ /^(|todo|unknown)$/ ? "unknown" : finding[name]
  print csv_quote($0) ",," csv_quote(group)
}
END {
  for (name in finding) if (!(name in seen)) complain("index.csv names " name ", which is not there")
  exit bad
}
