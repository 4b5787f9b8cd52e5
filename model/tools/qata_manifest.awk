# qata_manifest.awk (with csv.awk): a data manifest (docs/bundles.md) for a folder laid out like QaTa-COV19.
# Reads the paths of its images; `dir` also holds reports.csv and masks/. `reports` names the column of the
# text, `part` goes into every row. An image without report or mask is named and makes the exit status 1.
# The patient in names such as cxr_s10389-e21806-r1; other names do not tell.
function patient(id) {
  return match(id, /^cxr_s[0-9]+-/) ? substr(id, 5, RLENGTH - 5) : ""
}

BEGIN {
  table = dir "/reports.csv"
  csv_header(table, column, "id zones_lu_lm_ll_ru_rm_rl " reports)
  while ((getline line < table) > 0) {
    csv_split(line, f)
    zones[f[column["id"]]] = f[column["zones_lu_lm_ll_ru_rm_rl"]]
    report[f[column["id"]]] = f[column[reports]]
  }
  print "image,mask,zones,report,group,split"
}
{
  id = stem($0)
  mask = dir "/masks/" id ".png"
  if (!(id in zones)) { complain("no report for " id); next }
  if (!exists(mask)) { complain("no mask for " id); next }
  print csv_quote($0) "," csv_quote(mask) "," zones[id] "," csv_quote(report[id]) "," patient(id) "," part
}
END { exit bad }
