#include "planning/risk/dora.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/json/or_null.hpp"
#include "core/yaml/tree.hpp"
#include "ledger/csv.hpp"

namespace demarc::planning {
namespace {

struct Column {
  std::string_view code, name;
};
// In the order of the templates. Closed lists of the regulation are named in words, as its annex has them.
constexpr std::array kColumns = {
    Column{"B_02.01.0010", "reference of the contract"},
    Column{"B_02.01.0020", "type of contract: standalone, overarching, subsequent"},
    Column{"B_02.01.0040", "currency of the expense"},
    Column{"B_02.01.0050", "annual expense"},
    Column{"B_02.02.0060", "type of service"},
    Column{"B_02.02.0070", "start of the contract"},
    Column{"B_02.02.0080", "end of the contract; 9999-12-31: none"},
    Column{"B_02.02.0100", "notice days of the entity"},
    Column{"B_02.02.0110", "notice days of the provider"},
    Column{"B_02.02.0120", "country of the governing law"},
    Column{"B_02.02.0130", "country of provision"},
    Column{"B_02.02.0140", "storage of data: yes, no"},
    Column{"B_02.02.0150", "location of data at rest"},
    Column{"B_02.02.0160", "location of processing"},
    Column{"B_02.02.0170", "sensitivity of data: low, medium, high"},
    Column{"B_02.02.0180", "reliance: not significant, low, material, full"},
    Column{"B_05.02.0050", "rank in the chain"},
    Column{"B_07.01.0050", "substitutability: not substitutable, highly complex, medium complexity, easily"},
    Column{"B_07.01.0060", "why not: no alternatives, difficult to migrate or reintegrate, both"},
    Column{"B_07.01.0070", "date of the last audit; 9999-12-31: none"},
    Column{"B_07.01.0080", "exit plan: yes, no"},
    Column{"B_07.01.0090", "reintegration: easy, difficult, highly complex"},
    Column{"B_07.01.0100", "impact of discontinuing: low, medium, high, assessment not performed"},
    Column{"B_07.01.0110", "alternatives: yes, no, assessment not performed"},
    Column{"B_07.01.0120", "which alternatives"},
};
constexpr std::array<std::string_view, 6> kOrigins = {"", "plan", "configuration", "policy", "earlier retirements", "answers"};

std::string joined(const std::set<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : "; ") + word;
  return out;
}

// What hangs on a provider alone: each of its workloads is decided with all its upstreams down.
struct Alone {
  int workloads = 0, failing = 0;
  std::set<std::string> stand_ins;
};
Alone without(const DoraWorld& world, const std::string& provider) {
  Alone out;
  for (const Spend& spend : world.spend) {
    if (spend.provider != provider) continue;
    const auto w = std::ranges::find(world.plan.workloads, spend.workload, &WorkloadPlan::name);
    if (w == world.plan.workloads.end()) continue;
    ++out.workloads;
    const Served served = served_without(world.router, *w, provider);
    if (served.effect != "permit")
      ++out.failing;
    else
      out.stand_ins.insert(served.tier == "local" ? "own hardware (" + served.upstream + ")" : served.priced_as);
  }
  return out;
}

// The highest sensitivity with which a plain request may reach the provider, redacted or not.
std::optional<Sensitivity> most_sensitive(const StressWorld& router, const std::string& provider) {
  std::optional<Sensitivity> most;
  policy::States states;
  for (const UpstreamSpec& upstream : router.routing.upstreams) states.emplace_back(upstream.models.size());
  for (const Sensitivity level : {Sensitivity::public_, Sensitivity::internal, Sensitivity::confidential, Sensitivity::restricted}) {
    Attributes request;
    request.key_sensitivity = level;
    for (const PlannedAttempt& attempt : policy::decide(router.policy, router.routing, request, states).plan) {
      const UpstreamSpec& upstream = router.routing.upstreams[attempt.upstream];
      if (upstream.tier == Tier::cloud && router.prices.provider_of(upstream) == provider) most = level;
    }
  }
  return most;
}

class Entry {
 public:
  Entry(std::string provider, const std::map<std::string, std::string>* answers) {
    out_.provider = std::move(provider);
    for (const Column& column : kColumns) {
      DoraField field{.code = std::string(column.code), .name = std::string(column.name)};
      if (answers != nullptr)
        if (const auto given = answers->find(field.code); given != answers->end() && !given->second.empty())
          field.value = given->second, field.origin = Origin::answers;
      out_.fields.push_back(std::move(field));
    }
  }
  // What people answered stays.
  void say(std::string_view code, std::string value, Origin origin, std::string because = {}) {
    DoraField& field = *std::ranges::find(out_.fields, code, &DoraField::code);
    if (field.origin == Origin::answers || value.empty()) return;
    field.value = std::move(value), field.origin = origin, field.because = std::move(because);
  }
  DoraEntry done() && { return std::move(out_); }

