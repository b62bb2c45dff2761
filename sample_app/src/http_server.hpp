#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http_message.hpp"

namespace sample_app {

struct HttpServerOptions {
  /// IPv4 or IPv6 address in text form.
  std::string bind_address{"0.0.0.0"};
  /// 0 lets the system choose.
  std::uint16_t port{0};
  /// A listening socket that somebody else opened and shares, instead of address and port. The
  /// server takes it over.
  std::optional<int> inherited_socket;
  /// 0 means one for each CPU.
  unsigned worker_threads{0};
  std::size_t max_connections{10'000};
  std::size_t max_body_bytes{std::size_t{64} * 1024};
  std::uint32_t max_header_bytes{16U * 1024U};
  /// Limit for receiving one request and, again, for sending its response. Limits are kept to
  /// within 0.1 s.
  std::chrono::milliseconds request_timeout{std::chrono::seconds{10}};
  std::chrono::milliseconds idle_timeout{std::chrono::seconds{60}};
};

/// What the server asks for answers. Both functions are called from several threads at once, must
/// not throw, and hold up the other connections of their thread while they run.
struct HttpCallbacks {
  std::function<Response(const Request&)> handle;
  /// The answer to input that is no acceptable request; the status is 400, 408, 413 or 431. The
  /// connection is closed after it.
  std::function<Response(unsigned status)> reject;
};

/// HTTP/1.1 over TCP with keep-alive and pipelining.
///
/// Each worker thread has its own connections and its own event loop, so connections need no
/// locks. All members are thread-safe except the destructor.
class HttpServer {
 public:
  /// Listens and serves at once. Throws std::runtime_error when the address cannot be had.
  HttpServer(const HttpServerOptions& options, HttpCallbacks callbacks);

  /// Ends all connections at once and waits for the worker threads.
  ~HttpServer();

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// The port listened on.
  std::uint16_t port() const;

  /// From now on each response asks its client to leave (`Connection: close`). New connections
  /// are still served.
  void send_clients_away();

  /// Takes in the connections that wait in the kernel's queue, closes the listener, and closes
  /// the connections that are idle. Requests in flight go on. Returns when the listener is closed.
  /// The queue of an inherited socket is left to whoever else has it.
  void stop_accepting();

  /// Connections that are open now, idle ones included.
  std::size_t open_connections() const;

  /// Requests of which something has arrived and whose answer is not all sent.
  std::size_t requests_in_flight() const;

  /// Whether each worker's event loop comes round within `limit`: false means that one is stuck.
  bool responds_within(std::chrono::milliseconds limit) const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace sample_app
