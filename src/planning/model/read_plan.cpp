#include <set>

#include "base/strings.hpp"
#include "core/yaml/tree.hpp"
#include "planning/model/plan.hpp"

namespace demarc::planning {
namespace {

class Reader {
 public:
  Reader(std::string file, const ledger::PriceBook& prices, Instant today) : file_(std::move(file)), prices_(prices), today_(today) {}

  Result<Plan, PlanError> read(const YamlNode& root) {
    if (root.kind != YamlKind::map) return fail(problem(root, "a plan is a map; docs/reference/plan.md shows one"));
    Plan plan;
    std::vector<std::string> known = {"version", "name", "example", "months", "cloud", "workloads", "clusters", "correlations"};
    for (const Key& key : keys_of(Section::general)) known.emplace_back(key.name);
    for (std::size_t i = 0; i < root.keys.size(); ++i) {
      const std::string& key = root.keys[i].text;
      const YamlNode& value = root.items[i];
      if (key == "version") {
        if (value.text != "1") return fail(problem(value, "version is 1"));
      } else if (key == "name") {
        plan.name = TRY(text(value));
      } else if (key == "example") {
        plan.example = value.text == "true";
      } else if (key == "months") {
        plan.months = TRY(whole(value, 1, kMostMonths));
      } else if (key == "cloud") {
        TRY(section(value, Section::cloud, "", plan.cloud));
      } else if (key == "workloads") {
        TRY(each(value, kMostWorkloads, [&](const YamlNode& item) { return workload(item, plan); }));
      } else if (key == "clusters") {
        TRY(each(value, kMostClusters, [&](const YamlNode& item) { return cluster(item, plan); }));
      } else if (key == "correlations") {
        TRY(each(value, 50, [&](const YamlNode& item) { return correlation(item, plan); }));
      } else if (const Key* known_key = find_key(Section::general, key)) {
        plan.general[key] = TRY(quantity(value, *known_key));
      } else {
        return fail(unknown(root.keys[i], known));
      }
    }
    return complete(std::move(plan), root);
  }

 private:
  PlanError problem(const YamlNode& at, std::string message) const { return {file_, at.line, at.column, std::move(message)}; }
  PlanError unknown(const YamlNode& key, const std::vector<std::string>& known) const {
    const auto near = nearest(key.text, known);
    return problem(key, "there is no such key" + (near ? "; did you mean '" + *near + "'?" : std::string()));
  }

  Result<std::string, PlanError> text(const YamlNode& node) const {
    if (node.kind != YamlKind::scalar || node.text.empty() || node.text.size() > 200 || !is_utf8(node.text))
      return fail(problem(node, "a text of at most 200 characters belongs here"));
    return node.text;
  }

  Result<std::string, PlanError> word(const YamlNode& node) const {
    const std::string name = TRY(text(node));
    for (const char c : name)
      if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_') return fail(problem(node, "a name is letters, digits, - and _"));
    if (name.size() > 64) return fail(problem(node, "a name has at most 64 characters"));
    return name;
  }

