#pragma once

#include <string>
#include <string_view>

// Reads JSON in tests without showing them the JSON library: including it in every test file
// would double the time to compile the tests.

/// The value at a JSON pointer (RFC 6901), for example "/error/code": a string as its text,
/// anything else as JSON. Throws std::exception when the text is no JSON or has no such value.
std::string json_at(std::string_view text, const std::string& pointer);

/// Whether the text is exactly one JSON object.
bool is_json_object(std::string_view text);
