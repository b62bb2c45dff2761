#include "config.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

namespace sample_app {
namespace {

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Reads variables into settings and collects what is wrong with them.
class Reader {
 public:
  explicit Reader(const Environment& environment) : environment_(environment) {}

  /// Whether there was no mistake in it.
  template <typename Integer>
  bool integer(const char* name, std::uint64_t lowest, std::uint64_t highest, Integer& setting) {
    const auto text = environment_(name);
    if (!text) return true;
    const auto number = parse_number<std::uint64_t>(*text);
    if (number && *number >= lowest && *number <= highest) {
      setting = static_cast<Integer>(*number);
      return true;
    }
    mistake(name, *text, "a whole number within " + range(lowest, highest), setting);
    return false;
  }

  void seconds(const char* name, double lowest, double highest,
               std::chrono::milliseconds& setting) {
    const auto text = environment_(name);
    if (!text) return;
    const auto number = parse_number<double>(*text);
    // Written so that NaN, which compares false with everything, is refused.
    if (number && *number >= lowest && *number <= highest) {
      setting =
          std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(*number));
      return;
    }
    mistake(name, *text, "a number of seconds within " + range(lowest, highest),
            static_cast<double>(setting.count()) / 1000.0);
  }

  void log_level(const char* name, LogLevel& setting) {
    const auto text = environment_(name);
    if (!text) return;
    if (const auto level = log_level_from(*text)) {
      setting = *level;
      return;
    }
    add(name, *text, "one of debug, info, warning, error", std::string(to_string(setting)));
  }

  void ip_address(const char* name, std::string& setting) {
    auto text = environment_(name);
    if (!text) return;
    std::array<unsigned char, sizeof(in6_addr)> address{};
    if (inet_pton(AF_INET, text->c_str(), address.data()) == 1 ||
        inet_pton(AF_INET6, text->c_str(), address.data()) == 1) {
      setting = std::move(*text);
      return;
    }
    add(name, *text, "an IPv4 or IPv6 address", setting);
  }

  void text(const char* name, std::string& setting) {
    if (auto text = environment_(name)) setting = std::move(*text);
  }

  /// Both are ports that this process listens on.
  void ports(const char* name, std::uint16_t& port, const char* other, std::uint16_t& other_port) {
    constexpr std::uint64_t highest = 65'535;
    const bool first_is_right = integer(name, 0, highest, port);
    const bool both_are_right = integer(other, 0, highest, other_port) && first_is_right;
    if (!both_are_right || port == 0 || port != other_port) return;
    // The name of one that was set; the other may have its default.
    const char* wrong = environment_(other) ? other : name;
    const std::string text = environment_(wrong).value_or("");
    add(wrong, text, std::string("another port than that of ") + (wrong == name ? other : name),
        std::to_string(port + 1));
  }

  void throw_if_any() {
    if (!mistakes_.empty()) throw ConfigError(std::move(mistakes_));
  }

 private:
  /// Short and on one line, whatever somebody's environment holds.
  static std::string printable(std::string_view text) {
    constexpr std::size_t longest = 80;
    std::string shown(text.substr(0, longest));
    std::replace_if(
        shown.begin(), shown.end(),
        [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
    return text.size() > longest ? shown + "…" : shown;
  }

  static std::string text_of(double number) {
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    return {buffer.data(), end};
  }
  static std::string text_of(std::uint64_t number) { return std::to_string(number); }

  template <typename Number>
  static std::string range(Number lowest, Number highest) {
    return text_of(lowest) + "–" + text_of(highest);
  }

  void mistake(const char* name, std::string_view found, const std::string& wanted, double usual) {
    add(name, found, wanted, text_of(usual));
  }
  template <typename Integer>
  void mistake(const char* name, std::string_view found, const std::string& wanted, Integer usual) {
    add(name, found, wanted, text_of(static_cast<std::uint64_t>(usual)));
  }

  void add(const char* name, std::string_view found, const std::string& wanted,
           const std::string& usual) {
    std::string text(name);
    text.append(": \"").append(printable(found)).append("\" is not ").append(wanted);
    text.append(". Set for example ").append(name).append("=").append(usual).append(".");
    mistakes_.push_back(std::move(text));
  }

  const Environment& environment_;
  std::vector<std::string> mistakes_;
};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  return text;
}

}  // namespace

ConfigError::ConfigError(std::vector<std::string> mistakes)
    : std::runtime_error(joined(mistakes)), mistakes_(std::move(mistakes)) {}

Config read_config(const Environment& environment) {
  Config config;
  Reader reader(environment);
  reader.ip_address("BIND_ADDRESS", config.bind_address);
  reader.ports("PORT", config.port, "METRICS_PORT", config.metrics_port);
  reader.log_level("LOG_LEVEL", config.log_level);
  reader.text("LOG_FILE", config.log_file);
  reader.text("LINKS_FILE", config.links_file);
  reader.integer("WORKER_THREADS", 0, 256, config.worker_threads);
  reader.seconds("LAME_DUCK_SECONDS", 0, 300, config.lame_duck);
  reader.seconds("DRAIN_SECONDS", 0, 600, config.drain);
  reader.seconds("REQUEST_TIMEOUT_SECONDS", 0.1, 3600, config.request_timeout);
  reader.seconds("IDLE_TIMEOUT_SECONDS", 0.1, 3600, config.idle_timeout);
  reader.integer("MAX_BODY_BYTES", 1, 1ULL << 30U, config.max_body_bytes);
  reader.integer("MAX_HEADER_BYTES", 256, 1ULL << 20U, config.max_header_bytes);
  reader.integer("MAX_CONNECTIONS", 1, 1'000'000, config.max_connections);
  reader.integer("MAX_LINKS", 1, 1'000'000'000, config.max_links);
  reader.throw_if_any();
  return config;
}

}  // namespace sample_app
