#pragma once

#include "build_info.hpp"
#include "readiness.hpp"
#include "router.hpp"

namespace sample_app {

/// What orchestrators and people ask about the process itself:
///
///     GET /health   200 as long as the process answers; a failure means: restart it
///     GET /ready    200, or 503 while starting, draining, or without what it depends on: send no
///                   new work
///     GET /version  what is running, see BuildInfo
class StatusHandler {
 public:
  /// Keeps a reference to `readiness`, which must outlive the router.
  StatusHandler(const Readiness& readiness, BuildInfo build_info)
      : readiness_(&readiness), build_info_(std::move(build_info)) {}

  void add_routes(Router& router) const;

 private:
  const Readiness* readiness_;
  BuildInfo build_info_;
};

}  // namespace sample_app
