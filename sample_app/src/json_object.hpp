#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace sample_app {

/// A value that stands beside a name in JSON output. The view is read at once, not kept.
using JsonScalar = std::variant<std::string_view, std::int64_t, double, bool>;

/// Writes one JSON object, members in the order in which they are added. The result is valid JSON
/// whatever the texts hold: what must be escaped is, and bytes that are not UTF-8 become U+FFFD.
///
/// It exists beside the JSON library because log lines and responses are flat and frequent: this
/// needs no tree in memory, and spares most files the seconds the library costs to compile.
class JsonObject {
 public:
  JsonObject& add(std::string_view name, const JsonScalar& value);
  JsonObject& add(std::string_view name, const JsonObject& value);

  /// The object as text, on one line.
  std::string text() const { return text_ + '}'; }

 private:
  void add_name(std::string_view name);

  std::string text_{"{"};
};

}  // namespace sample_app
