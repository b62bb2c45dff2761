#include <unistd.h>

#include <iostream>
#include <span>

#include "application.hpp"
#include "build_info.hpp"
#include "command_line.hpp"
#include "config.hpp"
#include "graceful_shutdown.hpp"
#include "health_probe.hpp"
#include "http_server.hpp"
#include "link_handler.hpp"
#include "link_store.hpp"
#include "log_writer.hpp"
#include "metrics.hpp"
#include "metrics_handler.hpp"
#include "service_manager.hpp"
#include "status_handler.hpp"

namespace sample_app {
namespace {

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

HttpServerOptions service_options(const Config& config, std::optional<int> inherited_socket) {
  HttpServerOptions options;
  options.bind_address = config.bind_address;
  options.port = config.port;
  options.inherited_socket = inherited_socket;
  options.worker_threads = config.worker_threads;
  options.max_connections = config.max_connections;
  options.max_body_bytes = config.max_body_bytes;
  options.max_header_bytes = config.max_header_bytes;
  options.request_timeout = config.request_timeout;
  options.idle_timeout = config.idle_timeout;
  return options;
}

HttpServerOptions metrics_options(const Config& config, std::optional<int> inherited_socket) {
  HttpServerOptions options;
  options.bind_address = config.bind_address;
  options.port = config.metrics_port;
  options.inherited_socket = inherited_socket;
  options.worker_threads = 1;
  // Scrapers are few; a flood of others must not take the service's descriptors.
  options.max_connections = 16;
  return options;
}

void observe(Metrics& metrics, const HttpServer& server, const LinkStore& links,
             const LogWriter& writer) {
  using Kind = Metrics::Kind;
  metrics.observe(Kind::gauge, "http_requests_in_flight", "Requests being read or answered.",
                  [&server] { return static_cast<double>(server.requests_in_flight()); });
  metrics.observe(Kind::gauge, "http_connections_open", "Open connections, idle ones included.",
                  [&server] { return static_cast<double>(server.open_connections()); });
  metrics.observe(Kind::gauge, "sample_app_links", "Links in the store.",
                  [&links] { return static_cast<double>(links.size()); });
  metrics.observe(Kind::counter, "log_lines_dropped_total", "Log lines that were lost.",
                  [&writer] { return static_cast<double>(writer.dropped()); });
}

int serve(const Config& config, const Environment& environment) {
  const InheritedSockets sockets = take_inherited_sockets(environment, ::getpid());
  const ServiceManager manager(environment);
  const BuildInfo build_info = read_build_info(environment);
  const TerminationSignals signals;
  LogWriter writer(config.log_file);
  Logger logger(config.log_level, writer.sink());
  LinkStore links(config.max_links);
  if (!config.links_file.empty()) links.keep_in(config.links_file);
  Readiness readiness;
  readiness.add_dependency("storage", [&links] { return links.works(); });

  Router router;
  LinkHandler(links).add_routes(router);
  StatusHandler(readiness, build_info).add_routes(router);
  Metrics metrics(router.patterns(), build_info);
  const Application application(std::move(router), logger, metrics);
  Router metrics_router;
  MetricsHandler(metrics).add_routes(metrics_router);

  HttpServer server(service_options(config, sockets.http),
                    {[&](const Request& request) { return application.handle(request); },
                     [&](unsigned status) { return application.reject(status); }});
  observe(metrics, server, links, writer);
  // Made after and so gone before what it reads. Its requests are nobody's traffic: they are
  // neither logged nor counted.
  const HttpServer metrics_server(
      metrics_options(config, sockets.metrics),
      {[&](const Request& request) { return metrics_router.dispatch(request).response; },
       [](unsigned status) {
         return Response{status, {}, {}};
       }});
  // Before the port is told to anyone: whoever reads it may ask at once.
  readiness.set(Readiness::State::ready);
  logger.log(LogLevel::info, "server.listening",
             {{"address", config.bind_address},
              {"port", std::int64_t{server.port()}},
              {"metrics_port", std::int64_t{metrics_server.port()}},
              {"version", build_info.version},
              {"git_sha", build_info.git_sha}});
  manager.notify("READY=1\nSTATUS=Serving on port " + std::to_string(server.port()));
  serve_until_terminated(server, readiness, signals, manager, {config.lame_duck, config.drain},
                         logger);
  return 0;
}

int check_health(const Config& config) {
  const std::string problem =
      probe_health(config.bind_address, config.port, std::chrono::seconds{2});
  if (problem.empty()) return 0;
  std::cerr << "check health on port " << config.port << ": " << problem << '\n';
  return exit_failed;
}

int run(Command command) {
  const Environment environment = process_environment();
  switch (command) {
    case Command::show_help:
      std::cout << help_text();
      return 0;
    case Command::show_version: {
      const BuildInfo info = read_build_info(environment);
      std::cout << "sample_app " << info.version << " (git " << info.git_sha << ")\n";
      return 0;
    }
    case Command::health_check:
      return check_health(read_config(environment));
    case Command::serve:
      return serve(read_config(environment), environment);
  }
  return exit_failed;
}

}  // namespace
}  // namespace sample_app

int main(int argc, char** argv) {
  using namespace sample_app;
  try {
    return run(read_command_line(std::span<const char* const>(argv, argv + argc).subspan(1)));
  } catch (const ConfigError& error) {
    std::cerr << error.what() << '\n';
    return exit_usage;
  } catch (const std::invalid_argument& error) {
    std::cerr << error.what() << '\n';
    return exit_usage;
  } catch (const std::exception& error) {
    std::cerr << "sample_app: " << error.what() << '\n';
    return exit_failed;
  }
}
