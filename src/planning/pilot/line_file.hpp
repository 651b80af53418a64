// LineFile: a file that grows line by line: answers, judgements, measurements of a pilot. A line is on disk when add() returns; its owner alone reads
// the file. What a killed run left half written ends there: the next line begins anew.
//
//   LineFile file = TRY(LineFile::open("pilot/people.jsonl"));
//   for (const std::string& line : file.before()) …      // what it held when it was opened
//   TRY(file.add(R"({"id": "t-17"})"));
//
// One thread at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/io/disk.hpp"

namespace demarc::planning {

class LineFile {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{4} << 30;  // more: an error that names the file
  static Result<LineFile, std::string> open(const std::string& path, Disk& disk = real_disk());
  Result<void, std::string> add(std::string_view line);
  [[nodiscard]] const std::vector<std::string>& before() const { return before_; }

 private:
  LineFile(std::string path, std::unique_ptr<File> file) : path_(std::move(path)), file_(std::move(file)) {}
  std::string path_;
  std::unique_ptr<File> file_;
  std::vector<std::string> before_;
};

}  // namespace demarc::planning
