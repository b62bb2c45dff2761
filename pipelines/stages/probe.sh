#!/bin/bash
# Proves that the sanitizer is alive before its silence is believed: compiles known-bad programs
# with the project's own compiler and flags; each of them must die with a report.
#
#   probe.sh PROBE:EXPECTED… -- COMPILER FLAG…
#
# PROBE names /opt/pipelines/probes/PROBE.cpp. Writes /reports/probe.txt, a line per probe:
# NAME alive|dead EXIT_CODE. Ends with 0; the caller reads the verdict.
set -u
probes=()
while [ "$1" != -- ]; do
  probes+=("$1")
  shift
done
shift

folder=$(mktemp -d)
mkdir -p /reports
began=$(date +%s.%N)
for probe in "${probes[@]}"; do
  name=${probe%%:*} expected=${probe#*:}
  code=compile
  report=''
  if "$@" -g -o "$folder/$name" "/opt/pipelines/probes/$name.cpp" 2> "$folder/$name.err"; then
    # The same options as the tests get, but reports go where this probe finds its own.
    (
      for variable in ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS MSAN_OPTIONS; do
        export "$variable=${!variable:-}:log_path=$folder/$name.report"
      done
      launcher=()
      if setarch "$(uname -m)" --addr-no-randomize true 2> /dev/null; then
        launcher=(setarch "$(uname -m)" --addr-no-randomize)
      fi
      "${launcher[@]}" "$folder/$name" > "$folder/$name.out" 2> "$folder/$name.err"
    )
    code=$?
    # The UBSan of GCC beside ASan ignores log_path and writes to standard error.
    report=$(cat "$folder/$name.report"* "$folder/$name.err" 2> /dev/null)
  fi
  if [ "$code" != compile ] && [ "$code" -ne 0 ] && [[ $report == *"$expected"* ]]; then
    echo "$name alive $code"
  else
    echo "$name dead $code"
    cat "$folder/$name.err" >&2
  fi
done | tee /reports/probe.txt
printf '0 %s %s\n' "$began" "$(date +%s.%N)" > /reports/probe.step
rm -rf "$folder"
