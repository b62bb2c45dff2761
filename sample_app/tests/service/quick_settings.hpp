#pragma once

#include <csignal>

#include "service_process.hpp"

/// Free ports, two threads, and an end that does not wait.
inline Settings quick(const Settings& more = {}) {
  Settings settings{{"PORT", "0"},
                    {"METRICS_PORT", "0"},
                    {"BIND_ADDRESS", "127.0.0.1"},
                    {"WORKER_THREADS", "2"},
                    {"LAME_DUCK_SECONDS", "0"}};
  for (const auto& [name, value] : more) settings[name] = value;
  return settings;
}

inline int terminate(ServiceProcess& service) {
  service.send_signal(SIGTERM);
  return service.wait_for_exit();
}
