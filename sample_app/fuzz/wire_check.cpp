#include "wire_check.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "require.hpp"

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";

/// 500 would be a handler that threw, 408 and 503 take time or a signal: none may come here.
constexpr std::array<unsigned, 12> expected_statuses{200, 201, 204, 302, 400, 404,
                                                     405, 409, 413, 415, 431, 507};

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find(line_end);
  require(end != std::string_view::npos, "each line of a header ends with CR LF");
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + line_end.size());
  const bool printable = std::none_of(line.begin(), line.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
  require(printable, "no control character is in a header");
  return line;
}

unsigned read_status(std::string_view line) {
  constexpr std::string_view version = "HTTP/1.1 ";
  require(line.starts_with(version) && line.size() > version.size() + 4, "a status line is whole");
  unsigned status = 0;
  const char* const digits = line.data() + version.size();
  const auto [end, error] = std::from_chars(digits, digits + 3, status);
  require(error == std::errc{} && end == digits + 3 && *end == ' ', "a status has three digits");
  return status;
}

Fields read_fields(std::string_view& rest) {
  constexpr std::string_view token =
      "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  Fields fields;
  for (auto line = take_line(rest); !line.empty(); line = take_line(rest)) {
    const auto colon = line.find(": ");
    require(colon != std::string_view::npos && colon > 0, "a header field has a name and a value");
    const auto name = line.substr(0, colon);
    require(name.find_first_not_of(token) == std::string_view::npos, "a field name is a token");
    fields.emplace_back(name, line.substr(colon + 2));
  }
  return fields;
}

std::string_view only_one(const Fields& fields, std::string_view name) {
  const auto has_name = [name](const auto& field) { return field.first == name; };
  require(std::count_if(fields.begin(), fields.end(), has_name) == 1, "a field is there once");
  return std::find_if(fields.begin(), fields.end(), has_name)->second;
}

void check_body(std::string_view& rest, const Fields& fields, const Exchange& exchange) {
  const auto has_length = [](const auto& field) { return field.first == "Content-Length"; };
  const bool may_have_body = exchange.response.status != 204;
  require(std::any_of(fields.begin(), fields.end(), has_length) == may_have_body,
          "every response but a 204 tells its length");
  if (!may_have_body) return;
  const auto& body = exchange.response.body;
  require(only_one(fields, "Content-Length") == std::to_string(body.size()),
          "Content-Length is the length of the body");
  require(nlohmann::json::accept(body), "every body is valid JSON");
  if (exchange.headers_only) return;
  require(rest.starts_with(body), "the body is the application's");
  rest.remove_prefix(body.size());
}

}  // namespace

void check_wire(std::string_view wire, const std::vector<Exchange>& expected) {
  bool closed = false;
  for (const Exchange& exchange : expected) {
    require(!closed, "nothing is answered after Connection: close");
    if (wire.starts_with(interim)) wire.remove_prefix(interim.size());
    const unsigned status = read_status(take_line(wire));
    require(status == exchange.response.status, "the status is the application's");
    require(std::find(expected_statuses.begin(), expected_statuses.end(), status) !=
                expected_statuses.end(),
            "the status is one that this input can lead to");
    const Fields fields = read_fields(wire);
    only_one(fields, "Date");
    const auto connection = only_one(fields, "Connection");
    require(connection == "close" || connection == "keep-alive", "Connection has a known value");
    closed = connection == "close";
    check_body(wire, fields, exchange);
  }
  require(wire.empty(), "nothing but responses is written");
}
