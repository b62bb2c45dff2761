#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using Settings = std::map<std::string, std::string>;

/// The real binary, running. Of the caller's environment it gets only what sanitizers, coverage
/// and the loader need, so that settings in a developer's shell do not change a test.
class ServiceProcess {
 public:
  /// Starts the binary with output and errors going to the same place. `sockets` are passed as a
  /// service manager does: as descriptors 3 and up, with LISTEN_FDS and LISTEN_PID.
  explicit ServiceProcess(const Settings& settings, const std::vector<std::string>& arguments = {},
                          const std::vector<int>& sockets = {});

  /// Kills the process if it still runs.
  ~ServiceProcess();
  ServiceProcess(const ServiceProcess&) = delete;
  ServiceProcess& operator=(const ServiceProcess&) = delete;

  /// The ports it chose. Wait for the event `server.listening`.
  std::uint16_t port();
  std::uint16_t metrics_port();

  /// Waits for a log line with this event. Throws std::runtime_error after 10 s.
  std::string wait_for_event(const std::string& event);

  pid_t pid() const { return pid_; }

  void send_signal(int signal) const;

  /// Waits for the end. 128 + n for an end by signal n. Throws std::runtime_error after 10 s.
  int wait_for_exit();

  /// All lines so far; complete after wait_for_exit.
  std::vector<std::string> output();

 private:
  void read_output(int descriptor);

  pid_t pid_{-1};
  bool running_{true};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
  bool output_ended_{false};
  std::thread reader_;
};
