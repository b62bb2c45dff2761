#include "listening_socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace {

int new_socket() {
  constexpr int lowest_number = 20;
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int moved = ::fcntl(socket, F_DUPFD_CLOEXEC, lowest_number);
  ::close(socket);
  return moved;
}

}  // namespace

ListeningSocket::ListeningSocket() : descriptor_(new_socket()) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(descriptor_, generic, size) != 0 || ::listen(descriptor_, SOMAXCONN) != 0 ||
      ::getsockname(descriptor_, generic, &size) != 0) {
    ::close(descriptor_);
    throw std::runtime_error("listen on a free port");
  }
  port_ = ntohs(address.sin_port);
}

ListeningSocket::~ListeningSocket() {
  ::close(descriptor_);
}
