#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "json_object.hpp"

namespace sample_app {

enum class LogLevel { debug, info, warning, error };

std::string_view to_string(LogLevel level);

/// The level of a name such as "info", or nothing.
std::optional<LogLevel> log_level_from(std::string_view name);

/// One fact of an event. The views need to live until the call that logs them returns.
struct LogField {
  std::string_view key;
  JsonScalar value;
};

/// One event as one JSON object without a line end: `timestamp` (UTC, milliseconds), `level`,
/// `msg` (the constant name of the event), then the fields in order. It is valid JSON on
/// one line whatever the texts hold, see JsonObject.
std::string format_log_line(std::chrono::system_clock::time_point time, LogLevel level,
                            std::string_view event, std::span<const LogField> fields);

/// Takes one line at a time, line end included.
using LogSink = std::function<void(std::string_view line)>;

/// Writes events of `lowest` level and above to a sink. Thread-safe; the sink is called by one
/// thread at a time, in the thread that logs.
class Logger {
 public:
  Logger(LogLevel lowest, LogSink sink) : lowest_(lowest), sink_(std::move(sink)) {}

  void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

 private:
  const LogLevel lowest_;
  const LogSink sink_;
  std::mutex mutex_;
};

}  // namespace sample_app
