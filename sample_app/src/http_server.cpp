#include "http_server.hpp"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <vector>

#include "http_session.hpp"

namespace sample_app {
namespace {

using Acceptor = net::basic_socket_acceptor<net::ip::tcp, net::io_context::executor_type>;
using Timer =
    net::basic_waitable_timer<Clock, net::wait_traits<Clock>, net::io_context::executor_type>;

/// How often deadlines are looked at, and how long to wait when the process is out of files.
constexpr std::chrono::milliseconds tick{100};

/// One thread with its event loop and its connections.
class Worker {
 public:
  Worker(const HttpServerOptions& options, const HttpCallbacks& callbacks,
         const std::atomic<bool>& closing, std::atomic<std::size_t>& in_flight,
         std::function<void()> on_connection_closed)
      : timer_(loop_),
        on_connection_closed_(std::move(on_connection_closed)),
        context_{&options, &callbacks, &closing, &in_flight,
                 [this](const HttpSession& session) { remove(session); }},
        work_(loop_.get_executor()),
        thread_([this] { loop_.run(); }) {}

  net::io_context& loop() { return loop_; }

  /// Serves a new connection. Callable from every thread.
  void adopt(Socket socket) {
    auto session = std::make_shared<HttpSession>(std::move(socket), context_);
    net::post(loop_, [this, session = std::move(session)] {
      sessions_.emplace(session.get(), session);
      session->start();
      if (leaving_) session->leave_when_idle();
      watch_deadlines();
    });
  }

  void leave_when_idle() {
    net::post(loop_, [this] {
      leaving_ = true;
      for (const auto& entry : sessions_) entry.second->leave_when_idle();
    });
  }

  void stop() {
    net::post(loop_, [this] {
      for (const auto& entry : sessions_) entry.second->abort();
      timer_.cancel();
      work_.reset();
    });
    thread_.join();
  }

 private:
  void remove(const HttpSession& session) {
    sessions_.erase(&session);
    on_connection_closed_();
  }

  /// One timer for all sessions of the worker, at rest while there are none: cheaper than a timer
  /// for each, which every request would have to set twice.
  void watch_deadlines() {
    if (watching_ || sessions_.empty()) return;
    watching_ = true;
    timer_.expires_after(tick);
    timer_.async_wait([this](error_code error) {
      watching_ = false;
      if (error) return;
      const auto now = Clock::now();
      for (const auto& entry : sessions_) entry.second->enforce_deadline(now);
      watch_deadlines();
    });
  }

