#include "link_code.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace sample_app {
namespace {

constexpr std::string_view alphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// First path segments the service uses itself or means to use: a link there could not be reached.
constexpr std::array<std::string_view, 5> reserved{"health", "links", "metrics", "ready",
                                                   "version"};

bool is_code_character(char c) {
  return c == '-' || c == '_' || alphabet.find(c) != std::string_view::npos;
}

}  // namespace

bool is_valid_link_code(std::string_view text) {
  return text.size() >= 3 && text.size() <= 32 &&
         std::all_of(text.begin(), text.end(), is_code_character) &&
         std::find(reserved.begin(), reserved.end(), text) == reserved.end();
}

std::string random_link_code() {
  thread_local std::random_device entropy;
  std::uniform_int_distribution<std::size_t> position(0, alphabet.size() - 1);
  std::string code(generated_code_size, '\0');
  std::generate(code.begin(), code.end(), [&] { return alphabet[position(entropy)]; });
  return code;
}

}  // namespace sample_app
