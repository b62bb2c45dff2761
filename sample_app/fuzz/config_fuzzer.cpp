// The settings: any environment gives either a Config that is within its documented limits or a
// ConfigError that names variables which were set. The input looks like /proc/PID/environ:
// NAME=VALUE, ended by NUL.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "config.hpp"
#include "planted_bug.hpp"
#include "require.hpp"

namespace {

using namespace sample_app;
using namespace std::chrono_literals;
using Variables = std::map<std::string, std::string, std::less<>>;

/// As in a process: the first of two equal names counts, and an empty value is none.
Variables read_variables(std::string_view input) {
  Variables variables;
  while (!input.empty()) {
    const auto entry = input.substr(0, input.find('\0'));
    input.remove_prefix(std::min(entry.size() + 1, input.size()));
    const auto sign = entry.find('=');
    if (sign == std::string_view::npos || sign + 1 == entry.size()) continue;
    variables.emplace(entry.substr(0, sign), entry.substr(sign + 1));
  }
  return variables;
}

template <typename Value>
void within(Value lowest, Value value, Value highest) {
  require(lowest <= value && value <= highest, "a setting is within its limits");
}

void check_limits(const Config& config) {
  within<unsigned>(0, config.worker_threads, 256);
  within<std::chrono::milliseconds>(0s, config.lame_duck, 300s);
  within<std::chrono::milliseconds>(0s, config.drain, 600s);
  within<std::chrono::milliseconds>(100ms, config.request_timeout, 3600s);
  within<std::chrono::milliseconds>(100ms, config.idle_timeout, 3600s);
  within<std::size_t>(1, config.max_body_bytes, 1ULL << 30U);
  within<std::uint32_t>(256, config.max_header_bytes, 1U << 20U);
  within<std::size_t>(1, config.max_connections, 1'000'000);
  within<std::size_t>(1, config.max_links, 1'000'000'000);
  within(LogLevel::debug, config.log_level, LogLevel::error);
  require(!config.bind_address.empty() && config.bind_address.find_first_not_of(
                                              "0123456789abcdefABCDEF:.") == std::string::npos,
          "the address is an IP address");
}

/// What is not set has its default; what is set as a plain number is taken as it is.
void check_values(const Config& config, const Variables& variables) {
  const Config usual;
  const auto is_unset = [&variables](std::string_view name) {
    return variables.find(name) == variables.end();
  };
  require(!is_unset("PORT") || config.port == usual.port, "PORT has its default");
  require(config.port == 0 || config.port != config.metrics_port, "there are two ports");
  require(!is_unset("BIND_ADDRESS") || config.bind_address == usual.bind_address,
          "BIND_ADDRESS has its default");
  require(!is_unset("DRAIN_SECONDS") || config.drain == usual.drain,
          "DRAIN_SECONDS has its default");
  require(!is_unset("MAX_LINKS") || config.max_links == usual.max_links,
          "MAX_LINKS has its default");
  if (is_unset("PORT")) return;
  const std::string& port = variables.find("PORT")->second;
  const std::string digits = port.substr(std::min(port.find_first_not_of('0'), port.size() - 1));
  require(digits == std::to_string(config.port), "the port is the one that was set");
}

void check_mistakes(const ConfigError& error, const Variables& variables) {
  require(!error.mistakes().empty(), "an error names at least one mistake");
  require(error.mistakes().size() <= variables.size(), "a variable is not named twice");
  for (const std::string& mistake : error.mistakes()) {
    const auto variable = variables.find(std::string_view(mistake).substr(0, mistake.find(':')));
    require(variable != variables.end(), "a mistake begins with the name of a set variable");
    const bool is_plain = variable->second.size() <= 80 &&
                          std::all_of(variable->second.begin(), variable->second.end(),
                                      [](unsigned char c) { return c >= ' ' && c != 0x7f; });
    require(!is_plain || mistake.find("\"" + variable->second + "\"") != std::string::npos,
            "a mistake shows what was found");
    require(std::none_of(mistake.begin(), mistake.end(),
                         [](unsigned char c) { return c < ' ' || c == 0x7f; }),
            "a mistake is one line, whatever was found");
    require(std::string_view(error.what()).find(mistake) != std::string_view::npos,
            "what() has every mistake");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Variables variables = read_variables({reinterpret_cast<const char*>(data), size});
  const Environment environment = [&variables](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(std::string_view(name));
    if (found == variables.end()) return std::nullopt;
    maybe_planted_bug(found->second);
    return found->second;
  };
  try {
    const Config config = read_config(environment);
    check_limits(config);
    check_values(config, variables);
  } catch (const ConfigError& error) {
    check_mistakes(error, variables);
  }
  return 0;
}
