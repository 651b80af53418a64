// demarc plan inventory, plan classify: the company's uses of models, from what was imported and from its code; which of them are boring, and why.
#include <fstream>
#include <iostream>

#include "cli/cli.hpp"
#include "cli/place.hpp"
#include "cli/plan_commands.hpp"
#include "core/json/writer.hpp"
#include "planning/inventory/judgements.hpp"
#include "planning/inventory/parts.hpp"
#include "planning/inventory/scan_code.hpp"

namespace demarc::cli {
namespace {

struct Order {
  std::vector<std::string> prices, code;
  std::string draft, together;
  std::string workload, bucket, who, why;
  std::vector<std::string> features;
};

struct Open {
  planning::UsageBook book;
  planning::Judgements judgements;
  std::vector<planning::Workload> inventory;
};

std::optional<Open> open(const Shared& shared, const Order& order) {
  const auto said = [](const std::string& error) { return std::cerr << "demarc plan: " << error << '\n', std::nullopt; };
  const auto place = find_place(shared);
  if (!place) return said(place.error());
  const auto prices = load_prices({.prices = order.prices});
  if (!prices) return {};
  auto book = planning::UsageBook::open(place->data + "/plan.sqlite");
  if (!book) return said(book.error() + "; nothing was imported yet? demarc plan import FILE");
  auto judgements = planning::Judgements::open(*book);
  if (!judgements) return said(judgements.error());
  auto inventory = planning::take_inventory(*book, *prices);
  if (!inventory) return said(inventory.error());
  return Open{std::move(*book), std::move(*judgements), std::move(*inventory)};
}

std::string today() { return format_rfc3339(now()).substr(0, 10); }

int scan(const Shared& shared, const Order& order) {
  const auto sdks = planning::read_sdks(planning::builtin_sdks());
  CHECK(sdks.ok());
  std::string out;
  JsonWriter json(out);
  bool failed = false;
  json.object([&] {
    json.array("code", [&] {
      for (const std::string& folder : order.code) {
        const auto found = planning::scan_code(folder, *sdks);
        if (!found) {
          std::cerr << "demarc plan inventory: " << found.error() << '\n', failed = true;
          continue;
        }
        if (!shared.json) std::cout << folder << ": " << found->files << " files read, " << found->uses.size() << " speak to a model\n";
        for (const planning::CodeUse& use : found->uses) {
          json.object([&] {
            json.field("folder", folder), json.field("file", use.file), json.field("line", use.line);
            json.array("sdks", [&] {
              for (const std::string& sdk : use.sdks) json.value(sdk);
            });
            json.array("features", [&] {
              for (const std::string& feature : use.features) json.value(feature);
            });
          });
          if (shared.json) continue;
          std::cout << "  " << use.file << ':' << use.line;
          for (const std::string& sdk : use.sdks) std::cout << ' ' << sdk;
          for (const std::string& feature : use.features) std::cout << ' ' << '[' << feature << ']';
          std::cout << '\n';
        }
      }
    });
  });
  if (shared.json) std::cout << out << '\n';
  return failed ? kFailed : kOk;
}

// A person says that what was taken apart is one use after all.
int keep_one(const Shared& shared, const Order& order) {
  if (order.who.empty()) return std::cerr << "demarc plan inventory: say who decides: --who NAME\n", kUsage;
  auto opened = open(shared, order);
  if (!opened) return kFailed;
  const auto part = std::ranges::find(opened->inventory, order.together, &planning::Workload::part_of);
  // The group's own name may hold more than a workload's: it stands before that of the part.
  std::string group = order.together;
  if (part != opened->inventory.end())
    for (const planning::Part& known : planning::read_parts(opened->book).value_or({}))
      if (known.of + " " + known.name == part->called) group = known.of;
  if (auto kept = planning::keep_together(opened->book, group, order.who, today()); !kept)
    return std::cerr << "demarc plan inventory: " << kept.error() << '\n', kUsage;
  std::cerr << order.together << " is one workload from now on\n";
  return kOk;
}

int inventory(const Shared& shared, const Order& order) {
  if (!order.code.empty()) return scan(shared, order);
  if (!order.together.empty()) return keep_one(shared, order);
  const auto opened = open(shared, order);
  if (!opened) return kFailed;
  if (!order.draft.empty()) {
    std::map<std::string, std::string> buckets;
    const auto classes = planning::classify_all(opened->inventory, opened->judgements);
    for (std::size_t i = 0; i < classes.size(); ++i) buckets[opened->inventory[i].name] = planning::to_string(classes[i].side);
    if (std::ifstream(order.draft)) return std::cerr << order.draft << ": is there already; move it away\n", kFailed;
    if (!(std::ofstream(order.draft) << planning::draft_plan(opened->inventory, buckets, today())))
      return std::cerr << order.draft << ": cannot be written\n", kFailed;
    std::cerr << "wrote " << order.draft << "; fill in what your hardware costs, then: demarc plan compare " << order.draft << '\n';
    return kOk;
  }
  std::cout << (shared.json ? planning::to_json(opened->inventory) + "\n" : planning::print(opened->inventory));
  return kOk;
}

int classify(const Shared& shared, const Order& order) {
  auto opened = open(shared, order);
  if (!opened) return kFailed;
  const auto failed = [](const std::string& error, int code) { return std::cerr << "demarc plan classify: " << error << '\n', code; };
  if (!order.workload.empty()) {
    const auto found = std::ranges::find(opened->inventory, order.workload, &planning::Workload::name);
    if (found == opened->inventory.end()) return failed("there is no workload of that name; demarc plan inventory lists them", kUsage);
    for (const std::string& stated : order.features) {
      const std::size_t equals = stated.find('=');
      const auto feature = planning::parse_feature(stated.substr(0, equals));
      const std::string value = equals == std::string::npos ? "yes" : stated.substr(equals + 1);
      if (!feature || (value != "yes" && value != "no"))
        return failed("a feature is NAME=yes or NAME=no; docs/reference/plan.md lists their names", kUsage);
      if (auto kept = opened->judgements.hint(order.workload, *feature, value == "yes" ? 1 : 0, order.who, today()); !kept)
        return failed(kept.error(), kFailed);
    }
    if (!order.bucket.empty()) {
      if (order.who.empty()) return failed("say who decides: --who NAME", kUsage);
      planning::Correction correction{.workload = order.workload,
                                      .side = order.bucket == "boring" ? planning::Side::boring : planning::Side::strategic,
                                      .who = order.who,
                                      .why = order.why,
                                      .date = today()};
      for (const planning::Reason& reason : planning::classify(*found, opened->judgements.hints(order.workload), planning::kStartWeights).reasons)
        correction.features.emplace_back(reason.feature, reason.value);
      if (auto kept = opened->judgements.correct(correction); !kept) return failed(kept.error(), kFailed);
    }
  }
  const auto classes = planning::classify_all(opened->inventory, opened->judgements);
  std::cout << (shared.json ? planning::to_json(opened->inventory, classes) + "\n" : planning::print(opened->inventory, classes));
  return kOk;
}

}  // namespace

void add_plan_inventory(CLI::App& plan, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* taken = add_command(plan, shared, "inventory", "your uses of models, from what was imported, or from source code",
                                [&shared, order] { return inventory(shared, *order); });
  taken->add_option("--code", order->code, "folders with repositories: which files speak to a model");
  taken->add_option("--draft", order->draft, "write a plan.yaml to start from");
  taken->add_option("--together", order->together, "this workload is one, whatever the shapes of its requests");
  taken->add_option("--who", order->who, "who says so");
  taken->add_option("--prices", order->prices, "price files that win over the built-in book");
  CLI::App* classified = add_command(plan, shared, "classify", "boring (local-friendly) or strategic (cloud-required), with reasons; corrections",
                                     [&shared, order] { return classify(shared, *order); });
  classified->add_option("workload", order->workload, "to correct one");
  classified->add_option("--bucket", order->bucket, "boring or strategic")->check(CLI::IsMember({"boring", "strategic"}));
  classified->add_option("--feature", order->features, "state one: fixed_schema=yes, sensitive=no, …");
  classified->add_option("--who", order->who, "who says so");
  classified->add_option("--why", order->why, "why");
  classified->add_option("--prices", order->prices, "price files that win over the built-in book");
}

}  // namespace demarc::cli
