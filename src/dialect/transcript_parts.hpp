// TranscriptParts: a long recording transcribed range by range, a request each, becomes the one transcript that it is.
//
//   TranscriptParts parts(read_options(job.options));             // what the caller said in the form
//   form = parts.form_of_next();                                  // of the next request: as the caller said, but verbose_json and from where it
//   stands TRY(parts.add(answer));                                       // what that was answered while (parts.next_ms()) … // there is more of the
//   recording body = parts.print();                                         // in the caller's format
//
// Places of edits count on over the parts, times are the recording's in each of them. Each part names its speakers anew: whose voices are alike are
// one speaker of the whole, named in the order in which they are first heard in it. Pure; one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/transcript.hpp"
#include "dialect/batches.hpp"
#include "dialect/transcript_text.hpp"

namespace demarc::dialect {

class TranscriptParts {
 public:
  explicit TranscriptParts(std::vector<FormField> options);

  [[nodiscard]] std::vector<FormField> form_of_next(std::int64_t part_s) const;
  Result<void, std::string> add(std::string answer);
  [[nodiscard]] std::optional<std::int64_t> next_ms() const { return whole_.next_ms; }
  [[nodiscard]] std::int64_t duration_ms() const { return whole_.duration_ms.value_or(0); }  // of what is there
  [[nodiscard]] std::string print() const;
  [[nodiscard]] std::string_view content_type() const { return content_type_of(format_.value_or(TranscriptFormat::json)); }

 private:
  void number_speakers(Transcript& part);
  [[nodiscard]] Transcript with_names() const;

  const std::vector<FormField> options_;
  std::optional<TranscriptFormat> format_ = TranscriptFormat::json;  // nullopt: a name that does not exist; the request will be refused
  std::optional<TranscriptUnits> units_;
  Transcript whole_;                // whose speakers are numbers: places in voices_
  std::vector<Voiceprint> voices_;  // of all parts' speakers
  bool is_empty_ = true;
};

}  // namespace demarc::dialect
