// find_suspicious(): what is allowed in a policy but probably not meant. compile() calls it; the warnings stand in CompiledPolicy::warnings.
// Internal.
//
// Found: no permit at all; a condition that can never hold; a label that raises nothing; permits and prefers below a forbid without conditions;
// permits with a requirement beside permits without, for the same tier and maybe the same request; names that demarc.yaml does not know; finding
// types that no configured detector covers (`covered`; null: not known here).
#pragma once

#include "core/upstream.hpp"
#include "policy/compile_clause.hpp"
#include "policy/rule.hpp"

namespace demarc::policy {

void find_suspicious(const CompiledPolicy& policy, const Routing& routing, const FindingTypes* covered, Problems& problems);

}  // namespace demarc::policy
