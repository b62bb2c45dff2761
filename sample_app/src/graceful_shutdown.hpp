#pragma once

#include <chrono>

#include "http_server.hpp"
#include "log.hpp"
#include "readiness.hpp"
#include "service_manager.hpp"
#include "termination_signals.hpp"

namespace sample_app {

struct ShutdownTimes {
  /// How long to keep serving, not ready, before the port closes.
  std::chrono::milliseconds lame_duck;
  /// How long requests in flight may take after that.
  std::chrono::milliseconds drain;
};

/// Lets the server serve until SIGTERM or SIGINT, feeding the service manager's watchdog as long
/// as every worker responds, then leaves without losing a request:
///
///  1. `readiness` turns to draining at once, responses ask clients to leave;
///  2. for the lame-duck time everything is served, new connections too;
///  3. the listener closes, idle connections close, requests in flight finish.
///
/// Returns when no connection is left or the drain time is over. A second signal ends the waiting
/// at once. The caller destroys the server, which ends what is left.
void serve_until_terminated(HttpServer& server, Readiness& readiness,
                            const TerminationSignals& signals, const ServiceManager& manager,
                            ShutdownTimes times, Logger& logger);

}  // namespace sample_app
