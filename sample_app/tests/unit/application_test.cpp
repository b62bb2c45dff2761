#include "application.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "json_text.hpp"
#include "link_handler.hpp"
#include "prometheus_text.hpp"
#include "status_handler.hpp"

namespace sample_app {
namespace {

/// The whole service without its sockets.
class ApplicationTest : public testing::Test {
 protected:
  ApplicationTest() {
    Router router;
    LinkHandler(links_).add_routes(router);
    StatusHandler(readiness_, {"1.2.3", "abc", "sha256:1", "today"}).add_routes(router);
    router.add(Method::get, "/broken/{how}", [](const Request&, const PathParameters&) -> Response {
      throw std::runtime_error("the secret reason");
    });
    router.add(Method::get, "/broken/strangely",
               [](const Request&, const PathParameters&) -> Response { throw 42; });
    router.add(Method::get, "/broken/storage",
               [](const Request&, const PathParameters&) -> Response {
                 throw StorageUnavailable("the disk is full");
               });
    patterns_ = router.patterns();
    readiness_.add_dependency("storage", [this] { return storage_works_; });
    metrics_.emplace(patterns_, BuildInfo{});
    application_.emplace(std::move(router), logger_, *metrics_);
  }

  Response send(Method method, std::string path, std::string body = {}, Headers headers = {}) {
    if (!body.empty()) headers.add("Content-Type", "application/json");
    return application_->handle({method, std::move(path), std::move(headers), std::move(body)});
  }

  static std::string error_code(const Response& response) {
    return json_at(response.body, "/error/code");
  }

  std::string last_logged(const std::string& field) const {
    return json_at(log_.back(), "/" + field);
  }

