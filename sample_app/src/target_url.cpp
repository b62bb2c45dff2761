#include "target_url.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "http_message.hpp"

namespace sample_app {
namespace {

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Whether RFC 3986 lets the character stand in a URL. The backslash matters: browsers read it
/// as a slash, so it would move the end of the host.
bool is_url_character(char c) {
  constexpr std::string_view excluded = "\"<>\\^`{|}";
  return c > 0x20 && c < 0x7f && excluded.find(c) == std::string_view::npos;
}

bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    constexpr std::string_view address = "0123456789abcdefABCDEF:.";
    return host.size() > 4 && host.ends_with(']') &&
           host.substr(1, host.size() - 2).find_first_not_of(address) == std::string_view::npos;
  }
  return !host.empty() && is_alphanumeric(host.front()) &&
         std::all_of(host.begin(), host.end(),
                     [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_port(std::string_view port) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc{} && end == port.data() + port.size() && number >= 1 && number <= 65535;
}

/// The part after the scheme's "://", or nothing when the scheme is neither http nor https.
std::optional<std::string_view> after_scheme(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (equal_ignoring_case(text.substr(0, scheme.size()), scheme)) {
      return text.substr(scheme.size());
    }
  }
  return std::nullopt;
}

std::optional<std::string> reason_against(std::string_view text) {
  if (text.empty()) return "The URL is empty.";
  if (text.size() > TargetUrl::max_size_bytes) {
    return "The URL is longer than " + std::to_string(TargetUrl::max_size_bytes) + " bytes.";
  }
  if (!std::all_of(text.begin(), text.end(), is_url_character)) {
    return "The URL contains a character that must be percent-encoded.";
  }
  const auto rest = after_scheme(text);
  if (!rest) return "The URL does not begin with http:// or https://.";

  const std::string_view authority = rest->substr(0, rest->find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) return "The URL contains a user name.";

  // A colon within the brackets of an IPv6 address does not begin the port.
  const auto bracket = authority.find(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (!is_host(authority.substr(0, colon))) return "The URL has no valid host name.";
  if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1))) {
    return "The URL's port is not within 1–65535.";
  }
  return std::nullopt;
}

}  // namespace

std::variant<TargetUrl, InvalidUrl> TargetUrl::parse(std::string_view text) {
  if (auto reason = reason_against(text)) return InvalidUrl{std::move(*reason)};
  return TargetUrl(text);
}

}  // namespace sample_app
