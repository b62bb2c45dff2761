#include "link_handler.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "json_response.hpp"

namespace sample_app {
namespace {

struct CreateOrder {
  std::string url;
  std::optional<std::string> code;
};

JsonObject to_json(const Link& link) {
  return JsonObject{}
      .add("code", link.code)
      .add("url", link.url)
      .add("visits", static_cast<std::int64_t>(link.visits));
}

Response bad_request(std::string_view code, std::string_view message) {
  return error_response(400, code, message);
}

Response no_such_link() {
  return error_response(404, "link_not_found", "There is no link with this code.");
}

bool is_json(std::string_view content_type) {
  auto type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return equal_ignoring_case(type, "application/json");
}

/// The order in a request's body, or the response that says what is wrong with it. Unknown
/// members are refused: a misspelt "code" would otherwise silently give a random one.
std::variant<CreateOrder, Response> read_order(const Request& request) {
  if (!is_json(request.headers.find("Content-Type"))) {
    return error_response(415, "unsupported_media_type",
                          "The body must be sent as Content-Type: application/json.");
  }
  const auto body = nlohmann::json::parse(request.body, nullptr, false);
  if (body.is_discarded()) return bad_request("invalid_json", "The body is not valid JSON.");
  if (!body.is_object()) return bad_request("invalid_body", "The body is not a JSON object.");

  CreateOrder order;
  for (auto member = body.begin(); member != body.end(); ++member) {
    if (member.key() != "url" && member.key() != "code") {
      return bad_request("unknown_member", "The body has a member other than url and code.");
    }
    const auto* text = member->get_ptr<const std::string*>();
    if (text == nullptr) {
      return bad_request("invalid_body", "The member \"" + member.key() + "\" is not a string.");
    }
    (member.key() == "url" ? order.url : order.code.emplace()) = *text;
  }
  if (!body.contains("url")) return bad_request("missing_url", "The body has no member \"url\".");
  return order;
}

Response refuse(CreateError error) {
  switch (error) {
    case CreateError::code_taken:
      return error_response(409, "code_taken", "Another link has this code.");
    case CreateError::full:
      return error_response(507, "store_full", "The service holds as many links as it may.");
  }
  throw std::logic_error("refuse a link: unknown reason");
}

Response create(LinkStore& store, const Request& request) {
  const auto read = read_order(request);
  if (const auto* problem = std::get_if<Response>(&read)) return *problem;
  const auto& order = std::get<CreateOrder>(read);

  const auto parsed = TargetUrl::parse(order.url);
  if (const auto* invalid = std::get_if<InvalidUrl>(&parsed)) {
    return bad_request("invalid_url", invalid->reason);
  }
  if (order.code && !is_valid_link_code(*order.code)) {
    return bad_request("invalid_code",
                       "A code has 3–32 letters, digits, - or _, and is no path of the service.");
  }
  const auto& url = std::get<TargetUrl>(parsed);
  const auto created = order.code ? store.create(url, *order.code) : store.create(url);
  if (const auto* error = std::get_if<CreateError>(&created)) return refuse(*error);

  const auto& link = std::get<Link>(created);
  Response response = json_response(201, to_json(link));
  response.headers.add("Location", "/links/" + link.code);
  return response;
}

Response show(const LinkStore& store, std::string_view code) {
  const auto link = store.find(code);
  return link ? json_response(200, to_json(*link)) : no_such_link();
}

Response remove(LinkStore& store, std::string_view code) {
  return store.remove(code) ? Response{204, {}, {}} : no_such_link();
}

Response follow(LinkStore& store, const Request& request, std::string_view code) {
  // A HEAD request looks where a link leads; only a GET follows it.
  std::optional<std::string> url;
  if (request.method == Method::head) {
    if (auto link = store.find(code)) url = std::move(link->url);
  } else {
    url = store.visit(code);
  }
  if (!url) return no_such_link();
  Response response = json_response(302, JsonObject{}.add("url", *url));
  response.headers.add("Location", std::move(*url));
  return response;
}

}  // namespace

void LinkHandler::add_routes(Router& router) const {
  LinkStore& store = *store_;
  router.add(Method::post, "/links", [&store](const Request& request, const PathParameters&) {
    return create(store, request);
  });
  router.add(Method::get, "/links/{code}", [&store](const Request&, const PathParameters& path) {
    return show(store, path.at("code"));
  });
  router.add(Method::del, "/links/{code}", [&store](const Request&, const PathParameters& path) {
    return remove(store, path.at("code"));
  });
  router.add(Method::get, "/{code}", [&store](const Request& request, const PathParameters& path) {
    return follow(store, request, path.at("code"));
  });
}

}  // namespace sample_app
