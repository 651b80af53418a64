// demarc risk: what hangs on vendors. show: concentration, retirements, history; stress: what becomes of each workload, through the real router;
// watch: for a timer, says when a model in use goes away; register: the company's register of information in the shape of DORA's templates.
#include <fstream>
#include <iostream>

#include "cli/cli.hpp"
#include "cli/place.hpp"
#include "cli/plan_commands.hpp"
#include "config/config.hpp"
#include "config/places.hpp"
#include "core/json/or_null.hpp"
#include "planning/risk/dora.hpp"
#include "planning/risk/stress.hpp"
#include "planning/risk/vendor.hpp"
#include "policy/compile.hpp"

namespace demarc::cli {
namespace {

using namespace planning;

struct Order {
  PlanFiles files;
  std::string policy, answers, price_of, model, region, workload;
  bool all_down = false;
  std::optional<double> price;
  double hours = 8;
  int within_days = 180;
};

struct Known {
  Computed computed;
  Retirements retirements;
  History history;
  std::vector<Spend> spend;
  std::string today;
};

std::optional<Known> known(const PlanFiles& files) {
  auto computed = compute(files);
  if (!computed) return {};
  auto retirements = Retirements::read(builtin_retirements());
  auto history = read_history(builtin_history());
  CHECK(retirements.ok() && history.ok());
  Known out{std::move(*computed), std::move(*retirements), std::move(*history), {}, format_rfc3339(now()).substr(0, 10)};
  for (const WorkloadPlan& w : out.computed.plan.workloads) {
    const auto cell = out.computed.model.sheet.find_cell("workload." + w.name + ".cloud_all.usd[1]");
    const std::size_t slash = w.cloud_model.find('/');
    const bool named = slash != std::string::npos;
    out.spend.push_back({w.name, named ? w.cloud_model.substr(0, slash) : "not named", named ? w.cloud_model.substr(slash + 1) : "not named", "",
                         out.computed.cells[*cell].money()});
  }
  return out;
}

std::string number(double value, int places) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.*f", places, value);
  return text.data();
}

struct Going {
  const Spend* spend = nullptr;
  const Retirement* retirement = nullptr;
  int days = 0;
};
std::vector<Going> going(const Known& k) {
  std::vector<Going> out;
  for (const Spend& s : k.spend)
    if (const Retirement* r = k.retirements.find(s.provider, s.model)) out.push_back({&s, r, days_between(k.today, r->retired)});
  std::ranges::sort(out, {}, &Going::days);
  return out;
}

int show(const Shared& shared, const Order& order) {
  const auto k = known(order.files);
  if (!k) return kFailed;
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.array("concentration", [&] {
      for (const auto& by : {std::pair("provider", &Spend::provider), std::pair("model", &Spend::model), std::pair("workload", &Spend::workload)}) {
        const Concentration c = concentration(k->spend, by.second);
        if (!shared.json) {
          std::cout << "by " << by.first << ": index " << number(c.hhi, 0) << " of 10,000, as if among " << number(c.effective, 2) << " equals\n";
          for (std::size_t i = 0; i < std::min<std::size_t>(c.shares.size(), 5); ++i)
            std::cout << "  " << number(c.shares[i].share * 100, 1) << " %  " << c.shares[i].name << '\n';
        }
        json.object([&] {
          json.field("by", by.first), json.field("hhi", c.hhi), json.field("effective", c.effective);
          json.array("shares", [&] {
            for (const Share& s : c.shares)
              json.object([&] { json.field("name", s.name), json.field("usd_per_month", s.usd.print()), json.field("share", s.share); });
          });
        });
      }
    });
    if (!shared.json) std::cout << "models of the plan that go away:\n";
    const auto ends = going(*k);
    json.array("retirements", [&] {
      for (const Going& g : ends) {
        if (!shared.json)
          std::cout << "  " << g.retirement->retired << " (" << g.days << " days)  " << g.spend->workload << ": " << g.spend->model << ", read "
                    << g.retirement->verified << " at " << g.retirement->source << '\n';
        json.object([&] {
          json.field("workload", g.spend->workload), json.field("model", g.spend->model), json.field("retired", g.retirement->retired),
              json.field("days", g.days), json.field("source", g.retirement->source), json.field("verified", g.retirement->verified);
        });
      }
    });
    if (!shared.json && ends.empty()) std::cout << "  none with a date; a date may be set any day\n";
    json.array("notice", [&] {
      for (const Share& s : concentration(k->spend, &Spend::provider).shares) {
        const auto days = k->retirements.median_notice_days(s.name);
        if (!shared.json && days) std::cout << s.name << " gave " << *days << " days of notice in the median\n";
        json.object([&] { json.field("provider", s.name), field_or_null(json, "median_days", days); });
      }
    });
    json.array("price_changes", [&] {
      for (const PriceChange& p : k->history.price_changes) {
        if (!shared.json)
          std::cout << p.model << ": $" << p.from << " to $" << p.to << " a million tokens from " << p.date << " (" << p.source << ")\n";
        json.object([&] {
          json.field("provider", p.provider), json.field("model", p.model), json.field("date", p.date), json.field("factor", p.factor),
              json.field("source", p.source);
        });
      }
    });
    json.array("outages", [&] {
      for (const OutageRecord& o : k->history.outages) {
        if (!shared.json)
          std::cout << o.service << " was there " << number(o.availability() * 100, 2) << " % of " << number(o.days, 0) << " days to " << o.until
                    << " (" << o.source << ")\n";
        json.object([&] {
          json.field("provider", o.provider), json.field("service", o.service), json.field("availability", o.availability()),
              json.field("until", o.until), json.field("source", o.source);
        });
      }
    });
  });
  if (shared.json) std::cout << out << '\n';
  return kOk;
}

