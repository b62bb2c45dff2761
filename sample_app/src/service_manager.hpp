#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "environment.hpp"

namespace sample_app {

/// Listening sockets that the service manager opened before it started this process (socket
/// activation): connections wait in them while the service restarts, so none is refused.
struct InheritedSockets {
  std::optional<int> http;
  std::optional<int> metrics;
};

/// Finds the sockets of LISTEN_FDS that are meant for the process `self` (LISTEN_PID). In
/// LISTEN_FDNAMES, "http" and "metrics" say which is which; sockets under other names, or none,
/// are http first and then metrics. They are closed for programs that this process starts.
///
/// Throws std::runtime_error when there is one too many, and for what is no listening socket.
/// Source: sd_listen_fds(3).
InheritedSockets take_inherited_sockets(const Environment& environment, pid_t self);

/// Tells the service manager (systemd or another that sets NOTIFY_SOCKET) how the service does.
/// Does nothing where there is none. Source: sd_notify(3).
class ServiceManager {
 public:
  /// Throws std::runtime_error when WATCHDOG_USEC is no number.
  explicit ServiceManager(const Environment& environment);

  /// Sends assignments such as "READY=1", several divided by line ends. Whether they were sent.
  bool notify(std::string_view assignments) const;

  /// How often WATCHDOG=1 must be told for the service to be left alive: half of what was asked
  /// for. Nothing when there is no watchdog.
  std::optional<std::chrono::milliseconds> watchdog_interval() const { return watchdog_interval_; }

 private:
  std::string socket_path_;
  std::optional<std::chrono::milliseconds> watchdog_interval_;
};

}  // namespace sample_app
