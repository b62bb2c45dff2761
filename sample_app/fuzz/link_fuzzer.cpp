// What a link is made of: the checks of URL and code, and the body of POST /links. Whatever is
// accepted has to work all the way: be found, be followed, stand in a header, be removed.

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "application.hpp"
#include "link_handler.hpp"
#include "planted_bug.hpp"
#include "require.hpp"
#include "status_handler.hpp"

namespace {

using namespace sample_app;

class Service {
 public:
  Response ask(Method method, const std::string& path, std::string body = {}) const {
    Request request{method, path, {}, std::move(body)};
    if (method == Method::post) request.headers.add("Content-Type", "application/json");
    return application_.handle(request);
  }

 private:
  Router routes() {
    Router router;
    LinkHandler(links_).add_routes(router);
    StatusHandler(readiness_, {"0.0.0", "sha", "digest", "time"}).add_routes(router);
    return router;
  }

  LinkStore links_{10, [] { return std::string("made-up"); }};
  Readiness readiness_;
  Logger logger_{LogLevel::error,
                 [](std::string_view) { require(false, "no input makes a handler fail"); }};
  Metrics metrics_{routes().patterns(), BuildInfo{}};
  Application application_{routes(), logger_, metrics_};
};

void expect_working_link(const Service& service, const std::string& code, const std::string& url) {
  const Response found = service.ask(Method::get, "/" + code);
  require(found.status == 302, "a link that was made can be followed");
  require(found.headers.find("Location") == url, "a link leads to its URL");
  const std::string wire = serialize(found, {true, false, {}});
  require(wire.find("\r\nLocation: " + url + "\r\n") != std::string::npos,
          "a URL that was accepted is safe in a header");
  require(service.ask(Method::get, "/links/" + code).status == 200, "a link can be looked at");
  require(service.ask(Method::del, "/links/" + code).status == 204, "a link can be removed");
  require(service.ask(Method::get, "/" + code).status == 404, "a removed link is gone");
}

void check_url(std::string_view text) {
  const auto parsed = TargetUrl::parse(text);
  const auto* url = std::get_if<TargetUrl>(&parsed);
  if (url == nullptr) {
    require(!std::get<InvalidUrl>(parsed).reason.empty(), "a refusal has a reason");
    return;
  }
  require(url->text() == text, "an accepted URL stays as it is");
  require(text.size() <= TargetUrl::max_size_bytes, "an accepted URL is within its limit");
  const std::string body = nlohmann::json{{"url", text}}.dump();
  const Service service;
  require(service.ask(Method::post, "/links", body).status == 201, "an accepted URL makes a link");
  expect_working_link(service, "made-up", std::string(text));
}

void check_code(std::string_view text) {
  if (!is_valid_link_code(text)) return;
  const Service service;
  const std::string body = nlohmann::json{{"url", "http://a/"}, {"code", text}}.dump();
  require(service.ask(Method::post, "/links", body).status == 201, "a valid code makes a link");
  expect_working_link(service, std::string(text), "http://a/");
}

void check_body(std::string_view text) {
  const Service service;
  const Response made = service.ask(Method::post, "/links", std::string(text));
  const auto answer = nlohmann::json::parse(made.body);
  if (made.status == 201) {
    expect_working_link(service, answer.at("code").get<std::string>(),
                        answer.at("url").get<std::string>());
  } else {
    require(made.status == 400, "a body is accepted or refused with 400");
    require(!answer.at("error").at("message").get<std::string>().empty(), "a refusal says why");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  maybe_planted_bug(text);
  check_url(text);
  check_code(text);
  check_body(text);
  return 0;
}
