#include "build_info.hpp"

namespace sample_app {

BuildInfo read_build_info(const Environment& environment) {
  const auto value_of = [&environment](const char* name) {
    return environment(name).value_or("unknown");
  };
  return {SAMPLE_APP_VERSION, value_of("GIT_SHA"), value_of("IMAGE_DIGEST"),
          value_of("BUILD_TIME")};
}

}  // namespace sample_app
