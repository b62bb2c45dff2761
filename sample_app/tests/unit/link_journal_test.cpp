#include "link_journal.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "file_size_limit.hpp"
#include "link_store.hpp"
#include "temporary_folder.hpp"

namespace sample_app {
namespace {

class LinkJournalTest : public testing::Test {
 protected:
  std::map<std::string, std::string> replay() const {
    std::map<std::string, std::string> links;
    const LinkJournal journal(
        path_, [&links](std::string_view code, std::string_view url) { links.emplace(code, url); });
    return links;
  }

  std::string content() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  void write(const std::string& text) const { std::ofstream(path_) << text; }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/links.jsonl";
};

void ignore(std::string_view, std::string_view) {}

TEST_F(LinkJournalTest, GivesBackTheLinksThatWereMadeAndNotRemoved) {
  {
    LinkJournal journal(path_, ignore);
    journal.add_made("abc", "http://a.example/\"quoted\"");
    journal.add_made("def", "http://d.example/");
    journal.add_removed("def");
    journal.add_made("ghi", "http://g.example/");
  }
  EXPECT_EQ(replay(), (std::map<std::string, std::string>{{"abc", "http://a.example/\"quoted\""},
                                                          {"ghi", "http://g.example/"}}));
}

TEST_F(LinkJournalTest, DropsALastLineThatACrashCutShort) {
  write("{\"code\":\"abc\",\"url\":\"u\"}\n{\"code\":\"de");
  EXPECT_EQ(replay().size(), 1U);
  LinkJournal(path_, ignore).add_made("def", "v");
  EXPECT_EQ(replay().size(), 2U);
}

TEST_F(LinkJournalTest, RefusesAFileThatIsNoneOfItsOwnAndNamesTheLine) {
  for (const char* text : {"no json", "[]", "{}", R"({"code":1})", R"({"code":"a","url":2})"}) {
    write("{\"code\":\"abc\",\"url\":\"u\"}\n" + std::string(text) + "\n");
    try {
      replay();
      FAIL() << text;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos) << error.what();
    }
  }
}

TEST_F(LinkJournalTest, BelongsToOneInstanceAtATime) {
  const LinkJournal journal(path_, ignore);
  EXPECT_THROW(LinkJournal(path_, ignore), std::runtime_error);
}

TEST_F(LinkJournalTest, SaysWhyAFileCannotBeOpened) {
  EXPECT_THROW(LinkJournal("/nowhere/links", ignore), std::runtime_error);
}

TEST_F(LinkJournalTest, ForgetsRemovedLinksWhenTheyAreMostOfTheFile) {
  {
    LinkJournal journal(path_, ignore);
    for (int i = 0; i < 1000; ++i) {
      journal.add_made("code" + std::to_string(i), "u");
      if (i != 7) journal.add_removed("code" + std::to_string(i));
    }
  }
  EXPECT_EQ(replay().size(), 1U);
  EXPECT_EQ(content(), "{\"code\":\"code7\",\"url\":\"u\"}\n");
  LinkJournal(path_, ignore).add_made("def", "v");
  EXPECT_EQ(replay().size(), 2U);
}

TEST_F(LinkJournalTest, LeavesNoHalfLineWhenTheDiskIsFullAndGoesOnWhenItIsNot) {
  {
    LinkJournal journal(path_, ignore);
    journal.add_made("abc", "u");
    {
      const FileSizeLimit limit(content().size() + 5);
      EXPECT_THROW(journal.add_made("def", "v"), StorageUnavailable);
      EXPECT_EQ(content(), "{\"code\":\"abc\",\"url\":\"u\"}\n");
    }
    EXPECT_TRUE(journal.works());
    journal.add_made("ghi", "w");
  }
  const auto links = replay();
  EXPECT_EQ(links.size(), 2U);
  EXPECT_EQ(links.count("def"), 0U);
}

TEST_F(LinkJournalTest, DoesNotWorkAsLongAsTheDiskIsFull) {
  LinkJournal journal(path_, ignore);
  const FileSizeLimit limit(0);
  EXPECT_THROW(journal.add_removed("abc"), StorageUnavailable);
  EXPECT_FALSE(journal.works());
}

TEST_F(LinkJournalTest, KeepsTheStoreAsItWasWhenAChangeCannotBeKept) {
  LinkStore store(10);
  store.keep_in(path_);
  const auto url = std::get<TargetUrl>(TargetUrl::parse("http://a.example/"));
  store.create(url, "abc");
  const FileSizeLimit limit(0);
  EXPECT_TRUE(store.works()) << "nothing has failed yet";
  EXPECT_THROW(store.create(url, "def"), StorageUnavailable);
  EXPECT_THROW(store.remove("abc"), StorageUnavailable);
  EXPECT_FALSE(store.works());
  EXPECT_TRUE(store.find("abc"));
  EXPECT_FALSE(store.find("def"));
}

}  // namespace
}  // namespace sample_app
