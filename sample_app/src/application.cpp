#include "application.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <random>

#include "json_response.hpp"
#include "link_journal.hpp"

namespace sample_app {
namespace {

/// A path in the log says what was asked for; beyond this it is only a way to fill the disk.
constexpr std::size_t max_logged_path_bytes = 256;

bool is_harmless_id(std::string_view id) {
  constexpr std::string_view allowed =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.";
  return !id.empty() && id.size() <= 64 && id.find_first_not_of(allowed) == std::string_view::npos;
}

/// 64 random bits as 16 hexadecimal digits. It tells requests apart and protects nothing, so a
/// fast generator is enough.
std::string new_request_id() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  constexpr std::string_view digits = "0123456789abcdef";
  std::uint64_t bits = generator();
  std::string id(16, '0');
  for (char& digit : id) {
    digit = digits[bits & 0xfU];
    bits >>= 4U;
  }
  return id;
}

std::string request_id_of(const Request& request) {
  const std::string_view given = request.headers.find("X-Request-Id");
  return is_harmless_id(given) ? std::string(given) : new_request_id();
}

/// Probes come every few seconds for ever; while all is well they are not worth a line.
LogLevel level_for(std::string_view route, unsigned status) {
  if (status >= 500 && status != 503) return LogLevel::error;
  return route == "/health" || route == "/ready" ? LogLevel::debug : LogLevel::info;
}

std::string_view rejection_code(unsigned status) {
  switch (status) {
    case 408:
      return "request_timeout";
    case 413:
      return "body_too_large";
    case 431:
      return "headers_too_large";
    default:
      return "malformed_request";
  }
}

std::string_view rejection_message(unsigned status) {
  switch (status) {
    case 408:
      return "The request did not arrive in time.";
    case 413:
      return "The body is larger than the service accepts.";
    case 431:
      return "The request line and headers are larger than the service accepts.";
    default:
      return "The request is not valid HTTP.";
  }
}

}  // namespace

Response Application::handle(const Request& request) const {
  const auto started = std::chrono::steady_clock::now();
  const std::string id = request_id_of(request);
  Router::Outcome outcome = router_.dispatch(request);
  if (outcome.failure) outcome.response = answer_failure(outcome.failure, id);
  outcome.response.headers.add("X-Request-Id", id);

  const std::chrono::duration<double, std::milli> taken =
      std::chrono::steady_clock::now() - started;
  metrics_->count_request(request.method, outcome.route, outcome.response.status, taken);
  const std::string_view path = std::string_view(request.path).substr(0, max_logged_path_bytes);
  logger_->log(level_for(outcome.route, outcome.response.status), "http.request",
               {{"request_id", id},
                {"method", to_string(request.method)},
                {"route", outcome.route},
                {"path", path},
                {"status", std::int64_t{outcome.response.status}},
                {"duration_ms", taken.count()}});
  return std::move(outcome.response);
}

Response Application::answer_failure(const std::exception_ptr& failure,
                                     std::string_view request_id) const {
  const auto log = [this, request_id](std::string_view reason) {
    logger_->log(LogLevel::error, "http.handler_failed",
                 {{"request_id", request_id}, {"reason", reason}});
  };
  try {
    std::rethrow_exception(failure);
  } catch (const StorageUnavailable& unavailable) {
    log(unavailable.what());
    return error_response(503, "storage_unavailable",
                          "The change could not be kept, and was not made. Try again later.");
  } catch (const std::exception& error) {
    log(error.what());
  } catch (...) {
    log("something that is no std::exception was thrown");
  }
  return error_response(500, "internal_error", "The service failed. See its log.");
}

Response Application::reject(unsigned status) const {
  metrics_->count_rejected(status);
  logger_->log(LogLevel::info, "http.rejected", {{"status", std::int64_t{status}}});
  return error_response(status, rejection_code(status), rejection_message(status));
}

}  // namespace sample_app
