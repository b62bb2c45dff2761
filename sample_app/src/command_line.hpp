#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sample_app {

/// What the program was started to do.
enum class Command { serve, health_check, show_version, show_help };

/// Reads the arguments without the program's name. Settings come from the environment, so there
/// is at most one. Throws std::invalid_argument for anything else.
Command read_command_line(std::span<const char* const> arguments);

/// What `--help` prints.
std::string_view help_text();

}  // namespace sample_app
