// demarc serve, reload, status, version
#include <malloc.h>
#include <simdjson.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <iostream>
#include <memory>

#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/connection.hpp"
#include "cli/gateway_options.hpp"
#include "cli/version.hpp"

namespace demarc::cli {
namespace {

// The keys of upstreams are in our memory: no core dump, and no other process of this user looks into it.
void keep_memory_private() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

// Large bodies come straight from the system and go back when their request ends; otherwise glibc raises this threshold by itself to 32 MiB and keeps
// them, scattered over its arenas.
void return_large_memory() { mallopt(M_MMAP_THRESHOLD, 1 << 20); }

// Holds no Snapshot beyond its end: engines that a reload leaves without use are to end.
void greet(gateway::Gateway& gateway) {
  const auto snapshot = gateway.services().snapshots.current();
  for (const std::string& address : gateway.addresses())
    std::cerr << "serving on " << (address.starts_with("unix:") ? address : (snapshot->config.tls ? "https://" : "http://") + address) << '\n';
  if (snapshot->config.file.empty()) std::cerr << "no configuration file: embedded default, local tier only, no key needed on loopback\n";
  for (const auto& warning : snapshot->policy.warnings) std::cerr << policy::print(warning) << '\n';
}

int serve(const Shared& shared) {
  keep_memory_private();
  return_large_memory();
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc serve: " << place.error() << '\n', kFailed;
  gateway::GatewayOptions options = gateway_options(*place);
  options.log = [](const std::string& line) { std::cerr << format_rfc3339(system_clock().now()) + " " + line + "\n"; };
  auto gateway = gateway::Gateway::start(std::move(options));
  if (!gateway) return std::cerr << "demarc serve: " << gateway.error() << '\n', kFailed;
  greet(**gateway);
  (*gateway)->run_until_signalled();
  std::cerr << "stopped; the log is sealed at " << (*gateway)->services().log->sealed() << " records\n";
  return kOk;
}

int reload(const Shared& shared) {
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc reload: " << place.error() << '\n', kFailed;
  auto connection = Connection::open(*place, Connection::IfNone::fail);
  if (!connection) return std::cerr << "demarc reload: " << connection.error() << '\n', kUnavailable;
  const auto answer = (*connection)->call("POST", "/admin/v1/reload", {}, "");
  if (!answer) return std::cerr << "demarc reload: " << answer.error() << '\n', kUnavailable;
  if (answer->status != 200) return std::cerr << error_message(*answer) << '\n', kFailed;
  if (shared.json)
    std::cout << answer->body << '\n';
  else
    std::cout << "reloaded\n";
  return kOk;
}

std::string text_of(simdjson::dom::element object, const char* field) {
  std::string_view text;
  return object[field].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::int64_t number_of(simdjson::dom::element object, const char* field) {
  std::int64_t number = 0;
  return object[field].get(number) == simdjson::SUCCESS ? number : 0;
}

double real_of(simdjson::dom::element object, const char* field) {
  double number = 0;
  return object[field].get(number) == simdjson::SUCCESS ? number : 0;
}

constexpr double kGiB = 1 << 30;

// A row of at most 80 columns.
void print_engine(const std::string& name, simdjson::dom::element engine) {
  simdjson::dom::element memory, work;
  if (engine["memory"].get(memory) != simdjson::SUCCESS || engine["work"].get(work) != simdjson::SUCCESS) return;
  const auto or_none = [](double value, const char* format) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return value > 0 ? std::string(text.data()) : std::string("-");
  };
  bool measured = false;
  static_cast<void>(memory["measured"].get(measured));
  std::array<char, 40> held{};
  std::snprintf(held.data(), held.size(), "%.2f of %s%.2f", static_cast<double>(number_of(memory, "resident_bytes")) / kGiB, measured ? "" : "~",
                static_cast<double>(number_of(memory, "ledger_bytes") + number_of(memory, "ledger_gpu_bytes")) / kGiB);
  const std::string queue = std::to_string(number_of(engine, "in_use")) + "+" + std::to_string(number_of(engine, "waiting"));
  std::printf("%-16.16s %-11s %7s %9s %6s %15s %8lld\n", name.c_str(), text_of(engine, "state").c_str(), queue.c_str(),
              or_none(real_of(work, "tokens_per_s"), "%.1f").c_str(), or_none(real_of(work, "real_time_factor"), "%.2f").c_str(), held.data(),
              static_cast<long long>(number_of(engine, "restarts")));
}

void print_engines(simdjson::dom::element root) {
  std::printf("\n%-16s %-11s %7s %9s %6s %15s %8s\n", "ENGINE", "STATE", "QUEUE", "TOKENS/S", "RTF", "GiB OF LEDGER", "RESTARTS");
  simdjson::dom::array upstreams, devices, quarantine;
  simdjson::dom::element engine;
  if (root["upstreams"].get(upstreams) == simdjson::SUCCESS)
    for (const simdjson::dom::element upstream : upstreams)
      if (upstream["engine"].get(engine) == simdjson::SUCCESS) print_engine(text_of(upstream, "name"), engine);
  if (root["detectors"]["names"]["engine"].get(engine) == simdjson::SUCCESS) print_engine("detector:names", engine);
  if (root["devices"].get(devices) == simdjson::SUCCESS)
    for (const simdjson::dom::element device : devices)
      std::printf("%s: %.2f GiB of %.2f that engines may take\n", text_of(device, "name").c_str(),
                  static_cast<double>(number_of(device, "ledger_bytes")) / kGiB, static_cast<double>(number_of(device, "total_bytes")) / kGiB);
  if (root["quarantine"].get(quarantine) != simdjson::SUCCESS || quarantine.size() == 0) return;
  std::printf("\n%-14s %-20s %6s  %s\n", "IN QUARANTINE", "ENGINE", "DEATHS", "LAST");
  for (const simdjson::dom::element entry : quarantine)
    std::printf("%-14s %-20.20s %6lld  %s\n", text_of(entry, "request").c_str(), text_of(entry, "upstream").c_str(),
                static_cast<long long>(number_of(entry, "deaths")), text_of(entry, "last").c_str());
}

void print_status(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(body).get(root) != simdjson::SUCCESS) return;
  std::printf("demarc %s, process %lld\n", text_of(root, "version").c_str(), static_cast<long long>(number_of(root, "pid")));
  std::printf("data    %s\nconfig  %s\npolicy  %.20s…\n", text_of(root, "data").c_str(), text_of(root, "config").c_str(),
              text_of(root["policy"], "digest").c_str());
  simdjson::dom::element log = root["log"];
  std::printf("log     %s: %lld records, %lld sealed%s\n", text_of(log, "origin").c_str(), static_cast<long long>(number_of(log, "size")),
              static_cast<long long>(number_of(log, "sealed")),
              text_of(log, "failure").empty() ? "" : (" FAILED: " + text_of(log, "failure")).c_str());
  std::printf("jobs    %lld running, %lld waiting\n\n", static_cast<long long>(number_of(root["jobs"], "running")),
              static_cast<long long>(number_of(root["jobs"], "waiting")));
  std::printf("%-14s %-30s %-6s %-8s %9s  %s\n", "UPSTREAM", "MODEL", "TIER", "STATE", "IN FLIGHT", "WHY");
  simdjson::dom::array upstreams, models;
  if (root["upstreams"].get(upstreams) != simdjson::SUCCESS) return;
  for (const simdjson::dom::element upstream : upstreams) {
    if (upstream["models"].get(models) != simdjson::SUCCESS) continue;
    for (const simdjson::dom::element model : models) {
      std::printf("%-14.14s %-30.30s %-6s %-8s %9lld  %s\n", text_of(upstream, "name").c_str(), text_of(model, "name").c_str(),
                  text_of(upstream, "tier").c_str(), text_of(model, "state").c_str(), static_cast<long long>(number_of(upstream, "in_flight")),
                  text_of(model, "why").c_str());
    }
  }
  simdjson::dom::element names, engine;
  if (root["detectors"]["names"].get(names) == simdjson::SUCCESS && names["engine"].get(engine) == simdjson::SUCCESS) {
    std::printf("\n%-14s %-30s %-6s %-8s %9s  %s\n", "DETECTOR", "MODEL", "TIER", "STATE", "IN FLIGHT", "WHY");
    std::printf("%-14s %-30.30s %-6s %-8s %9lld  %s\n", "names", text_of(names, "model").c_str(), "local", text_of(engine, "state").c_str(),
                static_cast<long long>(number_of(engine, "in_use")), text_of(engine, "last_error").c_str());
  }
  print_engines(root);
}

int release(const Shared& shared, Connection& connection, const std::string& which) {
  const auto answer = connection.call("DELETE", "/admin/v1/quarantine" + (which == "all" ? "" : "/" + which), {}, "");
  if (!answer) return std::cerr << "demarc status: " << answer.error() << '\n', kUnavailable;
  if (answer->status != 200) return std::cerr << error_message(*answer) << '\n', exit_code_of(answer->status);
  if (shared.json) return std::cout << answer->body << '\n', kOk;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(answer->body).get(root) == simdjson::SUCCESS) std::printf("%lld released\n", static_cast<long long>(number_of(root, "released")));
  return kOk;
}