int watch(const Shared& shared, const Order& order) {
  const auto k = known(order.files);
  if (!k) return kFailed;
  std::string out;
  JsonWriter json(out);
  int found = 0;
  json.object([&] {
    json.array("ending", [&] {
      for (const Going& g : going(*k)) {
        if (g.days > order.within_days) continue;
        ++found;
        if (!shared.json)
          std::cout << g.spend->workload << ": " << g.spend->model << (g.days < 0 ? " was retired on " : " ends on ") << g.retirement->retired
                    << (g.days < 0 ? "" : ", in " + std::to_string(g.days) + " days") << '\n';
        json.object([&] {
          json.field("workload", g.spend->workload), json.field("model", g.spend->model), json.field("retired", g.retirement->retired),
              json.field("days", g.days);
        });
      }
    });
  });
  if (shared.json) std::cout << out << '\n';
  return found == 0 ? kOk : kFailed;
}

struct Router {
  config::Config config;
  policy::CompiledPolicy policy;
};

// The configuration and the policy by which live requests are decided.
std::optional<Router> router_of(const Shared& shared, const Order& order) {
  const auto config_file = config::find_config(shared.config.empty() ? std::nullopt : std::optional(shared.config), config::process_environment());
  config::Config config = config::default_config({});
  if (config_file) {
    auto loaded = config::load_file(*config_file, config::process_environment(), config::LoadMode::policy_only);
    if (!loaded) return std::cerr << config::to_string(loaded.error()) << '\n', std::nullopt;
    config = std::move(*loaded);
  }
  const std::string path = order.policy.empty() ? config.policy_path : order.policy;
  const auto text = path.empty() ? std::optional(std::string(policy::kDefaultPolicy)) : read_whole(path, 4 << 20);
  if (!text) return {};
  auto compiled = policy::compile(*text, path.empty() ? "embedded default" : path, config.routing);
  if (!compiled) {
    for (const auto& problem : compiled.error()) std::cerr << policy::print(problem) << '\n';
    return {};
  }
  return Router{std::move(config), std::move(*compiled)};
}

int run_stress(const Shared& shared, const Order& order) {
  std::vector<Stress> wanted;
  if (order.price) wanted.push_back({.kind = StressKind::price, .subject = order.price_of, .factor = *order.price});
  if (!order.model.empty()) wanted.push_back({.kind = StressKind::model_gone, .subject = order.model});
  if (!order.region.empty()) wanted.push_back({.kind = StressKind::region_down, .subject = order.region, .hours = order.hours});
  if (order.all_down) wanted.push_back({.kind = StressKind::region_down, .hours = order.hours});
  if (!order.workload.empty()) wanted.push_back({.kind = StressKind::ban, .subject = order.workload});
  if (wanted.empty())
    return std::cerr << "demarc risk stress: say what goes wrong: --price, --model-gone, --region-down, --cloud-down or --ban\n", kUsage;
  const auto computed = compute(order.files);
  const auto prices = load_prices(order.files);
  if (!computed || !prices) return kFailed;
  const auto router = router_of(shared, order);
  if (!router) return kFailed;
  std::string out;
  JsonWriter json(out);
  bool failed = false;
  json.object([&] {
    json.array("scenarios", [&] {
      for (const Stress& one : wanted) {
        const auto stressed =
            stress(computed->plan, {.policy = router->policy, .routing = router->config.routing, .prices = *prices, .today = now()}, one);
        if (!stressed) {
          std::cerr << "demarc risk stress: " << stressed.error().message << '\n', failed = true;
          continue;
        }
        if (!shared.json) std::cout << print(*stressed) << '\n';
        json.raw(to_json(*stressed));
      }
    });
  });
  if (shared.json) std::cout << out << '\n';
  return failed ? kFailed : kOk;
}

