#!/bin/sh
# Enters a root file system. Runs in mount and PID namespaces of its own: what is mounted here is
# never seen outside, and is gone with the last process.
#
# usage: raw_enter.sh ROOT SOURCE WORK CCACHE COMMAND…
set -eu
root=$1 source=$2 work=$3 ccache=$4
shift 4
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount --bind "$work/project" "$root/project"
mount --bind "$source" "$root/project/src"
mount --bind "$work/reports" "$root/reports"
mount --bind "$ccache" "$root/ccache"
exec chroot "$root" "$@"
