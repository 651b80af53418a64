// demarc audit export [FOLDER] [--since T] [--until T]: the records whose own time lies in it, as they are stored. Called by audit.cpp.
#pragma once

#include <string>

#include "cli/shared.hpp"

namespace demarc::cli {

struct AuditExport {
  std::string folder, since, until;  // "": the server's log; no bound
};

int export_audit(const Shared& shared, const AuditExport& order);

}  // namespace demarc::cli
