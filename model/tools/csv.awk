# csv.awk: comma-separated values for the awk programs beside it. Fields must not hold line breaks.

# Splits a line into fields[1..n], and returns n.
function csv_split(line, fields,    n, i, c, quoted, field) {
  sub(/\r$/, "", line)
  n = 0
  field = ""
  quoted = 0
  for (i = 1; i <= length(line); i++) {
    c = substr(line, i, 1)
    if (quoted && c == "\"" && substr(line, i + 1, 1) == "\"") { field = field c; i++ }
    else if (c == "\"") quoted = !quoted
    else if (c == "," && !quoted) { fields[++n] = field; field = "" }
    else field = field c
  }
  fields[++n] = field
  return n
}

# Reads the header of `file` into columns[name], and complains about names in `needed` that are not there.
function csv_header(file, columns, needed,    line, n, i, names) {
  if ((getline line < file) <= 0) complain(file " is empty")
  n = csv_split(line, names)
  for (i = 1; i <= n; i++) columns[names[i]] = i
  n = split(needed, names, " ")
  for (i = 1; i <= n; i++) if (!(names[i] in columns)) complain(file ": no column " names[i])
}

function csv_quote(text) {
  gsub(/"/, "\"\"", text)
  return text ~ /[",]/ ? "\"" text "\"" : text
}

function exists(file,    line, there) {
  there = (getline line < file) >= 0
  close(file)
  return there
}

# The name of a file without folder and ending.
function stem(path) {
  sub(/.*\//, "", path)
  sub(/\.[^.]*$/, "", path)
  return path
}

function complain(what) {
  print what > "/dev/stderr"
  bad = 1
}
