// What a request costs without sockets: finding its route, the whole way through the application,
// and its line in the log.

#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "application.hpp"
#include "link_handler.hpp"
#include "status_handler.hpp"

namespace {

using namespace sample_app;

Request get(std::string path) {
  return {Method::get,
          std::move(path),
          {{"Host", "localhost:8080"}, {"User-Agent", "benchmark"}, {"Accept", "*/*"}},
          {}};
}

Request post(std::string body) {
  return {Method::post, "/links", {{"Content-Type", "application/json"}}, std::move(body)};
}

/// The service as main() puts it together, but for its log, which goes nowhere.
class Service {
 public:
  Service() {
    links_.create(std::get<TargetUrl>(TargetUrl::parse("https://example.com/")), "docs");
  }

  Router routes() {
    Router router;
    LinkHandler(links_).add_routes(router);
    StatusHandler(readiness_, {"0.0.0", "sha", "digest", "time"}).add_routes(router);
    return router;
  }
  Application application() { return {routes(), logger_, metrics_}; }

 private:
  LinkStore links_{1'000'000};
  Readiness readiness_;
  Metrics metrics_{routes().patterns(), BuildInfo{}};
  Logger logger_{LogLevel::info, [](std::string_view line) { benchmark::DoNotOptimize(line); }};
};

void find_route(benchmark::State& state) {
  Router router;
  const auto answer = [](const Request&, const PathParameters&) { return Response{204, {}, {}}; };
  for (const char* const pattern : {"/health", "/ready", "/version", "/links", "/links/{code}"}) {
    router.add(Method::get, pattern, answer);
  }
  router.add(Method::get, "/{code}", answer);
  const Request request = get("/links/docs");
  for (auto _ : state) benchmark::DoNotOptimize(router.dispatch(request));
}
BENCHMARK(find_route);

void handle(benchmark::State& state, const Request& request, unsigned expected) {
  Service service;
  const Application application = service.application();
  for (auto _ : state) {
    const Response response = application.handle(request);
    if (response.status != expected) return state.SkipWithError("the answer is another one");
  }
}
BENCHMARK_CAPTURE(handle, health, get("/health"), 200);
BENCHMARK_CAPTURE(handle, follow, get("/docs"), 302);
BENCHMARK_CAPTURE(handle, show, get("/links/docs"), 200);
BENCHMARK_CAPTURE(handle, not_found, get("/nowhere/at/all"), 404);
BENCHMARK_CAPTURE(handle, taken, post(R"({"url":"https://example.com/","code":"docs"})"), 409);
BENCHMARK_CAPTURE(handle, not_json, post("{"), 400);

void write_response(benchmark::State& state) {
  const Response response{302,
                          {{"Content-Type", "application/json"},
                           {"Location", "https://example.com/"},
                           {"X-Request-Id", "0123456789abcdef"}},
                          R"({"url":"https://example.com/"})"};
  for (auto _ : state) {
    benchmark::DoNotOptimize(serialize(response, {true, false, std::chrono::system_clock::now()}));
  }
}
BENCHMARK(write_response);

void format_line(benchmark::State& state, std::string_view path) {
  const std::array<LogField, 6> fields{{{"request_id", std::string_view("0123456789abcdef")},
                                        {"method", std::string_view("GET")},
                                        {"route", std::string_view("/{code}")},
                                        {"path", path},
                                        {"status", std::int64_t{302}},
                                        {"duration_ms", 0.0123}}};
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        format_log_line(std::chrono::system_clock::now(), LogLevel::info, "http.request", fields));
  }
}
BENCHMARK_CAPTURE(format_line, plain, "/docs");
BENCHMARK_CAPTURE(format_line, to_escape, "/\"quoted\"/\xff\xfe\n");

}  // namespace
