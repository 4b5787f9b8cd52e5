# polyp_manifest.awk (with csv.awk): a data manifest (docs/bundles.md) for images/ and masks/ with equal names.
# Reads the paths of both; `prompts` is a CSV with a sentence an image, or empty. Its column class_only says what
# the polyp is, without the place, which flips and turns would make untrue. What has no partner is named
# and makes the exit status 1; an image without sentence is only counted. With `cut`, rows whose names hash
# below that percentage are the part val, the others train; only those of `part` are written. With `count`,
# only the number of images that have a sentence is printed.

# The same for a name in every year and on every machine.
function hash(name,    i, h) {
  h = 7
  for (i = 1; i <= length(name); i++) h = (h * 131 + index(letters, substr(name, i, 1))) % 1000003
  return h % 100
}

# PolypGen's six centres, as its file names tell them (Ali et al., Scientific Data 2023).
function centre(name) {
  if (match(name, /(^|_)C[1-6]_/)) { sub(/.*_C/, "C", name); return substr(name, 1, 2) }
  if (name ~ /OLCV1_/) return "C1"
  if (name ~ /^EndoCV2021_[0-9]+$/) return "C2"
  if (name ~ /_endocv2021_(positive|negative)_/) return "C4"
  return ""
}

BEGIN {
  letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-."
  if (prompts != "") {
    csv_header(prompts, column, "id class_only")
    while ((getline line < prompts) > 0) {
      csv_split(line, f)
      prompt[f[column["id"]]] = f[column["class_only"]]
    }
  }
  if (!count) print "image,mask,report,group,split"
}
/\/masks\/[^\/]*$/ { mask[stem($0)] = $0; next }
{ image[++n] = $0 }
END {
  if (count) {
    for (i = 1; i <= n; i++) told += stem(image[i]) in prompt
    print told + 0
    exit bad
  }
  for (i = 1; i <= n; i++) {
    id = stem(image[i])
    if (!(id in mask)) { complain("no mask for " id); continue }
    used[id] = 1
    where = cut == "" ? part : hash(id) < cut ? "val" : "train"
    if (where != part) continue
    if (prompts != "" && !(id in prompt)) silent++
    print csv_quote(image[i]) "," csv_quote(mask[id]) "," csv_quote(prompt[id]) "," centre(id) "," part
  }
  for (id in mask) if (!(id in used)) complain("no image for the mask " id)
  if (silent) print silent " images have no sentence in " prompts > "/dev/stderr"
  exit bad
}
