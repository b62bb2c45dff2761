#include "environment.hpp"

#include <cstdlib>

namespace sample_app {

Environment process_environment() {
  return [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody calls setenv
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
  };
}

}  // namespace sample_app
