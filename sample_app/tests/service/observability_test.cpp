#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <future>
#include <vector>

#include "http_client.hpp"
#include "json_text.hpp"
#include "prometheus_text.hpp"
#include "quick_settings.hpp"
#include "service_process.hpp"
#include "temporary_folder.hpp"

namespace {

Samples scrape(ServiceProcess& service) {
  const Reply reply = request(service.metrics_port(), "GET", "/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  return parse_prometheus_text(reply.body);
}

/// Whether a value is as expected soon: clients have an answer before the server has put it away.
bool comes_to(ServiceProcess& service, const std::string& name, double expected) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  while (scrape(service).at(name) != expected) {
    if (std::chrono::steady_clock::now() > deadline) return false;
  }
  return true;
}

TEST(Metrics, AgreeWithTheRequestsThatWereSent) {
  ServiceProcess service(quick({{"GIT_SHA", "0123abc"}}));
  const auto port = service.port();
  constexpr int clients = 4;
  constexpr int requests = 50;
  std::vector<std::future<void>> running;
  running.reserve(clients);
  for (int i = 0; i < clients; ++i) {
    running.push_back(std::async(std::launch::async, [port] {
      Connection connection(port);
      for (int n = 0; n < requests; ++n) {
        connection.send(request_text("GET", "/nothing-" + std::to_string(n)));
        EXPECT_EQ(connection.receive().status, 404);
      }
    }));
  }
  for (auto& client : running) client.get();
  request(port, "POST", "/links", R"({"url":"https://example.com/","code":"abc"})");
  request(port, "BREW", "/abc");
  Connection broken(port);
  broken.send("not http\r\n\r\n");
  EXPECT_EQ(broken.receive().status, 400);

  const Samples samples = scrape(service);
  const auto answers = [&samples](const std::string& labels) {
    return samples.at("http_requests_total{" + labels + "}");
  };
  EXPECT_EQ(answers(R"(method="GET",path="/{code}",status="404")"), clients * requests);
  EXPECT_EQ(answers(R"(method="POST",path="/links",status="201")"), 1);
  EXPECT_EQ(answers(R"(method="OTHER",path="/{code}",status="405")"), 1);
  EXPECT_EQ(answers(R"(method="OTHER",path="unmatched",status="400")"), 1);
  EXPECT_EQ(samples.at(R"(http_request_duration_seconds_count{method="GET",path="/{code}"})"),
            clients * requests);
  EXPECT_EQ(samples.at("sample_app_links"), 1);
  EXPECT_EQ(samples.at("log_lines_dropped_total"), 0);
  EXPECT_GT(samples.at("process_resident_memory_bytes"), 1e6);
  EXPECT_EQ(terminate(service), 0);
}

TEST(Metrics, ShowARequestThatIsUnderWayAndOpenConnections) {
  ServiceProcess service(quick());
  Connection idle(service.port());
  idle.send(request_text("GET", "/health"));
  ASSERT_EQ(idle.receive().status, 200);
  EXPECT_TRUE(comes_to(service, "http_requests_in_flight", 0));

  Connection slow(service.port());
  slow.send("GET /health HTTP/1.1\r\n");
  EXPECT_TRUE(comes_to(service, "http_requests_in_flight", 1));
  EXPECT_EQ(scrape(service).at("http_connections_open"), 2);
  slow.send("Host: localhost\r\n\r\n");
  ASSERT_EQ(slow.receive().status, 200);
  EXPECT_TRUE(comes_to(service, "http_requests_in_flight", 0));
  EXPECT_EQ(terminate(service), 0);
}

TEST(Metrics, HaveAPortOfTheirOwnThatStaysUpWhileTheServiceDrains) {
  ServiceProcess service(quick({{"LAME_DUCK_SECONDS", "60"}}));
  EXPECT_EQ(request(service.port(), "GET", "/metrics").status, 404);
  EXPECT_EQ(request(service.metrics_port(), "GET", "/health").status, 404);
  service.send_signal(SIGTERM);
  service.wait_for_event("server.drain_started");
  EXPECT_EQ(scrape(service).count("process_open_fds"), 1U);
  service.send_signal(SIGTERM);
  EXPECT_EQ(service.wait_for_exit(), 0);
}

TEST(Metrics, DoNotGrowWithWhatClientsMakeUp) {
  ServiceProcess service(quick());
  Connection connection(service.port());
  const auto ask = [&connection](const std::string& method, const std::string& path) {
    connection.send(request_text(method, path));
    connection.receive();
  };
  ask("GET", "/abc");
  ask("GET", "/a/b/c");
  ask("BREW", "/a/b/c");
  const std::size_t before = scrape(service).size();
  for (int i = 0; i < 100; ++i) {
    ask("GET", "/made-up-" + std::to_string(i));
    ask("GET", "/made/up/" + std::to_string(i));
    ask("BREW" + std::to_string(i), "/a/b/c");
  }
  EXPECT_EQ(scrape(service).size(), before);
  EXPECT_EQ(terminate(service), 0);
}

TEST(Log, IsOneJsonObjectALineInOutputAndFileWhateverClientsSend) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/log/app.log";
  ServiceProcess service(quick({{"LOG_LEVEL", "debug"}, {"LOG_FILE", file}}));
  const auto port = service.port();
  const std::vector<std::string> paths{R"(/quote"back\slash)",
                                       "/not-utf8-\xff\xfe-\xc3\xa9",
                                       "/" + std::string(5000, '"'),
                                       "/%0a%00",
                                       "/\x7f\x80",
                                       R"(/{"msg":"http.request"})"};
  for (const std::string& path : paths) {
    Connection connection(port);
    connection.send("GET " + path + " HTTP/1.1\r\nHost: a\r\nX-Request-Id: \"\\\t\xff\r\n\r\n");
    EXPECT_GE(connection.receive().status, 400);
  }
  EXPECT_EQ(terminate(service), 0);
  const auto lines = service.output();
  EXPECT_GE(lines.size(), 4 + paths.size());
  for (const std::string& line : lines) {
    EXPECT_TRUE(is_json_object(line)) << line;
    EXPECT_NO_THROW(json_at(line, "/timestamp")) << line;
  }
  std::ifstream written(file);
  for (const std::string& expected : lines) {
    std::string line;
    std::getline(written, line);
    EXPECT_EQ(line, expected);
  }
}

}  // namespace
