// Reconciliation: what was used, priced, against what was billed; the difference split into causes that add up to it exactly.
//
//   Reconciliation found = reconcile(*book.days(), prices);
//   found.billed, found.computed, found.causes, found.unexplained()
//
// Compared are days on which both sides speak of the same provider. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "ledger/price_book.hpp"
#include "planning/import/usage_book.hpp"

namespace demarc::planning {

enum class Cause : std::uint8_t {
  credits,          // credits, discounts, taxes of the invoice
  not_metered,      // billed lines that no usage export counts: tools, storage, images
  missing_usage,    // billed for a model on days of which no usage was imported
  missing_invoice,  // used, and on no invoice
  unpriced,         // used and billed, but the price book has no price
  price,            // used and billed at another price than the book's: a contract, a tier, a change of price
  rounding,         // at most a cent a model and day
};
std::string_view to_string(Cause);

struct CausePart {
  Cause cause = Cause::price;
  std::string provider, what;  // a model or a line of the invoice
  Money usd;                   // billed − computed
  std::string hint;            // what to do about it
};

struct Reconciliation {
  Money billed, computed;         // computed: usage × price book, or the export's own costs where the book has no price
  std::vector<CausePart> causes;  // largest first
  std::int64_t invoice_rows = 0, usage_rows = 0;
  [[nodiscard]] Money difference() const { return billed - computed; }
  // What no cause of its own explains: models whose bill differs from the price book by neither a constant factor nor any of the above.
  Money unexplained;
  [[nodiscard]] double unexplained_share() const;  // of what was billed
};

Reconciliation reconcile(const std::vector<DayTotal>& days, const ledger::PriceBook& prices);
std::string print(const Reconciliation& found);
std::string to_json(const Reconciliation& found);

}  // namespace demarc::planning
