#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "http_client.hpp"
#include "json_text.hpp"
#include "quick_settings.hpp"
#include "service_process.hpp"
#include "temporary_folder.hpp"

namespace {

class StorageTest : public testing::Test {
 protected:
  const TemporaryFolder folder_;
  const Settings settings_ = quick({{"LINKS_FILE", folder_.path() + "/links.jsonl"}});
};

TEST_F(StorageTest, KeepsLinksWhenTheServiceIsKilled) {
  {
    ServiceProcess service(settings_);
    const auto port = service.port();
    request(port, "POST", "/links", R"({"url":"https://a.example/","code":"abc"})");
    request(port, "POST", "/links", R"({"url":"https://d.example/","code":"def"})");
    request(port, "DELETE", "/links/def");
    service.send_signal(SIGKILL);
    EXPECT_EQ(service.wait_for_exit(), 128 + SIGKILL);
  }
  ServiceProcess service(settings_);
  EXPECT_EQ(request(service.port(), "GET", "/abc").header("Location"), "https://a.example/");
  EXPECT_EQ(request(service.port(), "GET", "/def").status, 404);
  EXPECT_EQ(terminate(service), 0);
}

TEST_F(StorageTest, IsNotReadyWhileTheDiskIsFullButFollowsLinksAndRecovers) {
  ServiceProcess service(settings_);
  const auto port = service.port();
  const std::string order = R"({"url":"https://a.example/","code":"abc"})";
  ASSERT_EQ(request(port, "POST", "/links", order).status, 201);

  rlimit before{};
  const rlimit none{0, RLIM_INFINITY};
  ASSERT_EQ(prlimit(service.pid(), RLIMIT_FSIZE, &none, &before), 0);
  const Reply refused = request(port, "POST", "/links", R"({"url":"https://d.example/"})");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(json_at(refused.body, "/error/code"), "storage_unavailable");
  const Reply not_ready = request(port, "GET", "/ready");
  EXPECT_EQ(not_ready.status, 503);
  EXPECT_EQ(json_at(not_ready.body, "/dependencies"), "storage");
  EXPECT_EQ(request(port, "GET", "/health").status, 200);
  EXPECT_EQ(request(port, "GET", "/abc").status, 302);

  ASSERT_EQ(prlimit(service.pid(), RLIMIT_FSIZE, &before, nullptr), 0);
  EXPECT_EQ(request(port, "GET", "/ready").status, 200);
  EXPECT_EQ(request(port, "POST", "/links", R"({"url":"https://d.example/"})").status, 201);
  EXPECT_EQ(terminate(service), 0);
}

TEST_F(StorageTest, EndsWithAReasonWhenItsFileIsInUse) {
  ServiceProcess service(settings_);
  service.port();
  ServiceProcess second(settings_);
  EXPECT_EQ(second.wait_for_exit(), 1);
  EXPECT_NE(second.output().at(0).find("another instance uses it"), std::string::npos);
  EXPECT_EQ(terminate(service), 0);
}

}  // namespace
