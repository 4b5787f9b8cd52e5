#!/bin/sh
# enter.sh ROOT USER COMMAND...: runs a command of an image's unpacked root as Kubernetes would under our chart: root
# file system read-only, /tmp empty and writable, no rights beyond the user's, none to be gained. The network is ours.
set -eu
# shellcheck disable=SC2016  # for the inner shell
exec unshare --mount sh -euc '
  root=$1
  user=$2
  shift 2
  mount --make-rprivate /
  mount --bind "$root" "$root"
  mount -o remount,bind,ro "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs -o mode=1777,size=64m tmpfs "$root/tmp"
  exec chroot "$root" /usr/bin/setpriv --reuid "$user" --regid "$user" --clear-groups --bounding-set=-all --inh-caps=-all \
    --no-new-privs -- /usr/bin/env -i PATH=/opt/lingula/bin:/usr/local/bin:/usr/bin:/bin "$@"
' sh "$@"
