// demarc redact, once its command line is read: finds the files, has them redacted by a gateway, several at once, and tells of them in order.
#pragma once

#include "cli/redact/order.hpp"
#include "cli/shared.hpp"

namespace demarc::cli {

int run_redact(const Shared& shared, const RedactOrder& order);

}  // namespace demarc::cli
