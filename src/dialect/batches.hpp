// Files, batches and jobs as JSON: OpenAI's objects and what clients say to make them, and demarc's own jobs in the same style.
//
//   const BatchOrder order = TRY(read_batch_order(body));                      // POST /v1/batches
//   const FilesOrder order = TRY(read_files_order(body));                      // POST /v1/jobs
//   BatchInput input("/v1/embeddings", limits);                                // the input file, in any pieces
//   input.feed(bytes); input.end();   input.pieces, input.errors
//   auto body = read_batch_body(line);                                         // what one line asks
//   file_json(file), batch_json(batch), job_json(job), page_json(objects, ids, has_more), result_line(...)
//
// Source: OpenAI API reference "Files" and "Batch", read 2026-11. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.hpp"
#include "core/error.hpp"
#include "core/job.hpp"

namespace demarc::dialect {

struct BatchOrder {
  std::string input_file, endpoint, window, metadata;  // metadata: a JSON object, "" none
};
Result<BatchOrder, ApiError> read_batch_order(std::string body);

// A job of demarc's own: each of these files through one endpoint.
struct FilesOrder {
  JobKind kind = JobKind::transcription;
  std::string endpoint;
  std::vector<std::string> files;
  std::string options;  // a JSON object, as read_options() takes it: what each request says besides its file
  std::string metadata;
};
Result<FilesOrder, ApiError> read_files_order(std::string body);
using FormField = std::pair<std::string, std::string>;
std::vector<FormField> read_options(const std::string& json);  // an array is its field several times

// Paths that a batch may be of: every dialect whose requests are JSON.
bool may_batch(std::string_view endpoint);

struct BatchLimits {
  std::int64_t lines = 50'000;
  std::size_t line_bytes = std::size_t{32} << 20;
};
inline constexpr std::size_t kMostBatchErrors = 100;  // more are not listed

class BatchInput {
 public:
  BatchInput(std::string endpoint, BatchLimits limits) : endpoint_(std::move(endpoint)), limits_(limits) {}
  void feed(std::string_view bytes);
  void end();
  std::vector<Piece> pieces;     // number: the line's
  std::vector<JobError> errors;  // any: the batch fails as a whole

 private:
  void line(std::string_view text);
  void complain(std::string code, std::string message, std::string param = {});

  std::string endpoint_;
  BatchLimits limits_;
  std::string rest_;  // of a line that goes on in the next piece
  std::int64_t number_ = 0, offset_ = 0;
  std::unordered_set<std::string> seen_;
};

// The member `body` of a line that BatchInput took, with room for a parser's padding.
std::string read_batch_body(std::string line);

std::string file_json(const StoredFile& file);
std::string deleted_file_json(std::string_view id);
std::string batch_json(const Job& batch);
std::string job_json(const Job& job);  // of either kind
std::string page_json(std::span<const std::string> objects, std::string_view first_id, std::string_view last_id, bool has_more);

struct PieceAnswer {
  int status = 0;
  std::string request_id, content_type, body;
};
// One line of an output or error file, with its line feed. JSON stands in it as JSON, on one line; anything else as a string.
std::string result_line(const Piece& piece, const PieceAnswer& answer);
std::string unrun_line(std::string_view job, const Piece& piece, std::string_view code, std::string_view message);

}  // namespace demarc::dialect
