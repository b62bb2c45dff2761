#pragma once

#include "log.hpp"
#include "router.hpp"

namespace sample_app {

/// What happens to every request whatever its route: a request id, the answer to a failure, and
/// one line in the log. Thread-safe once built; routes are added before.
class Application {
 public:
  /// Keeps a reference to `logger`, which must outlive this object.
  Application(Router router, Logger& logger) : router_(std::move(router)), logger_(&logger) {}

  /// Answers a request. Never throws what a handler throws: that becomes a 500, and the reason
  /// goes to the log only. X-Request-Id is taken from the request when it is short and harmless,
  /// made up otherwise, and always returned.
  Response handle(const Request& request) const;

  /// Answers what never became a request: malformed, too large or too slow. `status` is one of
  /// 400, 408, 413, 431.
  Response reject(unsigned status) const;

 private:
  Router router_;
  Logger* logger_;
};

}  // namespace sample_app
