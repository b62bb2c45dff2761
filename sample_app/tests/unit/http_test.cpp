#include <gtest/gtest.h>

#include "http_message.hpp"
#include "router.hpp"

namespace sample_app {
namespace {

Request request(Method method, std::string path) {
  return {method, std::move(path), {}, {}};
}

Router::Handler answer(std::string text) {
  return [text = std::move(text)](const Request&, const PathParameters&) {
    return Response{200, {}, text};
  };
}

TEST(Router, PrefersALiteralToAParameter) {
  Router router;
  router.add(Method::get, "/{code}", answer("code"));
  router.add(Method::get, "/health", answer("health"));
  router.add(Method::get, "/links/{code}", answer("link"));
  EXPECT_EQ(router.dispatch(request(Method::get, "/health")).response.body, "health");
  EXPECT_EQ(router.dispatch(request(Method::get, "/healthy")).response.body, "code");
  EXPECT_EQ(router.dispatch(request(Method::get, "/links/health")).response.body, "link");
}

TEST(Router, GivesTheHandlerItsParameters) {
  Router router;
  router.add(Method::get, "/a/{first}/{second}", [](const Request&, const PathParameters& path) {
    EXPECT_THROW(path.at("third"), std::out_of_range);
    return Response{200, {}, std::string(path.at("second")) + std::string(path.at("first"))};
  });
  const auto outcome = router.dispatch(request(Method::get, "/a/x/y%20z"));
  EXPECT_EQ(outcome.response.body, "y%20zx");
  EXPECT_EQ(outcome.route, "/a/{first}/{second}");
}

TEST(Router, Answers404ForUnknownPathsUnderOneRouteName) {
  Router router;
  router.add(Method::get, "/links/{code}", answer("link"));
  for (const char* path : {"/", "/links", "/links/", "/links/a/b", "//links/a", "/other"}) {
    const auto outcome = router.dispatch(request(Method::get, path));
    EXPECT_EQ(outcome.response.status, 404U) << path;
    EXPECT_EQ(outcome.route, "unmatched");
  }
}

TEST(Router, Answers405WithTheMethodsThatAreAllowed) {
  Router router;
  router.add(Method::get, "/links/{code}", answer("show"));
  router.add(Method::del, "/links/{code}", answer("remove"));
  const auto outcome = router.dispatch(request(Method::other, "/links/a"));
  EXPECT_EQ(outcome.response.status, 405U);
  EXPECT_EQ(outcome.response.headers.find("allow"), "GET, HEAD, DELETE");
  EXPECT_EQ(outcome.route, "/links/{code}");
}

TEST(Router, ServesHeadByGet) {
  Router router;
  router.add(Method::get, "/a", answer("text"));
  EXPECT_EQ(router.dispatch(request(Method::head, "/a")).response.status, 200U);
}

TEST(Router, RefusesRoutesThatCannotBeMeant) {
  Router router;
  router.add(Method::get, "/a", answer(""));
  EXPECT_THROW(router.add(Method::get, "/a", answer("")), std::invalid_argument);
  EXPECT_THROW(router.add(Method::get, "a", answer("")), std::invalid_argument);
}

TEST(Method, KeepsItsName) {
  for (const char* name : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    EXPECT_EQ(to_string(method_from(name)), name);
  }
  EXPECT_EQ(method_from("get"), Method::other);
  EXPECT_EQ(to_string(Method::other), "OTHER");
}

TEST(Headers, AreFoundInAnyCase) {
  const Headers headers{{"Content-Type", "text/plain"}, {"content-type", "second"}};
  EXPECT_EQ(headers.find("CONTENT-TYPE"), "text/plain");
  EXPECT_EQ(headers.find("Content"), "");
}

constexpr std::chrono::system_clock::time_point a_time{std::chrono::seconds{784111777}};

TEST(Serialize, WritesTheResponseAsItGoesOverTheWire) {
  const Response response{201, {{"Location", "/links/abc"}}, "{}"};
  EXPECT_EQ(serialize(response, {true, false, a_time}),
            "HTTP/1.1 201 Created\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Location: /links/abc\r\n"
            "Content-Length: 2\r\n"
            "Connection: keep-alive\r\n"
            "\r\n"
            "{}");
}

TEST(Serialize, TellsTheSizeOfABodyThatIsNotSent) {
  const std::string head = serialize({200, {}, "text"}, {false, true, a_time});
  EXPECT_NE(head.find("Content-Length: 4\r\n"), std::string::npos);
  EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
}

TEST(Serialize, GivesNoLengthForNoContent) {
  const std::string head = serialize({204, {}, {}}, {true, false, a_time});
  EXPECT_EQ(head.find("Content-Length"), std::string::npos);
}

TEST(Serialize, CannotBeMadeToSplitAResponse) {
  const Response response{200, {{"X-A", "1\r\nSet-Cookie: a=b"}, {"X-B\r\nX-C", "2"}}, {}};
  const std::string text = serialize(response, {true, false, a_time});
  EXPECT_EQ(text.find("Set-Cookie"), std::string::npos);
  EXPECT_EQ(text.find("X-C"), std::string::npos);
}

TEST(ReasonPhrase, IsKnownForEveryStatusTheServiceSends) {
  for (const unsigned status :
       {200U, 201U, 204U, 302U, 400U, 404U, 405U, 408U, 409U, 413U, 415U, 431U, 500U, 503U, 507U}) {
    EXPECT_NE(reason_phrase(status), "Unknown") << status;
  }
  EXPECT_EQ(reason_phrase(299), "Unknown");
}

}  // namespace
}  // namespace sample_app
