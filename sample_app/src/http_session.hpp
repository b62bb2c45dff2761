#pragma once

// Part of http_server.cpp, in a file of its own to be read by itself. Include it nowhere else:
// Boost.Beast costs seconds to compile.

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "http_server.hpp"

namespace sample_app {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

/// A socket bound to the concrete executor: quicker to compile and to run than the type-erased one.
using Socket = net::basic_stream_socket<net::ip::tcp, net::io_context::executor_type>;
using Clock = std::chrono::steady_clock;

class HttpSession;

/// What the sessions of one worker share. Outlives them.
struct SessionContext {
  const HttpServerOptions* options;
  const HttpCallbacks* callbacks;
  /// Whether responses ask the client to leave.
  const std::atomic<bool>* closing;
  /// Requests being read or answered, of all workers.
  std::atomic<std::size_t>* in_flight;
  /// Called once, as the last thing a session does.
  std::function<void(const HttpSession&)> on_closed;
};

/// One connection: reads a request, has it answered, writes the response, and begins again.
/// Everything runs in the thread of its worker.
///
/// A session always has exactly one operation under way. To end it from outside, the operation is
/// cancelled; its completion then decides what to do: answer 408 or close.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(Socket socket, const SessionContext& context)
      : socket_(std::move(socket)), context_(&context) {}

  void start() { wait_for_request(); }

  /// Cancels what takes longer than it may.
  void enforce_deadline(Clock::time_point now) {
    if (now < deadline_) return;
    expired_ = true;
    cancel();
  }

  /// Leaves, unless there is a request to answer. A connection that has not asked for anything yet
  /// was probably made to do so right away and gets a moment for it.
  void leave_when_idle() {
    leaving_ = true;
    if (phase_ != Phase::idle) return;
    error_code ignored;
    if (socket_.available(ignored) > 0) return;
    if (answered_ == 0) {
      deadline_ = std::min(deadline_, Clock::now() + first_request_grace);
    } else {
      cancel();
    }
  }

  /// Ends the connection whatever it is doing.
  void abort() {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  enum class Phase { idle, reading, writing, lingering, closed };

  static constexpr std::chrono::milliseconds first_request_grace{500};
  /// How long to take in, and throw away, what a client still sends after its request was refused.
  /// Closing at once would reset the connection, and the client might never see the answer.
  static constexpr std::chrono::milliseconds linger_time{2000};

  void cancel() {
    error_code ignored;
    socket_.cancel(ignored);
  }

  void enter(Phase phase, std::chrono::milliseconds limit) {
    enter(phase);
    expired_ = false;
    deadline_ = Clock::now() + limit;
  }

  void enter(Phase phase) {
    const auto is_busy = [](Phase p) { return p == Phase::reading || p == Phase::writing; };
    if (is_busy(phase) && !is_busy(phase_)) context_->in_flight->fetch_add(1);
    if (!is_busy(phase) && is_busy(phase_)) context_->in_flight->fetch_sub(1);
    phase_ = phase;
  }

  void wait_for_request() {
    parser_.emplace();
    parser_->header_limit(context_->options->max_header_bytes);
    parser_->body_limit(context_->options->max_body_bytes);
    // A pipelined request is here already.
    if (buffer_.size() > 0) return read_header();

    const auto& options = *context_->options;
    enter(Phase::idle, answered_ == 0 ? options.request_timeout : options.idle_timeout);
    if (leaving_) deadline_ = std::min(deadline_, Clock::now() + first_request_grace);
    socket_.async_wait(Socket::wait_read, [self = shared_from_this()](error_code error) {
      if (error) return self->close();
      self->read_header();
    });
  }

  void read_header() {
    enter(Phase::reading, context_->options->request_timeout);
    http::async_read_header(socket_, buffer_, *parser_,
                            [self = shared_from_this()](error_code error, std::size_t bytes) {
                              if (error) return self->refuse(error);
                              self->on_header(bytes);
                            });
  }

  void on_header(std::size_t bytes) {
    // When it comes in one piece, the parser holds request line and fields each against the limit.
    if (bytes > context_->options->max_header_bytes) return refuse(http::error::header_limit);
    if (parser_->is_done()) return answer();
    // Clients with a large body ask first whether they may send it; those that are too large were
    // refused when their header was read.
    if (buffer_.size() == 0 &&
        equal_ignoring_case(view((*parser_).get()[http::field::expect]), "100-continue")) {
      response_ = "HTTP/1.1 100 Continue\r\n\r\n";
      net::async_write(socket_, net::buffer(response_),
                       [self = shared_from_this()](error_code error, std::size_t) {
                         if (error) return self->refuse(error);
                         self->read_body();
                       });
      return;
    }
    read_body();
  }

  void read_body() {
    http::async_read(socket_, buffer_, *parser_,
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (error) return self->refuse(error);
                       self->answer();
                     });
  }

