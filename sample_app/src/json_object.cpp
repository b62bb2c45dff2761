#include "json_object.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace sample_app {
namespace {

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

void append_quoted(std::string& out, std::string_view text) {
  // Nearly every text is plain, and the library takes ten times as long to find nothing in it.
  if (is_plain(text)) {
    out.append(1, '"').append(text).append(1, '"');
    return;
  }
  out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

template <typename Number>
void append_shortest(std::string& out, Number number) {
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), end);
}

struct AppendTo {
  std::string& out;

  void operator()(std::string_view text) const { append_quoted(out, text); }
  void operator()(std::int64_t number) const { append_shortest(out, number); }
  void operator()(double number) const {
    // JSON has no infinity and no NaN.
    if (std::isfinite(number)) {
      append_shortest(out, number);
    } else {
      out += "null";
    }
  }
  void operator()(bool truth) const { out += truth ? "true" : "false"; }
};

}  // namespace

JsonObject& JsonObject::add(std::string_view name, const JsonScalar& value) {
  add_name(name);
  std::visit(AppendTo{text_}, value);
  return *this;
}

JsonObject& JsonObject::add(std::string_view name, const JsonObject& value) {
  add_name(name);
  text_ += value.text();
  return *this;
}

void JsonObject::add_name(std::string_view name) {
  if (text_.size() > 1) text_ += ',';
  append_quoted(text_, name);
  text_ += ':';
}

}  // namespace sample_app
