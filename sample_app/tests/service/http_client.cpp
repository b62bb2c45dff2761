#include "http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace {

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{10, 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    return socket;
  }
  ::close(socket);
  return -1;
}

}  // namespace

std::string Reply::header(std::string_view name) const {
  const std::string wanted = "\r\n" + std::string(name) + ": ";
  const auto start = head.find(wanted);
  if (start == std::string::npos) return {};
  const auto value = start + wanted.size();
  return head.substr(value, head.find("\r\n", value) - value);
}

Connection::Connection(std::uint16_t port) : socket_(connect_to(port)) {
  if (socket_ < 0) throw std::runtime_error("connect: nobody listens");
}

Connection::~Connection() {
  ::close(socket_);
}

void Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("send: the connection is gone");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string Connection::read_some() {
  std::array<char, 4096> chunk{};
  const ssize_t received = ::recv(socket_, chunk.data(), chunk.size(), 0);
  if (received < 0) throw std::runtime_error("receive: timed out or reset");
  return {chunk.data(), static_cast<std::size_t>(received)};
}

Reply Connection::receive() {
  const auto read_more = [this] {
    const std::string more = read_some();
    if (more.empty()) throw std::runtime_error("receive: closed within a response");
    unread_ += more;
  };
  std::size_t end_of_head = 0;
  while ((end_of_head = unread_.find("\r\n\r\n")) == std::string::npos) read_more();

  Reply reply;
  reply.head = unread_.substr(0, end_of_head + 2);
  reply.status = std::stoi(reply.head.substr(reply.head.find(' ') + 1, 3));
  unread_.erase(0, end_of_head + 4);
  const std::string length = reply.header("Content-Length");
  const std::size_t body_size = length.empty() ? 0 : std::stoul(length);
  while (unread_.size() < body_size) read_more();
  reply.body = unread_.substr(0, body_size);
  unread_.erase(0, body_size);
  return reply;
}

bool Connection::closed_by_service() {
  return unread_.empty() && read_some().empty();
}

std::string request_text(std::string_view method, std::string_view path,
                         std::string_view json_body) {
  std::string text;
  text.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: localhost\r\n");
  if (!json_body.empty()) {
    text.append("Content-Type: application/json\r\nContent-Length: ");
    text.append(std::to_string(json_body.size())).append("\r\n");
  }
  return text.append("\r\n").append(json_body);
}

Reply request(std::uint16_t port, std::string_view method, std::string_view path,
              std::string_view json_body) {
  Connection connection(port);
  connection.send(request_text(method, path, json_body));
  return connection.receive();
}

bool accepts_connections(std::uint16_t port) {
  const int socket = connect_to(port);
  if (socket >= 0) ::close(socket);
  return socket >= 0;
}
