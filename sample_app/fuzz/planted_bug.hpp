#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

/// Silence of a fuzzer means something only when it would have found a bug. With
/// SAMPLE_APP_FUZZ_PLANTED_BUG there is one: a read past the end of a heap block, on one text of a
/// thousand, none of which is in the kept corpus. Nothing of it is in the service.
inline void maybe_planted_bug([[maybe_unused]] std::string_view text) {
#ifdef SAMPLE_APP_FUZZ_PLANTED_BUG
  // FNV-1a, 32 bits.
  std::uint32_t hash = 2166136261U;
  for (const char c : text) {
    const std::uint64_t product = std::uint64_t{hash ^ static_cast<unsigned char>(c)} * 16777619U;
    hash = static_cast<std::uint32_t>(product & 0xffffffffU);
  }
  if (hash % 1009 != 3) return;
  const std::vector<char> block(text.begin(), text.end());
  const volatile char* const past_the_end = block.data() + block.size();
  [[maybe_unused]] const char read = *past_the_end;
#endif
}
