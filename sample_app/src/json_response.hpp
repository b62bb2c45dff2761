#pragma once

#include <string_view>

#include "http_message.hpp"
#include "json_object.hpp"

namespace sample_app {

Response json_response(unsigned status, const JsonObject& body);

/// The one shape of every error: `{"error": {"code": …, "message": …}}`. `code` is for programs
/// and stays stable; `message` is for people.
Response error_response(unsigned status, std::string_view code, std::string_view message);

}  // namespace sample_app
