#include "metrics.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <stdexcept>
#include <thread>
#include <vector>

#include "process_statistics.hpp"
#include "prometheus_text.hpp"

namespace sample_app {
namespace {

using namespace std::chrono_literals;

const BuildInfo build_info{"1.2.3", "abc\"\\\n", "sha256:1", "today"};

TEST(Metrics, CountsByMethodRouteAndStatus) {
  Metrics metrics({"/a", "/{code}"}, build_info);
  metrics.count_request(Method::get, "/a", 200, 2ms);
  metrics.count_request(Method::get, "/a", 200, 2ms);
  metrics.count_request(Method::get, "/a", 503, 2ms);
  metrics.count_request(Method::del, "/{code}", 200, 2ms);
  metrics.count_request(Method::get, "unmatched", 404, 2ms);
  metrics.count_rejected(431);
  const Samples samples = parse_prometheus_text(metrics.text());
  EXPECT_EQ(samples.at(R"(http_requests_total{method="GET",path="/a",status="200"})"), 2);
  EXPECT_EQ(samples.at(R"(http_requests_total{method="GET",path="/a",status="503"})"), 1);
  EXPECT_EQ(samples.at(R"(http_requests_total{method="DELETE",path="/{code}",status="200"})"), 1);
  EXPECT_EQ(samples.at(R"(http_requests_total{method="GET",path="unmatched",status="404"})"), 1);
  EXPECT_EQ(samples.at(R"(http_requests_total{method="OTHER",path="unmatched",status="431"})"), 1);
}

TEST(Metrics, PutsDurationsIntoBucketsFromAMillisecondToTenSeconds) {
  Metrics metrics({"/a"}, build_info);
  for (const auto taken : {500us, 1000us, 1001us}) {
    metrics.count_request(Method::get, "/a", 200, taken);
  }
  metrics.count_request(Method::get, "/a", 200, 11s);
  const Samples samples = parse_prometheus_text(metrics.text());
  const auto bucket = [&samples](const std::string& le) {
    return samples.at(R"(http_request_duration_seconds_bucket{method="GET",path="/a",le=")" + le +
                      "\"}");
  };
  EXPECT_EQ(bucket("0.001"), 2);
  EXPECT_EQ(bucket("0.0025"), 3);
  EXPECT_EQ(bucket("10"), 3);
  EXPECT_EQ(bucket("+Inf"), 4);
  EXPECT_NEAR(samples.at(R"(http_request_duration_seconds_sum{method="GET",path="/a"})"), 11.0025,
              1e-4);
}

TEST(Metrics, RefusesARouteThatTheRouterDoesNotHave) {
  Metrics metrics({"/a"}, build_info);
  EXPECT_THROW(metrics.count_request(Method::get, "/b", 200, 1ms), std::out_of_range);
}

TEST(Metrics, LosesNoCountWhenManyThreadsCount) {
  Metrics metrics({"/a"}, build_info);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&metrics] {
      for (int n = 0; n < 1000; ++n) metrics.count_request(Method::get, "/a", 200, 1us);
    });
  }
  // Scrapes come at any time.
  for (int n = 0; n < 10; ++n) EXPECT_NO_THROW(parse_prometheus_text(metrics.text()));
  for (auto& thread : threads) thread.join();
  const Samples samples = parse_prometheus_text(metrics.text());
  EXPECT_EQ(samples.at(R"(http_requests_total{method="GET",path="/a",status="200"})"), 4000);
  EXPECT_EQ(samples.at(R"(http_request_duration_seconds_count{method="GET",path="/a"})"), 4000);
}

TEST(Metrics, AsksForObservedValuesAtEachScrape) {
  Metrics metrics({}, build_info);
  double value = 1;
  metrics.observe(Metrics::Kind::gauge, "level", "A level.", [&value] { return value; });
  metrics.observe(Metrics::Kind::counter, "lost_total", "A count.", [&value] { return value * 2; });
  EXPECT_EQ(parse_prometheus_text(metrics.text()).at("level"), 1);
  value = 5;
  EXPECT_EQ(parse_prometheus_text(metrics.text()).at("level"), 5);
  EXPECT_EQ(parse_prometheus_text(metrics.text()).at("lost_total"), 10);
}

TEST(Metrics, TellWhatIsRunningWhateverItsNameHolds) {
  const Samples samples = parse_prometheus_text(Metrics({}, build_info).text());
  EXPECT_EQ(samples.at(R"(sample_app_build_info{version="1.2.3",git_sha="abc\"\\\n",)"
                       R"(image_digest="sha256:1"})"),
            1);
}

TEST(Metrics, TellAboutTheProcess) {
  const Samples samples = parse_prometheus_text(Metrics({}, build_info).text());
  for (const char* name : {"process_resident_memory_bytes", "process_virtual_memory_bytes",
                           "process_open_fds", "process_max_fds", "process_start_time_seconds"}) {
    EXPECT_GT(samples.at(name), 0) << name;
  }
  EXPECT_GE(samples.at("process_cpu_seconds_total"), 0);
}

TEST(ProcessStatistics, FollowTheProcess) {
  const ProcessStatistics before = read_process_statistics();
  const int file = ::dup(STDERR_FILENO);
  // CPU time, not time: on a busy machine this process may hardly get any.
  const std::clock_t until = std::clock() + CLOCKS_PER_SEC / 20;
  while (std::clock() < until) {
  }
  const ProcessStatistics after = read_process_statistics();
  ::close(file);
  EXPECT_EQ(after.open_fds, before.open_fds + 1);
  EXPECT_GT(after.cpu_seconds, before.cpu_seconds);
  EXPECT_EQ(after.start_time_seconds, before.start_time_seconds);
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  EXPECT_LT(after.start_time_seconds, now.count() + 1);
  EXPECT_GT(after.start_time_seconds, now.count() - 3600);
}

}  // namespace
}  // namespace sample_app
