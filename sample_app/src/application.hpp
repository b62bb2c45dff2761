#pragma once

#include "log.hpp"
#include "metrics.hpp"
#include "router.hpp"

namespace sample_app {

/// What happens to every request whatever its route: a request id, the answer to a failure, one
/// line in the log, and a place in the metrics. Thread-safe once built; routes are added before.
class Application {
 public:
  /// Keeps references to `logger` and `metrics`, which must outlive this object. `metrics` knows
  /// the router's patterns.
  Application(Router router, Logger& logger, Metrics& metrics)
      : router_(std::move(router)), logger_(&logger), metrics_(&metrics) {}

  /// Answers a request. Never throws what a handler throws: StorageUnavailable becomes a 503,
  /// everything else a 500, and the reason goes to the log only. X-Request-Id is taken from the
  /// request when it is short and harmless, made up otherwise, and always returned.
  Response handle(const Request& request) const;

  /// Answers what never became a request: malformed, too large or too slow. `status` is one of
  /// 400, 408, 413, 431.
  Response reject(unsigned status) const;

 private:
  Response answer_failure(const std::exception_ptr& failure, std::string_view request_id) const;

  Router router_;
  Logger* logger_;
  Metrics* metrics_;
};

}  // namespace sample_app
