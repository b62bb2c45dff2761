#pragma once

#include "metrics.hpp"
#include "router.hpp"

namespace sample_app {

/// GET /metrics, meant for a port of its own: it is not for everybody, and it stays up until the
/// very end.
class MetricsHandler {
 public:
  /// Keeps a reference to `metrics`, which must outlive the router.
  explicit MetricsHandler(const Metrics& metrics) : metrics_(&metrics) {}

  void add_routes(Router& router) const {
    router.add(
        Method::get, "/metrics", [metrics = metrics_](const Request&, const PathParameters&) {
          return Response{
              200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, metrics->text()};
        });
  }

 private:
  const Metrics* metrics_;
};

}  // namespace sample_app
