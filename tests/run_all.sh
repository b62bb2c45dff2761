#!/bin/bash
# Runs every test. Starts the engine's build first: it takes minutes on a fresh machine, and the
# tests that need no engine run meanwhile.
#
# usage: tests/run_all.sh BIN   (the folder with pipelines, pytest, ruff …)
set -u -o pipefail
bin=$1
cd "$(dirname "$0")/.." || exit 2

log=$(mktemp)
"$bin/pipelines" engine start > "$log" 2>&1 &
engine=$!
trap 'kill "$engine" 2> /dev/null; rm -f "$log"' EXIT

make --no-print-directory check VENV="$(dirname "$bin")" || exit

echo "waiting for the engine"
if ! wait "$engine"; then
  cat "$log" >&2
  exit 1
fi
cat "$log"
"$bin/python" -m pytest tests/engine
