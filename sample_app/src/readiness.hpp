#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace sample_app {

/// Whether the service wants new work: it is up, it is not leaving, and what it depends on works.
/// Thread-safe, but for `add_dependency`, which comes before all else.
class Readiness {
 public:
  enum class State { starting, ready, draining };

  /// Adds something that the service cannot do its work without. `works` is asked each time; it
  /// must be quick, and is the place to try again what had failed.
  void add_dependency(std::string name, std::function<bool()> works) {
    dependencies_.push_back({std::move(name), std::move(works)});
  }

  State state() const { return state_.load(); }
  void set(State state) { state_.store(state); }

  /// The names of the dependencies that do not work now.
  std::vector<std::string> failing_dependencies() const {
    std::vector<std::string> failing;
    for (const auto& dependency : dependencies_) {
      if (!dependency.works()) failing.push_back(dependency.name);
    }
    return failing;
  }

 private:
  struct Dependency {
    std::string name;
    std::function<bool()> works;
  };

  std::atomic<State> state_{State::starting};
  std::vector<Dependency> dependencies_;
};

}  // namespace sample_app
