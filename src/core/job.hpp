// Job: work that outlives the request that ordered it: a batch of requests, or files to work on. It is made of pieces, each a request of its
// own; a piece that is finished is never done again, whatever happens to the process.
//
//   StoredFile   what a client uploaded, or what a job wrote: bytes in the data folder, and this about them
//   Job          state, times, counts, and which files it reads and writes
//   Piece        one line of a batch, or one file (a recording, a document, a picture)
//
// Pure values; what keeps them: store/job_store.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace demarc {

struct StoredFile {
  std::string id;     // "file-…"
  std::string owner;  // id of the key that it belongs to; "" for callers on loopback without one
  std::string filename, purpose;
  std::int64_t bytes = 0;
  Instant created{};
  std::optional<Instant> expires{};
  friend bool operator==(const StoredFile&, const StoredFile&) = default;
};

enum class JobKind : std::uint8_t { batch, transcription, ocr, image_classification };  // a number each in jobs.sqlite
inline constexpr int kJobKindCount = 4;
std::string_view to_string(JobKind);

enum class JobState : std::uint8_t { validating, in_progress, finalizing, completed, failed, expired, cancelling, cancelled };
std::string_view to_string(JobState);
inline bool is_over(JobState state) {
  return state == JobState::completed || state == JobState::failed || state == JobState::expired || state == JobState::cancelled;
}

struct JobError {
  std::string code, message, param{};
  std::optional<std::int64_t> line{};  // of the input, from 1
  friend bool operator==(const JobError&, const JobError&) = default;
};

struct Job {
  std::string id;  // "batch_…", "job_…"
  JobKind kind = JobKind::batch;
  JobState state = JobState::validating;
  std::string owner;                  // as of a file
  std::string endpoint;               // path of each piece's request
  std::string input_file;             // of a batch; "" for a job whose pieces are files
  std::string window;                 // completion_window as it was asked
  std::string options, metadata;      // JSON objects: what each piece's form says besides its file; the client's own
  std::string sensitivity, workload;  // what the order's headers said: each piece says it too; "" nothing
  Instant created{}, expires{};
  std::optional<Instant> started{}, finalizing{}, cancelling{}, ended{};
  std::string output_file, error_file;  // ids; they exist from the end on, if anything is in them
  std::int64_t output_bytes = 0, error_bytes = 0;
  std::int64_t total = 0, completed = 0, failed = 0;
  std::int64_t amount = 0;  // of what its pieces are made of, done so far: milliseconds of recordings, pages of documents
  std::vector<JobError> errors{};
  friend bool operator==(const Job&, const Job&) = default;
};

struct Piece {
  std::int64_t number = 0;  // from 1
  std::string custom_id;
  std::string file;                    // where its request is, or the file itself
  std::int64_t offset = 0, bytes = 0;  // of it in there
  std::int64_t run = 0;                // from 1; more: it was begun before and not finished
  std::int64_t parts_bytes = 0;        // of what is kept of a file that is done in part
  friend bool operator==(const Piece&, const Piece&) = default;
};

}  // namespace demarc
