#include "log_writer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

#include "file_size_limit.hpp"
#include "json_text.hpp"
#include "temporary_folder.hpp"

namespace sample_app {
namespace {

/// Makes standard output a pipe for as long as this lives.
class OutputPipe {
 public:
  OutputPipe() : stdout_(::dup(STDOUT_FILENO)) {
    std::array<int, 2> pipe{};
    EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    ::dup2(pipe[1], STDOUT_FILENO);
    ::close(pipe[1]);
    reader_ = pipe[0];
    std::signal(SIGPIPE, SIG_IGN);
  }
  ~OutputPipe() {
    restore();
    close_reader();
  }
  OutputPipe(const OutputPipe&) = delete;
  OutputPipe& operator=(const OutputPipe&) = delete;

  void close_reader() {
    if (reader_ >= 0) ::close(reader_);
    reader_ = -1;
  }

  /// All that was written. Standard output is itself again afterwards.
  std::string read_all() {
    restore();
    std::string text;
    std::array<char, 65536> chunk{};
    for (ssize_t size = 0; (size = ::read(reader_, chunk.data(), chunk.size())) > 0;) {
      text.append(chunk.data(), static_cast<std::size_t>(size));
    }
    return text;
  }

 private:
  void restore() {
    if (stdout_ < 0) return;
    ::dup2(stdout_, STDOUT_FILENO);
    ::close(stdout_);
    stdout_ = -1;
  }

  int stdout_;
  int reader_{-1};
};

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

void expect_json_lines(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_TRUE(is_json_object(line)) << line;
}

TEST(LogWriter, WritesLinesInOrderToOutputAndFile) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/log/app.log";
  OutputPipe output;
  {
    LogWriter writer(file);
    const LogSink sink = writer.sink();
    sink("{\"n\":1}\n");
    sink("{\"n\":2}\n");
  }
  EXPECT_EQ(output.read_all(), "{\"n\":1}\n{\"n\":2}\n");
  EXPECT_EQ(content(file), "{\"n\":1}\n{\"n\":2}\n");
}

TEST(LogWriter, WritesSoonThoughNothingMoreIsLogged) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/app.log";
  const OutputPipe output;
  LogWriter writer(file);
  writer.sink()("{}\n");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  while (content(file).empty() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(content(file), "{}\n");
}

TEST(LogWriter, KeepsFiveFilesOfTenMegabytes) {
  const TemporaryFolder folder;
  const std::string line = R"({"text":")" + std::string(9988, 'x') + "\"}\n";
  {
    OutputPipe output;
    output.close_reader();
    LogWriter writer(folder.path() + "/app.log");
    const LogSink sink = writer.sink();
    // Fewer than the queue takes, so none is lost to haste.
    for (int i = 0; i < 7000; ++i) sink(line);
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    ++files;
    EXPECT_LE(entry.file_size(), LogWriter::file_bytes) << entry.path();
    EXPECT_GT(entry.file_size(), 0U) << entry.path();
    EXPECT_EQ(entry.file_size() % line.size(), 0U) << "only whole lines";
  }
  EXPECT_EQ(files, LogWriter::file_count);
}

TEST(LogWriter, NeverWaitsForAReaderThatDoesNotRead) {
  OutputPipe output;
  const auto started = std::chrono::steady_clock::now();
  constexpr int lines = 50'000;
  std::uint64_t dropped = 0;
  {
    LogWriter writer("");
    const LogSink sink = writer.sink();
    for (int i = 0; i < lines; ++i) sink(R"({"text":"twenty bytes or so","n":0})");
    dropped = writer.dropped();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds{5});
  EXPECT_GT(dropped, 0U);
  const std::string written = output.read_all();
  EXPECT_GT(written.size(), 4096U);
  // The last line may be half a line: its other half had no room. All before it are whole.
  expect_json_lines(written.substr(0, written.rfind('\n')));
}

TEST(LogWriter, SurvivesAReaderThatIsGone) {
  OutputPipe output;
  output.close_reader();
  LogWriter writer("");
  writer.sink()("{}\n");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  while (writer.dropped() == 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(writer.dropped(), 1U);
}

TEST(LogWriter, GoesOnWithTheOutputWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  OutputPipe output;
  {
    LogWriter writer(folder.path() + "/app.log");
    const FileSizeLimit limit(0);
    const LogSink sink = writer.sink();
    sink("{\"n\":1}\n");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    while (writer.dropped() == 0 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    EXPECT_GT(writer.dropped(), 0U);
    sink("{\"n\":2}\n");
  }
  EXPECT_EQ(output.read_all(), "{\"n\":1}\n{\"n\":2}\n");
}

TEST(LogWriter, SaysThatAFileCannotBeOpened) {
  try {
    const LogWriter writer("/dev/null/app.log");
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()).find("open LOG_FILE: "), 0U) << error.what();
  }
}

}  // namespace
}  // namespace sample_app