 private:
  DoraEntry out_;
};

void say_places(Entry& entry, const DoraWorld& world, const std::string& provider) {
  std::set<std::string> regions;
  bool unsaid = false, any = false, stores = false;
  for (const UpstreamSpec& upstream : world.router.routing.upstreams) {
    if (upstream.tier != Tier::cloud || world.router.prices.provider_of(upstream) != provider) continue;
    any = true, stores = stores || !upstream.no_store;
    if (upstream.region)
      regions.insert(*upstream.region);
    else
      unsaid = true;
  }
  if (!any) return;
  const std::string where = unsaid ? "" : joined(regions);  // a part of the places is no answer
  entry.say("B_02.02.0140", stores ? "yes" : "no", Origin::configuration, stores ? "no_store is not set for all its upstreams" : "no_store: true");
  entry.say("B_02.02.0150", stores ? where : "", Origin::configuration, "upstream.region");
  entry.say("B_02.02.0160", where, Origin::configuration, "upstream.region");
}

void say_dependence(Entry& entry, const DoraWorld& world, const std::string& provider) {
  const Alone alone = without(world, provider);
  if (alone.workloads == 0) return;
  const std::string of = std::to_string(alone.failing) + " of " + std::to_string(alone.workloads) + " workloads fail without it";
  const bool none = alone.failing == 0, all = alone.failing == alone.workloads;
  entry.say("B_02.02.0180", none ? "low reliance" : all ? "full reliance" : "material reliance", Origin::policy, of);
  entry.say("B_07.01.0050", none ? "easily substitutable" : all ? "" : "medium complexity in terms of substitutability", Origin::policy, of);
  entry.say("B_07.01.0110", alone.stand_ins.empty() ? "no" : "yes", Origin::policy, of);
  entry.say("B_07.01.0120", joined(alone.stand_ins), Origin::policy);
  int at_home = 0;
  for (const Spend& spend : world.spend)
    for (const WorkloadPlan& w : world.plan.workloads) at_home += spend.provider == provider && w.name == spend.workload && !w.local_cluster.empty();
  if (at_home > 0)
    entry.say("B_07.01.0090", at_home == alone.workloads ? "easy" : "difficult", Origin::plan,
              std::to_string(at_home) + " of " + std::to_string(alone.workloads) + " workloads are planned at home");
}

}  // namespace

std::string_view to_string(Origin origin) { return kOrigins[static_cast<std::size_t>(origin)]; }