  LinkStore links_{3};
  Readiness readiness_;
  bool storage_works_{true};
  std::vector<std::string> log_;
  Logger logger_{LogLevel::debug, [this](std::string_view line) { log_.emplace_back(line); }};
  std::vector<std::string> patterns_;
  std::optional<Metrics> metrics_;
  std::optional<Application> application_;
};

TEST_F(ApplicationTest, CreatesALink) {
  const Response response = send(Method::post, "/links", R"({"url":"http://a.example/"})");
  ASSERT_EQ(response.status, 201U) << response.body;
  EXPECT_EQ(json_at(response.body, "/url"), "http://a.example/");
  EXPECT_EQ(json_at(response.body, "/visits"), "0");
  EXPECT_EQ(response.headers.find("Location"), "/links/" + json_at(response.body, "/code"));
}

TEST_F(ApplicationTest, RedirectsAndCountsGetButNotHead) {
  send(Method::post, "/links", R"({"url":"http://a.example/","code":"abc"})");
  const Response response = send(Method::get, "/abc");
  EXPECT_EQ(response.status, 302U);
  EXPECT_EQ(response.headers.find("Location"), "http://a.example/");
  EXPECT_EQ(send(Method::head, "/abc").status, 302U);
  EXPECT_EQ(json_at(send(Method::get, "/links/abc").body, "/visits"), "1");
}

TEST_F(ApplicationTest, RemovesALink) {
  send(Method::post, "/links", R"({"url":"http://a.example/","code":"abc"})");
  const Response removed = send(Method::del, "/links/abc");
  EXPECT_EQ(removed.status, 204U);
  EXPECT_EQ(removed.body, "");
  EXPECT_EQ(error_code(send(Method::del, "/links/abc")), "link_not_found");
  EXPECT_EQ(error_code(send(Method::get, "/links/abc")), "link_not_found");
  EXPECT_EQ(error_code(send(Method::get, "/abc")), "link_not_found");
}

TEST_F(ApplicationTest, Answers409ForACodeThatIsTaken) {
  send(Method::post, "/links", R"({"url":"http://a.example/","code":"abc"})");
  const Response response =
      send(Method::post, "/links", R"({"url":"http://b.example","code":"abc"})");
  EXPECT_EQ(response.status, 409U);
  EXPECT_EQ(error_code(response), "code_taken");
}

TEST_F(ApplicationTest, Answers507WhenTheStoreIsFull) {
  for (int i = 0; i < 3; ++i) send(Method::post, "/links", R"({"url":"http://a.example/"})");
  EXPECT_EQ(send(Method::post, "/links", R"({"url":"http://a.example/"})").status, 507U);
}

TEST_F(ApplicationTest, Answers415ForABodyThatIsNotSaidToBeJson) {
  const auto status_for = [this](const char* content_type) {
    return application_
        ->handle({Method::post,
                  "/links",
                  {{"content-type", content_type}},
                  R"({"url":"http://a.example/"})"})
        .status;
  };
  EXPECT_EQ(status_for("text/plain"), 415U);
  EXPECT_EQ(status_for(""), 415U);
  EXPECT_EQ(status_for("Application/JSON ; charset=utf-8"), 201U);
}

TEST_F(ApplicationTest, Answers400WithACodeForWhatIsWrongInTheBody) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"{", "invalid_json"},
      {"\"\xff\"", "invalid_json"},
      {"[]", "invalid_body"},
      {R"({"url":1})", "invalid_body"},
      {R"({"url":"http://a.example/","code":null})", "invalid_body"},
      {R"({})", "missing_url"},
      {R"({"url":"http://a.example/","cod":"abc"})", "unknown_member"},
      {R"({"url":"ftp://a.example/"})", "invalid_url"},
      {R"({"url":"http://a.example/","code":"a b"})", "invalid_code"},
      {R"({"url":"http://a.example/","code":"health"})", "invalid_code"},
  };
  for (const auto& [body, code] : cases) {
    const Response response = send(Method::post, "/links", body);
    EXPECT_EQ(response.status, 400U) << body;
    EXPECT_EQ(error_code(response), code) << body;
  }
}

TEST_F(ApplicationTest, ReservesTheFirstSegmentsOfItsOwnPathsThatALinkCouldHide) {
  for (const std::string& pattern : patterns_) {
    const std::string segment = pattern.substr(1);
    if (segment.find_first_of("{/") == std::string::npos) {
      EXPECT_FALSE(is_valid_link_code(segment)) << pattern;
    }
  }
}

TEST_F(ApplicationTest, IsReadyOnlyBetweenStartAndDrain) {
  EXPECT_EQ(send(Method::get, "/ready").status, 503U);
  readiness_.set(Readiness::State::ready);
  EXPECT_EQ(send(Method::get, "/ready").status, 200U);
  readiness_.set(Readiness::State::draining);
  EXPECT_EQ(send(Method::get, "/ready").status, 503U);
  EXPECT_EQ(send(Method::get, "/health").status, 200U) << "draining is not ill";
}

TEST_F(ApplicationTest, IsNotReadyAsLongAsADependencyIsDown) {
  readiness_.set(Readiness::State::ready);
  storage_works_ = false;
  const Response response = send(Method::get, "/ready");
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(json_at(response.body, "/dependencies"), "storage");
  EXPECT_EQ(send(Method::get, "/health").status, 200U) << "a restart would not help";
  storage_works_ = true;
  EXPECT_EQ(send(Method::get, "/ready").status, 200U);
}

TEST_F(ApplicationTest, TellsWhatIsRunning) {
  const std::string version = send(Method::get, "/version").body;
  EXPECT_EQ(json_at(version, "/version"), "1.2.3");
  EXPECT_EQ(json_at(version, "/git_sha"), "abc");
  EXPECT_EQ(json_at(version, "/image_digest"), "sha256:1");
  EXPECT_EQ(json_at(version, "/build_time"), "today");
}

TEST_F(ApplicationTest, Answers500WithoutTheReasonAndLogsIt) {
  const Response response = send(Method::get, "/broken/so");
  EXPECT_EQ(response.status, 500U);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
  ASSERT_EQ(log_.size(), 2U);
  EXPECT_EQ(json_at(log_[0], "/reason"), "the secret reason");
  EXPECT_EQ(last_logged("level"), "error");
  EXPECT_EQ(last_logged("route"), "/broken/{how}");
  EXPECT_EQ(send(Method::get, "/broken/strangely").status, 500U);
}

TEST_F(ApplicationTest, Answers503WhenAChangeCannotBeKept) {
  const Response response = send(Method::get, "/broken/storage");
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(error_code(response), "storage_unavailable");
}

TEST_F(ApplicationTest, CountsWhatItAnswers) {
  send(Method::get, "/broken/so");
  send(Method::get, "/nothing/at/all");
  send(Method::head, "/abc");
  application_->reject(408);
  const Samples samples = parse_prometheus_text(metrics_->text());
  const auto count = [&samples](const std::string& labels) {
    return samples.at("http_requests_total{" + labels + "}");
  };
  EXPECT_EQ(count(R"(method="GET",path="/broken/{how}",status="500")"), 1);
  EXPECT_EQ(count(R"(method="GET",path="unmatched",status="404")"), 1);
  EXPECT_EQ(count(R"(method="HEAD",path="/{code}",status="404")"), 1);
  EXPECT_EQ(count(R"(method="OTHER",path="unmatched",status="408")"), 1);
}

TEST_F(ApplicationTest, ReturnsAHarmlessRequestIdAndReplacesOthers) {
  const auto id_for = [this](std::string given) {
    const Response response =
        send(Method::get, "/health", {}, {{"x-request-id", std::move(given)}});
    return std::string(response.headers.find("X-Request-Id"));
  };
  EXPECT_EQ(id_for("abc-123"), "abc-123");
  for (const std::string& given : {std::string(), std::string("a b"), std::string(65, 'a')}) {
    EXPECT_EQ(id_for(given).size(), 16U);
  }
  EXPECT_NE(id_for(""), id_for(""));
}

TEST_F(ApplicationTest, LogsEachRequestUnderItsRoute) {
  send(Method::get, "/some\"thing", {}, {{"X-Request-Id", "r1"}});
  EXPECT_EQ(last_logged("msg"), "http.request");
  EXPECT_EQ(last_logged("request_id"), "r1");
  EXPECT_EQ(last_logged("method"), "GET");
  EXPECT_EQ(last_logged("route"), "/{code}");
  EXPECT_EQ(last_logged("path"), "/some\"thing");
  EXPECT_EQ(last_logged("status"), "404");
  EXPECT_NE(last_logged("duration_ms"), "");
  EXPECT_EQ(last_logged("level"), "info");
  send(Method::get, "/health");
  EXPECT_EQ(last_logged("level"), "debug");
}

TEST_F(ApplicationTest, ExplainsWhatItRejectsBeforeItIsARequest) {
  for (const unsigned status : {400U, 408U, 413U, 431U}) {
    const Response response = application_->reject(status);
    EXPECT_EQ(response.status, status);
    EXPECT_FALSE(error_code(response).empty());
    EXPECT_EQ(last_logged("status"), std::to_string(status));
  }
}

}  // namespace
}  // namespace sample_app
