// PieceParts: how a file of a job is asked for, request by request, so that a crash loses one of them and no more. Each kind of job has its own.
//
//   auto parts = parts_of(job, piece);
//   Asked asked = parts->next(piece.custom_id, std::move(bytes), limits);      // the body of the next request
//   TRY(parts->add(answer));                                                   // parts->has_more(): ask again
//   body = parts->print();                                                     // of all of them, as the caller wanted it
//
// One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/limits.hpp"
#include "core/job.hpp"

namespace demarc::gateway {

struct Asked {
  std::string content_type, body;
};

class PieceParts {
 public:
  PieceParts() = default;
  PieceParts(const PieceParts&) = delete;
  PieceParts& operator=(const PieceParts&) = delete;
  virtual ~PieceParts() = default;

  [[nodiscard]] virtual Asked next(const std::string& filename, std::string bytes, const config::Limits& limits) const = 0;
  virtual Result<void, std::string> add(std::string answer) = 0;
  [[nodiscard]] virtual bool has_more() const = 0;
  [[nodiscard]] virtual std::int64_t amount() const = 0;  // of what is there, as Job::amount counts
  [[nodiscard]] virtual std::string print() const = 0;
  [[nodiscard]] virtual std::string_view content_type() const = 0;
};

// What /v1/images/classifications is asked for one picture: `options` (a JSON object) and the picture.
std::string picture_body(std::string_view options, std::string_view bytes);

// Of a job of files; nothing is there yet.
std::unique_ptr<PieceParts> parts_of(const Job& job, const Piece& piece);

}  // namespace demarc::gateway