Result<DoraAnswers, std::string> read_answers(std::string_view yaml, const std::string& file) {
  const auto root = parse_yaml(yaml);
  const auto stop = [&](std::size_t line, std::string_view why) {
    std::string text = file;
    text.append(":").append(std::to_string(line)).append(": ").append(why);
    return fail(std::move(text));
  };
  if (!root) return stop(root.error().line, root.error().message);
  DoraAnswers out;
  if (root->kind != YamlKind::map) return fail(file + ": a map of providers belongs here");
  for (std::size_t p = 0; p < root->keys.size(); ++p) {
    const YamlNode& fields = root->items[p];
    if (fields.kind != YamlKind::map) return stop(fields.line, "a provider's answers are a map of fields");
    for (std::size_t f = 0; f < fields.keys.size(); ++f) {
      const std::string& code = fields.keys[f].text;
      if (std::ranges::find(kColumns, code, &Column::code) == kColumns.end())
        return stop(fields.keys[f].line, "there is no field '" + code + "' here");
      if (fields.items[f].kind != YamlKind::scalar || fields.items[f].text.size() > 2000)
        return stop(fields.items[f].line, "expected a text of at most 2000 characters");
      out[root->keys[p].text][code] = fields.items[f].text;
    }
  }
  return out;
}

std::string answers_to_fill_in(const std::vector<DoraEntry>& entries, const DoraAnswers& given) {
  std::string out =
      "# What no plan, configuration or policy can say of your providers, for `demarc risk register --answers`. Fill in; an answer wins over what "
      "demarc finds.\n";
  for (const DoraEntry& entry : entries) {
    out += "\"" + entry.provider + "\":\n";
    const auto before = given.find(entry.provider);
    for (const DoraField& field : entry.fields) {
      const bool answered = field.origin == Origin::answers;
      if (!answered && !field.value.empty()) continue;
      out += "  " + field.code + ": " + json_string(answered && before != given.end() ? before->second.at(field.code) : "") + "   # " + field.name +
             "\n";
    }
  }
  return out;
}

std::vector<DoraEntry> dora_register(const DoraWorld& world, const DoraAnswers& answers) {
  std::vector<DoraEntry> out;
  for (const Share& share : concentration(world.spend, &Spend::provider).shares) {
    const auto given = answers.find(share.name);
    Entry entry(share.name, given == answers.end() ? nullptr : &given->second);
    entry.say("B_02.01.0040", "USD", Origin::plan);
    entry.say("B_02.01.0050", Decimal::of(share.usd.times_ratio(12, 1)).print(2), Origin::plan, "twelve times the plan's first month");
    entry.say("B_02.02.0060", "S19", Origin::plan, "cloud computing: software as a service");
    if (const auto notice = world.retirements.median_notice_days(share.name))
      entry.say("B_02.02.0110", std::to_string(*notice), Origin::retirements, "median of its earlier notices; the contract may say otherwise");
    entry.say("B_05.02.0050", "1", Origin::plan, "contracted directly");
    say_places(entry, world, share.name);
    if (const auto most = most_sensitive(world.router, share.name))
      entry.say("B_02.02.0170",
                *most == Sensitivity::public_    ? "low"
                : *most == Sensitivity::internal ? "medium"
                                                 : "high",
                Origin::policy, "the policy lets what is " + std::string(to_string(*most)) + " go there, redacted or not");
    say_dependence(entry, world, share.name);
    out.push_back(std::move(entry).done());
  }
  return out;
}

std::string to_csv(const std::vector<DoraEntry>& entries) {
  std::string out = "provider";
  for (const Column& column : kColumns) out += "," + ledger::csv_field(std::string(column.code) + " " + std::string(column.name));
  out += "\r\n";
  for (const DoraEntry& entry : entries) {
    out += ledger::csv_field(entry.provider);
    for (const DoraField& field : entry.fields) out += "," + ledger::csv_field(field.value);
    out += "\r\n";
  }
  return out;
}

std::string to_json(const std::vector<DoraEntry>& entries) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.array("register", [&] {
      for (const DoraEntry& entry : entries)
        json.object([&] {
          json.field("provider", entry.provider);
          for (const DoraField& field : entry.fields)
            json.object(field.code, [&] {
              json.field("name", field.name), text_or_null(json, "value", field.value), text_or_null(json, "from", to_string(field.origin)),
                  text_or_null(json, "because", field.because);
            });
        });
    });
  });
  return out;
}

}  // namespace demarc::planning
