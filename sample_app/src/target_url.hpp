#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace sample_app {

/// Why a text is no acceptable target, as a sentence for the person who sent it.
struct InvalidUrl {
  std::string reason;
};

/// An address a link may lead to. Its existence is the proof that it was checked: it is an
/// absolute http or https URL of printable ASCII and safe in a Location header.
class TargetUrl {
 public:
  /// Longest URL in bytes. Source: RFC 9110, 4.1 asks for at least 8000; 2048 is what browsers
  /// and proxies have agreed on in practice.
  static constexpr std::size_t max_size_bytes = 2048;

  /// Checks `text` and keeps it as it is. User names in the URL are refused, because
  /// `https://bank.example@evil.example` is what phishing looks like.
  static std::variant<TargetUrl, InvalidUrl> parse(std::string_view text);

  const std::string& text() const { return text_; }

 private:
  explicit TargetUrl(std::string_view text) : text_(text) {}

  std::string text_;
};

}  // namespace sample_app
