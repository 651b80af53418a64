// A file of patterns of somebody's own (docs/reference/patterns.md), read and checked for form.
//
//   auto entries = read_pattern_file(text, "/etc/demarc/patterns.yaml");
//   if (!entries) print(entries.error());        // every problem, each with file:line:column and what to do
//
// Pure; any thread. Terms files are named here and read by load_detectors (user_patterns.hpp).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "privacy/literal_search.hpp"

namespace demarc::privacy {

struct PatternProblem {
  std::string file;
  int line = 0, column = 0;  // from 1; 0: the file as a whole
  std::string message;
};
std::string print(const std::vector<PatternProblem>& problems);  // "file:line:column: message", one line each, '\n' between

struct PatternExample {
  std::string text;
  int line = 0, column = 0;
};

struct PatternEntry {
  std::string file;
  int line = 0, column = 0;
  std::string type;
  std::string regex;               // RE2; "": it is terms
  std::vector<std::string> terms;  // with those of terms_file, if both are given
  std::string terms_file;          // as written, relative to the pattern file
  std::vector<std::string> words;  // small letters
  bool alone = true;               // false: counts only beside one of the words
  float score = 0.8F;
  LetterCase letter_case = LetterCase::any;
  std::vector<PatternExample> examples, counter_examples;
};

Result<std::vector<PatternEntry>, std::vector<PatternProblem>> read_pattern_file(std::string_view text, const std::string& file);

}  // namespace demarc::privacy
