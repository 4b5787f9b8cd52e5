#!/bin/sh
# hosts.sh [ROOT]: no file names a folder of somebody's machine or the host of a package registry:
# both work in one place only. (The patterns are written so that they do not match themselves.)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=${1:-$here/../..}
cd "$root"
folders='(^|[^A-Za-z0-9._/-])/(([w]ork|[r]oot|[f]arm)(/|$)|([h]ome|[U]sers|[m]nt)/[A-Za-z])'
registries='[p]ypi\.org|files\.[p]ythonhosted|[d]eb\.debian\.org|[p]roxy\.golang|registry\.[n]pmjs|[g]hcr\.io|[d]ocker\.io|[c]rates\.io|[a]rtifactory'
addresses='https?://([0-9]{1,3}\.){3}[0-9]{1,3}'
# Loopback addresses name no machine.
sh "$here/files.sh" . | grep -vE '\.(png|jpe?g|safetensors)$' | tr '\n' '\0' |
  xargs -0 grep -nIE "$folders|$registries|$addresses" /dev/null |
  grep -vE 'https?://(127\.0\.0\.1|0\.0\.0\.0)' |
  awk '{ print } END { exit NR > 0 }'
