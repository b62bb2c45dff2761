#pragma once

#include "link_store.hpp"
#include "router.hpp"

namespace sample_app {

/// Serves a LinkStore over HTTP:
///
///     POST   /links         {"url": …, "code": … (optional)} → 201 {"code", "url", "visits"}
///     GET    /links/{code}  → 200 {"code", "url", "visits"}
///     DELETE /links/{code}  → 204
///     GET    /{code}        → 302, Location is the stored URL
class LinkHandler {
 public:
  /// Keeps a reference: the store must outlive the handler and the router it was added to.
  explicit LinkHandler(LinkStore& store) : store_(&store) {}

  void add_routes(Router& router) const;

 private:
  LinkStore* store_;
};

}  // namespace sample_app
