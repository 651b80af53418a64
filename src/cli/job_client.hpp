// What commands that work through jobs share: files up, a job followed to its end, results down.
//
//   const std::string id = TRY(upload(connection, "night.jsonl", "batch"));
//   const JobSeen done = TRY(follow(connection, job_id, [&](const JobSeen& seen) { ... }));   // also over a restart of the gateway
//   TRY(download(connection, done.output_file, [&](std::string_view piece) { ... }));
//
// Blocking, one thread. Errors are sentences for people; the exit code stands beside them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "cli/cli.hpp"
#include "cli/connection.hpp"

namespace demarc::cli {

struct JobFault {
  int code = kFailed;  // exit code
  std::string why;
};

struct JobSeen {
  std::string id, kind, state, output_file, error_file, errors, metadata, json;  // errors: one a line; metadata: JSON; json: as it came
  std::int64_t total = 0, completed = 0, failed = 0, created_s = 0;
  [[nodiscard]] bool over() const { return state == "completed" || state == "failed" || state == "expired" || state == "cancelled"; }
};

JobSeen read_job(const std::string& json);  // of a job or a batch

Result<Answer, JobFault> ask(Connection& connection, const std::string& method, const std::string& target, const std::string& body = {});
Result<std::string, JobFault> upload(Connection& connection, const std::string& path, std::string_view purpose, std::string filename);
Result<JobSeen, JobFault> follow(Connection& connection, const std::string& id, const std::function<void(const JobSeen&)>& on_change);
Result<void, JobFault> download(Connection& connection, const std::string& file, const Connection::OnPiece& on_piece);
void remove_file(Connection& connection, const std::string& file);  // "" and failures are no matter: files expire

}  // namespace demarc::cli
