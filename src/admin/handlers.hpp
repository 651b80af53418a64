// What each group of administrative routes does; admin.cpp binds them to paths.
#pragma once

#include "admin/admin.hpp"

namespace demarc::admin {

std::string status_json(gateway::Gateway& gateway, Monotonic now);

Task<void> list_keys(Exchange& exchange, gateway::Gateway& gateway);
Task<void> create_key(Exchange& exchange, gateway::Gateway& gateway);
Task<void> change_key(Exchange& exchange, gateway::Gateway& gateway);  // revoke, rotate

Task<void> show_usage(Exchange& exchange, gateway::Gateway& gateway);
Task<void> list_audit(Exchange& exchange, gateway::Gateway& gateway);
Task<void> show_audit(Exchange& exchange, gateway::Gateway& gateway);  // one record, or its proof

Task<void> list_shadows(Exchange& exchange, gateway::Gateway& gateway);  // pairs of a live pilot

Task<void> erase_subject(Exchange& exchange, gateway::Gateway& gateway);

}  // namespace demarc::admin
