#include "log.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace sample_app {
namespace {

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};

std::string utc_timestamp(std::chrono::system_clock::time_point time) {
  using std::chrono::floor;
  const auto second = floor<std::chrono::seconds>(time);
  const auto milliseconds = floor<std::chrono::milliseconds>(time - second).count();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(second);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(milliseconds));
  return std::string(date.data()) + fraction.data();
}

}  // namespace

std::string_view to_string(LogLevel level) {
  return level_names.at(static_cast<std::size_t>(level));
}

std::optional<LogLevel> log_level_from(std::string_view name) {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names.at(i) == name) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

std::string format_log_line(std::chrono::system_clock::time_point time, LogLevel level,
                            std::string_view event, std::span<const LogField> fields) {
  JsonObject line;
  line.add("timestamp", utc_timestamp(time)).add("level", to_string(level)).add("msg", event);
  for (const LogField& field : fields) line.add(field.key, field.value);
  return line.text();
}

void Logger::log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < lowest_) return;
  std::string line = format_log_line(std::chrono::system_clock::now(), level, event, fields);
  line += '\n';
  const std::lock_guard lock(mutex_);
  sink_(line);
}

}  // namespace sample_app
