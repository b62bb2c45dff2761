#include "json_response.hpp"

namespace sample_app {

Response json_response(unsigned status, const JsonObject& body) {
  return {status, {{"Content-Type", "application/json"}}, body.text()};
}

Response error_response(unsigned status, std::string_view code, std::string_view message) {
  const auto error = JsonObject{}.add("code", code).add("message", message);
  return json_response(status, JsonObject{}.add("error", error));
}

}  // namespace sample_app
