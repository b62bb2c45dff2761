#pragma once

#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http_message.hpp"

namespace sample_app {

/// The values a path gave to the `{names}` of its pattern, as sent (percent-encoding kept).
/// Holds views into the request and the router: use it within the handler only.
class PathParameters {
 public:
  void add(std::string_view name, std::string_view value) { values_.emplace_back(name, value); }

  /// The value of `name`. Throws std::out_of_range when the pattern has no such name.
  std::string_view at(std::string_view name) const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>> values_;
};

/// Finds the handler for a request by path pattern and method.
///
/// Add every route first; after that `dispatch` may be called from many threads at once.
class Router {
 public:
  using Handler = std::function<Response(const Request&, const PathParameters&)>;

  struct Outcome {
    Response response;
    /// The pattern that matched, for example "/links/{code}", or "unmatched". The number of
    /// different values is fixed, which makes it fit for a metric label. Lives with the router.
    std::string_view route;
    /// What the handler threw, if it did; the response says nothing then.
    std::exception_ptr failure;
  };

  /// Adds a route. A pattern is made of literal segments and `{name}` segments; a `{name}` takes
  /// exactly one segment that is not empty. Where two patterns match, the one with a literal
  /// further left wins. Throws std::invalid_argument for a pattern that does not begin with "/"
  /// and for a method added twice to one pattern.
  void add(Method method, std::string_view pattern, Handler handler);

  /// Answers a request: the handler's response, 404 for an unknown path, or 405 with Allow for a
  /// known path and another method. HEAD is served by GET. What a handler throws is handed back.
  Outcome dispatch(const Request& request) const;

  /// All patterns, in the order in which they are tried.
  std::vector<std::string> patterns() const;

 private:
  struct Route {
    std::string pattern;
    std::vector<std::string> segments;
    std::vector<std::pair<Method, Handler>> handlers;
  };

  std::vector<Route> routes_;
};

}  // namespace sample_app