int status(const Shared& shared, const std::string& to_release) {
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc status: " << place.error() << '\n', kFailed;
  auto connection = Connection::open(*place, Connection::IfNone::fail);
  if (!connection) return std::cerr << "demarc status: " << connection.error() << '\n', kUnavailable;
  if (!to_release.empty()) return release(shared, **connection, to_release);
  const auto answer = (*connection)->call("GET", "/admin/v1/status", {}, "");
  if (!answer) return std::cerr << "demarc status: " << answer.error() << '\n', kUnavailable;
  if (answer->status != 200) return std::cerr << error_message(*answer) << '\n', exit_code_of(answer->status);
  if (shared.json)
    std::cout << answer->body << '\n';
  else
    print_status(answer->body);
  return kOk;
}

}  // namespace

void add_serve(CLI::App& app, Shared& shared) {
  add_command(app, shared, "serve", "serve until SIGTERM; SIGHUP reloads", [&shared] { return serve(shared); });
}

void add_reload(CLI::App& app, Shared& shared) {
  add_command(app, shared, "reload", "take over changed files, whole or not at all", [&shared] { return reload(shared); });
}

void add_status(CLI::App& app, Shared& shared) {
  const auto to_release = std::make_shared<std::string>();
  add_command(app, shared, "status", "what the running gateway does", [&shared, to_release] {
    return status(shared, *to_release);
  })->add_option("--release", *to_release, "let a request out of quarantine, by the beginning of its name, or all");
}

void add_version(CLI::App& app, Shared& shared) {
  add_command(app, shared, "version", "the version", [&shared] {
    if (shared.json)
      std::printf("{\"version\":\"%s\"}\n", kVersion);
    else
      std::printf("demarc %s\n", kVersion);
    return kOk;
  });
}

}  // namespace demarc::cli