  void answer() {
    auto message = parser_->release();
    const auto host_count = message.count(http::field::host);
    const std::string_view target = view(message.target());
    // RFC 9112, 3.2: a request without exactly one Host is to be answered 400.
    if ((message.version() >= 11 && host_count != 1) || !target.starts_with('/')) {
      return send(context_->callbacks->reject(400), false, false);
    }
    Request request;
    request.method = method_from(view(message.method_string()));
    request.path = target.substr(0, target.find_first_of("?#"));
    for (const auto& field : message) {
      request.headers.add(std::string(view(field.name_string())), std::string(view(field.value())));
    }
    const bool keep_alive = message.keep_alive();
    request.body = std::move(message.body());
    send(context_->callbacks->handle(request), keep_alive, request.method == Method::head);
  }

  /// Answers what went wrong while reading, or closes when nobody is there to be answered.
  void refuse(error_code error) {
    unsigned status = 0;
    if (error == net::error::operation_aborted && expired_) {
      status = 408;
    } else if (error == http::error::body_limit) {
      status = 413;
    } else if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      status = 431;
    } else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
               error != http::error::end_of_stream) {
      status = 400;
    }
    if (status == 0) return close();
    linger_ = true;
    send(context_->callbacks->reject(status), false, false);
  }

  void send(const Response& response, bool keep_alive, bool headers_only) {
    const bool stay = keep_alive && !context_->closing->load(std::memory_order_relaxed);
    response_ = serialize(response, {stay, headers_only, std::chrono::system_clock::now()});
    enter(Phase::writing, context_->options->request_timeout);
    net::async_write(socket_, net::buffer(response_),
                     [self = shared_from_this(), stay](error_code error, std::size_t) {
                       ++self->answered_;
                       if (error) return self->close();
                       if (stay) return self->wait_for_request();
                       self->finish();
                     });
  }

  /// Closes after the last response.
  void finish() {
    error_code ignored;
    if (!linger_ && buffer_.size() == 0 && socket_.available(ignored) == 0) return close();
    socket_.shutdown(Socket::shutdown_send, ignored);
    buffer_.clear();
    enter(Phase::lingering, linger_time);
    discard();
  }

  void discard() {
    buffer_.clear();
    socket_.async_read_some(buffer_.prepare(4096),
                            [self = shared_from_this()](error_code error, std::size_t) {
                              if (error) return self->close();
                              self->discard();
                            });
  }

  void close() {
    if (phase_ == Phase::closed) return;
    enter(Phase::closed);
    error_code ignored;
    socket_.shutdown(Socket::shutdown_both, ignored);
    socket_.close(ignored);
    context_->on_closed(*this);
  }

  static std::string_view view(boost::beast::string_view text) {
    return {text.data(), text.size()};
  }

  Socket socket_;
  const SessionContext* context_;
  Phase phase_{Phase::idle};
  Clock::time_point deadline_{Clock::time_point::max()};
  bool expired_{false};
  bool leaving_{false};
  bool linger_{false};
  std::uint64_t answered_{0};
  boost::beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::string response_;
};

}  // namespace sample_app
