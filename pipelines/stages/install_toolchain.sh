#!/bin/sh
# Installs Debian packages into a toolchain container; each way to fail has an exit code of its own.
#
#   install_toolchain.sh REQUIRED… [-- OPTIONAL…]
#
# 90  no apt-get in this image         91  the package lists could not be fetched
# 92  packages that do not exist, or cannot be installed together with what is there (their names
#     are on standard error)
# 93  packages could not be fetched or installed
set -u
command -v apt-get > /dev/null || exit 90
export DEBIAN_FRONTEND=noninteractive
# Official images delete what was downloaded; ours goes into a cache volume.
rm -f /etc/apt/apt.conf.d/docker-clean
apt-get -q -o APT::Update::Error-Mode=any update || exit 91

required='' optional='' rest=''
for package in "$@"; do
  if [ "$package" = -- ]; then
    rest=1
  elif [ -z "$rest" ]; then
    required="$required $package"
  elif [ -n "$(apt-cache madison "$package")" ]; then
    optional="$optional $package"
  fi
done
# shellcheck disable=SC2086  # package names hold no blanks
if ! apt-get -qy --no-install-recommends install $required $optional; then
  # Looking every name up takes its time, so only now: a plan in which nothing is installed tells
  # a name that does not exist from one that could not be fetched.
  unknown=''
  for package in $required; do
    apt-get -qq --simulate --no-install-recommends install "$package" > /dev/null 2>&1 ||
      unknown="$unknown $package"
  done
  [ -z "$unknown" ] && exit 93
  echo "unknown packages:$unknown" >&2
  exit 92
fi
rm -rf /var/lib/apt/lists/*
