#include "router.hpp"

#include <algorithm>
#include <stdexcept>

#include "json_response.hpp"

namespace sample_app {
namespace {

template <typename Text>
std::vector<Text> split_path(std::string_view path) {
  std::vector<Text> segments;
  path.remove_prefix(1);
  for (;;) {
    const auto slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

bool more_literal(const std::vector<std::string>& left, const std::vector<std::string>& right) {
  return std::lexicographical_compare(
      left.begin(), left.end(), right.begin(), right.end(),
      [](const auto& a, const auto& b) { return !is_parameter(a) && is_parameter(b); });
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string_view>& path) {
  return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                    [](const auto& wanted, const auto& given) {
                      return is_parameter(wanted) ? !given.empty() : wanted == given;
                    });
}

PathParameters parameters_of(const std::vector<std::string>& pattern,
                             const std::vector<std::string_view>& path) {
  PathParameters parameters;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view segment = pattern[i];
    if (is_parameter(segment)) parameters.add(segment.substr(1, segment.size() - 2), path[i]);
  }
  return parameters;
}

template <typename Handlers>
auto find_handler(const Handlers& handlers, Method method) {
  return std::find_if(handlers.begin(), handlers.end(),
                      [method](const auto& entry) { return entry.first == method; });
}

template <typename Handlers>
std::string allowed_methods(const Handlers& handlers) {
  std::string allowed;
  for (const auto& entry : handlers) {
    if (!allowed.empty()) allowed += ", ";
    allowed += to_string(entry.first);
    if (entry.first == Method::get) allowed += ", HEAD";
  }
  return allowed;
}

}  // namespace

std::string_view PathParameters::at(std::string_view name) const {
  for (const auto& [known, value] : values_) {
    if (known == name) return value;
  }
  throw std::out_of_range("read path parameter: the pattern has no {" + std::string(name) + "}");
}

void Router::add(Method method, std::string_view pattern, Handler handler) {
  if (!pattern.starts_with('/')) {
    throw std::invalid_argument("add route: the pattern \"" + std::string(pattern) +
                                "\" does not begin with /");
  }
  auto route = std::find_if(routes_.begin(), routes_.end(),
                            [pattern](const Route& known) { return known.pattern == pattern; });
  if (route == routes_.end()) {
    Route added{std::string(pattern), split_path<std::string>(pattern), {}};
    const auto place = std::find_if(routes_.begin(), routes_.end(), [&added](const Route& known) {
      return more_literal(added.segments, known.segments);
    });
    route = routes_.insert(place, std::move(added));
  }
  if (find_handler(route->handlers, method) != route->handlers.end()) {
    throw std::invalid_argument("add route: " + std::string(to_string(method)) + " " +
                                route->pattern + " is there already");
  }
  route->handlers.emplace_back(method, std::move(handler));
}

Router::Outcome Router::dispatch(const Request& request) const {
  const auto segments = split_path<std::string_view>(request.path);
  const auto route = std::find_if(routes_.begin(), routes_.end(), [&segments](const Route& known) {
    return matches(known.segments, segments);
  });
  if (route == routes_.end()) {
    return {error_response(404, "not_found", "There is nothing at this path."), "unmatched", {}};
  }
  auto handler = find_handler(route->handlers, request.method);
  if (handler == route->handlers.end() && request.method == Method::head) {
    handler = find_handler(route->handlers, Method::get);
  }
  if (handler == route->handlers.end()) {
    Response response = error_response(405, "method_not_allowed",
                                       "This path does not support the request's method.");
    response.headers.add("Allow", allowed_methods(route->handlers));
    return {std::move(response), route->pattern, {}};
  }
  try {
    return {handler->second(request, parameters_of(route->segments, segments)), route->pattern, {}};
  } catch (...) {
    return {{}, route->pattern, std::current_exception()};
  }
}

std::vector<std::string> Router::patterns() const {
  std::vector<std::string> patterns;
  patterns.reserve(routes_.size());
  for (const Route& route : routes_) patterns.push_back(route.pattern);
  return patterns;
}

}  // namespace sample_app
