#include "service_manager.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <sstream>
#include <vector>

namespace sample_app {
namespace {

/// The first inherited descriptor. Source: sd_listen_fds(3), SD_LISTEN_FDS_START.
constexpr int first_socket = 3;
/// More than anybody passes; keeps a wrong LISTEN_FDS from asking for memory.
constexpr int most = 64;

template <typename Number>
std::optional<Number> parse_number(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  Number number{};
  const char* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

/// The names in LISTEN_FDNAMES, divided by colons, as many as there are sockets.
std::vector<std::string> socket_names(const Environment& environment, int count) {
  std::vector<std::string> names;
  std::istringstream given(environment("LISTEN_FDNAMES").value_or(""));
  for (std::string name; std::getline(given, name, ':');) names.push_back(name);
  names.resize(static_cast<std::size_t>(count));
  return names;
}

void check_listening(int socket, const std::string& name) {
  int listening = 0;
  socklen_t size = sizeof listening;
  if (getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0) {
    throw std::runtime_error("take over the socket " + name + " (descriptor " +
                             std::to_string(socket) +
                             "): it does not listen. Use ListenStream= with Accept=no.");
  }
}

}  // namespace

InheritedSockets take_inherited_sockets(const Environment& environment, pid_t self) {
  InheritedSockets sockets;
  const auto count = parse_number<int>(environment("LISTEN_FDS"));
  // Meant for another process: variables are inherited further than descriptors.
  if (!count || parse_number<pid_t>(environment("LISTEN_PID")) != self) return sockets;
  const std::vector<std::string> names = socket_names(environment, std::clamp(*count, 0, most));
  const auto assign = [&names](std::optional<int>& place, std::size_t i) {
    const int socket = first_socket + static_cast<int>(i);
    if (place) {
      throw std::runtime_error("take over sockets: there are " + std::to_string(names.size()) +
                               ", \"" + names[i] +
                               "\" is one too many. Pass one for http and one for metrics.");
    }
    check_listening(socket, names[i]);
    ::fcntl(socket, F_SETFD, FD_CLOEXEC);
    place = socket;
  };
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == "http") assign(sockets.http, i);
    if (names[i] == "metrics") assign(sockets.metrics, i);
  }
  // A socket unit that names nothing passes its own name.
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == "http" || names[i] == "metrics") continue;
    assign(sockets.http ? sockets.metrics : sockets.http, i);
  }
  return sockets;
}

ServiceManager::ServiceManager(const Environment& environment)
    : socket_path_(environment("NOTIFY_SOCKET").value_or("")) {
  const auto text = environment("WATCHDOG_USEC");
  if (!text) return;
  // WATCHDOG_PID names another process when the variable was inherited further.
  const auto meant_for = parse_number<pid_t>(environment("WATCHDOG_PID"));
  if (meant_for && *meant_for != ::getpid()) return;
  const auto period = parse_number<std::uint64_t>(text);
  if (!period || *period == 0) {
    throw std::runtime_error("read WATCHDOG_USEC: \"" + *text +
                             "\" is no number of microseconds. It is set by WatchdogSec=.");
  }
  const std::chrono::microseconds half(*period / 2);
  watchdog_interval_ =
      std::max(std::chrono::milliseconds{1}, std::chrono::floor<std::chrono::milliseconds>(half));
}

bool ServiceManager::notify(std::string_view assignments) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path_.empty() || socket_path_.size() >= sizeof address.sun_path) return false;
  std::copy(socket_path_.begin(), socket_path_.end(), std::begin(address.sun_path));
  // "@" stands for the zero byte of the abstract namespace.
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';

  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_path_.size());
  const ssize_t sent =
      ::sendto(socket, assignments.data(), assignments.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&address), size);
  ::close(socket);
  return sent == static_cast<ssize_t>(assignments.size());
}

}  // namespace sample_app
