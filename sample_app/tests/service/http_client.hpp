#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// One response as read from the wire.
struct Reply {
  int status{0};
  /// Status line and header fields, as sent.
  std::string head;
  std::string body;

  /// The value of a header field, or an empty text.
  std::string header(std::string_view name) const;
};

/// A bare TCP connection to the service: sends any bytes, valid HTTP or not. Every read gives up
/// after 10 s.
class Connection {
 public:
  /// Throws std::runtime_error when nobody listens.
  explicit Connection(std::uint16_t port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(std::string_view bytes);

  /// Reads one response, also when several wait. Throws std::runtime_error when there is none.
  Reply receive();

  /// Whether the service has closed the connection, waiting for it if need be.
  bool closed_by_service();

 private:
  std::string read_some();

  int socket_;
  std::string unread_;
};

/// Sends one request over a connection of its own.
Reply request(std::uint16_t port, std::string_view method, std::string_view path,
              std::string_view json_body = {});

/// The request as text, with Host, and with Content-Type and Content-Length if there is a body.
std::string request_text(std::string_view method, std::string_view path,
                         std::string_view json_body = {});

/// Whether a new connection to the port succeeds.
bool accepts_connections(std::uint16_t port);
