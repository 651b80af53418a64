// Budgets say how much a caller may still spend, and keep that true while many requests are in flight.
//
//   auto hold = budgets.reserve(who, estimate, request.received);   // before each attempt, local ones included
//   if (!hold) → skip this candidate; none left: ErrorKind::budget_spent
//   ...
//   hold->settle(charge.usd);                                       // after; a Hold dropped unsettled gives all back
//
// Never over by more than what was in flight: reserve() counts the estimate at once. Of several budgets that match, each must have room. Time is
// the request's arrival, as in the receipts, so that what is counted here and what is read back from the Store after a restart are the same sum.
// Any thread may call; one mutex, held for no I/O but in configure().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/attributes.hpp"
#include "core/budget.hpp"
#include "core/io/store.hpp"
#include "core/money.hpp"

namespace demarc::ledger {

enum class BudgetError : std::uint8_t {
  spent,     // not enough left for the estimate
  unpriced,  // nobody knows what it would cost, and somebody set a limit
};

class Budgets;

// One budget's count in its current period. Guarded by Budgets' mutex; shared with the Holds that claim from it.
struct BudgetWindow {
  BudgetSpec spec;
  Instant start;  // of the period that is counted
  Money spent, held;
  void roll_to(Instant now);
};

class Hold {  // move-only; gives back what was not settled
 public:
  Hold() = default;  // claims nothing
  Hold(Hold&& other) noexcept;
  Hold& operator=(Hold&& other) noexcept;
  ~Hold();
  // Counts what was really spent; nullopt (unpriced) counts nothing. Later calls do nothing.
  void settle(std::optional<Money> spent);

 private:
  friend class Budgets;
  struct Claim {
    std::shared_ptr<BudgetWindow> window;
    Instant period_start;  // of the window when it was reserved
  };
  Budgets* budgets_ = nullptr;
  Money amount_;
  std::vector<Claim> claims_;
};

class Budgets {
 public:
  explicit Budgets(Store& store);  // Store must outlive this, this its Holds

  // Takes these budgets over; at start and on reload. What a budget's period has seen so far is read from the Store, except for those that are
  // here already, which keep their count and their holds. Blocks; flush the Projection before.
  // After a failure everything is as it was.
  Result<void, StoreError> configure(const std::vector<BudgetSpec>& specs, Instant now);

  // `estimate` nullopt: unpriced, which no budget can hold (BudgetError::unpriced); without a matching budget anything goes.
  Result<Hold, BudgetError> reserve(const BudgetScope& who, std::optional<Money> estimate, Instant now);

  // The least of what the matching budgets have left, holds counted; never below zero. For policy (`budget.left_usd`) and people.
  [[nodiscard]] BudgetLeft left(const BudgetScope& who, Instant now) const;

  struct State {
    BudgetSpec spec;
    Money spent, held;
  };
  [[nodiscard]] std::vector<State> states(Instant now) const;  // for `demarc usage`, the console and metrics

 private:
  friend class Hold;
  [[nodiscard]] std::shared_ptr<BudgetWindow> kept(const BudgetSpec& spec) const;
  void release(const Hold& hold, std::optional<Money> spent);

  Store& store_;
  mutable Mutex mutex_;
  std::vector<std::shared_ptr<BudgetWindow>> windows_ GUARDED_BY(mutex_);
};

}  // namespace demarc::ledger
