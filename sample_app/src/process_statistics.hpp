#pragma once

#include <cstdint>

namespace sample_app {

/// What the kernel knows about this process. A value that cannot be read is 0.
struct ProcessStatistics {
  /// User and system time of all threads.
  double cpu_seconds{0};
  double resident_memory_bytes{0};
  double virtual_memory_bytes{0};
  /// Seconds since 1970 (UTC).
  double start_time_seconds{0};
  double open_fds{0};
  /// The soft limit of open_fds.
  double max_fds{0};
};

/// Reads /proc/self. Costs some 50 µs.
ProcessStatistics read_process_statistics();

}  // namespace sample_app
