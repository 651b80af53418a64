// demarc doctor: checks the configuration against reality; names each problem and its remedy.
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "cli/cli.hpp"
#include "cli/commands.hpp"
#include "cli/connection.hpp"
#include "cli/covered_types.hpp"
#include "cli/gateway_options.hpp"
#include "cli/installed.hpp"
#include "cli/machine.hpp"
#include "core/json/writer.hpp"
#include "engine/sandbox.hpp"
#include "governance/verify.hpp"
#include "http/server.hpp"
#include "policy/compile.hpp"

namespace demarc::cli {
namespace {

enum class Verdict : std::uint8_t { good, warning, problem };

struct Finding {
  Verdict verdict;
  std::string what, remedy;
};

class Examination {
 public:
  void good(std::string what) { findings_.push_back({Verdict::good, std::move(what), ""}); }
  void warn(std::string what, std::string remedy) { findings_.push_back({Verdict::warning, std::move(what), std::move(remedy)}); }
  void problem(std::string what, std::string remedy) { findings_.push_back({Verdict::problem, std::move(what), std::move(remedy)}); }
  [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }
  [[nodiscard]] std::size_t count(Verdict verdict) const {
    return static_cast<std::size_t>(std::count_if(findings_.begin(), findings_.end(), [&](const Finding& f) { return f.verdict == verdict; }));
  }

