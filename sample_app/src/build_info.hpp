#pragma once

#include <string>

#include "environment.hpp"

namespace sample_app {

/// What is running. Only the release number is compiled in; the rest comes from the environment,
/// because the same binary must stay the same bytes whatever commit or image it ends up in.
struct BuildInfo {
  std::string version;
  /// GIT_SHA, or "unknown".
  std::string git_sha;
  /// IMAGE_DIGEST ("sha256:…"), or "unknown".
  std::string image_digest;
  /// BUILD_TIME (RFC 3339), or "unknown".
  std::string build_time;
};

BuildInfo read_build_info(const Environment& environment);

}  // namespace sample_app
