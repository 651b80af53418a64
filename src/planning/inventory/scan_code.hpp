// scan_code: where a company's repositories speak to a model, by the words that SDKs leave in source code. Told are file, line, SDK and features;
// never the code.
//
//   auto found = scan_code("/srv/repositories", *read_sdks(builtin_sdks()));
//
// Reads files only; follows no link; at most 2,000,000 files of 2 MiB. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace demarc::planning {

std::string_view builtin_sdks();

struct Sdks {
  std::vector<std::pair<std::string, std::vector<std::string>>> sdks, features;
  std::set<std::string> endings, skip;
};
Result<Sdks, std::string> read_sdks(std::string_view yaml);

struct CodeUse {
  std::string file;  // relative to the folder
  std::int64_t line = 0;
  std::set<std::string> sdks, features;
};

struct CodeScan {
  std::vector<CodeUse> uses;  // one a file, at its first line that speaks to a model
  std::int64_t files = 0, unreadable = 0;
};
Result<CodeScan, std::string> scan_code(const std::string& folder, const Sdks& sdks);
void scan_text(std::string_view text, const Sdks& sdks, CodeUse& into);

}  // namespace demarc::planning
