// demarc models ls | pull | verify | lock | rm; check, advise and quantize have files of their own (models_commands.hpp)
#include <algorithm>
#include <iostream>

#include "cli/check_file.hpp"
#include "cli/cli.hpp"
#include "cli/machine.hpp"
#include "cli/models_commands.hpp"
#include "cli/place.hpp"
#include "cli/progress.hpp"
#include "config/config.hpp"
#include "core/json/writer.hpp"
#include "core/upstream.hpp"
#include "models/catalogue.hpp"
#include "models/pull.hpp"
#include "models/store.hpp"
#include "models/verify.hpp"

namespace demarc::cli {
namespace {

struct Order {
  std::vector<std::string> names;
  bool starter = false;
  std::string from;
};

int failed(const models::ModelError& error) {
  std::cerr << "demarc models: " << error.message << '\n';
  if (!error.hint.empty()) std::cerr << "Try: " << error.hint << '\n';
  return kFailed;
}

std::string mib(std::uint64_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB"; }

// With 4,096 tokens of context, in what is free now. Without a shape (speech, other formats): the weights and a fifth.
bool fits(const models::Listed& model, const models::Catalogue& catalogue, const models::Machine& machine) {
  const models::Entry* entry = catalogue.find(model.name);
  const bool shaped = entry != nullptr && entry->shape.known();
  const std::uint64_t needs = shaped ? models::memory_bytes(entry->shape, model.size_bytes, 4'096) : model.size_bytes + model.size_bytes / 5;
  return needs <= models::usable_bytes(machine);
}

int list(const Shared& shared, const Place& place) {
  const auto catalogue = models::load_catalogue(place.data);
  if (!catalogue) return failed(catalogue.error());
  const auto listed = models::Store(place.data).list(*catalogue);
  if (!listed) return failed(listed.error());
  const auto pins = models::read_lock(models::Store(place.data).lock_file());
  if (!pins) return failed(pins.error());
  const models::Machine machine = this_machine(MemorySpeed::skip);
  if (shared.json) {
    std::string out;
    JsonWriter json(out);
    json.object([&] {
      json.array("models", [&] {
        for (const models::Listed& model : *listed)
          json.object([&] {
            json.field("name", model.name), json.field("licence", model.licence), json.field("size_bytes", model.size_bytes);
            json.array("roles", [&] {
              for (const models::Role role : model.roles) json.value(models::to_string(role));
            });
            json.field("installed", model.installed), json.field("locked", model.locked), json.field("starter", model.starter);
            json.field("fits", fits(model, *catalogue, machine));
            json.field("source", model.source), json.field("digest", model.digest);
          });
      });
      json.array("snapshots", [&] {
        for (const models::PinnedSnapshot& pin : pins->snapshots)
          json.object([&] { json.field("upstream", pin.upstream), json.field("model", pin.model), json.field("provider", to_string(pin.provider)); });
      });
    });
    return std::cout << out << '\n', kOk;
  }
  std::printf("%-27s %-9s %8s %-10s %-9s %-4s %s\n", "MODEL", "ROLE", "SIZE", "LICENCE", "STATE", "FITS", "");
  for (const models::Listed& model : *listed) {
    std::string roles;
    for (const models::Role role : model.roles) roles += (roles.empty() ? "" : ",") + std::string(models::to_string(role));
    std::printf("%-27.27s %-9.9s %8s %-10.10s %-9s %-4s %s\n", model.name.c_str(), roles.c_str(), mib(model.size_bytes).c_str(),
                model.licence.c_str(),
                model.installed ? "installed"
                : model.locked  ? "locked"
                                : "-",
                fits(model, *catalogue, machine) ? "yes" : "no", model.starter ? "starter" : "");
  }
  for (const models::PinnedSnapshot& pin : pins->snapshots)
    std::printf("%-27s %-9s %8s %-10s %-9s %-4s %s\n", pin.model.c_str(), "", "", "", "pinned", "", ("at " + pin.upstream).c_str());
  return kOk;
}

// A line that rewrites itself on a terminal, a line per step elsewhere.
class PullProgress {
 public:
  void operator()(const models::Progress& progress) {
    const int percent = progress.total_bytes == 0 ? -1 : static_cast<int>(progress.done_bytes * 100 / progress.total_bytes);
    const std::string step = std::string(models::to_string(progress.phase)) + " " + std::string(progress.what);
    if (step == step_ && (!line_.terminal() || percent == percent_)) return;
    step_ = step, percent_ = percent;
    const std::string text = std::string(progress.model) + ": " + step;
    const bool stays = progress.phase == models::Phase::done || progress.phase == models::Phase::source_failed;
    if (stays || !line_.terminal()) return line_.say(text);
    line_.show(text + (percent < 0 ? "" : " " + std::to_string(percent) + " %"));
  }

 private:
  StatusLine line_{std::cerr, on_terminal()};
  std::string step_;
  int percent_ = -1;
};

int pull(const Place& place, const Order& order) {
  const auto catalogue = models::load_catalogue(place.data);
  if (!catalogue) return failed(catalogue.error());
  std::vector<std::string> names = order.names;
  if (order.starter)
    for (const models::Entry& entry : catalogue->entries)
      if (entry.starter) names.push_back(entry.name);
  if (names.empty()) return std::cerr << "demarc models pull: name a model (demarc models ls), or --starter\n", kUsage;
  models::PullOptions options = models::options_from_environment();
  if (!order.from.empty()) options.folder = order.from;
  options.check = check_file;
  for (const std::string& name : names) {
    const auto entry = catalogue->at(name);
    if (!entry) return failed(entry.error());
    options.on_progress = PullProgress{};
    const auto pulled = models::pull(models::Store(place.data), *entry, options);
    if (!pulled) return failed(pulled.error());
    if (pulled->outcome == models::Outcome::fetched)
      std::cerr << name << ": " << mib(pulled->model.size_bytes) << " from " << pulled->source << ", " << pulled->model.digest.substr(0, 19) << '\n';
  }
  return kOk;
}

int verify(const Shared& shared, const Place& place, const Order& order) {
  const auto verified = models::verify(models::Store(place.data), order.names.empty() ? "" : order.names.front(), check_file, {}, {});
  if (!verified) return failed(verified.error());
  bool intact = true;
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.array("models", [&] {
      for (const models::Verified& model : *verified) {
        intact = intact && model.intact();
        json.object([&] { json.field("name", model.name), json.field("digest", model.digest), json.field("intact", model.intact()); });
        if (shared.json) continue;
        std::cout << model.name << ": " << (model.intact() ? "intact" : "NOT INTACT") << '\n';
        for (const models::FileState& file : model.files)
          if (file.condition != models::FileCondition::intact)
            std::cout << "  " << file.path << ": " << models::to_string(file.condition) << (file.why.empty() ? "" : ": " + file.why) << '\n';
      }
    });
  });
  if (shared.json) std::cout << out << '\n';
  return intact ? kOk : kVerificationFailed;
}

// "frontier/gpt-5-mini-2025-08-07", as demarc.yaml has it.
Result<models::PinnedSnapshot, models::ModelError> find_snapshot(const Place& place, const std::string& name) {
  using enum models::ModelErrorKind;
  const std::size_t slash = name.find('/');
  const std::string upstream = name.substr(0, slash), model = name.substr(slash + 1);
  if (place.config_file.empty())
    return fail(models::ModelError{unknown_model, "there is no demarc.yaml, so no upstream '" + upstream + "'", "give --config"});
  const auto config = config::load_file(place.config_file, config::process_environment(), config::LoadMode::policy_only);
  if (!config) return fail(models::ModelError{unknown_model, config::to_string(config.error())});
  const auto& upstreams = config->routing.upstreams;
  const auto spec = std::ranges::find(upstreams, upstream, &UpstreamSpec::name);
  if (spec == upstreams.end()) return fail(models::ModelError{unknown_model, place.config_file + " has no upstream '" + upstream + "'"});
  if (spec->tier == Tier::local)
    return fail(models::ModelError{unknown_model, upstream + " is local: only cloud upstreams have snapshots to pin",
                                   spec->engine ? "demarc models lock " + spec->models.front().name + " pins its engine's weights" : ""});
  if (std::ranges::find(spec->models, model, &ModelSpec::name) == spec->models.end())
    return fail(models::ModelError{unknown_model, upstream + " has no model '" + model + "' in " + place.config_file, "add it under its `models:`"});
  return models::PinnedSnapshot{upstream, model, spec->provider};
}

int lock_snapshot(const Place& place, const std::string& name) {
  const auto snapshot = find_snapshot(place, name);
  if (!snapshot) return failed(snapshot.error());
  if (const auto locked = models::lock_snapshot(models::Store(place.data), *snapshot, {}); !locked) return failed(locked.error());
  std::cout << name << " pinned; a running server takes it over with demarc reload\n";
  return kOk;
}

bool is_snapshot(const std::string& name) { return name.find('/') != std::string::npos; }  // names of local models have no slash

int lock(const Place& place, const Order& order) {
  const auto catalogue = models::load_catalogue(place.data);
  if (!catalogue) return failed(catalogue.error());
  for (const std::string& name : order.names) {
    if (is_snapshot(name)) {
      if (const int code = lock_snapshot(place, name); code != kOk) return code;
      continue;
    }
    const auto entry = catalogue->at(name);
    if (!entry) return failed(entry.error());
    const auto locked = models::lock_only(models::Store(place.data), *entry, {});
    if (!locked) return failed(locked.error());
    std::cout << name << " pinned at " << locked->digest << '\n';
  }
  return kOk;
}

int remove(const Place& place, const Order& order) {
  for (const std::string& name : order.names) {
    if (is_snapshot(name)) {
      const std::size_t slash = name.find('/');
      const auto unlocked = models::unlock_snapshot(models::Store(place.data), name.substr(0, slash), name.substr(slash + 1), {});
      if (!unlocked) return failed(unlocked.error());
      std::cout << name << " is not pinned any more; a running server takes it over with demarc reload\n";
      continue;
    }
    const auto removed = models::remove(models::Store(place.data), name, {});
    if (!removed) return failed(removed.error());
    std::cout << name << " removed, " << mib(removed->freed_bytes) << " freed\n";
  }
  return kOk;
}

}  // namespace

void add_models(CLI::App& app, Shared& shared) {
  CLI::App* group = app.add_subcommand("models", "weights: list, fetch, verify");
  group->require_subcommand(1);
  auto order = std::make_shared<Order>();
  const auto with_place = [&shared](auto body) {
    return [&shared, body] {
      const auto place = find_place(shared);
      if (!place) return std::cerr << "demarc models: " << place.error() << '\n', static_cast<int>(kFailed);
      return static_cast<int>(body(*place));
    };
  };
  add_command(*group, shared, "ls", "the catalogue, and what of it is installed",
              with_place([&shared](const Place& place) { return list(shared, place); }));
  CLI::App* pulled =
      add_command(*group, shared, "pull", "fetch, check by SHA-256 and pin", with_place([order](const Place& place) { return pull(place, *order); }));
  pulled->add_option("names", order->names, "models of the catalogue");
  pulled->add_flag("--starter", order->starter, "the starter set: chat with fill-in-the-middle, speech, embedding");
  pulled->add_option("--from", order->from, "take the files from this folder instead of the network")->check(CLI::ExistingDirectory);
  CLI::App* verified = add_command(*group, shared, "verify", "read every byte and compare; exit code 5 if anything changed",
                                   with_place([&shared, order](const Place& place) { return verify(shared, place, *order); }));
  verified->add_option("name", order->names, "only this one");
  CLI::App* locked =
      add_command(*group, shared, "lock", "pin a model's bytes without fetching them, or UPSTREAM/MODEL: a dated snapshot of a provider",
                  with_place([order](const Place& place) { return lock(place, *order); }));
  locked->add_option("names", order->names, "models of the catalogue, or UPSTREAM/MODEL of demarc.yaml")->required();
  CLI::App* removed = add_command(*group, shared, "rm", "forget a model and free its space, or unpin UPSTREAM/MODEL",
                                  with_place([order](const Place& place) { return remove(place, *order); }));
  removed->add_option("names", order->names, "installed models")->required();
  add_models_check(*group, shared);
  add_models_advise(*group, shared);
  add_models_quantize(*group, shared);
}

}  // namespace demarc::cli
