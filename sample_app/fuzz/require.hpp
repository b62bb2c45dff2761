#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

/// Ends the process when a promise is broken: libFuzzer and ctest both take an abort as a failure,
/// and libFuzzer keeps the input.
inline void require(bool kept, std::string_view promise) {
  if (kept) return;
  std::fprintf(stderr, "broken promise: %.*s\n", static_cast<int>(promise.size()), promise.data());
  std::abort();
}
