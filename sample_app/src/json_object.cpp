#include "json_object.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace sample_app {
namespace {

std::string quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

template <typename Number>
std::string shortest(Number number) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return {buffer.data(), end};
}

struct ToText {
  std::string operator()(std::string_view text) const { return quoted(text); }
  std::string operator()(std::int64_t number) const { return shortest(number); }
  // JSON has no infinity and no NaN.
  std::string operator()(double number) const {
    return std::isfinite(number) ? shortest(number) : "null";
  }
  std::string operator()(bool truth) const { return truth ? "true" : "false"; }
};

}  // namespace

JsonObject& JsonObject::add(std::string_view name, const JsonScalar& value) {
  add_name(name);
  text_ += std::visit(ToText{}, value);
  return *this;
}

JsonObject& JsonObject::add(std::string_view name, const JsonObject& value) {
  add_name(name);
  text_ += value.text();
  return *this;
}

void JsonObject::add_name(std::string_view name) {
  if (text_.size() > 1) text_ += ',';
  text_ += quoted(name);
  text_ += ':';
}

}  // namespace sample_app
