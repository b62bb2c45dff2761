#include "prometheus_text.hpp"

#include <limits>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace {

[[noreturn]] void refuse(const std::string& line, const std::string& why) {
  throw std::runtime_error("parse metrics: " + why + ": " + line);
}

double number_of(const std::string& text) {
  if (text == "+Inf") return std::numeric_limits<double>::infinity();
  std::size_t end = 0;
  const double number = std::stod(text, &end);
  if (end != text.size()) throw std::runtime_error("parse metrics: no number: " + text);
  return number;
}

/// The metric that a sample belongs to, which for a histogram is not its own name.
std::string family_of(const std::string& name, const std::map<std::string, std::string>& types) {
  for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) {
    if (!name.ends_with(suffix)) continue;
    std::string family = name.substr(0, name.size() - suffix.size());
    const auto type = types.find(family);
    if (type != types.end() && type->second == "histogram") return family;
  }
  return name;
}

/// The buckets of one histogram as they come, one after the other.
class BucketCheck {
 public:
  void see(const std::string& name, const std::string& labels, double value,
           const std::string& line) {
    if (name.ends_with("_bucket")) {
      static const std::regex le(R"re(,?le="([^"]*)")re");
      std::smatch found;
      if (!std::regex_search(labels, found, le)) refuse(line, "a bucket without le");
      const double bound = number_of(found[1]);
      if (in_histogram_ && (bound <= bound_ || value < value_)) refuse(line, "buckets must grow");
      in_histogram_ = true;
      bound_ = bound;
      value_ = value;
    } else {
      if (in_histogram_ && bound_ != std::numeric_limits<double>::infinity()) {
        refuse(line, "buckets end before +Inf");
      }
      in_histogram_ = false;
    }
  }

 private:
  bool in_histogram_{false};
  double bound_{0};
  double value_{0};
};

}  // namespace

Samples parse_prometheus_text(const std::string& text) {
  static const std::regex type_line(
      R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram))");
  static const std::regex help_line(R"(# HELP [a-zA-Z_:][a-zA-Z0-9_:]* .+)");
  static const std::regex sample_line(
      R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*",?)*\})? (\S+))re");
  if (!text.ends_with('\n')) refuse(text, "the last line has no end");
  Samples samples;
  std::map<std::string, std::string> types;
  BucketCheck buckets;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (std::regex_match(line, found, type_line)) {
      if (!types.emplace(found[1], found[2]).second) refuse(line, "a second TYPE");
    } else if (std::regex_match(line, found, sample_line)) {
      const std::string name = found[1];
      const std::string family = family_of(name, types);
      const auto type = types.find(family);
      if (type == types.end()) refuse(line, "a sample without TYPE");
      if (type->second == "counter" && !name.ends_with("_total")) refuse(line, "a counter's name");
      const double value = number_of(found[3]);
      buckets.see(name, found[2], value, line);
      if (!samples.emplace(name + found[2].str(), value).second) refuse(line, "a second sample");
    } else if (!std::regex_match(line, help_line)) {
      refuse(line, "neither comment nor sample");
    }
  }
  return samples;
}
