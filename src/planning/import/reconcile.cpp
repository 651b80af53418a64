#include "planning/import/reconcile.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "core/json/writer.hpp"
#include "planning/model/decimal.hpp"
#include "planning/model/why.hpp"

namespace demarc::planning {
namespace {

constexpr std::array<std::string_view, 7> kCauses = {"credits, discounts, taxes",
                                                     "not counted by usage exports",
                                                     "usage missing",
                                                     "not on an invoice",
                                                     "no price known",
                                                     "another price than the book's",
                                                     "rounding"};

struct Day {
  Money billed, computed;
  bool has_bill = false, has_usage = false, priced = true;
};
struct ModelDays {
  std::map<std::string, Day> days;
  Money credits;
};

Money magnitude(Money money) { return money < Money{} ? Money{} - money : money; }
double usd(Money money) { return static_cast<double>(money.pico()) / 1e12; }

}  // namespace

std::string_view to_string(Cause cause) { return kCauses[static_cast<std::size_t>(cause)]; }

double Reconciliation::unexplained_share() const {
  return billed == Money{} ? (unexplained == Money{} ? 0 : 1) : std::abs(usd(unexplained) / usd(billed));
}

Reconciliation reconcile(const std::vector<DayTotal>& days, const ledger::PriceBook& prices) {
  Reconciliation out;
  std::map<std::pair<std::string, std::string>, ModelDays> models;
  std::map<std::string, Money> credits;
  std::set<std::string> billed_providers;
  for (const DayTotal& day : days) {
    if (day.currency != "USD" || day.kind == RowKind::log) continue;
    ModelDays& model = models[{day.provider, day.model}];
    if (day.kind == RowKind::credit) {
      credits[day.provider] += day.cost, out.billed += day.cost, ++out.invoice_rows;
      billed_providers.insert(day.provider);
      continue;
    }
    Day& at = model.days[day.day];
    if (day.kind == RowKind::invoice) {
      at.has_bill = true, at.billed += day.cost, out.billed += day.cost, out.invoice_rows += day.rows;
      billed_providers.insert(day.provider);
      if (!day.usage.known() && !day.images) continue;  // else the bill counts its own tokens, and is held against the book by them
    } else {
      out.usage_rows += day.rows;
    }
    at.has_usage = true;
    const auto noon = parse_rfc3339(day.day + "T12:00:00Z");
    // A day's sum is no request: the tier of long prompts would be taken for all of it. Long prompts show as another price than the book's.
    const ledger::Price* price = noon ? prices.find(day.provider, day.model, *noon) : nullptr;
    const auto priced = price == nullptr ? std::nullopt
                                         : ledger::price_of_sum(*price, {.usage = day.usage, .requests = day.requests, .images = day.images},
                                                                day.batch ? ledger::PriceMode::batch : ledger::PriceMode::standard);
    if (priced)
      at.computed += *priced;
    else if (day.kind == RowKind::usage && day.with_cost == day.rows)
      at.computed += day.cost;  // the export priced it itself
    else
      at.priced = false;
  }
  const auto add = [&](Cause cause, const std::string& provider, const std::string& what, Money amount, std::string hint) {
    if (amount != Money{}) out.causes.push_back({cause, provider, what, amount, std::move(hint)});
  };
  for (const auto& [provider, amount] : credits)
    add(Cause::credits, provider, "credits, discounts, taxes", amount,
        "part of the bill, not of usage: give them to the plan as cloud.credits_usd or cloud.discount_percent");
  const Money cent = Money::from_usd(1).times_ratio(1, 100);
  Money rounding;
  for (auto& [name, model] : models) {
    const auto& [provider, what] = name;
    const bool any_usage = std::ranges::any_of(model.days, [](const auto& day) { return day.second.has_usage; });
    const bool any_bill = std::ranges::any_of(model.days, [](const auto& day) { return day.second.has_bill; });
    Money not_metered, missing_usage, missing_invoice, unpriced;
    std::int64_t missing_days = 0;
    std::vector<std::pair<double, double>> both;
    Money billed_both, computed_both;
    for (const auto& [day, at] : model.days) {
      out.computed += at.computed;
      if (at.has_bill && !at.has_usage) {
        (any_usage ? missing_usage : not_metered) += at.billed, missing_days += any_usage ? 1 : 0;
      } else if (at.has_usage && !at.has_bill) {
        missing_invoice = missing_invoice - at.computed;
      } else if (!at.priced) {
        unpriced += at.billed - at.computed;
      } else if (at.has_bill) {
        billed_both += at.billed, computed_both += at.computed;
        both.emplace_back(usd(at.billed), usd(at.computed));
      }
    }
    add(Cause::not_metered, provider, what, not_metered, "no usage export speaks of it: import one, or take it as cloud.tools_usd_per_month");
    add(Cause::missing_usage, provider, what, missing_usage, std::to_string(missing_days) + " billed days have no usage: import them");
    add(Cause::missing_invoice, provider, what, missing_invoice,
        any_bill || billed_providers.contains(provider) ? "billed later, or on another account: import that invoice"
                                                        : "no invoice of this provider was imported");
    add(Cause::unpriced, provider, what, unpriced, "the price book does not know this model: add it to a price file");
    const Money off = billed_both - computed_both;
    if (magnitude(off) <= cent.times_ratio(static_cast<std::int64_t>(both.size()), 1)) {
      rounding += off;
      continue;
    }
    // A contract's discount shows as the same factor every day; what wanders is not explained by a price.
    const double factor = usd(computed_both) == 0 ? 0 : usd(billed_both) / usd(computed_both);
    double left = 0;
    for (const auto& [billed, computed] : both) left += std::abs(billed - factor * computed);
    const bool steady = factor > 0 && left <= 0.02 * std::abs(usd(billed_both));
    std::array<char, 64> percent{};
    std::snprintf(percent.data(), percent.size(), "%.2f %% of the book's price", factor * 100);
    if (steady) {
      add(Cause::price, provider, what, off, std::string(percent.data()) + " on every day: a contract or a tier; put it into a price file");
    } else {
      out.causes.push_back({Cause::price, provider, what, off, std::string(percent.data()) + ", changing from day to day: unexplained"});
      out.unexplained += off;
    }
  }
  add(Cause::rounding, "all", "models", rounding, "at most a cent a model and day");
  std::ranges::sort(out.causes, [](const CausePart& a, const CausePart& b) { return magnitude(a.usd) > magnitude(b.usd); });
  return out;
}

std::string print(const Reconciliation& found) {
  const auto money = [](Money m) { return print_value(*Decimal::parse(Decimal::of(m).print(2)), Unit::usd); };
  if (found.invoice_rows == 0) return "no invoice was imported, so nothing is reconciled; usage at the price book: " + money(found.computed) + "\n";
  std::string out =
      "billed " + money(found.billed) + ", usage at the price book " + money(found.computed) + ", difference " + money(found.difference()) + "\n";
  for (const CausePart& part : found.causes)
    out += "  " + money(part.usd) + "  " + std::string(to_string(part.cause)) + ": " + part.provider + " " + part.what + " (" + part.hint + ")\n";
  std::array<char, 80> share{};
  std::snprintf(share.data(), share.size(), "unexplained: %.3f %% of the bill (goal: at most 0.5 %%)\n", found.unexplained_share() * 100);
  return out + share.data();
}

std::string to_json(const Reconciliation& found) {
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("billed_usd", found.billed.print()), json.field("computed_usd", found.computed.print()),
        json.field("difference_usd", found.difference().print());
    json.field("unexplained_usd", found.unexplained.print()), json.field("unexplained_share", found.unexplained_share());
    json.array("causes", [&] {
      for (const CausePart& part : found.causes)
        json.object([&] {
          json.field("cause", to_string(part.cause)), json.field("provider", part.provider), json.field("what", part.what),
              json.field("usd", part.usd.print()), json.field("hint", part.hint);
        });
    });
  });
  return out;
}

}  // namespace demarc::planning
