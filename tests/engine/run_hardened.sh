#!/bin/bash
# Runs the service of an image as a cluster would: user 65532, every capability dropped, also from
# the bounding set, no new privileges, a read-only root file system. Starts as root with all capabilities and
# gives them up; prints what the test looks at, each part behind a line `::NAME`.
set -eu
if [ "${1:-}" != inside ]; then
  exec unshare --mount --propagation private bash "$0" inside
fi

# As container runtimes do for a read-only root file system.
mount -o remount,bind,ro /

as_nobody=(setpriv --reuid 65532 --regid 65532 --clear-groups --inh-caps=-all --ambient-caps=-all
  --bounding-set=-all --no-new-privs --)

"${as_nobody[@]}" /usr/local/bin/sample_app &
service=$!

healthy() { "${as_nobody[@]}" /usr/local/bin/sample_app --health-check > /dev/null 2>&1; }
attempts=0
until healthy; do
  attempts=$((attempts + 1))
  if [ "$attempts" -gt 200 ] || ! kill -0 "$service"; then
    echo "the service does not become healthy" >&2
    exit 1
  fi
  sleep 0.05
done

ask() { # METHOD PATH [BODY]
  local body=${3:-}
  echo "::ask $1 $2"
  exec 3<> /dev/tcp/127.0.0.1/8080
  printf '%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s' \
    "$1" "$2" "${#body}" "$body" >&3
  tr -d '\r' <&3
  exec 3>&-
  echo
}
ask GET /health
ask GET /ready
ask GET /version
ask POST /links '{"url": "https://example.com/", "code": "docs"}'
ask GET /docs

echo '::status'
cat "/proc/$service/status"
echo '::mounts'
cat "/proc/$service/mountinfo"
echo '::write'
for folder in / /tmp /var/log; do
  # As root: only the mount can be in the way.
  (: > "$folder/probe") 2>&1 || true
done
echo '::health-check'
"${as_nobody[@]}" /usr/local/bin/sample_app --health-check && echo 0 || echo $?

kill -TERM "$service"
code=0
wait "$service" || code=$?
echo '::end'
echo "$code"
