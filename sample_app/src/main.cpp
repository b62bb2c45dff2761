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
#include "status_handler.hpp"

namespace sample_app {
namespace {

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

HttpServerOptions server_options(const Config& config) {
  HttpServerOptions options;
  options.bind_address = config.bind_address;
  options.port = config.port;
  options.worker_threads = config.worker_threads;
  options.max_connections = config.max_connections;
  options.max_body_bytes = config.max_body_bytes;
  options.max_header_bytes = config.max_header_bytes;
  options.request_timeout = config.request_timeout;
  options.idle_timeout = config.idle_timeout;
  return options;
}

int serve(const Config& config, const BuildInfo& build_info) {
  const TerminationSignals signals;
  Logger logger(config.log_level, standard_output_sink());
  LinkStore links(config.max_links);
  Readiness readiness;

  Router router;
  LinkHandler(links).add_routes(router);
  StatusHandler(readiness, build_info).add_routes(router);
  const Application application(std::move(router), logger);

  HttpServer server(server_options(config),
                    {[&](const Request& request) { return application.handle(request); },
                     [&](unsigned status) { return application.reject(status); }});
  // Before the port is told to anyone: whoever reads it may ask at once.
  readiness.set(Readiness::State::ready);
  logger.log(LogLevel::info, "server.listening",
             {{"address", config.bind_address},
              {"port", std::int64_t{server.port()}},
              {"version", build_info.version},
              {"git_sha", build_info.git_sha}});
  serve_until_terminated(server, readiness, signals, {config.lame_duck, config.drain}, logger);
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
      return serve(read_config(environment), read_build_info(environment));
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
