// Parts: where one key or project does several things, they show in the shapes of its requests: what is done, how long prompts and answers are, at
// what hours. A group of requests is cut in two where such a measure has two heaps with a valley between them, and each half again, so that every
// part is a few plain conditions a person can read: "prompts of up to 1,448 tokens, between 1 and 4 o'clock UTC".
//
//   TRY(find_parts(book));                       // after an import; quick if nothing was
//   for (const Part& part : *read_parts(book)) part.of, part.name, part.says
//
// Only requests that an export tells one by one have a shape; texts are not read. The same rows give the same parts. Once found a part stays, so that
// what people said of it stays too; keep_together() says that a group is one use after all. Memory: a histogram of each group, at most 200,000 cells,
// one group at a time. One thread (SQLite).
#pragma once

#include <string>
#include <vector>

#include "planning/import/usage_book.hpp"

namespace demarc::planning {

struct Shape {  // of a histogram: requests that are alike
  std::string operation;
  int input = 0, output = 0;  // tokens, in quarters of an octave: 40 is 1,024
  int hour = 0;               // UTC, 0 to 23
  std::int64_t requests = 0;
};

enum class Measure : std::uint8_t { operation, input, output, hour };
std::string_view to_string(Measure);

struct Condition {  // on one measure: operation equal (or not) to `word`; tokens within [from, to]; hour within [from, to], perhaps past midnight
  Measure measure = Measure::input;
  std::string word;
  bool equal = true;
  int from = 0, to = 0;
};

struct Part {
  std::string of;    // the group
  std::string name;  // behind its name: "short", "ocr", "long-at-night"
  std::string says;  // for people
  std::vector<Condition> conditions;
  std::int64_t requests = 0;  // when it was found
};

inline constexpr int kMostOctaves = 120;  // 2^30 tokens, in quarters
int quarter_octave(std::int64_t tokens);
std::int64_t tokens_of(int quarter);  // the most that falls below quarter + 1

// The parts of one group's histogram; none if it is one heap. Pure.
std::vector<Part> cut(const std::vector<Shape>& cells);

Result<void, std::string> find_parts(UsageBook& book);
Result<std::vector<Part>, std::string> read_parts(UsageBook& book);
// From now on, whatever its requests look like; its parts are one again. The error says so if there is no such group.
Result<void, std::string> keep_together(UsageBook& book, const std::string& group, const std::string& who, const std::string& date);

}  // namespace demarc::planning
