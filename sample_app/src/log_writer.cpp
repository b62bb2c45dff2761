#include "log_writer.hpp"

#include <poll.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <stdexcept>

namespace sample_app {
namespace {

/// How long a reader that does not read is waited for, once; after that not at all until it reads.
constexpr int patience_ms = 1000;
/// Lines are written together as long as more are waiting, up to this many bytes.
constexpr std::size_t batch_bytes = std::size_t{32} * 1024;

/// Standard output, without ever waiting for long. The descriptor stays in blocking mode, which
/// it may share with other processes: instead it is asked first whether there is room.
class Console {
 public:
  Console() {
    struct stat status {};
    const bool is_file = fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode);
    // A pipe that has room at all has room for this much.
    chunk_bytes_ = is_file ? batch_bytes : PIPE_BUF;
  }

  void add(std::string_view line) {
    waiting_.append(line.data(), line.size());
    waiting_ += '\n';
    if (waiting_.size() >= batch_bytes) flush();
  }

  void flush() {
    std::size_t written = 0;
    while (written < waiting_.size() && has_room()) {
      const std::size_t size = std::min(chunk_bytes_, waiting_.size() - written);
      const ssize_t result = ::write(STDOUT_FILENO, waiting_.data() + written, size);
      if (result < 0 && errno == EINTR) continue;
      if (result <= 0) {
        drop(waiting_.size());  // nobody is there any more
        return;
      }
      written += static_cast<std::size_t>(result);
    }
    waiting_.erase(0, written);
    // The first of the rest may be the second half of a line: it has to come out some time.
    if (!waiting_.empty()) drop(waiting_.size() - (waiting_.find('\n') + 1));
  }

  std::uint64_t dropped() const { return dropped_.load(); }

 private:
  bool has_room() {
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    const int ready = ::poll(&output, 1, stalled_ ? 0 : patience_ms);
    stalled_ = ready == 0;
    return !stalled_;
  }

  void drop(std::size_t bytes) {
    const auto first = waiting_.end() - static_cast<std::ptrdiff_t>(bytes);
    dropped_ += static_cast<std::uint64_t>(std::count(first, waiting_.end(), '\n'));
    waiting_.erase(first, waiting_.end());
  }

  std::size_t chunk_bytes_;
  std::string waiting_;
  bool stalled_{false};
  std::atomic<std::uint64_t> dropped_{0};
};

/// Runs in the one thread of the pool, so it needs no lock.
class LineSink final : public spdlog::sinks::sink {
 public:
  explicit LineSink(const std::string& file) {
    if (file.empty()) return;
    file_ = std::make_unique<spdlog::sinks::rotating_file_sink_st>(file, LogWriter::file_bytes,
                                                                   LogWriter::file_count - 1);
    file_->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
  }

  /// Lets the sink see how many lines wait behind the one it is given. A plain pointer: the pool
  /// calls the sink, so it is there. Owning it, if only for a moment, could make the sink's own
  /// thread the one that ends the pool and waits for itself.
  void watch(spdlog::details::thread_pool& pool) { pool_ = &pool; }

  void log(const spdlog::details::log_msg& message) override {
    const bool is_last = pool_->queue_size() == 0;
    console_.add({message.payload.data(), message.payload.size()});
    if (is_last) console_.flush();
    // After the console, which shall not suffer when this throws.
    if (!file_) return;
    file_->log(message);
    if (is_last) file_->flush();
  }

  void flush() override {
    console_.flush();
    if (file_) file_->flush();
  }

  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

  std::uint64_t dropped() const { return console_.dropped(); }

 private:
  Console console_;
  std::unique_ptr<spdlog::sinks::rotating_file_sink_st> file_;
  spdlog::details::thread_pool* pool_{nullptr};
};

std::shared_ptr<LineSink> open_sink(const std::string& file) {
  try {
    return std::make_shared<LineSink>(file);
  } catch (const spdlog::spdlog_ex& error) {
    throw std::runtime_error("open LOG_FILE: " + std::string(error.what()) +
                             ". Set it to a file in a folder that can be written.");
  }
}

}  // namespace

class LogWriter::Implementation {
 public:
  explicit Implementation(const std::string& file)
      : sink_(open_sink(file)),
        pool_(std::make_shared<spdlog::details::thread_pool>(queue_lines, 1)),
        logger_(std::make_shared<spdlog::async_logger>(
            "log", sink_, pool_, spdlog::async_overflow_policy::overrun_oldest)) {
    sink_->watch(*pool_);
    // What is too low was left out before it came here.
    logger_->set_level(spdlog::level::trace);
    logger_->set_error_handler([this](const std::string& error) {
      if (failed_.fetch_add(1) == 0) {
        std::fprintf(stderr, "write LOG_FILE: %s\n", error.c_str());
      }
    });
  }

  ~Implementation() {
    // The pool works off its queue once the logger let go of it; what the sink then still holds
    // is the last of it.
    logger_.reset();
    pool_.reset();
    try {
      sink_->flush();
    } catch (const spdlog::spdlog_ex&) {
      // Told when it began, and nobody is left to be told now.
    }
  }
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  void write(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }

  std::uint64_t dropped() const {
    return pool_->overrun_counter() + sink_->dropped() + failed_.load();
  }

 private:
  std::atomic<std::uint64_t> failed_{0};
  std::shared_ptr<LineSink> sink_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::shared_ptr<spdlog::async_logger> logger_;
};

LogWriter::LogWriter(const std::string& file)
    : implementation_(std::make_unique<Implementation>(file)) {}

LogWriter::~LogWriter() = default;

LogSink LogWriter::sink() {
  return [writer = implementation_.get()](std::string_view line) { writer->write(line); };
}

std::uint64_t LogWriter::dropped() const {
  return implementation_->dropped();
}

}  // namespace sample_app
