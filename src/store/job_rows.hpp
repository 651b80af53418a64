// The tables of jobs.sqlite, and how a file and a job stand in a row of them.
#pragma once

#include <string_view>

#include "core/job.hpp"
#include "store/sqlite.hpp"

namespace demarc::store {

inline constexpr std::int64_t kJobSchemaVersion = 3;

Result<void, StoreError> migrate_jobs(Connection& connection);

inline constexpr std::string_view kFileColumns = "id, owner, filename, purpose, bytes, created_ns, expires_ns";
inline constexpr std::string_view kJobColumns =
    "id, kind, state, owner, endpoint, input_file, time_window, options, metadata, sensitivity, workload, created_ns, expires_ns, started_ns, "
    "finalizing_ns, cancelling_ns, ended_ns, output_file, error_file, output_bytes, error_bytes, total, completed, failed, errors, amount";

StoredFile read_file_row(const Statement& row);
Job read_job_row(const Statement& row);
Result<void, StoreError> write_file_row(Connection& connection, const StoredFile& file);
Result<void, StoreError> write_job_row(Connection& connection, const Job& job);

}  // namespace demarc::store
