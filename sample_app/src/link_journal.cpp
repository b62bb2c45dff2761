#include "link_journal.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "json_object.hpp"

namespace sample_app {
namespace {

std::string last_error() {
  return std::generic_category().message(errno);
}

[[noreturn]] void fail(const std::string& path, const std::string& found, const std::string& todo) {
  throw std::runtime_error("open LINKS_FILE " + path + ": " + found + ". " + todo);
}

int open_for_one(const std::string& path, int flags) {
  constexpr mode_t owner_only = 0600;
  const int file =
      ::open(path.c_str(), flags | O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, owner_only);
  if (file < 0) fail(path, last_error(), "Set it to a file in a folder that can be written.");
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    ::close(file);
    fail(path, "another instance uses it", "Give each instance a file of its own.");
  }
  return file;
}

std::string read_all(int file, const std::string& path) {
  std::string content;
  std::array<char, 65536> chunk{};
  for (;;) {
    const ssize_t size = ::read(file, chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) fail(path, last_error(), "Check the disk.");
    if (size == 0) return content;
    content.append(chunk.data(), static_cast<std::size_t>(size));
  }
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string made_line(std::string_view code, std::string_view url) {
  return JsonObject{}.add("code", code).add("url", url).text() + '\n';
}

struct Entry {
  std::string code;
  /// Empty when the link was removed.
  std::string url;
};

/// The entry of a line, or nothing when it is none.
std::optional<Entry> parse(std::string_view line) {
  const auto object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object() || !object.contains("code") || !object["code"].is_string()) {
    return std::nullopt;
  }
  Entry entry{object["code"], {}};
  if (object.contains("url")) {
    if (!object["url"].is_string()) return std::nullopt;
    entry.url = object["url"];
  }
  return entry;
}

}  // namespace

LinkJournal::LinkJournal(std::string path, const OnLink& on_link)
    : path_(std::move(path)), file_(open_for_one(path_, 0)) {
  try {
    const std::string content = read_all(file_, path_);
    std::map<std::string, std::string> live;
    std::size_t entries = 0;
    std::size_t line_number = 0;
    for (std::size_t end = 0; (end = content.find('\n', size_bytes_)) != std::string::npos;
         size_bytes_ = end + 1) {
      ++line_number;
      const std::string_view line(content.data() + size_bytes_, end - size_bytes_);
      if (line.empty()) continue;
      const auto entry = parse(line);
      if (!entry) {
        fail(path_, "line " + std::to_string(line_number) + " is no entry",
             "Repair or remove the line.");
      }
      ++entries;
      if (entry->url.empty()) {
        live.erase(entry->code);
      } else {
        live[entry->code] = entry->url;
      }
    }
    if (size_bytes_ < content.size() && ::ftruncate(file_, static_cast<off_t>(size_bytes_)) != 0) {
      fail(path_, last_error(), "Check the disk.");
    }
    std::string compacted;
    for (const auto& [code, url] : live) {
      on_link(code, url);
      compacted += made_line(code, url);
    }
    constexpr std::size_t worth_it = 1000;
    if (entries > worth_it && live.size() < entries / 2) compact(compacted);
  } catch (...) {
    ::close(file_);
    throw;
  }
}

LinkJournal::~LinkJournal() {
  ::fdatasync(file_);
  ::close(file_);
}

void LinkJournal::add_made(std::string_view code, std::string_view url) {
  append(made_line(code, url));
}

void LinkJournal::add_removed(std::string_view code) {
  append(JsonObject{}.add("code", code).text() + '\n');
}

bool LinkJournal::works() {
  const std::lock_guard lock(mutex_);
  // An empty line means nothing, and takes what any line takes.
  return !failed_ || try_append("\n");
}

void LinkJournal::append(std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (!try_append(line)) {
    throw StorageUnavailable("write LINKS_FILE " + path_ + ": " + last_error() +
                             ". Check the disk.");
  }
}

bool LinkJournal::try_append(std::string_view line) {
  // What an earlier failure left of its line has to go first.
  if (failed_ && ::ftruncate(file_, static_cast<off_t>(size_bytes_)) != 0) return false;
  failed_ = !write_all(file_, line);
  if (failed_) {
    const int cause = errno;
    // If this fails as well, the next attempt tries again.
    static_cast<void>(::ftruncate(file_, static_cast<off_t>(size_bytes_)));
    errno = cause;
    return false;
  }
  size_bytes_ += line.size();
  return true;
}

/// Replaces the file in one step: a crash leaves either the old or the new one.
void LinkJournal::compact(const std::string& content) {
  const std::string fresh_path = path_ + ".new";
  const int fresh = open_for_one(fresh_path, O_TRUNC);
  if (!write_all(fresh, content) || ::fdatasync(fresh) != 0 ||
      ::rename(fresh_path.c_str(), path_.c_str()) != 0) {
    // The old file still holds everything; being shorter is not worth not being there.
    ::close(fresh);
    ::unlink(fresh_path.c_str());
    return;
  }
  ::close(file_);
  file_ = fresh;
  size_bytes_ = content.size();
}

}  // namespace sample_app
