#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "log.hpp"

namespace sample_app {

/// Writes log lines to standard output and, if wanted, to a rotating file, on a thread of its own:
/// whoever logs never waits for a disk or for a slow reader. The queue is bounded: when it is full
/// the oldest lines are dropped and counted.
class LogWriter {
 public:
  /// Lines that may wait.
  static constexpr std::size_t queue_lines = 8192;
  /// The file in use and the ones before it: file, file.1 … file.4.
  static constexpr std::size_t file_bytes = std::size_t{10} * 1024 * 1024;
  static constexpr std::size_t file_count = 5;

  /// `file` may be empty: standard output only. Throws std::runtime_error when it cannot be
  /// written.
  explicit LogWriter(const std::string& file);

  /// Writes what waits, but gives a reader that does not read no more than a second.
  ~LogWriter();

  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  /// Takes lines for this writer, which must outlive it. Thread-safe.
  LogSink sink();

  /// Lines lost so far: the queue was full, the reader of standard output too slow or gone, or the
  /// file could not be written.
  std::uint64_t dropped() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace sample_app
