#include "cli/show_edits.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include "base/strings.hpp"

namespace demarc::cli {
namespace {

std::string at(dialect::JsonNode edit) {
  const auto start = edit["seconds"]["start"].number();
  if (!start || !(*start >= 0 && *start < 1e9)) return {};
  const auto tenths = static_cast<long long>(std::llround(*start * 10));
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%lld:%02lld.%lld  ", tenths / 600, tenths / 10 % 60, tenths % 10);
  return text.data();
}

std::string quoted(std::string_view text) { return text.empty() ? "nothing" : "\"" + std::string(text) + "\""; }

std::string line_of(dialect::JsonNode edit) {
  const std::string from_all = edit["from"].text(), with_all = edit["with"].text();
  const std::string from = quoted(trim(from_all)), with = quoted(trim(with_all));
  const bool accepted = edit["accepted"].boolean().value_or(true);
  return "  " + at(edit) + (accepted ? from + " → " + with : from + " stays, not " + with) + ": " + edit["reason"].text();
}

}  // namespace

std::vector<std::string> lines_of_edits(dialect::JsonNode answer) {
  std::vector<std::string> lines;
  if (!answer["edits"].is(dialect::JsonType::array)) return lines;
  std::size_t accepted = 0;
  for (const dialect::JsonNode edit : answer["edits"]) {
    lines.push_back(line_of(edit));
    accepted += edit["accepted"].boolean().value_or(true) ? 1 : 0;
  }
  const dialect::JsonNode cleaning = answer["cleaning"];
  std::string last = std::to_string(accepted) + (accepted == 1 ? " edit" : " edits");
  if (cleaning)
    last += ", " + std::to_string(cleaning["reverted"].integer().value_or(0)) + " reverted; a language model was asked about " +
            std::to_string(cleaning["asked"].integer().value_or(0)) + " of " + std::to_string(cleaning["pieces"].integer().value_or(0)) + " pieces";
  lines.push_back(std::move(last));
  return lines;
}

}  // namespace demarc::cli
