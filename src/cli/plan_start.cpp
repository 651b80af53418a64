// demarc plan start: ninety days from invoices to a governed local tier, in three phases. What is done is read from the data itself; each phase that
// is done gets its document. Nothing is ticked off by hand.
#include "cli/plan_start.hpp"

#include <simdjson.h>

#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/strings.hpp"
#include "cli/cli.hpp"
#include "cli/place.hpp"
#include "cli/plan_commands.hpp"
#include "config/config.hpp"
#include "config/places.hpp"
#include "core/json/or_null.hpp"
#include "core/yaml/tree.hpp"
#include "planning/import/reconcile.hpp"
#include "planning/inventory/judgements.hpp"
#include "planning/model/compare.hpp"
#include "planning/risk/vendor.hpp"
#include "policy/cases.hpp"
#include "policy/compile.hpp"

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;
using namespace planning;

struct Order {
  PlanFiles files;
  std::string out = "ninety-days", pilot = "pilot", policy, cases;
};

struct Check {
  std::string what;
  bool done = false;
  std::string next;  // what to do if it is not
};
struct Phase {
  std::string name, days, document;
  std::vector<Check> checks;
  [[nodiscard]] bool done() const { return std::ranges::all_of(checks, &Check::done); }
};

// What no file can say. Asked once, kept in answers.yaml.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kQuestions = {
    {{"owner", "who answers for the policy"},
     {"reviewers", "who reviews it"},
     {"review_months", "how often, in months"},
     {"allowed_uses", "what models may be used for"},
     {"forbidden_uses", "what they may not be used for"},
     {"retention_days", "how long records and files are kept"},
     {"incident_contact", "who is called when something leaves that should not"}}};

std::map<std::string, std::string> answers_of(const fs::path& path, const std::string& today) {
  std::map<std::string, std::string> out;
  std::ifstream in(path);
  if (!in) {
    std::ofstream file(path);
    file << "# What no file can say. Fill in; `demarc plan start` puts it into the governance policy.\nstarted: " << today << '\n';
    for (const auto& [key, asks] : kQuestions) file << key << ": \"\"   # " << asks << '\n';
    out["started"] = today;
    return out;
  }
  std::stringstream text;
  text << in.rdbuf();
  const auto root = parse_yaml(text.str());
  if (!root || root->kind != YamlKind::map) return out;
  for (std::size_t i = 0; i < root->keys.size(); ++i)
    if (root->items[i].kind == YamlKind::scalar) out[root->keys[i].text] = root->items[i].text;
  return out;
}

std::string money(double usd) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "$%.0f", usd);
  return text.data();
}

struct Facts {
  std::string today;
  std::map<std::string, std::string> answers;
  std::optional<Reconciliation> reconciliation;
  std::vector<Workload> inventory;
  std::vector<Classified> classes;
  std::string pilot_verdict, pilot_name, pilot_text;
  std::int64_t pilot_pairs = 0;
  config::Config config;
  std::string config_file, policy_file;
  std::optional<policy::CompiledPolicy> policy;
  std::string policy_problem;
  std::size_t cases = 0, cases_failed = 0;
  std::optional<Computed> plan;
};

void read_usage(const Shared& shared, Facts& facts) {
  const auto place = find_place(shared);
  if (!place || !fs::exists(place->data + "/plan.sqlite")) return;
  const auto prices = load_prices({});
  auto book = UsageBook::open(place->data + "/plan.sqlite");
  if (!prices || !book) return;
  const auto judgements = Judgements::open(*book);
  const auto days = book->days();
  auto inventory = take_inventory(*book, *prices);
  if (!judgements || !days || !inventory) return;
  facts.reconciliation = reconcile(*days, *prices), facts.inventory = std::move(*inventory),
  facts.classes = classify_all(facts.inventory, *judgements);
}

void read_pilot(const Order& order, Facts& facts) {
  std::ifstream in(fs::path(order.pilot) / "report.json"), text(fs::path(order.pilot) / "report.txt");
  std::stringstream json, told;
  json << in.rdbuf(), told << text.rdbuf();
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (!in || parser.parse(simdjson::padded_string(json.str())).get(root) != simdjson::SUCCESS) return;
  std::string_view verdict, name;
  if (root["verdict"].get_string().get(verdict) == simdjson::SUCCESS) facts.pilot_verdict = verdict;
  if (root["name"].get_string().get(name) == simdjson::SUCCESS) facts.pilot_name = name;
  static_cast<void>(root["pairs"].get_int64().get(facts.pilot_pairs));
  facts.pilot_text = told.str();
}

