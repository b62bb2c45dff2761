#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <memory>
#include <vector>

#include "http_client.hpp"
#include "listening_socket.hpp"
#include "prometheus_text.hpp"
#include "quick_settings.hpp"
#include "service_process.hpp"
#include "temporary_folder.hpp"

namespace {

double answered(ServiceProcess& service) {
  const Samples samples =
      parse_prometheus_text(request(service.metrics_port(), "GET", "/metrics").body);
  const auto found =
      samples.find(R"(http_requests_total{method="GET",path="/health",status="200"})");
  return found == samples.end() ? 0 : found->second;
}

/// Asks again and again, each time over a new connection, until told to stop. Returns how many
/// requests were not answered 200.
int ask_until(const std::atomic<bool>& stop, std::uint16_t port) {
  int lost = 0;
  while (!stop) {
    try {
      if (request(port, "GET", "/health").status != 200) ++lost;
    } catch (const std::runtime_error&) {
      ++lost;
    }
  }
  return lost;
}

TEST(SocketActivation, LetsTwoInstancesShareASocketAndOneLeaveWithoutLosingARequest) {
  const ListeningSocket socket;
  auto first = std::make_unique<ServiceProcess>(quick(), std::vector<std::string>{},
                                                std::vector<int>{socket.descriptor()});
  ServiceProcess second(quick(), {}, {socket.descriptor()});
  EXPECT_EQ(first->port(), socket.port());
  EXPECT_EQ(second.port(), socket.port());

  std::atomic<bool> stop{false};
  std::vector<std::future<int>> clients;
  clients.reserve(4);
  for (int i = 0; i < 4; ++i) {
    clients.push_back(
        std::async(std::launch::async, [&] { return ask_until(stop, socket.port()); }));
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{8};
  while ((answered(*first) < 100 || answered(second) < 100) &&
         std::chrono::steady_clock::now() < deadline) {
  }
  EXPECT_GE(answered(*first), 100) << "both have a share";
  EXPECT_GE(answered(second), 100) << "both have a share";

  EXPECT_EQ(terminate(*first), 0);
  const double before = answered(second);
  while (answered(second) < before + 100 && std::chrono::steady_clock::now() < deadline) {
  }
  stop = true;
  for (auto& client : clients) EXPECT_EQ(client.get(), 0) << "requests lost";
  EXPECT_GE(answered(second), before + 100) << "the other goes on";
  EXPECT_EQ(terminate(second), 0);
}

TEST(SocketActivation, LetsConnectionsWaitWhileNoInstanceRuns) {
  const ListeningSocket socket;
  {
    ServiceProcess service(quick(), {}, {socket.descriptor()});
    EXPECT_EQ(request(socket.port(), "GET", "/health").status, 200);
    EXPECT_EQ(terminate(service), 0);
  }
  Connection early(socket.port());
  early.send(request_text("GET", "/health"));
  ServiceProcess service(quick(), {}, {socket.descriptor()});
  EXPECT_EQ(early.receive().status, 200);
  EXPECT_EQ(terminate(service), 0);
}

TEST(SocketActivation, TakesTheMetricsSocketByItsName) {
  const ListeningSocket metrics;
  const ListeningSocket http;
  ServiceProcess service(quick({{"LISTEN_FDNAMES", "metrics:http"}}), {},
                         {metrics.descriptor(), http.descriptor()});
  EXPECT_EQ(service.port(), http.port());
  EXPECT_EQ(service.metrics_port(), metrics.port());
  EXPECT_EQ(request(metrics.port(), "GET", "/metrics").status, 200);
  EXPECT_EQ(terminate(service), 0);
}

TEST(SocketActivation, TakesSocketsWithoutKnownNamesInOrderAndRefusesAThird) {
  const ListeningSocket first;
  const ListeningSocket second;
  const ListeningSocket third;
  ServiceProcess service(quick({{"LISTEN_FDNAMES", "a.socket:a.socket"}}), {},
                         {first.descriptor(), second.descriptor()});
  EXPECT_EQ(service.port(), first.port());
  EXPECT_EQ(service.metrics_port(), second.port());
  EXPECT_EQ(terminate(service), 0);
  ServiceProcess refused(quick(), {},
                         {first.descriptor(), second.descriptor(), third.descriptor()});
  EXPECT_EQ(refused.wait_for_exit(), 1);
  EXPECT_NE(refused.output().at(0).find("one too many"), std::string::npos);
}

TEST(ServiceManager, IsToldOfTheStartTheWatchdogAndTheEnd) {
  const TemporaryFolder folder;
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder.path() + "/notify";
  std::copy(path.begin(), path.end(), std::begin(address.sun_path));
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const timeval limit{10, 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const auto receive = [socket] {
    std::array<char, 256> text{};
    const ssize_t size = ::recv(socket, text.data(), text.size(), 0);
    return size < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(size));
  };

  ServiceProcess service(quick({{"NOTIFY_SOCKET", path}, {"WATCHDOG_USEC", "100000"}}));
  EXPECT_EQ(receive(), "READY=1\nSTATUS=Serving on port " + std::to_string(service.port()));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(receive(), "WATCHDOG=1");
  service.send_signal(SIGTERM);
  std::string told;
  while ((told = receive()) == "WATCHDOG=1") {
  }
  EXPECT_EQ(told, "STOPPING=1\nSTATUS=Draining");
  EXPECT_EQ(service.wait_for_exit(), 0);
  ::close(socket);
}

}  // namespace
