#pragma once

#include <chrono>
#include <csignal>
#include <optional>

namespace sample_app {

/// Takes SIGTERM and SIGINT as something to wait for instead of an interruption, and ignores
/// SIGPIPE and SIGXFSZ. Make one before any thread is started: threads inherit which signals are
/// blocked.
class TerminationSignals {
 public:
  /// Throws std::system_error when the signals cannot be blocked.
  TerminationSignals();

  /// Waits for a signal and returns its number.
  int wait() const;

  /// Waits for a signal for at most `limit`; nothing when none came.
  std::optional<int> wait_for(std::chrono::milliseconds limit) const;

 private:
  sigset_t signals_{};
};

}  // namespace sample_app