  Result<int, PlanError> whole(const YamlNode& node, int lowest, int highest) const {
    const auto number = Decimal::parse(node.text);
    if (!number || ceiling(*number) != *number || *number < Decimal::of(lowest) || *number > Decimal::of(highest))
      return fail(problem(node, "a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest) + " belongs here"));
    return static_cast<int>(number->to_double());
  }

  Result<Decimal, PlanError> number(const YamlNode& node, const Key& key) const {
    const auto value = node.kind == YamlKind::scalar ? Decimal::parse(node.text) : std::nullopt;
    if (!value) return fail(problem(node, std::string(key.name) + " is a decimal number without exponent or commas"));
    if (*value < *Decimal::parse(key.lowest) || *value > *Decimal::parse(key.highest))
      return fail(problem(node, std::string(key.name) + " lies between " + std::string(key.lowest) + " and " + std::string(key.highest)));
    return *value;
  }

  Result<Quantity, PlanError> quantity(const YamlNode& node, const Key& key) const {
    Quantity out{.spread = key.spread, .source = file_, .confidence = Confidence::medium, .line = node.line};
    if (node.kind != YamlKind::map) {
      out.value = TRY(number(node, key));
      return out;
    }
    bool has_value = false;
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const std::string& part = node.keys[i].text;
      const YamlNode& value = node.items[i];
      if (part == "value") {
        out.value = TRY(number(value, key)), has_value = true;
      } else if (part == "low") {
        out.low = TRY(number(value, key));
      } else if (part == "high") {
        out.high = TRY(number(value, key));
      } else if (part == "source") {
        out.source = TRY(text(value));
      } else if (part == "date") {
        out.date = TRY(text(value));
        if (!parse_rfc3339(out.date + "T00:00:00Z")) return fail(problem(value, "a date is written 2026-11-28"));
      } else if (part == "confidence") {
        const auto found = parse_confidence(value.text);
        if (!found) return fail(problem(value, "confidence is measured, high, medium or low"));
        out.confidence = *found;
      } else if (part == "spread") {
        const auto found = parse_spread(value.text);
        if (!found) return fail(problem(value, "spread is triangular, lognormal, log-triangular, beta or bernoulli"));
        out.spread = *found;
      } else {
        return fail(unknown(node.keys[i], {"value", "low", "high", "spread", "source", "date", "confidence"}));
      }
    }
    if (!has_value) return fail(problem(node, std::string(key.name) + " needs a value"));
    if (out.low.has_value() != out.high.has_value()) return fail(problem(node, "low and high come together"));
    if (out.low && (*out.low > out.value || *out.high < out.value)) return fail(problem(node, "low ≤ value ≤ high does not hold"));
    if (out.low && out.spread == Spread::lognormal && *out.low <= Decimal()) return fail(problem(node, "a lognormal spread needs a low above 0"));
    return out;
  }

  // Maps in maps become dotted keys, until a key of the table is reached.
  Result<void, PlanError> section(const YamlNode& node, Section which, const std::string& prefix, Quantities& into,
                                  const std::set<std::string>& others = {}) const {
    if (node.kind != YamlKind::map) return fail(problem(node, "a map belongs here"));
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const std::string name = prefix + node.keys[i].text;
      if (others.contains(name)) continue;
      if (const Key* key = find_key(which, name)) {
        into[name] = TRY(quantity(node.items[i], *key));
        continue;
      }
      const bool leads_on = std::ranges::any_of(keys_of(which), [&](const Key& key) { return key.name.starts_with(name + "."); });
      if (!leads_on) {
        std::vector<std::string> known;
        for (const Key& key : keys_of(which))
          if (key.name.starts_with(prefix)) known.emplace_back(key.name.substr(prefix.size(), key.name.find('.', prefix.size()) - prefix.size()));
        return fail(unknown(node.keys[i], known));
      }
      TRY(section(node.items[i], which, name + ".", into, others));
    }
    return {};
  }

  template <class Each>
  Result<void, PlanError> each(const YamlNode& list, std::size_t most, Each&& body) const {
    if (list.kind != YamlKind::list) return fail(problem(list, "a list belongs here"));
    if (list.items.size() > most) return fail(problem(list, "at most " + std::to_string(most) + " entries"));
    for (const YamlNode& item : list.items) TRY(body(item));
    return {};
  }

  Result<std::string, PlanError> named(const YamlNode& item) const {
    const YamlNode* name = item.kind == YamlKind::map ? item.find("name") : nullptr;
    if (name == nullptr) return fail(problem(item, "each entry needs a name"));
    return word(*name);
  }

  Result<void, PlanError> workload(const YamlNode& item, Plan& plan) const {
    WorkloadPlan out{.name = TRY(named(item))};
    for (const WorkloadPlan& other : plan.workloads)
      if (other.name == out.name) return fail(problem(item, "two workloads have this name"));
    if (const YamlNode* bucket = item.find("bucket")) {
      if (bucket->text != "boring" && bucket->text != "strategic") return fail(problem(*bucket, "bucket is boring or strategic"));
      out.bucket = bucket->text == "boring" ? Bucket::boring : Bucket::strategic;
    }
    const YamlNode* cloud = item.find("cloud");
    const YamlNode* model = cloud != nullptr && cloud->kind == YamlKind::map ? cloud->find("model") : nullptr;
    if (model != nullptr) out.cloud_model = TRY(text(*model));
    const YamlNode* local = item.find("local");
    const YamlNode* cluster = local != nullptr && local->kind == YamlKind::map ? local->find("cluster") : nullptr;
    if (cluster != nullptr) out.local_cluster = TRY(word(*cluster));
    TRY(section(item, Section::workload, "", out.quantities, {"name", "bucket", "cloud.model", "local.cluster"}));
    if (model != nullptr) TRY(price(*model, out));
    TRY(priced(item, out));
    plan.workloads.push_back(std::move(out));
    return {};
  }