void read_policy(const Shared& shared, const Order& order, Facts& facts) {
  const auto file = config::find_config(shared.config.empty() ? std::nullopt : std::optional(shared.config), config::process_environment());
  if (!file) return;
  auto loaded = config::load_file(*file, config::process_environment(), config::LoadMode::policy_only);
  if (!loaded) return void(facts.policy_problem = config::to_string(loaded.error()));
  facts.config = std::move(*loaded), facts.config_file = *file;
  facts.policy_file = order.policy.empty() ? facts.config.policy_path : order.policy;
  const auto text = facts.policy_file.empty() ? std::nullopt : read_whole(facts.policy_file, 4 << 20);
  if (!text) return;
  auto compiled = policy::compile(*text, facts.policy_file, facts.config.routing);
  if (!compiled) return void(facts.policy_problem = policy::print(compiled.error().front()));
  facts.policy = std::move(*compiled);
  if (order.cases.empty()) return;
  const auto cases_text = read_whole(order.cases, policy::kMaxCasesBytes);
  const auto cases = cases_text ? policy::read_cases(*cases_text, order.cases) : fail(std::vector<policy::PolicyProblem>());
  if (!cases) return;
  facts.cases = cases->size(), facts.cases_failed = policy::run_cases(*facts.policy, facts.config.routing, *cases, order.cases).failed();
}

std::vector<Phase> phases_of(const Facts& f, const Order& order) {
  std::size_t unclassified = 0;
  double all = 0;
  for (const Workload& w : f.inventory) all += w.usd_per_month;
  for (std::size_t i = 0; i < f.inventory.size(); ++i)
    unclassified += f.classes[i].side == Side::unknown && f.inventory[i].usd_per_month >= all / 100 ? 1 : 0;
  const bool usage = !f.inventory.empty(), invoices = f.reconciliation && f.reconciliation->invoice_rows > 0;
  Phase first{"Inventory", "days 1 to 30", "inventory.md", {}};
  first.checks = {{"usage is imported", usage, "demarc plan import USAGE"},
                  {"invoices are imported", invoices, "demarc plan import INVOICE"},
                  {"usage explains the invoices but for half a percent", invoices && usage && f.reconciliation->unexplained_share() <= 0.005,
                   "demarc plan import shows what is unexplained"},
                  {"every workload of one percent of the spend or more is classified", usage && unclassified == 0,
                   "demarc plan classify NAME --bucket boring|strategic --who YOU --why REASON"}};
  Phase second{"One measured workload", "days 31 to 60", "pilot.md", {}};
  const bool pilot = !f.pilot_verdict.empty(), shown = pilot && !f.pilot_verdict.starts_with("not shown");
  second.checks = {
      {"a pilot was run on one boring workload", pilot, "demarc plan pilot REQUESTS --present MODEL --candidate MODEL -o " + order.pilot},
      {"it shows something: as good, or worse", shown, pilot ? "more pairs: --sample N; or people's judgement: --review" : "first run it"}};
  Phase third{"Routing, policy and the finance case", "days 61 to 90", "governance.md", {}};
  std::size_t open = 0;
  for (const auto& [key, asks] : kQuestions) open += f.answers.contains(std::string(key)) && !f.answers.at(std::string(key)).empty() ? 0 : 1;
  third.checks = {{"a policy is written and compiles", f.policy.has_value(),
                   f.policy_problem.empty() ? "docs/guide/first-policy.md; demarc policy check" : f.policy_problem},
                  {"it has invariants, which every decision is held against", f.policy && !f.policy->invariants.empty(),
                   "write what must never happen into `invariants:`"},
                  {"its cases pass", f.cases > 0 && f.cases_failed == 0,
                   f.cases == 0 ? "demarc plan start --cases cases.jsonl" : std::to_string(f.cases_failed) + " fail: demarc policy test"},
                  {"questions for the governance policy are answered", open == 0,
                   std::to_string(open) + " are open in " + (fs::path(order.out) / "answers.yaml").string()},
                  {"the finance case is computed", f.plan.has_value(), "demarc plan inventory --draft plan.yaml, fill it in; demarc plan compare"}};
  return {first, second, third};
}

