// sweep_jobs(): what is past its time goes: files that expired and that no job reads any more, and jobs that were over long ago.
//
//   sweep_jobs(*services.jobs, snapshot->config.files.keep_days);      // now and then
//
// Blocks on the disk; the main thread. Until then an expired file is not there for anybody who asks.
#pragma once

#include "gateway/jobs/keeper.hpp"

namespace demarc::gateway {

void sweep_jobs(Keeper& keeper, std::int64_t keep_days);

}  // namespace demarc::gateway