  // Prices that the file does not give come from the book.
  Result<void, PlanError> price(const YamlNode& at, WorkloadPlan& workload) const {
    const std::size_t slash = workload.cloud_model.find('/');
    if (slash == std::string::npos) return fail(problem(at, "a model is written provider/model, as in openai/gpt-5-mini"));
    const std::string provider = workload.cloud_model.substr(0, slash), model = workload.cloud_model.substr(slash + 1);
    const ledger::Price* found = prices_.find(provider, model, today_);
    if (found == nullptr)
      return fail(problem(at, "the price book knows no price of this model; give cloud.usd_per_million, or a price file with --prices"));
    price_workload(workload, *found);
    return {};
  }

  // A token class or unit that is used needs a price: unpriced is never $0.
  Result<void, PlanError> priced(const YamlNode& item, const WorkloadPlan& workload) const {
    const std::vector<std::string> missing = unpriced(workload);
    if (missing.empty()) return {};
    const std::string& price = missing.front();
    const bool tokens = price.starts_with("cloud.usd_per_million.");
    return fail(problem(item, "workload '" + workload.name + "' uses " + (tokens ? "tokens" : "units") + price.substr(price.rfind('.')) +
                                  " and no price of it is known: give cloud.model or " + price));
  }

  Result<void, PlanError> cluster(const YamlNode& item, Plan& plan) const {
    ClusterPlan out{.name = TRY(named(item))};
    for (const ClusterPlan& other : plan.clusters)
      if (other.name == out.name) return fail(problem(item, "two clusters have this name"));
    TRY(section(item, Section::cluster, "", out.quantities, {"name"}));
    plan.clusters.push_back(std::move(out));
    return {};
  }

  Result<void, PlanError> correlation(const YamlNode& item, Plan& plan) const {
    const YamlNode* a = item.kind == YamlKind::map ? item.find("a") : nullptr;
    const YamlNode* b = item.kind == YamlKind::map ? item.find("b") : nullptr;
    const YamlNode* rho = item.kind == YamlKind::map ? item.find("rho") : nullptr;
    const auto value = rho == nullptr ? std::nullopt : Decimal::parse(rho->text);
    if (a == nullptr || b == nullptr || !value || *value > Decimal::of(1) || *value < Decimal::of(-1))
      return fail(problem(item, "a correlation is {a: INPUT, b: INPUT, rho: -1 to 1}"));
    plan.correlations.push_back({TRY(text(*a)), TRY(text(*b)), *value});
    return {};
  }

  // Defaults, and what must fit together.
  Result<Plan, PlanError> complete(Plan plan, const YamlNode& root) const {
    if (plan.workloads.empty()) return fail(problem(root, "a plan needs workloads"));
    fill(plan.general, Section::general), fill(plan.cloud, Section::cloud);
    for (WorkloadPlan& workload : plan.workloads) {
      fill(workload.quantities, Section::workload);
      if (!workload.local_cluster.empty() && std::ranges::none_of(plan.clusters, [&](const auto& c) { return c.name == workload.local_cluster; }))
        return fail(
            problem(root, "workload '" + workload.name + "' names the cluster '" + workload.local_cluster + "', which clusters does not list"));
    }
    for (ClusterPlan& cluster : plan.clusters) {
      fill(cluster.quantities, Section::cluster);
      for (const char* name : {"life_months", "nodes", "spare_nodes"})  // they count rows of the model
        if (const Decimal value = cluster.quantities[name].value; ceiling(value) != value)
          return fail(problem(root, "cluster '" + cluster.name + "': " + name + " is a whole number"));
      if (cluster.quantities["watts_peak"].value < cluster.quantities["watts_idle"].value)
        return fail(problem(root, "cluster '" + cluster.name + "': watts_peak is below watts_idle"));
    }
    return plan;
  }

