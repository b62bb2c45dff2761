"""Load sample_app and nginx in turn and write what was measured as JSON.

Runs inside a container, alone with the standard library; never imported by the bench.

    service_run.py OPTIONS_JSON    (the fields of bench.service_figures.LoadOptions)
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

SERVICE = "/build/release/sample_app"
WORK = Path("/load")
URL = "https://example.com/"
NGINX_LOGGED, NGINX_SILENT, SERVICE_LOGGED, SERVICE_SILENT, SERVICE_MEMORY = range(9081, 9086)
PORTS = {
    ("nginx", True): NGINX_LOGGED,
    ("nginx", False): NGINX_SILENT,
    ("service", True): SERVICE_LOGGED,
    ("service", False): SERVICE_SILENT,
}
PATHS = {"redirect": "/docs", "json": "/links/kept"}
PATIENCE_S = 30
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")

# Each fact of our log line is in nginx's, the request id is made up by both, and neither gathers
# lines before it writes them. Connections live as long as ours.
NGINX = """\
daemon off; worker_processes 2; user root; pid {work}/{port}.pid; error_log {work}/{port}.error;
events {{ worker_connections 4096; }}
http {{
  log_format ours escape=json '{{"timestamp":"$time_iso8601","level":"info","msg":"http.request",'
    '"request_id":"$request_id","method":"$request_method","route":"/{{code}}","path":"$uri",'
    '"status":$status,"duration_ms":$request_time}}';
  access_log {log};
  keepalive_requests 1000000000; keepalive_timeout 60s;
  server {{
    listen 127.0.0.1:{port} reuseport;
    default_type application/json;
    add_header X-Request-Id $request_id;
    location = /links/kept {{ return 200 '{{"code":"kept","url":"{url}","visits":0}}'; }}
    location = /docs {{ return 302 {url}; }}
  }}
}}
"""

# What wrk prints for people loses digits; this is what it knows.
REPORT = """\
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('\\nJSON{"requests":%d,"seconds":%.6f,"p50_us":%d,"p99_us":%d,' ..
    '"status_errors":%d,"socket_errors":%d}\\n', summary.requests, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
"""
MIX = """\
local paths = {"/docs", "/links/docs", "/health", "/version", "/docs?with=a-query"}
local turn = 0
request = function()
  turn = turn % #paths + 1
  return wrk.format("GET", paths[turn])
end
"""


def main() -> None:
    """Measure and print."""
    options = json.loads(sys.argv[1])
    WORK.mkdir(exist_ok=True)
    (WORK / "report.lua").write_text(REPORT)
    (WORK / "mix.lua").write_text(MIX + REPORT)
    with contextlib.ExitStack() as stack:
        servers = {
            (name, logged): start(stack, name, port, logged=logged)
            for (name, logged), port in PORTS.items()
        }
        answers = check_answers()
        rounds = list(throughput(options, servers))
    with contextlib.ExitStack() as stack:
        memory = sample_memory(options, start(stack, "service", SERVICE_MEMORY, logged=True))
    print(json.dumps({"answers": answers, "rounds": rounds, "memory": memory}))


def start(stack: contextlib.ExitStack, name: str, port: int, *, logged: bool) -> int:
    """Start a server that is ended with the stack, wait until it answers, return its process."""
    if name == "nginx":
        log = f"{WORK}/{port}.log ours" if logged else "off"
        config = WORK / f"{port}.conf"
        config.write_text(NGINX.format(port=port, work=WORK, log=log, url=URL))
        argv, variables = ["/usr/sbin/nginx", "-c", str(config)], {}
    else:
        argv = [SERVICE]
        variables = {
            "PORT": str(port),
            "METRICS_PORT": "0",
            "BIND_ADDRESS": "127.0.0.1",
            "WORKER_THREADS": "2",
        }
        variables |= {"LAME_DUCK_SECONDS": "0", "LOG_LEVEL": "info" if logged else "error"}
    with (WORK / f"{port}.log").open("ab") as output:
        process = subprocess.Popen(argv, env={**os.environ, **variables}, stdout=output)
    stack.callback(end, process)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            ask(port, "GET", "/")
            break
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"start {name} on port {port}: it does not answer")
            time.sleep(0.01)
    for code in ("docs", "kept") if name == "service" else ():
        made, *_ = ask(port, "POST", "/links", json.dumps({"url": URL, "code": code}))
        if made != http.client.CREATED:
            sys.exit(f"make a link: the answer is {made}")
    return process.pid


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a server; one that does not end in good order spoils the run."""
    process.terminate()
    if (code := process.wait(PATIENCE_S)) != 0:
        sys.exit(f"end {process.args}: its exit code is {code}")


def ask(port: int, method: str, path: str, body: str | None = None) -> tuple[int, str, str]:
    """Return status, Location and body of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    headers = {"Content-Type": "application/json"} if body else {}
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, response.headers.get("Location", ""), text


def check_answers() -> dict[str, dict[str, int]]:
    """Compare what both serve; below a redirect nginx writes HTML, whose size is told."""
    found = {}
    for case, path in PATHS.items():
        ours, theirs = (ask(PORTS[name, True], "GET", path) for name in ("service", "nginx"))
        if ours[:2] != theirs[:2] or (case == "json" and ours[2] != theirs[2]):
            sys.exit(f"compare {path}: the service says {ours}, nginx says {theirs}")
        found[case] = {"service_body_bytes": len(ours[2]), "nginx_body_bytes": len(theirs[2])}
    return found


def throughput(options: dict[str, float], servers: dict[tuple[str, bool], int]):  # noqa: ANN201
    """Yield one figure after the other, the two servers in turn."""
    for number in range(int(options["rounds"])):
        for logged in (True, False):
            for case, path in PATHS.items():
                for name in ("nginx", "service"):
                    port = PORTS[name, logged]
                    before = cpu_s(servers[name, logged])
                    figures = load(port, path, "report.lua", options, options["seconds"])
                    spent = cpu_s(servers[name, logged]) - before
                    os.truncate(WORK / f"{port}.log", 0)
                    yield {"round": number, "case": case, "logged": logged, "server": name} | (
                        figures | {"cpu_us": spent * 1e6 / max(figures["requests"], 1)}
                    )


def sample_memory(options: dict[str, float], process: int) -> list[dict[str, int]]:
    """Return resident memory by requests served: after the warm-up, then each second or so."""
    served, failed = 0, 0
    samples: list[dict[str, int]] = []
    while not samples or served < samples[0]["requests"] + options["memory_requests"]:
        figures = load(SERVICE_MEMORY, "/docs", "mix.lua", options, 1)
        served += figures["requests"]
        failed += figures["status_errors"] + figures["socket_errors"]
        os.truncate(WORK / f"{SERVICE_MEMORY}.log", 0)
        if served >= options["warm_up_requests"]:
            samples.append({"requests": served, "rss_bytes": rss_bytes(process), "failed": failed})
    return samples


def load(port: int, path: str, script: str, options: dict[str, float], seconds: float):  # noqa: ANN201
    """Run wrk once and return what it counted."""
    argv = ["wrk", "--threads=2", f"--connections={int(options['connections'])}"]
    argv += [f"--duration={int(seconds)}s", f"--script={WORK}/{script}"]
    done = subprocess.run(
        [*argv, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=False
    )
    found = re.search(r"^JSON(\{.*\})$", done.stdout, re.MULTILINE)
    if done.returncode != 0 or found is None:
        sys.exit(f"run wrk: {done.stdout}{done.stderr}")
    return json.loads(found[1])


def cpu_s(process: int) -> float:
    """Return the processor time of a process and its children that live. Source: proc(5)."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    total = 0
    for each in (process, *children):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS_PER_S


def rss_bytes(process: int) -> int:
    """Return the resident memory of a process."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)[1]) * 1024  # type: ignore[index]


if __name__ == "__main__":
    main()
