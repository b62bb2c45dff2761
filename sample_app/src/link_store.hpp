#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "link_code.hpp"
#include "link_journal.hpp"
#include "target_url.hpp"

namespace sample_app {

/// A stored link, as it was at the moment of asking.
struct Link {
  std::string code;
  std::string url;
  /// How often the link was followed since it was made.
  std::uint64_t visits{0};
};

/// Why no link was made.
enum class CreateError {
  /// The code the caller chose belongs to another link.
  code_taken,
  /// The store holds as many links as it may.
  full,
};

/// Links in memory and, with `keep_in`, in a file. All members are thread-safe; readers do not
/// block one another.
class LinkStore {
 public:
  /// `max_links` bounds the memory: about 300 bytes plus the URL for each link.
  explicit LinkStore(std::size_t max_links, LinkCodeSource next_code = random_link_code);

  /// Takes in the links of a file, and writes each change there from now on before it is seen by
  /// others. Visits are not kept. To be called once, before the store is shared. Throws what
  /// LinkJournal throws.
  void keep_in(const std::string& path);

  /// Whether changes can be kept; true when they need not be.
  bool works();

  /// Makes a link under a code of the service's own. This and the other changes throw
  /// StorageUnavailable when they cannot be kept.
  std::variant<Link, CreateError> create(const TargetUrl& url);

  /// Makes a link under the caller's code, which must satisfy is_valid_link_code.
  std::variant<Link, CreateError> create(const TargetUrl& url, std::string_view code);

  std::optional<Link> find(std::string_view code) const;

  /// Counts a visit and returns the address to go to.
  std::optional<std::string> visit(std::string_view code);

  /// Whether there was such a link to remove.
  bool remove(std::string_view code);

  std::size_t size() const;

 private:
  struct Entry {
    explicit Entry(std::string target) : url(std::move(target)) {}

    std::string url;
    // Atomic, so that a visit needs no more than the shared lock.
    std::atomic<std::uint64_t> visits{0};
  };

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  const std::size_t max_links_;
  const LinkCodeSource next_code_;
  std::unique_ptr<LinkJournal> journal_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, Entry, TextHash, std::equal_to<>> links_;
};

}  // namespace sample_app
