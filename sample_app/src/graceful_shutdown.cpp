#include "graceful_shutdown.hpp"

#include <optional>

namespace sample_app {
namespace {

using Clock = std::chrono::steady_clock;

/// How often to look whether the last connection has closed.
constexpr std::chrono::milliseconds poll_interval{10};

/// A second signal, or nothing when all connections closed or the time was up.
std::optional<int> wait_for_last_connection(const HttpServer& server,
                                            const TerminationSignals& signals,
                                            std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (server.open_connections() > 0 && Clock::now() < deadline) {
    if (const auto signal = signals.wait_for(poll_interval)) return signal;
  }
  return std::nullopt;
}

int wait_for_first_signal(const HttpServer& server, const TerminationSignals& signals,
                          const ServiceManager& manager) {
  const auto interval = manager.watchdog_interval();
  if (!interval) return signals.wait();
  for (;;) {
    if (server.responds_within(*interval)) manager.notify("WATCHDOG=1");
    if (const auto signal = signals.wait_for(*interval / 2)) return *signal;
  }
}

}  // namespace

void serve_until_terminated(HttpServer& server, Readiness& readiness,
                            const TerminationSignals& signals, const ServiceManager& manager,
                            ShutdownTimes times, Logger& logger) {
  const int signal = wait_for_first_signal(server, signals, manager);

  manager.notify("STOPPING=1\nSTATUS=Draining");
  readiness.set(Readiness::State::draining);
  server.send_clients_away();
  const auto started = Clock::now();
  logger.log(LogLevel::info, "server.drain_started",
             {{"signal", std::int64_t{signal}}, {"lame_duck_ms", times.lame_duck.count()}});

  auto second_signal = signals.wait_for(times.lame_duck);
  server.stop_accepting();
  logger.log(LogLevel::info, "server.listener_closed");
  if (!second_signal) second_signal = wait_for_last_connection(server, signals, times.drain);

  const std::size_t left = server.open_connections();
  const std::chrono::duration<double, std::milli> elapsed = Clock::now() - started;
  logger.log(left == 0 ? LogLevel::info : LogLevel::warning, "server.drain_finished",
             {{"connections_cut", static_cast<std::int64_t>(left)},
              {"second_signal", second_signal.has_value()},
              {"elapsed_ms", elapsed.count()}});
}

}  // namespace sample_app
