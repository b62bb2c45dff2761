#include "termination_signals.hpp"

#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>

namespace sample_app {

TerminationSignals::TerminationSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  if (const int error = pthread_sigmask(SIG_BLOCK, &signals_, nullptr); error != 0) {
    throw std::system_error(error, std::generic_category(), "block SIGTERM and SIGINT");
  }
  // A reader of our output that went away must not end the service.
  std::signal(SIGPIPE, SIG_IGN);
  // Nor must a file that reached the largest size allowed: the write fails, and that is handled.
  std::signal(SIGXFSZ, SIG_IGN);
}

int TerminationSignals::wait() const {
  int signal = 0;
  while (sigwait(&signals_, &signal) != 0) {
  }
  return signal;
}

std::optional<int> TerminationSignals::wait_for(std::chrono::milliseconds limit) const {
  using namespace std::chrono;
  const auto deadline = steady_clock::now() + limit;
  for (;;) {
    const auto left = std::max(nanoseconds{0}, nanoseconds{deadline - steady_clock::now()});
    const auto whole = floor<seconds>(left);
    const timespec timeout{static_cast<std::time_t>(whole.count()),
                           static_cast<long>((left - whole).count())};
    const int signal = sigtimedwait(&signals_, nullptr, &timeout);
    if (signal > 0) return signal;
    if (errno != EINTR) return std::nullopt;
  }
}

}  // namespace sample_app
