#include "metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "process_statistics.hpp"

namespace sample_app {
namespace {

constexpr std::string_view unmatched = "unmatched";
constexpr std::size_t method_count = static_cast<std::size_t>(Method::other) + 1;
/// Status codes are 100–599.
constexpr unsigned lowest_status = 100;
constexpr unsigned status_count = 500;

/// Upper bounds in seconds. They go well beyond the second at which an alert may be set: in a
/// histogram that ends there, the p99 could never be seen to exceed it.
const prometheus::Histogram::BucketBoundaries& duration_buckets() {
  static const prometheus::Histogram::BucketBoundaries buckets{
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return buckets;
}

prometheus::MetricFamily single_value(std::string name, std::string help, Metrics::Kind kind,
                                      double value) {
  prometheus::ClientMetric metric;
  if (kind == Metrics::Kind::counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  const auto type = kind == Metrics::Kind::counter ? prometheus::MetricType::Counter
                                                   : prometheus::MetricType::Gauge;
  return {std::move(name), std::move(help), type, {std::move(metric)}};
}

prometheus::MetricFamily build_info_metric(const BuildInfo& info) {
  auto family = single_value("sample_app_build_info", "What is running.", Metrics::Kind::gauge, 1);
  family.metric.front().label = {
      {"version", info.version}, {"git_sha", info.git_sha}, {"image_digest", info.image_digest}};
  return family;
}

std::vector<prometheus::MetricFamily> process_metrics() {
  using Kind = Metrics::Kind;
  const ProcessStatistics now = read_process_statistics();
  return {
      single_value("process_cpu_seconds_total", "User and system CPU time.", Kind::counter,
                   now.cpu_seconds),
      single_value("process_resident_memory_bytes", "Memory held in RAM.", Kind::gauge,
                   now.resident_memory_bytes),
      single_value("process_virtual_memory_bytes", "Address space in use.", Kind::gauge,
                   now.virtual_memory_bytes),
      single_value("process_start_time_seconds", "Start of the process since 1970.", Kind::gauge,
                   now.start_time_seconds),
      single_value("process_open_fds", "Open file descriptors.", Kind::gauge, now.open_fds),
      single_value("process_max_fds", "Limit of open file descriptors.", Kind::gauge, now.max_fds),
  };
}

}  // namespace

/// Looking a time series up by its labels costs a lock and several allocations, so each is looked
/// up once and its address kept: the library never moves or drops one.
class Metrics::Implementation {
 public:
  Implementation(std::vector<std::string> routes, const BuildInfo& build_info)
      : routes_(std::move(routes)),
        build_info_(build_info_metric(build_info)),
        requests_(prometheus::BuildCounter()
                      .Name("http_requests_total")
                      .Help("Answers by method, route and status.")
                      .Register(registry_)),
        durations_(prometheus::BuildHistogram()
                       .Name("http_request_duration_seconds")
                       .Help("Time from a whole request to its answer.")
                       .Register(registry_)) {
    routes_.emplace_back(unmatched);
    series_ = std::vector<std::atomic<Series*>>(routes_.size() * method_count);
  }

  void count(Method method, std::string_view route, unsigned status) {
    auto& slot = series(method, route).counters.at(status_index(status));
    prometheus::Counter* counter = slot.load(std::memory_order_acquire);
    if (counter == nullptr) {
      counter = &requests_.Add({{"method", std::string(to_string(method))},
                                {"path", std::string(route)},
                                {"status", std::to_string(status)}});
      slot.store(counter, std::memory_order_release);
    }
    counter->Increment();
  }

  void time(Method method, std::string_view route, double seconds) {
    auto& slot = series(method, route).durations;
    prometheus::Histogram* histogram = slot.load(std::memory_order_acquire);
    if (histogram == nullptr) {
      histogram = &durations_.Add(
          {{"method", std::string(to_string(method))}, {"path", std::string(route)}},
          duration_buckets());
      slot.store(histogram, std::memory_order_release);
    }
    histogram->Observe(seconds);
  }

  void observe(Kind kind, std::string name, std::string help, std::function<double()> read) {
    observed_.push_back({kind, std::move(name), std::move(help), std::move(read)});
  }

  std::string text() const {
    auto families = registry_.Collect();
    families.push_back(build_info_);
    for (const auto& value : observed_) {
      families.push_back(single_value(value.name, value.help, value.kind, value.read()));
    }
    auto process = process_metrics();
    std::move(process.begin(), process.end(), std::back_inserter(families));
    return prometheus::TextSerializer().Serialize(families);
  }

 private:
  struct Observed {
    Kind kind;
    std::string name;
    std::string help;
    std::function<double()> read;
  };

  /// The time series of one method on one route.
  struct Series {
    std::array<std::atomic<prometheus::Counter*>, status_count> counters{};
    std::atomic<prometheus::Histogram*> durations{nullptr};
  };

  static std::size_t status_index(unsigned status) {
    return std::clamp(status, lowest_status, lowest_status + status_count - 1) - lowest_status;
  }

  Series& series(Method method, std::string_view route) {
    const auto found = std::find(routes_.begin(), routes_.end(), route);
    if (found == routes_.end()) {
      throw std::out_of_range("count a request: the route " + std::string(route) + " is unknown");
    }
    const auto index = static_cast<std::size_t>(found - routes_.begin()) * method_count +
                       static_cast<std::size_t>(method);
    auto& slot = series_[index];
    if (Series* known = slot.load(std::memory_order_acquire)) return *known;
    const std::lock_guard lock(mutex_);
    if (Series* known = slot.load(std::memory_order_acquire)) return *known;
    Series& made = *owned_.emplace_back(std::make_unique<Series>());
    slot.store(&made, std::memory_order_release);
    return made;
  }

  std::vector<std::string> routes_;
  prometheus::MetricFamily build_info_;
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& durations_;
  // Empty until asked for: most methods of most routes never are, and each takes 4 KB.
  std::vector<std::atomic<Series*>> series_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Series>> owned_;
  std::vector<Observed> observed_;
};

Metrics::Metrics(std::vector<std::string> routes, const BuildInfo& build_info)
    : implementation_(std::make_unique<Implementation>(std::move(routes), build_info)) {}

Metrics::~Metrics() = default;

void Metrics::count_request(Method method, std::string_view route, unsigned status,
                            std::chrono::duration<double> taken) {
  implementation_->count(method, route, status);
  implementation_->time(method, route, taken.count());
}

void Metrics::count_rejected(unsigned status) {
  implementation_->count(Method::other, unmatched, status);
}

void Metrics::observe(Kind kind, std::string name, std::string help, std::function<double()> read) {
  implementation_->observe(kind, std::move(name), std::move(help), std::move(read));
}

std::string Metrics::text() const {
  return implementation_->text();
}

}  // namespace sample_app
