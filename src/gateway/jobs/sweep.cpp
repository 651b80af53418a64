#include "gateway/jobs/sweep.hpp"

namespace demarc::gateway {

// What fails here is tried again the next time.
void sweep_jobs(Keeper& keeper, std::int64_t keep_days) {
  const Instant now = system_clock().now();
  if (const auto files = keeper.store().expired_files(now); files)
    for (const StoredFile& file : *files)
      if (const auto reader = keeper.store().reader_of(file.id); reader && reader->empty()) static_cast<void>(keeper.drop_file(file.id));
  static_cast<void>(keeper.store().forget_jobs(Instant{now.unix_ns - keep_days * 86'400 * 1'000'000'000}));
}

}  // namespace demarc::gateway
