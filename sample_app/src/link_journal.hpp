#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sample_app {

/// What is to be kept cannot be written: the disk is full, gone or read-only. Nothing was changed.
class StorageUnavailable : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A file in which links outlive the process: one JSON object a line, `{"code", "url"}` for a link
/// made and `{"code"}` for one removed, in order. Thread-safe.
///
/// A line is with the operating system when its change is acknowledged: it survives the end of the
/// process, however that comes. It is on the disk when the journal was closed, so the loss of
/// power may cost the last seconds.
class LinkJournal {
 public:
  using OnLink = std::function<void(std::string_view code, std::string_view url)>;

  /// Opens the file, or makes it, and tells which links it holds. A last line that was cut short by
  /// a crash is removed. Rewrites the file when most of it speaks of links that were removed.
  ///
  /// Throws std::runtime_error when the file cannot be used, belongs to another running instance,
  /// or has a line that is no entry.
  LinkJournal(std::string path, const OnLink& on_link);

  /// Writes everything to the disk.
  ~LinkJournal();

  LinkJournal(const LinkJournal&) = delete;
  LinkJournal& operator=(const LinkJournal&) = delete;

  /// Both throw StorageUnavailable.
  void add_made(std::string_view code, std::string_view url);
  void add_removed(std::string_view code);

  /// Whether the last write succeeded; if not, tries whether one would now.
  bool works();

 private:
  void append(std::string_view line);
  bool try_append(std::string_view line);
  void compact(const std::string& content);

  const std::string path_;
  int file_;
  std::mutex mutex_;
  std::uint64_t size_bytes_{0};
  bool failed_{false};
};

}  // namespace sample_app
