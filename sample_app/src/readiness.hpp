#pragma once

#include <atomic>

namespace sample_app {

/// Whether the service wants new work. Thread-safe.
class Readiness {
 public:
  enum class State { starting, ready, draining };

  State state() const { return state_.load(); }
  void set(State state) { state_.store(state); }

 private:
  std::atomic<State> state_{State::starting};
};

}  // namespace sample_app
