#!/bin/bash
# The bare commands of one variant, inside the toolchain's root file system. Arguments as for the
# pipelines' own script: ::configure ARG… ::build ARG… ::test ARG…; without ::configure the build
# directory is taken as it is. Ends with the first exit code that is not 0.
set -eu
configure=() build=() test=() section='' has_configure=''
for argument in "$@"; do
  case $argument in
    ::configure) section=configure has_configure=1 ;;
    ::build | ::test) section=${argument#::} ;;
    *)
      case $section in
        configure) configure+=("$argument") ;;
        build) build+=("$argument") ;;
        test) test+=("$argument") ;;
      esac
      ;;
  esac
done
wrapper=()
if [ -n "${PIPELINES_SANITIZED:-}" ]; then
  wrapper=(setarch "$(uname -m)" --addr-no-randomize)
fi

step() {
  local name=$1 began=$EPOCHREALTIME
  shift
  "$@"
  echo "$name $began $EPOCHREALTIME" >> /reports/steps
}

: > /reports/steps
rm -f /reports/junit.xml
cd /project/src
if [ -n "$has_configure" ]; then
  step configure cmake -S . -B /project/build "${configure[@]}"
fi
step build "${wrapper[@]}" cmake --build /project/build --parallel "$(nproc)" "${build[@]}"
step test "${wrapper[@]}" ctest --test-dir /project/build --output-junit /reports/junit.xml \
  --parallel "$(nproc)" "${test[@]}"