  static void fill(Quantities& quantities, Section section) {
    for (const Key& key : keys_of(section))
      if (!key.fallback.empty() && !quantities.contains(key.name))
        quantities[std::string(key.name)] = {
            .value = *Decimal::parse(key.fallback), .spread = key.spread, .source = "demarc's default: not given in the plan"};
  }

  std::string file_;
  const ledger::PriceBook& prices_;
  Instant today_;
};

}  // namespace

std::string_view to_string(Bucket bucket) { return bucket == Bucket::boring ? "boring" : "strategic"; }

std::string PlanError::print() const {
  return file + (line > 0 ? ":" + std::to_string(line) + ":" + std::to_string(column) : std::string()) + ": " + message;
}

void price_workload(WorkloadPlan& workload, const ledger::Price& price) {
  ledger::Rates rates = price.rates;
  const auto tokens = [&](std::string_view name) {
    const auto have = workload.quantities.find(name);
    return have == workload.quantities.end() ? Decimal() : have->second.value;
  };
  // Past a length the whole request pays the higher rate; the model prices the mean request.
  Decimal input;
  for (const auto* name : {"tokens.input", "tokens.cached_input", "tokens.cache_write_5m", "tokens.cache_write_1h", "tokens.input_audio"})
    input = add(input, tokens(name)).value_or(input);
  for (const ledger::LengthTier& tier : price.tiers)
    if (input > Decimal::of(tier.above_input_tokens)) {
      const auto take = [](std::optional<Money>& into, const std::optional<Money>& from) { into = from ? from : into; };
      take(rates.input, tier.rates.input), take(rates.cached_input, tier.rates.cached_input), take(rates.output, tier.rates.output);
      take(rates.cache_write_5m, tier.rates.cache_write_5m), take(rates.cache_write_1h, tier.rates.cache_write_1h);
      take(rates.reasoning, tier.rates.reasoning), take(rates.input_audio, tier.rates.input_audio);
    }
  const auto put = [&](std::string_view name, const std::optional<Money>& rate, const std::optional<Money>& otherwise) {
    const std::string key = "cloud.usd_per_million." + std::string(name);
    if (workload.quantities.contains(key) || (!rate && !otherwise)) return;
    workload.quantities[key] = {
        .value = Decimal::of(rate ? *rate : *otherwise), .source = price.source, .date = price.date, .confidence = Confidence::high};
  };
  put("input", rates.input, {}), put("output", rates.output, {});
  put("cached_input", rates.cached_input, rates.input), put("cache_write_5m", rates.cache_write_5m, rates.input);
  put("cache_write_1h", rates.cache_write_1h, {}), put("reasoning", rates.reasoning, rates.output), put("input_audio", rates.input_audio, {});
  for (const auto& [name, rate] : {std::pair("audio_minutes", rates.audio_minute), std::pair("pages", rates.page), std::pair("images", rates.image),
                                   std::pair("calls", rates.per_request)})
    if (const std::string key = "cloud.usd_per_unit." + std::string(name); rate && !workload.quantities.contains(key))
      workload.quantities[key] = {.value = Decimal::of(*rate), .source = price.source, .date = price.date, .confidence = Confidence::high};
  if (price.batch_percent && !workload.quantities.contains("cloud.batch_price_percent"))
    workload.quantities["cloud.batch_price_percent"] = {
        .value = Decimal::of(*price.batch_percent), .source = price.source, .date = price.date, .confidence = Confidence::high};
}

std::vector<std::string> unpriced(const WorkloadPlan& workload) {
  std::vector<std::string> out;
  for (const auto& [name, quantity] : workload.quantities) {
    const bool tokens = name.starts_with("tokens.");
    if ((!tokens && !name.starts_with("units.")) || quantity.value == Decimal()) continue;
    std::string price = tokens ? "cloud.usd_per_million." + name.substr(7) : "cloud.usd_per_unit." + name.substr(6);
    if (!workload.quantities.contains(price)) out.push_back(std::move(price));
  }
  return out;
}

Result<Plan, PlanError> read_plan(std::string_view text, const std::string& file, const ledger::PriceBook& prices, Instant today) {
  auto root = parse_yaml(text);
  if (!root) return fail(PlanError{file, root.error().line, root.error().column, root.error().message});
  return Reader(file, prices, today).read(*root);
}

}  // namespace demarc::planning
