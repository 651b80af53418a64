// /v1/files, /v1/batches, /v1/jobs: what a key owns, it alone sees; another's is a 404, as if it were not there.
//
// Any loop; whatever waits for the disk is done on the Keeper's side thread.
#pragma once

#include "gateway/router.hpp"

namespace demarc::gateway {

void add_file_routes(Router& router, Services& services);  // (file_routes.cpp)
void add_job_routes(Router& router, Services& services);   // batches and jobs (job_routes.cpp)

// "/v1/files/ID/content" below "/v1/files/" → ID and "content".
struct Below {
  std::string id, action;
};
Below below(std::string_view path, std::string_view prefix);

// ?after, limit (1 … most), order, purpose of a list.
Result<store::Listing, ApiError> read_listing(const HttpRequest& request, const Caller& caller, std::int64_t usual, std::int64_t most);
ApiError disk_error(std::string what);         // 503, with the reason for people
ApiError nothing_here(std::string_view what);  // 404

}  // namespace demarc::gateway
