#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "link_code.hpp"
#include "link_store.hpp"
#include "target_url.hpp"

namespace sample_app {
namespace {

TargetUrl url(std::string_view text) {
  return std::get<TargetUrl>(TargetUrl::parse(text));
}

CreateError error_of(const std::variant<Link, CreateError>& result) {
  return std::get<CreateError>(result);
}

TEST(TargetUrl, IsKeptAsItIsWhenAcceptable) {
  for (const char* text :
       {"http://example.com", "HTTPS://EXAMPLE.com/a/b?c=d#e", "https://example.com:8443/",
        "http://127.0.0.1:80", "http://[2001:db8::1]:8080/x", "http://a_b.example/%20",
        "https://example.com/user@host"}) {
    const auto parsed = TargetUrl::parse(text);
    ASSERT_TRUE(std::holds_alternative<TargetUrl>(parsed)) << text;
    EXPECT_EQ(std::get<TargetUrl>(parsed).text(), text);
  }
}

TEST(TargetUrl, IsRefusedWithAReasonWhenItIsNot) {
  for (const char* text : {"",
                           "example.com",
                           "/relative",
                           "ftp://example.com",
                           "javascript:alert(1)",
                           "http://",
                           "http:///path",
                           "http://?query",
                           "http://-bad.example",
                           "https://bank.example@evil.example/",
                           "http://example.com:0",
                           "http://example.com:65536",
                           "http://example.com:",
                           "http://example.com:8a",
                           "http://[::1",
                           "http://[nonsense]",
                           "http://[::1]extra",
                           "http://exam ple.com",
                           "http://example.com/\r\nSet-Cookie: a=b",
                           "http://example.com\\@evil.example",
                           "http://ex\xc3\xa4mple.com"}) {
    const auto parsed = TargetUrl::parse(text);
    ASSERT_TRUE(std::holds_alternative<InvalidUrl>(parsed)) << text;
    EXPECT_FALSE(std::get<InvalidUrl>(parsed).reason.empty()) << text;
  }
}

TEST(TargetUrl, IsBoundedInLength) {
  const std::string start = "http://example.com/";
  const std::string longest = start + std::string(TargetUrl::max_size_bytes - start.size(), 'a');
  EXPECT_TRUE(std::holds_alternative<TargetUrl>(TargetUrl::parse(longest)));
  EXPECT_TRUE(std::holds_alternative<InvalidUrl>(TargetUrl::parse(longest + "a")));
}

TEST(LinkCode, MayBeChosenWithinLimits) {
  for (const char* code : {"abc", "A-b_9", "0123456789012345678901234567890a"}) {
    EXPECT_TRUE(is_valid_link_code(code)) << code;
  }
  for (const char* code : {"", "ab", "a/b", "a b c", "h\xc3\xa9llo", "health", "links",
                           "0123456789012345678901234567890ab"}) {
    EXPECT_FALSE(is_valid_link_code(code)) << code;
  }
}

TEST(LinkCode, IsNotRepeatedWhenRandom) {
  std::set<std::string> codes;
  for (int i = 0; i < 1000; ++i) {
    const std::string code = random_link_code();
    EXPECT_EQ(code.size(), generated_code_size);
    EXPECT_TRUE(is_valid_link_code(code)) << code;
    codes.insert(code);
  }
  EXPECT_EQ(codes.size(), 1000U);
}

TEST(LinkStore, FindsWhatItCreatedUntilItIsRemoved) {
  LinkStore store(10);
  const Link created = std::get<Link>(store.create(url("http://example.com")));
  ASSERT_TRUE(store.find(created.code));
  EXPECT_EQ(store.find(created.code)->url, "http://example.com");
  EXPECT_TRUE(store.remove(created.code));
  EXPECT_FALSE(store.find(created.code));
  EXPECT_FALSE(store.remove(created.code));
}

TEST(LinkStore, CountsVisits) {
  LinkStore store(10);
  store.create(url("http://example.com"), "abc");
  EXPECT_EQ(store.visit("abc"), "http://example.com");
  EXPECT_EQ(store.visit("abc"), "http://example.com");
  EXPECT_EQ(store.find("abc")->visits, 2U);
  EXPECT_EQ(store.visit("other"), std::nullopt);
}

TEST(LinkStore, KeepsTheFirstOwnerOfACode) {
  LinkStore store(10);
  store.create(url("http://first.example"), "abc");
  EXPECT_EQ(error_of(store.create(url("http://second.example"), "abc")), CreateError::code_taken);
  EXPECT_EQ(store.find("abc")->url, "http://first.example");
}

TEST(LinkStore, TriesAgainWhenARandomCodeIsTakenOrReserved) {
  std::vector<std::string> codes{"taken", "free", "health", "taken"};
  LinkStore store(10, [&codes] {
    std::string code = codes.back();
    codes.pop_back();
    return code;
  });
  store.create(url("http://example.com"), "taken");
  EXPECT_EQ(std::get<Link>(store.create(url("http://example.com"))).code, "free");
}

TEST(LinkStore, ReportsARandomSourceThatRepeatsItself) {
  LinkStore store(10, [] { return std::string("same"); });
  store.create(url("http://example.com"));
  EXPECT_THROW(store.create(url("http://example.com")), std::runtime_error);
}

TEST(LinkStore, HoldsNoMoreThanItsLimit) {
  LinkStore store(1);
  store.create(url("http://example.com"), "abc");
  EXPECT_EQ(error_of(store.create(url("http://example.com"))), CreateError::full);
  store.remove("abc");
  EXPECT_TRUE(std::holds_alternative<Link>(store.create(url("http://example.com"))));
}

TEST(LinkStore, LosesNothingWhenUsedByManyThreads) {
  constexpr std::size_t thread_count = 4;
  constexpr std::size_t rounds = 500;
  LinkStore store(100'000);
  store.create(url("http://example.com"), "shared");
  std::vector<std::thread> threads;
  threads.reserve(thread_count);
  for (std::size_t i = 0; i < thread_count; ++i) {
    threads.emplace_back([&store] {
      for (std::size_t round = 0; round < rounds; ++round) {
        store.visit("shared");
        const Link link = std::get<Link>(store.create(url("http://example.com/x")));
        if (round % 2 == 0) store.remove(link.code);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store.find("shared")->visits, thread_count * rounds);
  EXPECT_EQ(store.size(), 1 + thread_count * rounds / 2);
}

}  // namespace
}  // namespace sample_app
