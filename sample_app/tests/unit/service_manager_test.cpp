#include "service_manager.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "temporary_folder.hpp"
#include "variables.hpp"

namespace sample_app {
namespace {

using namespace std::chrono_literals;

/// A socket that receives what a service tells its manager.
class NotifySocket {
 public:
  explicit NotifySocket(std::string name)
      : name_(std::move(name)), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(name_.begin(), name_.end(), std::begin(address.sun_path));
    if (name_.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size), 0);
  }
  ~NotifySocket() { ::close(socket_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  std::string receive() const {
    std::array<char, 256> text{};
    const ssize_t size = ::recv(socket_, text.data(), text.size(), MSG_DONTWAIT);
    return size < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(size));
  }

 private:
  const std::string name_;
  int socket_;
};

TEST(ServiceManager, IsToldStatesOverASocketInAFolderOrAnAbstractOne) {
  const TemporaryFolder folder;
  for (const std::string& name :
       {folder.path() + "/notify", "@sample_app-test-" + std::to_string(::getpid())}) {
    const NotifySocket socket(name);
    EXPECT_TRUE(ServiceManager(variables({{"NOTIFY_SOCKET", name}})).notify("READY=1\nSTATUS=up"));
    EXPECT_EQ(socket.receive(), "READY=1\nSTATUS=up");
  }
}

TEST(ServiceManager, IsNotMissedWhereThereIsNone) {
  EXPECT_FALSE(ServiceManager(variables({})).notify("READY=1"));
  EXPECT_FALSE(ServiceManager(variables({{"NOTIFY_SOCKET", "/nowhere/x"}})).notify("READY=1"));
  const std::string too_long(200, 'x');
  EXPECT_FALSE(ServiceManager(variables({{"NOTIFY_SOCKET", too_long}})).notify("READY=1"));
}

TEST(ServiceManager, IsFedTwiceInEachPeriodOfItsWatchdog) {
  EXPECT_EQ(ServiceManager(variables({})).watchdog_interval(), std::nullopt);
  EXPECT_EQ(ServiceManager(variables({{"WATCHDOG_USEC", "3000000"}})).watchdog_interval(), 1500ms);
  EXPECT_EQ(ServiceManager(variables({{"WATCHDOG_USEC", "1"}})).watchdog_interval(), 1ms);
  EXPECT_EQ(ServiceManager(variables({{"WATCHDOG_USEC", "3000000"}, {"WATCHDOG_PID", "1"}}))
                .watchdog_interval(),
            std::nullopt)
      << "meant for another process";
  EXPECT_THROW(ServiceManager(variables({{"WATCHDOG_USEC", "soon"}})), std::runtime_error);
  EXPECT_THROW(ServiceManager(variables({{"WATCHDOG_USEC", "0"}})), std::runtime_error);
}

TEST(InheritedSockets, AreNoneWithoutLISTEN_FDSOrWhenMeantForAnotherProcess) {
  for (const auto& environment :
       {variables({}), variables({{"LISTEN_FDS", "1"}}), variables({{"LISTEN_PID", "42"}}),
        variables({{"LISTEN_FDS", "1"}, {"LISTEN_PID", "41"}}),
        variables({{"LISTEN_FDS", "0"}, {"LISTEN_PID", "42"}}),
        variables({{"LISTEN_FDS", "x"}, {"LISTEN_PID", "42"}})}) {
    const InheritedSockets sockets = take_inherited_sockets(environment, 42);
    EXPECT_FALSE(sockets.http);
    EXPECT_FALSE(sockets.metrics);
  }
}

TEST(InheritedSockets, AreRefusedWhenTheyDoNotListen) {
  // Whatever the test's descriptor 3 is, nobody listens on it.
  for (const char* names : {"http", "metrics", "sample-app.socket", ""}) {
    const auto environment =
        variables({{"LISTEN_FDS", "1"}, {"LISTEN_PID", "42"}, {"LISTEN_FDNAMES", names}});
    EXPECT_THROW(take_inherited_sockets(environment, 42), std::runtime_error) << names;
  }
}

}  // namespace
}  // namespace sample_app
