// Usage as FinOps tools read it: FOCUS 1.2 (focus.finops.org, CC BY 4.0), the columns that it makes mandatory, ServiceSubcategory, and our own under
// x_.
//
//   auto rows = store.usage(focus_query(asked));                // since, until and only are kept, the grouping is FOCUS's
//   std::cout << format_focus(*rows, log_origin);               // CSV; BillingAccountId is the log that holds the attempts
//
// One line is what one model did in a UTC day for a team and workload. Attempts without a price add nothing to the costs and are counted beside them.
// Own hardware has a cost and no bill: BilledCost 0, the others as `costs:` makes it. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/io/store.hpp"

namespace demarc::ledger {

UsageQuery focus_query(UsageQuery asked);
std::string format_focus(const std::vector<UsageRow>& rows, std::string_view account);

}  // namespace demarc::ledger
