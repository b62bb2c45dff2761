#include "service_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string_view>

#include "json_text.hpp"

namespace {

constexpr std::chrono::seconds patience{10};
/// Source: sd_listen_fds(3).
constexpr int first_socket = 3;

bool is_kept(std::string_view variable) {
  constexpr std::array<std::string_view, 7> prefixes{"ASAN_", "LSAN_", "UBSAN_", "TSAN_",
                                                     "GCOV_", "LD_",   "PATH="};
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [variable](auto prefix) { return variable.starts_with(prefix); });
}

std::vector<std::string> environment_with(const Settings& settings) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (is_kept(*variable)) variables.emplace_back(*variable);
  }
  for (const auto& [name, value] : settings) {
    variables.emplace_back(name).append("=").append(value);
  }
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

ServiceProcess::ServiceProcess(const Settings& settings, const std::vector<std::string>& arguments,
                               const std::vector<int>& sockets) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("make a pipe");
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDERR_FILENO);

  std::vector<std::string> command{SAMPLE_APP_BINARY};
  auto variables = environment_with(settings);
  if (!sockets.empty()) {
    // Only the new process knows its number.
    command = {"/bin/sh", "-c", R"(LISTEN_PID=$$ exec "$0" "$@")", SAMPLE_APP_BINARY};
    variables.push_back("LISTEN_FDS=" + std::to_string(sockets.size()));
    variables.emplace_back("LISTEN_PID=");
  }
  command.insert(command.end(), arguments.begin(), arguments.end());
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    posix_spawn_file_actions_adddup2(&actions, sockets[i], first_socket + static_cast<int>(i));
  }
  const int error = posix_spawn(&pid_, command.front().c_str(), &actions, nullptr,
                                pointers_to(command).data(), pointers_to(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  if (error != 0) {
    ::close(pipe[0]);
    throw std::runtime_error("start " SAMPLE_APP_BINARY);
  }
  // Read all the time: a full pipe would stop the service.
  reader_ = std::thread([this, descriptor = pipe[0]] { read_output(descriptor); });
}

ServiceProcess::~ServiceProcess() {
  if (running_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  reader_.join();
}

void ServiceProcess::read_output(int descriptor) {
  std::string rest;
  std::array<char, 4096> chunk{};
  for (ssize_t size = 0; (size = ::read(descriptor, chunk.data(), chunk.size())) > 0;) {
    rest.append(chunk.data(), static_cast<std::size_t>(size));
    const std::lock_guard lock(mutex_);
    for (auto end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
      lines_.push_back(rest.substr(0, end));
      rest.erase(0, end + 1);
    }
    changed_.notify_all();
  }
  ::close(descriptor);
  const std::lock_guard lock(mutex_);
  if (!rest.empty()) lines_.push_back(rest);
  output_ended_ = true;
  changed_.notify_all();
}

std::string ServiceProcess::wait_for_event(const std::string& event) {
  const std::string wanted = R"("msg":")" + event + '"';
  const auto has_event = [&wanted](const std::string& line) {
    return line.find(wanted) != std::string::npos;
  };
  std::unique_lock lock(mutex_);
  auto found = lines_.end();
  changed_.wait_for(lock, patience, [&] {
    found = std::find_if(lines_.begin(), lines_.end(), has_event);
    return found != lines_.end() || output_ended_;
  });
  if (found == lines_.end()) throw std::runtime_error("wait for " + event + ": it did not come");
  return *found;
}

std::uint16_t ServiceProcess::port() {
  return static_cast<std::uint16_t>(
      std::stoul(json_at(wait_for_event("server.listening"), "/port")));
}

std::uint16_t ServiceProcess::metrics_port() {
  return static_cast<std::uint16_t>(
      std::stoul(json_at(wait_for_event("server.listening"), "/metrics_port")));
}

void ServiceProcess::send_signal(int signal) const {
  ::kill(pid_, signal);
}

int ServiceProcess::wait_for_exit() {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  int status = 0;
  while (::waitpid(pid_, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("wait for the service's end: it still runs");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  running_ = false;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return output_ended_; });
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::vector<std::string> ServiceProcess::output() {
  const std::lock_guard lock(mutex_);
  return lines_;
}
