#include "ledger/budgets.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace demarc::ledger {
namespace {

bool covers(const BudgetScope& budget, const BudgetScope& who) {
  return (budget.key.empty() || budget.key == who.key) && (budget.team.empty() || budget.team == who.team) &&
         (budget.workload.empty() || budget.workload == who.workload);
}

}  // namespace

Hold::Hold(Hold&& other) noexcept : budgets_(std::exchange(other.budgets_, nullptr)), amount_(other.amount_), claims_(std::move(other.claims_)) {}

Hold& Hold::operator=(Hold&& other) noexcept {
  std::swap(budgets_, other.budgets_);
  std::swap(amount_, other.amount_);
  std::swap(claims_, other.claims_);
  return *this;
}

Hold::~Hold() {
  if (budgets_ != nullptr) budgets_->release(*this, {});
}

void Hold::settle(std::optional<Money> spent) {
  if (budgets_ != nullptr) std::exchange(budgets_, nullptr)->release(*this, spent);
}

Budgets::Budgets(Store& store) : store_(store) {}

void BudgetWindow::roll_to(Instant now) {
  const Instant current = period_start(spec.period, now);
  if (current <= start) return;  // a request that came just before midnight and is late counts where we are now
  start = current, spent = {}, held = {};
}

Result<void, StoreError> Budgets::configure(const std::vector<BudgetSpec>& specs, Instant now) {
  std::vector<std::shared_ptr<BudgetWindow>> next;
  for (const BudgetSpec& spec : specs) {
    const Instant start = period_start(spec.period, now);
    std::shared_ptr<BudgetWindow> window = kept(spec);
    if (window == nullptr) {
      Money spent;
      for (const UsageRow& row : TRY(store_.usage({.since = start, .only = spec.scope}))) spent += row.usd;
      window = std::make_shared<BudgetWindow>(BudgetWindow{.spec = spec, .start = start, .spent = spent});
    }
    next.push_back(std::move(window));
  }
  MutexLock lock(mutex_);
  for (std::size_t i = 0; i < specs.size(); ++i) next[i]->spec.limit = specs[i].limit;
  windows_ = std::move(next);
  return {};
}

std::shared_ptr<BudgetWindow> Budgets::kept(const BudgetSpec& spec) const {
  MutexLock lock(mutex_);
  for (const auto& window : windows_)
    if (window->spec.scope == spec.scope && window->spec.period == spec.period) return window;
  return nullptr;
}

Result<Hold, BudgetError> Budgets::reserve(const BudgetScope& who, std::optional<Money> estimate, Instant now) {
  CHECK(!estimate || *estimate >= Money{});
  MutexLock lock(mutex_);
  Hold hold;
  for (const auto& window : windows_) {
    if (!covers(window->spec.scope, who)) continue;
    if (!estimate) return fail(BudgetError::unpriced);
    window->roll_to(now);
    if (window->spent + window->held + *estimate > window->spec.limit) return fail(BudgetError::spent);
    hold.claims_.push_back({window, window->start});
  }
  if (hold.claims_.empty()) return hold;
  hold.amount_ = *estimate;
  hold.budgets_ = this;
  for (const Hold::Claim& claim : hold.claims_) claim.window->held += *estimate;
  return hold;
}

void Budgets::release(const Hold& hold, std::optional<Money> spent) {
  MutexLock lock(mutex_);
  for (const Hold::Claim& claim : hold.claims_) {
    if (claim.window->start != claim.period_start) continue;  // that period is over, and its sums with it
    claim.window->held -= hold.amount_;
    claim.window->spent += spent.value_or(Money{});
  }
}

BudgetLeft Budgets::left(const BudgetScope& who, Instant now) const {
  MutexLock lock(mutex_);
  std::optional<Money> least;
  for (const auto& window : windows_) {
    if (!covers(window->spec.scope, who)) continue;
    const bool over = period_start(window->spec.period, now) > window->start;
    const Money room = std::max(Money{}, over ? window->spec.limit : window->spec.limit - window->spent - window->held);
    least = std::min(least.value_or(room), room);
  }
  return least ? BudgetLeft{*least} : BudgetLeft{Unlimited{}};
}

std::vector<Budgets::State> Budgets::states(Instant now) const {
  MutexLock lock(mutex_);
  std::vector<State> all;
  for (const auto& window : windows_) {
    const bool over = period_start(window->spec.period, now) > window->start;
    all.push_back({window->spec, over ? Money{} : window->spent, over ? Money{} : window->held});
  }
  return all;
}

}  // namespace demarc::ledger
