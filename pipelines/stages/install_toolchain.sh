#!/bin/sh
# Installs Debian packages into a toolchain container; each way to fail has an exit code of its own.
#
#   install_toolchain.sh REQUIRED… [-- OPTIONAL…]
#
# 90  no apt-get in this image         91  the package lists could not be fetched
# 92  packages that do not exist (their names are in /tmp/unknown-packages and on standard error)
# 93  packages could not be fetched or installed
set -u
command -v apt-get > /dev/null || exit 90
export DEBIAN_FRONTEND=noninteractive
# Official images delete what was downloaded; ours goes into a cache volume.
rm -f /etc/apt/apt.conf.d/docker-clean
apt-get -q -o APT::Update::Error-Mode=any update || exit 91

required='' optional='' unknown='' rest=''
for package in "$@"; do
  if [ "$package" = -- ]; then
    rest=1
  elif apt-cache show --no-all-versions "${package%%=*}" > /dev/null 2>&1 ||
    apt-cache showpkg "${package%%=*}" 2> /dev/null | sed -n '/^Reverse Provides/,$p' | grep -q ' '; then
    if [ -n "$rest" ]; then optional="$optional $package"; else required="$required $package"; fi
  elif [ -z "$rest" ]; then
    unknown="$unknown $package"
  fi
done
if [ -n "$unknown" ]; then
  echo "unknown packages:$unknown" >&2
  exit 92
fi
# shellcheck disable=SC2086  # package names hold no blanks
apt-get -qy --no-install-recommends install $required $optional || exit 93
rm -rf /var/lib/apt/lists/*
