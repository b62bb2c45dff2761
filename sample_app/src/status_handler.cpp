#include "status_handler.hpp"

#include <stdexcept>

#include "json_response.hpp"

namespace sample_app {
namespace {

Response not_cached(Response response) {
  response.headers.add("Cache-Control", "no-store");
  return response;
}

Response status_response(unsigned status, std::string_view text) {
  return not_cached(json_response(status, JsonObject{}.add("status", text)));
}

Response dependencies_ready(const Readiness& readiness) {
  const auto failing = readiness.failing_dependencies();
  if (failing.empty()) return status_response(200, "ready");
  std::string names;
  for (const auto& name : failing) names.append(names.empty() ? "" : ", ").append(name);
  return not_cached(json_response(
      503, JsonObject{}.add("status", "dependencies are down").add("dependencies", names)));
}

Response ready(const Readiness& readiness) {
  switch (readiness.state()) {
    case Readiness::State::ready:
      return dependencies_ready(readiness);
    case Readiness::State::starting:
      return status_response(503, "starting");
    case Readiness::State::draining:
      return status_response(503, "draining");
  }
  throw std::logic_error("report readiness: unknown state");
}

Response version(const BuildInfo& info) {
  return not_cached(json_response(200, JsonObject{}
                                           .add("name", "sample_app")
                                           .add("version", info.version)
                                           .add("git_sha", info.git_sha)
                                           .add("image_digest", info.image_digest)
                                           .add("build_time", info.build_time)));
}

}  // namespace

void StatusHandler::add_routes(Router& router) const {
  router.add(Method::get, "/health",
             [](const Request&, const PathParameters&) { return status_response(200, "ok"); });
  router.add(Method::get, "/ready",
             [readiness = readiness_](const Request&, const PathParameters&) {
               return ready(*readiness);
             });
  router.add(Method::get, "/version",
             [info = build_info_](const Request&, const PathParameters&) { return version(info); });
}

}  // namespace sample_app
