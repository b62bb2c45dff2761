#include "json_text.hpp"

#include <nlohmann/json.hpp>

using nlohmann::json;

std::string json_at(std::string_view text, const std::string& pointer) {
  const json value = json::parse(text).at(json::json_pointer(pointer));
  return value.is_string() ? value.get<std::string>() : value.dump();
}

bool is_json_object(std::string_view text) {
  return json::parse(text, nullptr, false).is_object();
}
