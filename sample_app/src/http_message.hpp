#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sample_app {

/// Request methods the service tells apart. `other` stands for every method it does not know.
enum class Method { get, head, post, put, patch, del, options, other };

/// The name as it stands in a request line, for example "DELETE"; "OTHER" for `Method::other`.
std::string_view to_string(Method method);

/// The method of a name in a request line. Names are case-sensitive (RFC 9110, 9.1).
Method method_from(std::string_view name);

/// Whether two ASCII strings are equal when letter case is ignored.
bool equal_ignoring_case(std::string_view left, std::string_view right);

/// Header fields in order of arrival; names compare without regard to case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  void add(std::string name, std::string value);

  /// The first value under `name`, or nothing. The view lives as long as this object is unchanged.
  std::string_view find(std::string_view name) const;

  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// A whole request, free of any HTTP library.
struct Request {
  Method method{Method::get};
  /// The path as sent, percent-encoding kept, without the query. Always begins with "/".
  std::string path;
  Headers headers;
  std::string body;
};

/// A whole response, free of any HTTP library. Connection, Content-Length and Date are the
/// server's business and are not set here.
struct Response {
  unsigned status{200};
  Headers headers;
  std::string body;
};

/// What the server knows about an exchange beside the response itself.
struct WireOptions {
  /// Whether the connection stays open after this response.
  bool keep_alive{true};
  /// Send the headers only; Content-Length still tells the size of the body (HEAD requests).
  bool headers_only{false};
  std::chrono::system_clock::time_point now;
};

/// The response as it goes over the wire (HTTP/1.1). A header whose name or value contains a
/// control character is left out, so that no caller can split a response.
std::string serialize(const Response& response, const WireOptions& options);

/// The reason phrase of a status code, "Unknown" for codes the service never sends.
std::string_view reason_phrase(unsigned status);

}  // namespace sample_app