std::string inventory_document(const Facts& f) {
  std::string out = "# Classified inventory\n\n" + f.today +
                    ". Found in what was imported; no text was read.\n\n| workload | model | requests a month | cost a month | bucket | why |\n| --- "
                    "| --- | --- | --- | --- | --- |\n";
  for (std::size_t i = 0; i < f.inventory.size(); ++i) {
    const Workload& w = f.inventory[i];
    const Classified& c = f.classes[i];
    std::string why = c.corrected ? c.by : c.reasons.empty() ? "" : c.reasons[0].says + (c.reasons.size() > 1 ? "; " + c.reasons[1].says : "");
    std::ranges::replace(why, '|', '/');
    out += "| " + w.name + " | " + w.model + " | " + std::to_string(static_cast<std::int64_t>(w.requests_per_month)) + " | " +
           money(w.usd_per_month) + " | " + std::string(to_string(c.side)) + " | " + why + " |\n";
  }
  return f.reconciliation ? out + "\n## Reconciliation\n\n```\n" + print(*f.reconciliation) + "```\n" : out;
}

std::string governance_document(const Facts& f, const Order& order) {
  const auto answer = [&](std::string_view key) {
    const auto found = f.answers.find(std::string(key));
    return found == f.answers.end() || found->second.empty() ? "**not answered** (`" + std::string(key) + "` of answers.yaml)" : found->second;
  };
  std::string out = "# Governance policy for the use of AI models\n\n" + f.today + ". Written from " +
                    (f.config_file.empty() ? std::string("no configuration") : f.config_file) + ", " +
                    (f.policy_file.empty() ? "no policy" : f.policy_file) +
                    " and answers.yaml by `demarc plan start`; what is enforced is enforced by these files, not by this text.\n\n## Owners and "
                    "review\n\n- Owner: " +
                    answer("owner") + "\n- Reviewers: " + answer("reviewers") + "\n- Reviewed every " + answer("review_months") +
                    " months, and when a provider, a model or a law changes\n\n## Uses\n\n- Allowed: " + answer("allowed_uses") +
                    "\n- Forbidden: " + answer("forbidden_uses") + "\n\n";
  if (!f.config.routing.workloads.empty()) {
    out += "| workload | owner | sensitivity | bucket |\n| --- | --- | --- | --- |\n";
    for (const WorkloadSpec& w : f.config.routing.workloads)
      out += "| " + w.name + " | " + (w.owner.empty() ? "**none named**" : w.owner) + " | " +
             (w.sensitivity ? std::string(to_string(*w.sensitivity)) : std::string("default")) + " | " + (w.bucket.empty() ? "–" : w.bucket) + " |\n";
    out += "\n";
  }
  out += "## What may leave\n\nWhat nobody declared counts as " + std::string(to_string(f.config.routing.default_sensitivity)) + ".\n\n";
  if (f.policy) {
    out += "| rule | |\n| --- | --- |\n";
    for (const auto& rule : f.policy->rules) out += "| `" + rule.id + "` | enforced for every request |\n";
    for (const auto& invariant : f.policy->invariants) out += "| `" + invariant.id + "` | invariant: a decision that breaks it is refused |\n";
    out += "\nThe rules' words stand in " + f.policy_file + "; `demarc policy explain` says what they make of a request. " + std::to_string(f.cases) +
           " written cases were run, " + std::to_string(f.cases_failed) + " failed.\n\n";
  }
  out += "## Where\n\n| upstream | tier | region | keeps nothing by contract |\n| --- | --- | --- | --- |\n";
  for (const UpstreamSpec& u : f.config.routing.upstreams)
    out += "| " + u.name + " | " + std::string(to_string(u.tier)) + " | " + (u.tier == Tier::local ? "here" : u.region.value_or("**not stated**")) +
           " | " +
           (u.tier == Tier::local ? "–"
            : u.no_store          ? "yes"
                                  : "no") +
           " |\n";
  out +=
      "\n## Records and retention\n\nEvery decision and its outcome are in the audit log before anything leaves (docs/reference/audit-log.md). "
      "Records and files are kept " +
      answer("retention_days") + " days.\n\n## Incidents\n\n1. Call " + answer("incident_contact") +
      ".\n2. `demarc audit show RECORD` says what left, where to and by which rule; `demarc audit verify` that the log is whole.\n3. Close the gap "
      "in the policy and add the case to " +
      (order.cases.empty() ? "the cases" : order.cases) + ", so that it stays closed.\n";
  if (f.plan) {
    const Model& model = f.plan->model;
    out += "\n## The finance case\n\n- " + std::string(to_string(verdict_of(model, f.plan->cells))) + ": net present value $" +
           f.plan->cells[model.out.npv].with_commas(2) + "; the pages and the workbook are made by `demarc plan report " + order.files.plan + "`.\n";
  }
  return out;
}

