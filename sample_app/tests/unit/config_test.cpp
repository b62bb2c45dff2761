#include "config.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "build_info.hpp"
#include "command_line.hpp"
#include "variables.hpp"

namespace sample_app {
namespace {

using namespace std::chrono_literals;

TEST(Config, HasADefaultForEverything) {
  const Config config = read_config(variables({}));
  EXPECT_EQ(config.port, 8080);
  EXPECT_EQ(config.bind_address, "0.0.0.0");
  EXPECT_EQ(config.log_level, LogLevel::info);
  EXPECT_EQ(config.lame_duck, 5s);
  EXPECT_EQ(config.drain, 30s);
}

TEST(Config, ReadsEveryVariable) {
  const Config config = read_config(variables({{"BIND_ADDRESS", "::1"},
                                               {"PORT", "0"},
                                               {"LOG_LEVEL", "debug"},
                                               {"WORKER_THREADS", "3"},
                                               {"LAME_DUCK_SECONDS", "0.25"},
                                               {"DRAIN_SECONDS", "1.5"},
                                               {"REQUEST_TIMEOUT_SECONDS", "2"},
                                               {"IDLE_TIMEOUT_SECONDS", "4"},
                                               {"MAX_BODY_BYTES", "100"},
                                               {"MAX_HEADER_BYTES", "1000"},
                                               {"MAX_CONNECTIONS", "10"},
                                               {"MAX_LINKS", "20"},
                                               {"METRICS_PORT", "9"},
                                               {"LOG_FILE", "/log"},
                                               {"LINKS_FILE", "/links"}}));
  EXPECT_EQ(config.bind_address, "::1");
  EXPECT_EQ(config.port, 0);
  EXPECT_EQ(config.log_level, LogLevel::debug);
  EXPECT_EQ(config.worker_threads, 3U);
  EXPECT_EQ(config.lame_duck, 250ms);
  EXPECT_EQ(config.drain, 1500ms);
  EXPECT_EQ(config.request_timeout, 2s);
  EXPECT_EQ(config.idle_timeout, 4s);
  EXPECT_EQ(config.max_body_bytes, 100U);
  EXPECT_EQ(config.max_header_bytes, 1000U);
  EXPECT_EQ(config.max_connections, 10U);
  EXPECT_EQ(config.max_links, 20U);
  EXPECT_EQ(config.metrics_port, 9);
  EXPECT_EQ(config.log_file, "/log");
  EXPECT_EQ(config.links_file, "/links");
}

TEST(Config, ShowsAWrongValueOnOneLineAndNotAllOfALongOne) {
  try {
    read_config(variables({{"LOG_LEVEL", "a\nb\x1b[31m"}, {"PORT", std::string(1000, '9')}}));
    FAIL();
  } catch (const ConfigError& error) {
    ASSERT_EQ(error.mistakes().size(), 2U);
    const std::string text = error.what();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_NE(text.find("\"a?b?[31m\""), std::string::npos) << text;
    EXPECT_LT(text.size(), 400U) << text;
  }
}

TEST(Config, RefusesOnePortForBoth) {
  for (const auto& [name, value] : {std::pair{"PORT", "9090"}, std::pair{"METRICS_PORT", "8080"}}) {
    try {
      read_config(variables({{name, value}}));
      FAIL() << name;
    } catch (const ConfigError& error) {
      EXPECT_EQ(std::string(error.what()).find(name), 0U) << error.what();
    }
  }
  EXPECT_NO_THROW(read_config(variables({{"PORT", "0"}, {"METRICS_PORT", "0"}})));
}

TEST(Config, ReportsAllMistakesAtOnce) {
  try {
    read_config(variables({{"PORT", "65536"}, {"LOG_LEVEL", "loud"}, {"BIND_ADDRESS", "here"}}));
    FAIL() << "nothing was thrown";
  } catch (const ConfigError& error) {
    ASSERT_EQ(error.mistakes().size(), 3U);
    EXPECT_EQ(error.mistakes()[1],
              "PORT: \"65536\" is not a whole number within 0–65535. Set for example PORT=8080.");
  }
}

TEST(Config, RefusesWhatIsNotQuiteANumberOrOutOfRange) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"PORT", "-1"},
      {"PORT", "80a"},
      {"PORT", " 80"},
      {"PORT", "18446744073709551617"},
      {"DRAIN_SECONDS", "nan"},
      {"DRAIN_SECONDS", "inf"},
      {"DRAIN_SECONDS", "-1"},
      {"DRAIN_SECONDS", "5s"},
      {"IDLE_TIMEOUT_SECONDS", "0"},
      {"MAX_BODY_BYTES", "0"},
      {"LOG_LEVEL", "INFO"},
      {"BIND_ADDRESS", "localhost"},
  };
  for (const auto& [name, value] : cases) {
    EXPECT_THROW(read_config(variables({{name, value}})), ConfigError) << name << "=" << value;
  }
}

TEST(BuildInfo, ComesFromTheEnvironment) {
  const BuildInfo info = read_build_info(variables({{"GIT_SHA", "abc"}, {"BUILD_TIME", "now"}}));
  EXPECT_EQ(info.git_sha, "abc");
  EXPECT_EQ(info.build_time, "now");
  EXPECT_EQ(info.image_digest, "unknown");
  EXPECT_FALSE(info.version.empty());
}

TEST(CommandLine, KnowsItsCommands) {
  const auto read = [](const std::vector<const char*>& arguments) {
    return read_command_line(arguments);
  };
  EXPECT_EQ(read({}), Command::serve);
  EXPECT_EQ(read({"--help"}), Command::show_help);
  EXPECT_EQ(read({"-h"}), Command::show_help);
  EXPECT_EQ(read({"--version"}), Command::show_version);
  EXPECT_EQ(read({"--health-check"}), Command::health_check);
  EXPECT_THROW(read({"serve"}), std::invalid_argument);
  EXPECT_THROW(read({"--help", "--version"}), std::invalid_argument);
}

TEST(CommandLine, HelpNamesEverySetting) {
  for (const char* name :
       {"PORT", "BIND_ADDRESS", "LOG_LEVEL", "WORKER_THREADS", "LAME_DUCK_SECONDS", "DRAIN_SECONDS",
        "REQUEST_TIMEOUT_SECONDS", "IDLE_TIMEOUT_SECONDS", "MAX_BODY_BYTES", "MAX_HEADER_BYTES",
        "MAX_CONNECTIONS", "MAX_LINKS", "GIT_SHA", "IMAGE_DIGEST", "BUILD_TIME"}) {
    EXPECT_NE(help_text().find(name), std::string_view::npos) << name;
  }
}

}  // namespace
}  // namespace sample_app
