#include "link_store.hpp"

#include <mutex>
#include <stdexcept>
#include <utility>

namespace sample_app {
namespace {

/// With a code space this large a second collision in a row means that the source is broken.
constexpr int max_attempts = 8;

}  // namespace

LinkStore::LinkStore(std::size_t max_links, LinkCodeSource next_code)
    : max_links_(max_links), next_code_(std::move(next_code)) {}

void LinkStore::keep_in(const std::string& path) {
  journal_ = std::make_unique<LinkJournal>(path, [this](std::string_view code, auto url) {
    links_.try_emplace(std::string(code), std::string(url));
  });
}

bool LinkStore::works() {
  return journal_ == nullptr || journal_->works();
}

std::variant<Link, CreateError> LinkStore::create(const TargetUrl& url) {
  for (int attempt = 0; attempt < max_attempts; ++attempt) {
    const std::string code = next_code_();
    // A random code can spell a reserved word.
    if (!is_valid_link_code(code)) continue;
    auto created = create(url, code);
    const auto* error = std::get_if<CreateError>(&created);
    if (error == nullptr || *error != CreateError::code_taken) return created;
  }
  throw std::runtime_error("make a link code: " + std::to_string(max_attempts) +
                           " candidates in a row were taken. Check the random source.");
}

std::variant<Link, CreateError> LinkStore::create(const TargetUrl& url, std::string_view code) {
  const std::unique_lock lock(mutex_);
  if (links_.find(code) != links_.end()) return CreateError::code_taken;
  if (links_.size() >= max_links_) return CreateError::full;
  if (journal_) journal_->add_made(code, url.text());
  links_.try_emplace(std::string(code), url.text());
  return Link{std::string(code), url.text(), 0};
}

std::optional<Link> LinkStore::find(std::string_view code) const {
  const std::shared_lock lock(mutex_);
  const auto found = links_.find(code);
  if (found == links_.end()) return std::nullopt;
  return Link{found->first, found->second.url,
              found->second.visits.load(std::memory_order_relaxed)};
}

std::optional<std::string> LinkStore::visit(std::string_view code) {
  const std::shared_lock lock(mutex_);
  const auto found = links_.find(code);
  if (found == links_.end()) return std::nullopt;
  found->second.visits.fetch_add(1, std::memory_order_relaxed);
  return found->second.url;
}

bool LinkStore::remove(std::string_view code) {
  const std::unique_lock lock(mutex_);
  const auto found = links_.find(code);
  if (found == links_.end()) return false;
  if (journal_) journal_->add_removed(code);
  links_.erase(found);
  return true;
}

std::size_t LinkStore::size() const {
  const std::shared_lock lock(mutex_);
  return links_.size();
}

}  // namespace sample_app
