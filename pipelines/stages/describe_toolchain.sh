#!/bin/sh
# Writes what the toolchain consists of to /opt/pipelines/toolchain.txt, a `key value` a line, and
# a digest over all packages and tools: two toolchains with the same digest build the same.
set -eu
out=/opt/pipelines/toolchain.txt
first() { "$@" 2>&1 | head -n 1; }
{
  echo "compiler $(first "$CXX" --version)"
  echo "cmake $(cmake --version | sed -n '1s/cmake version //p')"
  echo "ninja $(ninja --version)"
  echo "ccache $(ccache --version | sed -n '1s/ccache version //p')"
} > "$out"
packages=$(dpkg-query --show --showformat '${binary:Package} ${Version}\n' | sort)
digest=$( (cat "$out" && printf '%s\n' "$packages") | sha256sum | cut -d ' ' -f 1)
echo "digest sha256:$digest" >> "$out"
