// DocumentParts: a long document read some pages at a time, a request each, becomes the one answer that it is.
//
//   DocumentParts parts(job.options);                              // what the caller said, a JSON object
//   body = parts.body_of_next("report.pdf", bytes, 20);            // of the next request: as the caller said, from the page where it stands
//   TRY(parts.add(answer));                                        // what that was answered
//   while (parts.next_page()) …                                    // there is more of the document
//   body = parts.print();
//
// Pages keep their numbers and pictures are counted on over the parts; how headings rank is judged within each part. An upstream that is not our own
// engine knows nothing of parts and reads the document whole. Pure; one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace demarc::dialect {

class DocumentParts {
 public:
  explicit DocumentParts(std::string options) : options_(std::move(options)) {}

  [[nodiscard]] std::string body_of_next(std::string_view filename, std::string_view bytes, std::int64_t part_pages) const;
  Result<void, std::string> add(const std::string& answer);
  [[nodiscard]] std::optional<std::int64_t> next_page() const { return next_page_; }
  [[nodiscard]] std::int64_t pages() const { return pages_; }  // read so far
  [[nodiscard]] std::string print() const;

 private:
  const std::string options_;
  std::string rest_;  // members of the first answer that are the same in each, with a comma before
  std::vector<std::string> page_list_, redactions_, notes_;
  bool is_empty_ = true, hides_ = false;
  std::int64_t pages_ = 0, images_ = 0, size_bytes_ = 0;
  std::optional<std::int64_t> next_page_;
};

}  // namespace demarc::dialect