  net::io_context loop_{1};
  Timer timer_;
  bool watching_{false};
  bool leaving_{false};
  std::function<void()> on_connection_closed_;
  SessionContext context_;
  std::unordered_map<const HttpSession*, std::shared_ptr<HttpSession>> sessions_;
  net::executor_work_guard<net::io_context::executor_type> work_;
  // Last, so that the thread finds everything else in place.
  std::thread thread_;
};

unsigned thread_count(unsigned wanted) {
  return wanted != 0 ? wanted : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

/// Accepts on the first worker's loop and hands connections out in turn.
class HttpServer::Implementation {
 public:
  Implementation(HttpServerOptions options, HttpCallbacks callbacks)
      : options_(std::move(options)), callbacks_(std::move(callbacks)) {
    for (unsigned i = 0; i < thread_count(options_.worker_threads); ++i) {
      workers_.push_back(std::make_unique<Worker>(options_, callbacks_, closing_, in_flight_,
                                                  [this] { on_connection_closed(); }));
    }
    try {
      acceptor_.emplace(workers_.front()->loop());
      retry_.emplace(workers_.front()->loop());
      if (options_.inherited_socket) {
        take_over(*options_.inherited_socket);
      } else {
        listen();
      }
      port_ = acceptor_->local_endpoint().port();
    } catch (...) {
      for (const auto& worker : workers_) worker->stop();
      throw;
    }
    net::post(acceptor_->get_executor(), [this] { accept(); });
  }

  ~Implementation() {
    stop_accepting();
    for (const auto& worker : workers_) worker->stop();
    // The listener and the timer belong to the first worker's loop and must go before it.
    acceptor_.reset();
    retry_.reset();
  }

  std::uint16_t port() const { return port_; }
  std::size_t open_connections() const { return open_.load(); }
  std::size_t requests_in_flight() const { return in_flight_.load(); }

  bool responds_within(std::chrono::milliseconds limit) const {
    struct Answers {
      std::mutex mutex;
      std::condition_variable changed;
      std::size_t missing;
    };
    // Shared: an answer may come after nobody waits any more.
    auto answers = std::make_shared<Answers>();
    answers->missing = workers_.size();
    for (const auto& worker : workers_) {
      net::post(worker->loop(), [answers] {
        const std::lock_guard lock(answers->mutex);
        --answers->missing;
        answers->changed.notify_one();
      });
    }
    std::unique_lock lock(answers->mutex);
    return answers->changed.wait_for(lock, limit, [&answers] { return answers->missing == 0; });
  }

  void send_clients_away() { closing_.store(true); }

  void stop_accepting() {
    closing_.store(true);
    run_in_first_loop([this] {
      if (!acceptor_->is_open()) return;
      error_code ignored;
      acceptor_->cancel(ignored);
      retry_->cancel();
      if (!options_.inherited_socket) take_in_queue();
      acceptor_->close(ignored);
    });
    // An accept that had succeeded just before the cancel has its handler queued before this one.
    run_in_first_loop([] {});
    for (const auto& worker : workers_) worker->leave_when_idle();
  }

 private:
  void listen() {
    try {
      const net::ip::tcp::endpoint endpoint(net::ip::make_address(options_.bind_address),
                                            options_.port);
      acceptor_->open(endpoint.protocol());
      acceptor_->set_option(net::socket_base::reuse_address(true));
      acceptor_->bind(endpoint);
      acceptor_->listen();
    } catch (const boost::system::system_error& error) {
      throw std::runtime_error("listen on " + options_.bind_address + " port " +
                               std::to_string(options_.port) + ": " + error.code().message() +
                               ". Set PORT and BIND_ADDRESS to an address that is free.");
    }
  }

  void take_over(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
        (address.ss_family != AF_INET && address.ss_family != AF_INET6)) {
      throw std::runtime_error("take over socket " + std::to_string(socket) +
                               ": it is no TCP socket. Use ListenStream= with a port.");
    }
    acceptor_->assign(address.ss_family == AF_INET6 ? net::ip::tcp::v6() : net::ip::tcp::v4(),
                      socket);
  }

  template <typename Function>
  void run_in_first_loop(Function function) {
    std::promise<void> done;
    net::post(workers_.front()->loop(), [&] {
      function();
      done.set_value();
    });
    done.get_future().wait();
  }

  Worker& next_worker() { return *workers_[next_++ % workers_.size()]; }

  /// What follows runs in the first worker's thread.

  void accept() {
    if (!acceptor_->is_open()) return;
    if (open_.load() >= options_.max_connections) {
      paused_.store(true);
      // A connection that closed in between did not see the pause.
      if (open_.load() >= options_.max_connections || !paused_.exchange(false)) return;
    }
    Worker& worker = next_worker();
    acceptor_->async_accept(worker.loop(), [this, &worker](error_code error, Socket socket) {
      if (!error) {
        adopt(worker, std::move(socket));
        return accept();
      }
      if (error == net::error::operation_aborted) return;
      // Out of file descriptors or memory: trying again at once would only burn the CPU.
      retry_->expires_after(tick);
      retry_->async_wait([this](error_code cancelled) {
        if (!cancelled) accept();
      });
    });
  }

  /// Clients in the queue believe to be connected; closing the listener would reset them. One that
  /// gets into the queue between the last accept and the close still is: TCP offers no way to stop
  /// connections without that gap, which is what the lame-duck time is for.
  void take_in_queue() {
    error_code error;
    acceptor_->non_blocking(true, error);
    while (!error && open_.load() < options_.max_connections) {
      Worker& worker = next_worker();
      Socket socket(worker.loop());
      acceptor_->accept(socket, error);
      if (!error) adopt(worker, std::move(socket));
    }
  }

  void adopt(Worker& worker, Socket socket) {
    error_code ignored;
    socket.set_option(net::ip::tcp::no_delay(true), ignored);
    open_.fetch_add(1);
    worker.adopt(std::move(socket));
  }

  /// Runs in the thread of the worker that had the connection.
  void on_connection_closed() {
    open_.fetch_sub(1);
    if (paused_.exchange(false)) {
      net::post(workers_.front()->loop(), [this] { accept(); });
    }
  }

  const HttpServerOptions options_;
  const HttpCallbacks callbacks_;
  std::atomic<bool> closing_{false};
  std::atomic<bool> paused_{false};
  std::atomic<std::size_t> open_{0};
  std::atomic<std::size_t> in_flight_{0};
  std::size_t next_{0};
  std::uint16_t port_{0};
  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<Acceptor> acceptor_;
  std::optional<Timer> retry_;
};

HttpServer::HttpServer(const HttpServerOptions& options, HttpCallbacks callbacks)
    : implementation_(std::make_unique<Implementation>(options, std::move(callbacks))) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const {
  return implementation_->port();
}
void HttpServer::send_clients_away() {
  implementation_->send_clients_away();
}
void HttpServer::stop_accepting() {
  implementation_->stop_accepting();
}
std::size_t HttpServer::open_connections() const {
  return implementation_->open_connections();
}
std::size_t HttpServer::requests_in_flight() const {
  return implementation_->requests_in_flight();
}
bool HttpServer::responds_within(std::chrono::milliseconds limit) const {
  return implementation_->responds_within(limit);
}

}  // namespace sample_app
