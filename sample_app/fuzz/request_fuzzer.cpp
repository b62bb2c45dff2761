// The request path: a real session on one end of a socket pair, and behind it the real router,
// handlers and store. Every input is sent twice, at once and in pieces; the answers must be the
// same, because where TCP cuts a stream means nothing.

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "application.hpp"
#include "http_session.hpp"
#include "link_handler.hpp"
#include "planted_bug.hpp"
#include "require.hpp"
#include "status_handler.hpp"
#include "wire_check.hpp"

namespace {

using namespace sample_app;

// Small, so that short inputs get beyond them.
constexpr std::size_t max_links = 4;
constexpr std::size_t max_body_bytes = 512;
constexpr std::uint32_t max_header_bytes = 512;

/// The client's end of the connection.
class Client {
 public:
  explicit Client(int descriptor) : descriptor_(descriptor) {}
  ~Client() { ::close(descriptor_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Sends as much as there is room for. A session that has closed takes everything.
  std::size_t send(std::string_view bytes) const {
    const ssize_t sent =
        ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<std::size_t>(sent);
    return errno == EAGAIN ? 0 : bytes.size();
  }

  void end_sending() const { ::shutdown(descriptor_, SHUT_WR); }

  /// Adds what has arrived to `text`, and tells whether anything had.
  bool receive(std::string& text) const {
    std::array<char, 4096> chunk;  // NOLINT(*-member-init): only what was received is read
    const ssize_t received = ::recv(descriptor_, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (received <= 0) return false;
    text.append(chunk.data(), static_cast<std::size_t>(received));
    return true;
  }

 private:
  int descriptor_;
};

/// Everything behind the session, as main() puts it together, with what makes it repeatable.
class Service {
 public:
  Service() {
    require(std::holds_alternative<Link>(links_.create(docs(), "docs")), "a first link is made");
  }

  const HttpCallbacks& callbacks() const { return callbacks_; }
  const std::vector<Exchange>& exchanges() const { return exchanges_; }

 private:
  static TargetUrl docs() { return std::get<TargetUrl>(TargetUrl::parse("https://example.com/")); }

  static void check_log_line(std::string_view line) {
    require(line.ends_with('\n') && line.find('\n') == line.size() - 1, "an event is one line");
    require(nlohmann::json::accept(line), "a line of the log is valid JSON");
  }

  Router routes() {
    Router router;
    LinkHandler(links_).add_routes(router);
    StatusHandler(readiness_, {"0.0.0", "sha", "digest", "time"}).add_routes(router);
    readiness_.set(Readiness::State::ready);
    return router;
  }

  Response handle(const Request& request) {
    maybe_planted_bug(request.path);
    maybe_planted_bug(request.body);
    require(request.path.starts_with('/'), "a path begins with a slash");
    require(request.body.size() <= max_body_bytes, "a body is within its limit");
    exchanges_.push_back({application_.handle(request), request.method == Method::head});
    require(links_.size() <= max_links, "the store is within its limit");
    return exchanges_.back().response;
  }

  Response reject(unsigned status) {
    exchanges_.push_back({application_.reject(status), false});
    return exchanges_.back().response;
  }

  unsigned next_code_{0};
  LinkStore links_{max_links, [this] { return "code" + std::to_string(++next_code_); }};
  Readiness readiness_;
  Logger logger_{LogLevel::debug, check_log_line};
  Metrics metrics_{routes().patterns(), BuildInfo{}};
  Application application_{routes(), logger_, metrics_};
  std::vector<Exchange> exchanges_;
  HttpCallbacks callbacks_{[this](const Request& request) { return handle(request); },
                           [this](unsigned status) { return reject(status); }};
};

/// Sends `input` in pieces, closes the sending side, and runs the session until it ends. No time
/// passes: nothing waits for a clock, and a session that waits for anything else is stuck.
std::vector<Exchange> converse(std::string_view input, std::size_t piece_size) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::runtime_error("make a socket pair");
  }
  const Client client(ends[0]);
  Service service;
  HttpServerOptions options;
  options.max_body_bytes = max_body_bytes;
  options.max_header_bytes = max_header_bytes;
  const std::atomic<bool> closing{false};
  std::atomic<std::size_t> in_flight{0};
  bool closed = false;
  SessionContext context{};
  context.options = &options;
  context.callbacks = &service.callbacks();
  context.closing = &closing;
  context.in_flight = &in_flight;
  context.on_closed = [&closed](const HttpSession&) { closed = true; };

  static net::io_context loop{1};
  loop.restart();
  Socket socket(loop);
  socket.assign(net::ip::tcp::v4(), ends[1]);
  auto session = std::make_shared<HttpSession>(std::move(socket), context);
  session->start();

  std::string wire;
  bool ended = false;
  int idle_rounds = 0;
  while (!closed) {
    require(++idle_rounds < 4, "a session whose client has left ends by itself");
    if (!input.empty()) {
      const std::size_t sent = client.send(input.substr(0, piece_size));
      input.remove_prefix(sent);
      if (sent > 0) idle_rounds = 0;
    } else if (!ended) {
      client.end_sending();
      ended = true;
      idle_rounds = 0;
    }
    if (loop.poll() > 0) idle_rounds = 0;
    while (client.receive(wire)) idle_rounds = 0;
  }
  loop.poll();
  require(session.use_count() == 1, "nothing keeps a closed session alive");
  require(in_flight == 0, "a closed session has no request in flight");
  while (client.receive(wire)) {
  }
  check_wire(wire, service.exchanges());
  return service.exchanges();
}

bool is_refusal(unsigned status) {
  return status == 400 || status == 413 || status == 431;
}

/// Whether the same requests were answered in the same way, but for one that is wrong twice: it is
/// refused for what is seen first.
bool agree(const std::vector<Exchange>& left, const std::vector<Exchange>& right) {
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
    const unsigned first = left[i].response.status;
    const unsigned second = right[i].response.status;
    if (is_refusal(first) && is_refusal(second)) continue;
    if (first != second || left[i].response.body != right[i].response.body) return false;
  }
  return left.size() == right.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto whole = converse(input, std::max<std::size_t>(size, 1));
  const auto pieces = converse(input, std::max(1 + size % 23, size / 16));
  require(agree(whole, pieces), "the answers do not depend on how the stream is cut");
  return 0;
}
