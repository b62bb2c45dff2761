#pragma once

#include <functional>
#include <optional>
#include <string>

namespace sample_app {

/// Looks up an environment variable. An empty value counts as not set, as in `PORT=` of an
/// environment file.
using Environment = std::function<std::optional<std::string>(const char* name)>;

/// The environment of this process. Call it before threads are started that change variables;
/// the service has none.
Environment process_environment();

}  // namespace sample_app
