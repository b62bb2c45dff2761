#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "build_info.hpp"
#include "http_message.hpp"

namespace sample_app {

/// What the service counts about itself, for Prometheus to read. Thread-safe, but for `observe`.
///
///     http_requests_total{method, path, status}              answers, refused input included
///     http_request_duration_seconds{method, path}            from a whole request to its answer
///     process_*                                              see ProcessStatistics
///     sample_app_build_info{version, git_sha, image_digest}  always 1
///
/// `path` is a route, never what a client sent, so the number of time series is bounded.
class Metrics {
 public:
  /// `routes` are the patterns of the router; requests under another route are refused by
  /// std::out_of_range. "unmatched" is always known.
  Metrics(std::vector<std::string> routes, const BuildInfo& build_info);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// Counts an answer. Takes no lock in common with other routes and allocates nothing once the
  /// combination was seen.
  void count_request(Method method, std::string_view route, unsigned status,
                     std::chrono::duration<double> taken);

  /// Counts input that never became a request, as method OTHER and path "unmatched".
  void count_rejected(unsigned status);

  enum class Kind { gauge, counter };

  /// Adds a value that is asked for at each scrape. Not while others use this object.
  void observe(Kind kind, std::string name, std::string help, std::function<double()> read);

  /// Everything in Prometheus' text format 0.0.4.
  std::string text() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace sample_app
