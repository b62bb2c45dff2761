#include "log.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "json_text.hpp"

namespace sample_app {
namespace {

constexpr std::chrono::system_clock::time_point a_time{std::chrono::milliseconds{784111777042}};

std::string line_with(std::string_view text) {
  const LogField field{"text", text};
  return format_log_line(a_time, LogLevel::info, "event", {&field, 1});
}

TEST(LogLine, HasTimeLevelEventAndFieldsInOrder) {
  const std::array<LogField, 4> fields{
      {{"text", "a"}, {"count", std::int64_t{-3}}, {"ms", 0.5}, {"ok", true}}};
  EXPECT_EQ(format_log_line(a_time, LogLevel::warning, "some.event", fields),
            R"({"timestamp":"1994-11-06T08:49:37.042Z","level":"warning","msg":"some.event",)"
            R"("text":"a","count":-3,"ms":0.5,"ok":true})");
}

TEST(LogLine, GivesTextsBackUnchanged) {
  for (const std::string text : {"quote \" backslash \\ slash /", "line\nend\r\ttab",
                                 "\x01\x1b[31m\x7f", "grüße, 日本, 🎉", R"({"not": "nested"})"}) {
    const std::string line = line_with(text);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(json_at(line, "/text"), text);
  }
  const std::string with_nul("a\0b", 3);
  EXPECT_EQ(json_at(line_with(with_nul), "/text"), with_nul);
}

TEST(LogLine, ReplacesWhatIsNotUtf8) {
  for (const char* text : {"\xff", "cut \xe2\x82", "\xc0\xaf", "\xed\xa0\x80"}) {
    const std::string read = json_at(line_with(text), "/text");
    EXPECT_NE(read.find("\xef\xbf\xbd"), std::string::npos) << read;
  }
}

TEST(Logger, LeavesOutWhatIsBelowItsLevel) {
  std::string written;
  Logger logger(LogLevel::warning, [&written](std::string_view line) { written += line; });
  logger.log(LogLevel::info, "small");
  EXPECT_EQ(written, "");
  logger.log(LogLevel::error, "large");
  EXPECT_EQ(json_at(written, "/msg"), "large");
  EXPECT_TRUE(written.ends_with("}\n"));
}

TEST(Logger, KeepsLinesWholeWhenManyThreadsLog) {
  std::vector<std::string> lines;
  Logger logger(LogLevel::info, [&lines](std::string_view line) { lines.emplace_back(line); });
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&logger] {
      for (int n = 0; n < 100; ++n) logger.log(LogLevel::info, "event", {{"n", std::int64_t{n}}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(lines.size(), 400U);
  for (const std::string& line : lines) EXPECT_TRUE(is_json_object(line)) << line;
}

TEST(LogLevel, IsReadFromItsName) {
  for (const auto level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    EXPECT_EQ(log_level_from(to_string(level)), level);
  }
  EXPECT_EQ(log_level_from("verbose"), std::nullopt);
}

}  // namespace
}  // namespace sample_app
