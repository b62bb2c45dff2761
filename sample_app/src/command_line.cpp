#include "command_line.hpp"

#include <stdexcept>

namespace sample_app {

Command read_command_line(std::span<const char* const> arguments) {
  if (arguments.empty()) return Command::serve;
  const std::string_view argument = arguments.front();
  if (arguments.size() > 1) {
    throw std::invalid_argument(
        "read the command line: there is more than one argument. "
        "See --help.");
  }
  if (argument == "--help" || argument == "-h") return Command::show_help;
  if (argument == "--version") return Command::show_version;
  if (argument == "--health-check") return Command::health_check;
  throw std::invalid_argument("read the command line: \"" + std::string(argument) +
                              "\" is not known. See --help.");
}

std::string_view help_text() {
  return R"(Usage: sample_app [--help | --version | --health-check]

A small link-shortening HTTP service. Without an argument it serves until SIGTERM.

  --health-check   ask the instance on this host for /health: exit 0 when it is well, 1 when not
  --version        print the version
  --help           print this text

Settings are environment variables (default in brackets):
  PORT                     port to listen on, 0 for any free one [8080]
  METRICS_PORT             port of GET /metrics, 0 for any free one [9090]
  BIND_ADDRESS             IPv4 or IPv6 address to listen on [0.0.0.0]
  LOG_LEVEL                debug, info, warning or error [info]
  LOG_FILE                 written beside standard output: 5 files of 10 MB in turn [none]
  LINKS_FILE               where links outlive the process [none: they do not]
  WORKER_THREADS           threads that serve, 0 for one for each CPU [0]
  LAME_DUCK_SECONDS        after SIGTERM: serve on, not ready, before the port closes [5]
  DRAIN_SECONDS            then: time for requests in flight to finish [30]
  REQUEST_TIMEOUT_SECONDS  time for a request to arrive, and for its response to leave [10]
  IDLE_TIMEOUT_SECONDS     time a connection may wait for its next request [60]
  MAX_BODY_BYTES           larger bodies are answered 413 [65536]
  MAX_HEADER_BYTES         larger headers are answered 431 [16384]
  MAX_CONNECTIONS          more than these wait in the kernel's queue [10000]
  MAX_LINKS                links held before the service answers 507 [1000000]
  LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID   inherited sockets: http, then metrics
  NOTIFY_SOCKET, WATCHDOG_USEC             the service manager that is told of states
  GIT_SHA, IMAGE_DIGEST, BUILD_TIME   what /version tells [unknown]

Exit codes: 0 stopped as asked, 1 failed, 2 wrong arguments or settings.
)";
}

}  // namespace sample_app
