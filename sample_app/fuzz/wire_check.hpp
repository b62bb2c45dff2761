#pragma once

#include <string_view>
#include <vector>

#include "http_message.hpp"

/// One response as the application gave it to the session.
struct Exchange {
  sample_app::Response response;
  /// The request was HEAD.
  bool headers_only{false};
};

/// Reads everything a session wrote with a parser of its own, stricter than a client has to be.
/// Ends the process unless it is exactly the expected responses, one after the other: each with a
/// status the service is known to send, one Date, one Connection, a Content-Length that fits the
/// body (none with 204), no control character in a header, valid JSON in every body, and nothing
/// after a response that says `Connection: close`. `100 Continue` may stand before a response.
void check_wire(std::string_view wire, const std::vector<Exchange>& expected);
