#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "environment.hpp"

/// An environment that holds just these variables.
inline sample_app::Environment variables(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}
