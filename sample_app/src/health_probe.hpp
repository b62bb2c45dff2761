#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace sample_app {

/// Asks a running instance on this host for GET /health, so that a container image needs no curl.
///
/// `bind_address` is the address the instance listens on; a wildcard is reached over loopback.
/// `timeout` bounds connecting and each send and receive. Returns an empty text when the answer is
/// 200, otherwise what went wrong.
std::string probe_health(const std::string& bind_address, std::uint16_t port,
                         std::chrono::milliseconds timeout);

}  // namespace sample_app