int start(const Shared& shared, const Order& order) {
  std::error_code error;
  fs::create_directories(order.out, error);
  Facts facts{.today = format_rfc3339(now()).substr(0, 10)};
  facts.answers = answers_of(fs::path(order.out) / "answers.yaml", facts.today);
  read_usage(shared, facts), read_pilot(order, facts), read_policy(shared, order, facts);
  if (fs::exists(order.files.plan)) facts.plan = compute(order.files);
  const auto phases = phases_of(facts, order);

  std::vector<std::string> written;
  const auto write = [&](const std::string& name, const std::string& text) {
    const fs::path path = fs::path(order.out) / name;
    if (std::ofstream(path) << text) written.push_back(path);
  };
  if (!facts.inventory.empty()) write("inventory.md", inventory_document(facts));
  if (!facts.pilot_text.empty())
    write("pilot.md", "# The measured pilot: " + facts.pilot_name + "\n\n```\n" + facts.pilot_text + "```\n\nRaw rows stand beside it, in `" +
                          order.pilot + "/rows.jsonl`.\n");
  if (facts.policy) write("governance.md", governance_document(facts, order));

  const int day = 1 + days_between(facts.answers.contains("started") ? facts.answers.at("started") : facts.today, facts.today);
  std::string out;
  JsonWriter json(out);
  if (!shared.json) std::cout << "day " << day << " of 90\n";
  json.object([&] {
    json.field("day", day);
    json.array("phases", [&] {
      for (const Phase& phase : phases) {
        if (!shared.json) std::cout << '\n' << phase.name << " (" << phase.days << "): " << (phase.done() ? "done" : "open") << '\n';
        json.object([&] {
          json.field("name", phase.name), json.field("done", phase.done());
          json.array("checks", [&] {
            for (const Check& check : phase.checks) {
              if (!shared.json)
                std::cout << (check.done ? "  [x] " : "  [ ] ") << check.what << (check.done ? "" : "\n        next: " + check.next) << '\n';
              json.object(
                  [&] { json.field("what", check.what), json.field("done", check.done), text_or_null(json, "next", check.done ? "" : check.next); });
            }
          });
        });
      }
    });
    json.array("documents", [&] {
      for (const std::string& path : written) json.value(path);
    });
  });
  if (shared.json)
    std::cout << out << '\n';
  else
    for (const std::string& path : written) std::cout << "\nwrote " << path;
  if (!shared.json) std::cout << (written.empty() ? "" : "\n");
  return kOk;
}

}  // namespace

void add_plan_start(CLI::App& plan, Shared& shared) {
  auto order = std::make_shared<Order>();
  CLI::App* command = add_command(plan, shared, "start", "ninety days in three phases: what is done, what is next, and its documents",
                                  [&shared, order] { return start(shared, *order); });
  add_plan_files(command, order->files);
  command->add_option("-o,--out", order->out, "folder for answers and documents")->capture_default_str();
  command->add_option("--pilot", order->pilot, "the pilot's folder")->capture_default_str();
  command->add_option("--policy", order->policy, "policy.yaml (else the one that the configuration names)");
  command->add_option("--cases", order->cases, "cases.jsonl that the policy must pass");
}

}  // namespace demarc::cli
