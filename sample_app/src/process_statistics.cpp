#include "process_statistics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace sample_app {
namespace {

/// The fields of /proc/self/stat from the third on; the second, the program's name, may hold
/// blanks and parentheses. Source: proc(5).
std::vector<std::string> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const auto end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) return {};
  std::istringstream rest(line.substr(end_of_name + 1));
  std::vector<std::string> fields;
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

double seconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Seconds since 1970 at which the system was booted. Asked of the clocks, because /proc/stat is
/// hidden from services that are locked down; asked once, because a start does not move.
double boot_time_seconds() {
  static const double boot_time = seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME);
  return boot_time;
}

double count_open_fds() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end;
       !error && entry != end; entry.increment(error)) {
    ++count;
  }
  // Reading the folder took one itself.
  return count > 0 ? count - 1 : 0;
}

}  // namespace

ProcessStatistics read_process_statistics() {
  ProcessStatistics statistics;
  const std::vector<std::string> fields = stat_fields();
  // Numbers of the fields in proc(5), less the two before the list, less one to count from 0.
  constexpr std::size_t utime = 11;
  constexpr std::size_t stime = 12;
  constexpr std::size_t starttime = 19;
  constexpr std::size_t vsize = 20;
  constexpr std::size_t rss = 21;
  if (fields.size() > rss) {
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    statistics.cpu_seconds = (std::stod(fields[utime]) + std::stod(fields[stime])) / ticks;
    statistics.virtual_memory_bytes = std::stod(fields[vsize]);
    statistics.resident_memory_bytes =
        std::stod(fields[rss]) * static_cast<double>(sysconf(_SC_PAGESIZE));
    statistics.start_time_seconds = boot_time_seconds() + std::stod(fields[starttime]) / ticks;
  }
  statistics.open_fds = count_open_fds();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    statistics.max_fds = static_cast<double>(limit.rlim_cur);
  }
  return statistics;
}

}  // namespace sample_app
