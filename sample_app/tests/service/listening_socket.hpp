#pragma once

#include <cstdint>

/// A listening TCP socket on a free port of the loopback, as a service manager opens it.
class ListeningSocket {
 public:
  ListeningSocket();
  ~ListeningSocket();
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  /// Never one of the numbers that it is passed on as.
  int descriptor() const { return descriptor_; }
  std::uint16_t port() const { return port_; }

 private:
  int descriptor_;
  std::uint16_t port_{0};
};
