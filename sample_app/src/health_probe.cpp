#include "health_probe.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string_view>
#include <system_error>

namespace sample_app {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

std::string reachable_address(const std::string& bind_address) {
  if (bind_address == "0.0.0.0") return "127.0.0.1";
  if (bind_address == "::") return "::1";
  return bind_address;
}

std::string failure(const char* doing) {
  return std::string(doing) + ": " + std::generic_category().message(errno);
}

}  // namespace

std::string probe_health(const std::string& bind_address, std::uint16_t port,
                         std::chrono::milliseconds timeout) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(reachable_address(bind_address).c_str(),
                                    std::to_string(port).c_str(), &hints, &found);
      error != 0) {
    return std::string("read the address: ") + gai_strerror(error);
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> address(found, freeaddrinfo);

  const FileDescriptor socket(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.number() < 0) return failure("open a socket");
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  timeval limit{};
  limit.tv_sec = seconds.count();
  limit.tv_usec = std::chrono::microseconds(timeout - seconds).count();
  setsockopt(socket.number(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (::connect(socket.number(), address->ai_addr, address->ai_addrlen) != 0) {
    return failure("connect");
  }
  constexpr std::string_view request =
      "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  if (::send(socket.number(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    return failure("send the request");
  }
  // The status line is all that counts: "HTTP/1.1 200".
  constexpr std::size_t status_line_size = 12;
  std::string answer;
  while (answer.size() < status_line_size) {
    std::array<char, 512> chunk{};
    const ssize_t received = ::recv(socket.number(), chunk.data(), chunk.size(), 0);
    if (received < 0) return failure("read the answer");
    if (received == 0) return "read the answer: the connection was closed";
    answer.append(chunk.data(), static_cast<std::size_t>(received));
  }
  const std::string status_line = answer.substr(0, status_line_size);
  return status_line == "HTTP/1.1 200" ? "" : "the answer is not 200 but: " + status_line;
}

}  // namespace sample_app