 private:
  std::vector<Finding> findings_;
};

void examine_data(Examination& seen, const Place& place) {
  std::error_code error;
  std::filesystem::create_directories(place.data, error);
  if (error || ::access(place.data.c_str(), W_OK) != 0)
    return seen.problem("data folder " + place.data + " cannot be written", "choose another: --data DIR or DEMARC_DATA");
  struct statvfs disk{};
  if (statvfs(place.data.c_str(), &disk) == 0) {
    const double free_gb = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize) / 1e9;
    const std::string text = "data folder " + place.data + ", " + std::to_string(static_cast<int>(free_gb)) + " GB free";
    if (free_gb < 2)
      seen.warn(text, "free some space: a full disk stops serving rather than lose records");
    else
      seen.good(text);
  }
  const std::string audit = place.data + "/audit";
  std::ifstream in(audit + "/vkey");
  std::string vkey;
  if (!std::getline(in, vkey)) return;  // never served
  const auto report = governance::verify_log(real_disk(), audit, {.vkey = vkey, .since = {}});
  if (report.ok())
    seen.good("audit log " + report.origin + ": " + std::to_string(report.size) + " records verified");
  else
    seen.problem("audit log: " + report.problems.front().what,
                 "keep a copy of " + audit + " before anything else; demarc audit verify lists all problems");
}

void examine_policy(Examination& seen, const config::Config& config, const std::string& data) {
  const auto covered = covered_types(config, data);
  if (!covered) return seen.problem(covered.error(), "mend the file; docs/reference/patterns.md says what it may hold");
  if (!config.patterns.empty())
    seen.good("patterns of your own: " + std::to_string(config.patterns.size()) + (config.patterns.size() == 1 ? " file" : " files"));
  std::string text = config.policy_text.empty() ? std::string(policy::kDefaultPolicy) : config.policy_text;
  if (!config.policy_path.empty()) {
    auto read = read_file(real_disk(), config.policy_path, policy::kMaxFileBytes);
    if (!read)
      return seen.problem("policy " + config.policy_path + " cannot be read: " + std::string(to_string(read.error())),
                          "policy: in demarc.yaml names the file");
    text = std::move(*read);
  }
  const auto compiled = policy::compile(text, config.policy_path.empty() ? "embedded policy" : config.policy_path, config.routing, &*covered);
  if (!compiled) {
    for (const auto& problem : compiled.error()) seen.problem(policy::print(problem), "demarc policy check");
    return;
  }
  seen.good("policy: " + std::to_string(compiled->rules.size()) + " rules, digest " + compiled->digest.substr(0, 19));
  for (const auto& warning : compiled->warnings) seen.warn(policy::print(warning), "demarc policy check");
}

void examine_engine(Examination& seen, const Place& place, const std::string& who, EngineKind kind, const std::string& model_name) {
  const char* program = "llama-server";
  switch (kind) {
    case EngineKind::llama: break;
    case EngineKind::speech: program = "demarc-speech"; break;
    case EngineKind::tensor: program = "demarc-tensor"; break;
    case EngineKind::document: program = "demarc-document"; break;
  }
  const std::string path = programs_folder() + "/" + program;
  if (::access(path.c_str(), X_OK) != 0) return seen.problem(who + ": " + path + " is missing", "build it: ./run version");
  const auto model = resolve_model(place.data, model_name);
  if (!model) return seen.problem(who + ": " + model.error(), "demarc models pull " + model_name);
  seen.good(who + ": " + program + ", " + model->name + " (" + std::to_string(model->size_bytes >> 20) + " MiB, " + model->digest.substr(0, 19) +
            ")");
}

// What the engine was built for and why (tools/setup/backend.sh says it in a file beside it), and the GPUs that it can use.
void examine_backend(Examination& seen) {
  std::ifstream in(programs_folder() + "/llama-server.backend");
  std::string built;
  std::getline(in, built);
  const std::size_t colon = built.find(": ");
  const bool for_gpus = colon != std::string::npos && built.substr(0, colon) != "cpu";
  if (colon != std::string::npos)
    seen.good("llama-server was built for " + (for_gpus ? "GPUs (" + built.substr(0, colon) + ")" : std::string("the processor")) + ": " +
              built.substr(colon + 2));
  const auto devices = engine_devices();
  if (!devices) return;  // that it is missing is said elsewhere
  for (const Device& device : *devices)
    seen.good(device.name + ": " + device.description + ", " + gib(device.free_bytes) + " of " + gib(device.total_bytes) + " free");
  if (for_gpus && devices->empty())
    seen.warn("llama-server finds no GPU, so models run on the processor", "is the GPU's driver installed, and may this user open it?");
}

void examine_upstream(Examination& seen, const Place& place, const UpstreamSpec& spec) {
  if (spec.engine) return examine_engine(seen, place, "upstream " + spec.name, *spec.engine, spec.models[0].name);
  if (spec.tier == Tier::cloud && spec.key.empty())
    return seen.warn("upstream " + spec.name + " has no key", "key: ${NAME} or file:/path in demarc.yaml");
  seen.good("upstream " + spec.name + " at " + spec.base_url + (spec.region ? ", region " + *spec.region : ", region not stated"));
}

void examine_addresses(Examination& seen, const std::vector<config::ListenAddress>& addresses) {
  for (const config::ListenAddress& address : addresses) {
    if (!address.unix_path.empty()) continue;  // a socket that nobody answers on is replaced
    if (const auto free = http::can_listen(address.print()); !free)
      seen.problem("cannot listen on " + free.error(), "end what uses it, or choose another with listen: in demarc.yaml");
    else
      seen.good("free to listen on " + address.print());
  }
}

void examine_server(Examination& seen, const Place& place, const config::Config& config) {
  auto connection = Connection::open(place, Connection::IfNone::fail);
  if (!connection) return seen.good("no gateway runs on this data folder at the moment"), examine_addresses(seen, config.listen);
  const auto ready = (*connection)->call("GET", "/readyz", {}, "");
  if (ready && ready->status == 200) return seen.good("a gateway runs and is ready");
  seen.problem("a gateway runs but is not ready: " + (ready ? ready->body : ready.error()), "demarc status");
}

int doctor(const Shared& shared) {
  Examination seen;
  const auto place = find_place(shared);
  const auto config = place ? load_config(*place) : Result<config::Config, std::string>(fail(place.error()));
  if (!config) {
    seen.problem(config.error(), "mend the file; docs/reference/config.md lists every key");
  } else {
    seen.good(config->file.empty() ? "no configuration file: the embedded default (local tier only)" : "configuration " + config->file);
    for (const auto& warning : config->warnings) seen.warn(config::to_string(warning), "docs/reference/config.md");
    examine_data(seen, *place);
    examine_policy(seen, *config, place->data);
    if (config->routing.upstreams.empty()) seen.problem("nothing serves any operation", "fetch the starter models: demarc models pull --starter");
    for (const UpstreamSpec& spec : config->routing.upstreams) examine_upstream(seen, *place, spec);
    if (std::ranges::any_of(config->routing.upstreams, [](const UpstreamSpec& spec) { return spec.engine == EngineKind::llama; }))
      examine_backend(seen);
    if (config->names) examine_engine(seen, *place, "detectors.names", EngineKind::tensor, config->names->model);
    if (!config->costs) seen.warn("no costs: in the configuration, so local work is unpriced", "add hardware, watts and tariff under costs:");
    if (engine::deny_network())
      seen.good("engines run without a network (seccomp)");
    else
      seen.problem("seccomp is not to be had, so engines cannot be kept from the network", "use a kernel with CONFIG_SECCOMP_FILTER");
    examine_server(seen, *place, *config);
  }
  const bool colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  if (shared.json) {
    std::string out;
    JsonWriter json(out);
    json.object([&] {
      json.field("problems", seen.count(Verdict::problem)), json.field("warnings", seen.count(Verdict::warning));
      json.array("findings", [&] {
        for (const Finding& finding : seen.findings())
          json.object([&] {
            json.field("verdict", finding.verdict == Verdict::good ? "ok" : finding.verdict == Verdict::warning ? "warning" : "problem");
            json.field("what", finding.what), json.field("remedy", finding.remedy);
          });
      });
    });
    std::cout << out << '\n';
  } else {
    for (const Finding& finding : seen.findings()) {
      const char* mark = finding.verdict == Verdict::good ? "ok      " : finding.verdict == Verdict::warning ? "warning " : "PROBLEM ";
      const char* paint = !colour                               ? ""
                          : finding.verdict == Verdict::good    ? "\033[32m"
                          : finding.verdict == Verdict::warning ? "\033[33m"
                                                                : "\033[31m";
      std::cout << paint << mark << (colour ? "\033[0m" : "") << finding.what << '\n';
      if (!finding.remedy.empty()) std::cout << "        -> " << finding.remedy << '\n';
    }
    std::cout << seen.count(Verdict::problem) << " problems, " << seen.count(Verdict::warning) << " warnings\n";
  }
  return seen.count(Verdict::problem) == 0 ? kOk : kFailed;
}

}  // namespace

void add_doctor(CLI::App& app, Shared& shared) {
  add_command(app, shared, "doctor", "check everything; each problem with its remedy", [&shared] { return doctor(shared); });
}

}  // namespace demarc::cli
