#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace sample_app {

/// Length of a code the service makes up. 62^7 codes (3.5 × 10^12): with a million links stored,
/// a guess hits one in 3.5 million times.
constexpr std::size_t generated_code_size = 7;

/// Whether a caller may choose `text` as a code: 3–32 ASCII letters, digits, "-" or "_", and not
/// one of the service's own paths such as "health".
bool is_valid_link_code(std::string_view text);

/// Gives a new candidate at each call. Must be safe to call from many threads at once.
using LinkCodeSource = std::function<std::string()>;

/// A random code from the operating system's entropy, so codes cannot be foretold from earlier
/// ones. Letters and digits only. Thread-safe.
std::string random_link_code();

}  // namespace sample_app
