#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

/// Silence of a fuzzer means something only when it would have found a bug. With
/// SAMPLE_APP_FUZZ_PLANTED_BUG there is one: a read past the end of a heap block, on texts that
/// have "bug" in them. Nothing of it is in the service itself.
inline void maybe_planted_bug([[maybe_unused]] std::string_view text) {
#ifdef SAMPLE_APP_FUZZ_PLANTED_BUG
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    if (text[i] != 'b') continue;
    if (text[i + 1] != 'u') continue;
    if (text[i + 2] != 'g') continue;
    const std::vector<char> block(text.begin(), text.end());
    const volatile char* const past_the_end = block.data() + block.size();
    [[maybe_unused]] const char read = *past_the_end;
  }
#endif
}
