#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "environment.hpp"
#include "log.hpp"

namespace sample_app {

/// The settings, each from the environment variable named beside it.
struct Config {
  /// BIND_ADDRESS: IPv4 or IPv6 address to listen on.
  std::string bind_address{"0.0.0.0"};
  /// PORT: 0 lets the system choose; the log event `server.listening` tells which.
  std::uint16_t port{8080};
  /// METRICS_PORT: where GET /metrics is, on the same address; 0 lets the system choose.
  std::uint16_t metrics_port{9090};
  /// LOG_LEVEL: debug, info, warning or error.
  LogLevel log_level{LogLevel::info};
  /// LOG_FILE: written beside standard output, see LogWriter; empty for none.
  std::string log_file;
  /// LINKS_FILE: where links outlive the process, see LinkJournal; empty for nowhere.
  std::string links_file;
  /// WORKER_THREADS: 0 means one for each CPU.
  unsigned worker_threads{0};
  /// LAME_DUCK_SECONDS: how long to keep serving after SIGTERM, with /ready at 503, so that load
  /// balancers can take notice before the port closes.
  std::chrono::milliseconds lame_duck{std::chrono::seconds{5}};
  /// DRAIN_SECONDS: how long requests in flight may take after the port closed.
  std::chrono::milliseconds drain{std::chrono::seconds{30}};
  /// REQUEST_TIMEOUT_SECONDS: from the first byte of a request to its last, and for the response.
  std::chrono::milliseconds request_timeout{std::chrono::seconds{10}};
  /// IDLE_TIMEOUT_SECONDS: how long a connection may wait for its next request.
  std::chrono::milliseconds idle_timeout{std::chrono::seconds{60}};
  /// MAX_BODY_BYTES, MAX_HEADER_BYTES: larger requests are answered 413 and 431.
  std::size_t max_body_bytes{std::size_t{64} * 1024};
  std::uint32_t max_header_bytes{16U * 1024U};
  /// MAX_CONNECTIONS: more than these wait in the kernel's queue.
  std::size_t max_connections{10'000};
  /// MAX_LINKS: links the store holds before it answers 507.
  std::size_t max_links{1'000'000};
};

/// All mistakes in the environment at once, one a line in what().
class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::vector<std::string> mistakes);

  const std::vector<std::string>& mistakes() const { return mistakes_; }

 private:
  std::vector<std::string> mistakes_;
};

/// Reads the settings; what is not set has its default. Durations are seconds, decimals allowed
/// ("0.5"). Throws ConfigError with every mistake, not only the first.
Config read_config(const Environment& environment);

}  // namespace sample_app
