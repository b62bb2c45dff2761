#include "http_message.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace sample_app {
namespace {

constexpr std::array<std::pair<std::string_view, Method>, 7> method_names{{
    {"GET", Method::get},
    {"HEAD", Method::head},
    {"POST", Method::post},
    {"PUT", Method::put},
    {"PATCH", Method::patch},
    {"DELETE", Method::del},
    {"OPTIONS", Method::options},
}};

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

/// IMF-fixdate, for example "Sun, 06 Nov 1994 08:49:37 GMT". Names are written out here because
/// strftime would take them from the locale. Source: RFC 9110, 5.6.7.
std::string http_date(std::chrono::system_clock::time_point now) {
  constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 40> numbers{};
  std::string date = days.at(static_cast<std::size_t>(utc.tm_wday));
  std::strftime(numbers.data(), numbers.size(), ", %d ", &utc);
  date += numbers.data();
  date += months.at(static_cast<std::size_t>(utc.tm_mon));
  std::strftime(numbers.data(), numbers.size(), " %Y %H:%M:%S GMT", &utc);
  return date += numbers.data();
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string_view to_string(Method method) {
  for (const auto& [name, known] : method_names) {
    if (known == method) return name;
  }
  return "OTHER";
}

Method method_from(std::string_view name) {
  for (const auto& [known, method] : method_names) {
    if (known == name) return method;
  }
  return Method::other;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return to_lower(a) == to_lower(b); });
}

void Headers::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
}

std::string_view Headers::find(std::string_view name) const {
  for (const auto& [known, value] : fields_) {
    if (equal_ignoring_case(known, name)) return value;
  }
  return {};
}

std::string serialize(const Response& response, const WireOptions& options) {
  std::string out;
  out.reserve(256 + response.body.size());
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(reason_phrase(response.status)).append("\r\n");
  append_header(out, "Date", http_date(options.now));
  for (const auto& [name, value] : response.headers.fields()) {
    if (!has_control_character(name) && !has_control_character(value)) {
      append_header(out, name, value);
    }
  }
  // RFC 9110, 8.6: a 204 must not carry Content-Length.
  const bool may_have_body = response.status != 204 && response.status != 304;
  if (may_have_body) append_header(out, "Content-Length", std::to_string(response.body.size()));
  append_header(out, "Connection", options.keep_alive ? "keep-alive" : "close");
  out.append("\r\n");
  if (may_have_body && !options.headers_only) out.append(response.body);
  return out;
}

std::string_view reason_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 302:
      return "Found";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 507:
      return "Insufficient Storage";
    default:
      return "Unknown";
  }
}

}  // namespace sample_app
