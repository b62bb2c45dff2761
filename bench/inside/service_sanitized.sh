#!/bin/bash
# Loads an instrumented service, ends it under load, and writes what came of it as JSON.
#
#   service_sanitized.sh BINARY SECONDS
#
# `exit_code` is the service's, `instrumented` tells whether a sanitizer is in it, `reports` is what
# sanitizers wrote, `before` and `during` what wrk counted ahead of SIGTERM and across it.
set -eu
binary=$1 seconds=$2
mkdir -p /sanitized
cd /sanitized

cat > count.lua << 'LUA'
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('\nJSON{"requests":%d,"status_errors":%d,"socket_errors":%d}\n',
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
LUA
# Everything that shares state between threads: the store, read and written, and the log.
cat > mix.lua << 'LUA'
local thread, turn, phase = 0, 0, os.getenv("PHASE")
function setup(each) each:set("id", thread); thread = thread + 1 end
request = function()
  turn = turn + 1
  local kind = turn % 5
  if kind == 0 then
    return wrk.format("POST", "/links", {["Content-Type"] = "application/json"},
      string.format('{"url":"https://example.com/%d","code":"%s-%d-%d"}', turn, phase, id, turn))
  end
  return wrk.format("GET", ({"/docs", "/links/docs", "/health", "/version"})[kind])
end
LUA
cat count.lua >> mix.lua

# Compilers before GCC 13 place ThreadSanitizer's memory where randomised addresses may be.
# Containers may be forbidden to ask for plain ones.
plain=(setarch "$(uname -m)" --addr-no-randomize)
"${plain[@]}" true
PORT=8090 BIND_ADDRESS=127.0.0.1 WORKER_THREADS=4 LAME_DUCK_SECONDS=0.5 DRAIN_SECONDS=20 \
  ASAN_OPTIONS=detect_leaks=1:log_path=/sanitized/finding \
  UBSAN_OPTIONS=print_stacktrace=1:log_path=/sanitized/finding \
  TSAN_OPTIONS=second_deadlock_stack=1:log_path=/sanitized/finding \
  "${plain[@]}" "$binary" > service.log 2> service.err &
service=$!
until PORT=8090 "${plain[@]}" "$binary" --health-check 2> /dev/null; do
  if ! kill -0 "$service" 2> /dev/null; then
    cat service.err ./finding.* >&2
    exit 1
  fi
  sleep 0.05
done
body='{"url":"https://example.com/","code":"docs"}'
exec 3<> /dev/tcp/127.0.0.1/8090
printf 'POST /links HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
  "${#body}" "$body" >&3
grep -q ' 201 ' <&3
exec 3>&-

load() { # PHASE SECONDS
  PHASE=$1 wrk --threads=2 --connections=32 --duration="$2"s --script=mix.lua http://127.0.0.1:8090/
}
load before "$seconds" > before.txt
load during 3 > during.txt &
loader=$!
# Under load: once its requests are in the log.
lines=$(wc -l < service.log)
until [ "$(wc -l < service.log)" -gt $((lines + 100)) ]; do sleep 0.01; done
kill -TERM "$service"
code=0
wait "$service" || code=$?
wait "$loader"

cat service.err ./finding.* 2> /dev/null > reports.txt || true
instrumented=$(grep -caE '__(asan|tsan)_init' "$binary" || true)
python3 - "$code" "$instrumented" << 'PYTHON'
import json, pathlib, re, sys
text = lambda name: pathlib.Path(name).read_text(errors="replace")
counts = lambda name: json.loads(re.search(r"^JSON(\{.*\})$", text(name), re.M)[1])
events = [json.loads(line)["msg"] for line in text("service.log").splitlines()]
print(json.dumps({
    "exit_code": int(sys.argv[1]), "instrumented": int(sys.argv[2]), "reports": text("reports.txt"),
    "before": counts("before.txt"), "during": counts("during.txt"),
    "events": sorted(set(events)),
    "drain": [line for line in text("service.log").splitlines() if "server.drain_finished" in line],
}))
PYTHON