// What a plan, the configuration, the policy and earlier retirements fill; the rest is asked of whoever keeps the register, in a file.
int print_register(const Shared& shared, const Order& order) {
  const auto k = known(order.files);
  const auto prices = load_prices(order.files);
  if (!k || !prices) return kFailed;
  const auto router = router_of(shared, order);
  if (!router) return kFailed;
  DoraAnswers answers;
  const bool ask = !order.answers.empty() && !std::ifstream(order.answers);
  if (!order.answers.empty() && !ask) {
    const auto text = read_whole(order.answers, 1 << 20);
    if (!text) return kFailed;
    auto read = read_answers(*text, order.answers);
    if (!read) return std::cerr << read.error() << '\n', kFailed;
    answers = std::move(*read);
  }
  const StressWorld world{.policy = router->policy, .routing = router->config.routing, .prices = *prices, .today = now()};
  const auto entries = dora_register({.plan = k->computed.plan, .router = world, .spend = k->spend, .retirements = k->retirements}, answers);
  std::cout << (shared.json ? to_json(entries) + "\n" : to_csv(entries));
  std::size_t open = 0;
  for (const DoraEntry& entry : entries) open += static_cast<std::size_t>(std::ranges::count(entry.fields, std::string(), &DoraField::value));
  if (ask) {
    if (!(std::ofstream(order.answers) << answers_to_fill_in(entries, answers)))
      return std::cerr << order.answers << ": cannot be written\n", kFailed;
    std::cerr << "wrote " << order.answers << ": " << open << " fields that only you can fill\n";
  } else if (open > 0) {
    std::cerr << open << " fields are empty: contracts, dates and audits are for whoever keeps the register; --answers FILE asks for them\n";
  }
  return kOk;
}

}  // namespace

void add_risk(CLI::App& app, Shared& shared) {
  CLI::App* risk = app.add_subcommand("risk", "what hangs on vendors: concentration, retirements, stress");
  risk->require_subcommand(1);
  auto order = std::make_shared<Order>();
  CLI::App* shown = add_command(*risk, shared, "show", "concentration, models that go away, notice, prices and outages before",
                                [&shared, order] { return show(shared, *order); });
  add_plan_files(shown, order->files);
  CLI::App* stressed = add_command(*risk, shared, "stress", "what becomes of each workload when something goes wrong",
                                   [&shared, order] { return run_stress(shared, *order); });
  add_plan_files(stressed, order->files);
  stressed->add_option("--policy", order->policy, "policy.yaml (else the one that the configuration names)");
  stressed->add_option("--price", order->price, "cloud prices times this")->check(CLI::Range(0.0, 1000.0));
  stressed->add_option("--price-of", order->price_of, "with --price: of this provider or model alone, not of all")->needs("--price");
  stressed->add_option("--model-gone", order->model, "no upstream serves this model any more");
  stressed->add_option("--region-down", order->region, "every cloud upstream of this region is down");
  stressed->add_flag("--cloud-down", order->all_down, "every cloud upstream is down");
  stressed->add_option("--hours", order->hours, "for so long")->capture_default_str()->check(CLI::Range(0.0, 8784.0));
  stressed->add_option("--ban", order->workload, "this workload may not go to the cloud");
  CLI::App* watched = add_command(*risk, shared, "watch", "exit code 1 if a model of the plan goes away soon: for a timer",
                                  [&shared, order] { return watch(shared, *order); });
  add_plan_files(watched, order->files);
  watched->add_option("--within-days", order->within_days, "how soon")->capture_default_str()->check(CLI::Range(0, 3650));
  CLI::App* registered = add_command(*risk, shared, "register", "providers in the shape of DORA's register of information, CSV",
                                     [&shared, order] { return print_register(shared, *order); });
  add_plan_files(registered, order->files);
  registered->add_option("--policy", order->policy, "policy.yaml (else the one that the configuration names)");
  registered->add_option("--answers", order->answers, "a file with what only you can say; written to be filled in if it is not there");
}

}  // namespace demarc::cli
