#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <future>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "http_client.hpp"
#include "json_text.hpp"
#include "quick_settings.hpp"
#include "service_process.hpp"

namespace {

TEST(Service, CreatesFollowsAndRemovesALink) {
  ServiceProcess service(quick());
  const auto port = service.port();

  const Reply created = request(port, "POST", "/links", R"({"url":"https://example.com/a?b=c"})");
  ASSERT_EQ(created.status, 201) << created.body;
  const std::string code = json_at(created.body, "/code");
  EXPECT_EQ(created.header("Location"), "/links/" + code);

  const Reply followed = request(port, "GET", "/" + code);
  EXPECT_EQ(followed.status, 302);
  EXPECT_EQ(followed.header("Location"), "https://example.com/a?b=c");
  EXPECT_EQ(json_at(request(port, "GET", "/links/" + code).body, "/visits"), "1");

  EXPECT_EQ(request(port, "DELETE", "/links/" + code).status, 204);
  EXPECT_EQ(request(port, "GET", "/" + code).status, 404);
  EXPECT_EQ(terminate(service), 0);
}

TEST(Service, TellsItsHealthAndWhatIsRunning) {
  ServiceProcess service(quick({{"GIT_SHA", "0123abc"}, {"IMAGE_DIGEST", "sha256:feed"}}));
  const auto port = service.port();
  EXPECT_EQ(request(port, "GET", "/health").status, 200);
  EXPECT_EQ(request(port, "GET", "/ready").status, 200);
  const std::string version = request(port, "GET", "/version").body;
  EXPECT_EQ(json_at(version, "/git_sha"), "0123abc");
  EXPECT_EQ(json_at(version, "/image_digest"), "sha256:feed");
  EXPECT_EQ(json_at(version, "/build_time"), "unknown");
  EXPECT_EQ(terminate(service), 0);
}

TEST(Service, IsNotReadyAtOnceAfterSigtermButServesThroughTheLameDuckTime) {
  ServiceProcess service(quick({{"LAME_DUCK_SECONDS", "60"}}));
  const auto port = service.port();
  Connection kept_alive(port);
  kept_alive.send(request_text("GET", "/ready"));
  ASSERT_EQ(kept_alive.receive().status, 200);

  service.send_signal(SIGTERM);
  service.wait_for_event("server.drain_started");
  kept_alive.send(request_text("GET", "/ready"));
  const Reply not_ready = kept_alive.receive();
  EXPECT_EQ(not_ready.status, 503);
  EXPECT_EQ(not_ready.header("Connection"), "close");
  EXPECT_TRUE(kept_alive.closed_by_service());
  EXPECT_EQ(request(port, "GET", "/health").status, 200) << "a new connection is still served";

  service.send_signal(SIGTERM);
  EXPECT_EQ(service.wait_for_exit(), 0) << "a second signal cuts the wait short";
  EXPECT_FALSE(accepts_connections(port));
}

TEST(Service, FinishesARequestInFlightAfterThePortClosed) {
  ServiceProcess service(quick());
  Connection connection(service.port());
  const std::string text = request_text("POST", "/links", R"({"url":"https://example.com/"})");
  connection.send(text.substr(0, text.size() - 5));
  // Answered by the same event loop or not, this shows that the service has had time to read.
  ASSERT_EQ(request(service.port(), "GET", "/health").status, 200);

  service.send_signal(SIGTERM);
  service.wait_for_event("server.listener_closed");
  connection.send(text.substr(text.size() - 5));
  EXPECT_EQ(connection.receive().status, 201);
  EXPECT_EQ(service.wait_for_exit(), 0);
}

TEST(Service, CutsARequestThatOutlastsTheDrainTime) {
  ServiceProcess service(quick({{"DRAIN_SECONDS", "0.1"}}));
  Connection connection(service.port());
  connection.send("GET /health HTTP/1.1\r\n");
  ASSERT_EQ(request(service.port(), "GET", "/health").status, 200);
  EXPECT_EQ(terminate(service), 0);
  const std::string end = service.wait_for_event("server.drain_finished");
  EXPECT_EQ(json_at(end, "/connections_cut"), "1");
}

TEST(Service, EndsAtOnceAfterASecondSignalEvenWithARequestInFlight) {
  ServiceProcess service(quick());
  Connection connection(service.port());
  connection.send("GET /health HTTP/1.1\r\n");
  ASSERT_EQ(request(service.port(), "GET", "/health").status, 200);
  service.send_signal(SIGTERM);
  service.wait_for_event("server.listener_closed");
  service.send_signal(SIGINT);
  EXPECT_EQ(service.wait_for_exit(), 0);
}

/// Does what a load balancer does: asks over connections that it keeps, makes new ones when asked
/// to leave, and stops when the service is not ready or refuses. Counts the answers, and returns
/// whether every request got one.
bool ask_until_not_ready(std::uint16_t port, std::atomic<int>& answered) {
  while (accepts_connections(port)) {
    try {
      Connection connection(port);
      for (bool stay = true; stay;) {
        connection.send(request_text("GET", "/ready"));
        const Reply reply = connection.receive();
        ++answered;
        if (reply.status == 503) return true;
        stay = reply.header("Connection") == "keep-alive" && answered % 10 != 0;
      }
    } catch (const std::runtime_error& error) {
      // A refused connection is no loss: the client knows that nothing was done.
      return std::string_view(error.what()) == "connect: nobody listens";
    }
  }
  return true;
}

TEST(Service, LosesNoRequestWhileItDrainsUnderLoad) {
  ServiceProcess service(quick({{"LAME_DUCK_SECONDS", "0.2"}}));
  const auto port = service.port();
  std::atomic<int> answered{0};
  std::vector<std::future<bool>> clients;
  clients.reserve(4);
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::async(
        std::launch::async, [&answered, port] { return ask_until_not_ready(port, answered); }));
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (answered < 200 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  service.send_signal(SIGTERM);
  for (auto& client : clients) EXPECT_TRUE(client.get()) << "a request got no answer";
  EXPECT_GE(answered, 200);
  EXPECT_EQ(service.wait_for_exit(), 0);
}

TEST(Service, AnswersPipelinedRequestsInOrder) {
  ServiceProcess service(quick());
  Connection connection(service.port());
  connection.send(request_text("GET", "/health") + request_text("GET", "/nothing/here") +
                  request_text("GET", "/version"));
  EXPECT_EQ(connection.receive().status, 200);
  EXPECT_EQ(connection.receive().status, 404);
  EXPECT_EQ(json_at(connection.receive().body, "/name"), "sample_app");
  EXPECT_EQ(terminate(service), 0);
}

TEST(Service, RefusesWhatIsMalformedTooLargeOrTooSlow) {
  ServiceProcess service(quick({{"MAX_BODY_BYTES", "1000"},
                                {"MAX_HEADER_BYTES", "2000"},
                                {"REQUEST_TIMEOUT_SECONDS", "0.2"}}));
  const auto port = service.port();
  const auto answer_to = [port](const std::string& bytes) {
    Connection connection(port);
    connection.send(bytes);
    const Reply reply = connection.receive();
    EXPECT_TRUE(connection.closed_by_service());
    EXPECT_NE(json_at(reply.body, "/error/code"), "");
    return reply.status;
  };
  EXPECT_EQ(answer_to("NOT HTTP AT ALL\r\n\r\n"), 400);
  EXPECT_EQ(answer_to("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n"), 400) << "no Host";
  EXPECT_EQ(answer_to(request_text("POST", "/links", std::string(1001, 'x'))), 413);
  EXPECT_EQ(answer_to(request_text("GET", "/" + std::string(3000, 'x'))), 431);
  EXPECT_EQ(answer_to("GET /health HTTP/1.1\r\nHost: sl"), 408);
  EXPECT_EQ(request(port, "GET", "/health").status, 200) << "and it lives on";
  EXPECT_EQ(terminate(service), 0);
}

TEST(Service, GivesAClientThatTricklesItsHeaderNoMoreTimeThanOthers) {
  ServiceProcess service(quick({{"REQUEST_TIMEOUT_SECONDS", "0.3"}}));
  Connection connection(service.port());
  const auto started = std::chrono::steady_clock::now();
  connection.send("GET /health HTTP/1.1\r\n");
  bool refused = false;
  try {
    // Each field arrives in time; all of them together never do.
    while (std::chrono::steady_clock::now() - started < std::chrono::seconds{5}) {
      connection.send("X-Slow: yes\r\n");
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
  } catch (const std::runtime_error&) {
    refused = true;
  }
  EXPECT_TRUE(refused);
  EXPECT_EQ(request(service.port(), "GET", "/health").status, 200);
  EXPECT_EQ(terminate(service), 0);
}

TEST(Service, GivesUpOnAClientThatDoesNotReadItsAnswers) {
  ServiceProcess service(quick({{"REQUEST_TIMEOUT_SECONDS", "0.2"}}));
  Connection connection(service.port());
  // Enough answers to fill every buffer between the two; then nobody writes any more either.
  const std::string many = [] {
    std::string text;
    for (int i = 0; i < 500; ++i) text += request_text("GET", "/version");
    return text;
  }();
  EXPECT_THROW(
      {
        for (int i = 0; i < 1000; ++i) connection.send(many);
      },
      std::runtime_error);
  EXPECT_EQ(request(service.port(), "GET", "/health").status, 200);
  EXPECT_EQ(terminate(service), 0);
}

TEST(Service, ClosesAConnectionThatStaysIdleTooLong) {
  ServiceProcess service(quick({{"IDLE_TIMEOUT_SECONDS", "0.1"}}));
  Connection connection(service.port());
  connection.send(request_text("GET", "/health"));
  EXPECT_EQ(connection.receive().header("Connection"), "keep-alive");
  EXPECT_TRUE(connection.closed_by_service());
  EXPECT_EQ(terminate(service), 0);
}

TEST(Service, ServesTheNextClientWhenAConnectionOfTheMaximumEnds) {
  ServiceProcess service(quick({{"MAX_CONNECTIONS", "1"}}));
  const auto port = service.port();
  auto first = std::make_unique<Connection>(port);
  first->send(request_text("GET", "/health"));
  ASSERT_EQ(first->receive().status, 200);

  Connection second(port);
  second.send(request_text("GET", "/health"));
  first.reset();
  EXPECT_EQ(second.receive().status, 200);
  EXPECT_EQ(terminate(service), 0);
}

TEST(Service, InvitesALargeBodyBeforeItIsSent) {
  ServiceProcess service(quick());
  Connection connection(service.port());
  const std::string body = R"({"url":"https://example.com/"})";
  connection.send(
      "POST /links HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
      "Content-Type: application/json\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n");
  EXPECT_EQ(connection.receive().status, 100);
  connection.send(body);
  EXPECT_EQ(connection.receive().status, 201);
  EXPECT_EQ(terminate(service), 0);
}

TEST(Service, WritesOneValidJsonObjectALineWhateverClientsSend) {
  ServiceProcess service(quick({{"LOG_LEVEL", "debug"}}));
  const auto port = service.port();
  request(port, "GET", "/quote\"back\\slash");
  request(port, "GET", "/not-utf8-\xff\xfe-\xc3\xa9");
  request(port, "GET", "/" + std::string(5000, '"'));
  EXPECT_EQ(terminate(service), 0);
  for (const std::string& line : service.output()) {
    EXPECT_TRUE(is_json_object(line)) << line;
  }
  EXPECT_GE(service.output().size(), 6U);
}

TEST(Program, ChecksTheHealthOfTheInstanceOnThisHost) {
  ServiceProcess service(quick());
  const Settings address{{"PORT", std::to_string(service.port())}};
  EXPECT_EQ(ServiceProcess(address, {"--health-check"}).wait_for_exit(), 0);
  EXPECT_EQ(terminate(service), 0);
  EXPECT_EQ(ServiceProcess(address, {"--health-check"}).wait_for_exit(), 1);
}

TEST(Program, NamesEveryWrongSettingAndExitsWith2) {
  ServiceProcess program(
      Settings{{"PORT", "70000"}, {"LOG_LEVEL", "loud"}, {"DRAIN_SECONDS", "soon"}});
  EXPECT_EQ(program.wait_for_exit(), 2);
  EXPECT_EQ(program.output().size(), 3U);
}

TEST(Program, FailsWhenItsPortIsTaken) {
  ServiceProcess service(quick());
  ServiceProcess second(quick({{"PORT", std::to_string(service.port())}}));
  EXPECT_EQ(second.wait_for_exit(), 1);
  EXPECT_EQ(terminate(service), 0);
}

TEST(Program, ExplainsItself) {
  ServiceProcess help({}, {"--help"});
  EXPECT_EQ(help.wait_for_exit(), 0);
  EXPECT_EQ(help.output().at(0).find("Usage: sample_app"), 0U);
  ServiceProcess version({{"GIT_SHA", "0123abc"}}, {"--version"});
  EXPECT_EQ(version.wait_for_exit(), 0);
  EXPECT_NE(version.output().at(0).find("(git 0123abc)"), std::string::npos);
  EXPECT_EQ(ServiceProcess({}, {"--wrong"}).wait_for_exit(), 2);
}

}  // namespace
