#include "store/columns.hpp"

#include <charconv>

#include "base/strings.hpp"

namespace demarc::store {
namespace {

constexpr char kSeparator = '\x1f';
constexpr std::int64_t kPicoPerUsd = 1'000'000'000'000;

void append(std::string& out, std::string_view item) {
  if (!out.empty()) out += kSeparator;
  out += item;
}

}  // namespace

std::string join(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& item : list) append(out, item);
  return out;
}

std::vector<std::string> unjoin(std::string_view text) {
  std::vector<std::string> list;
  if (text.empty()) return list;
  for (const std::string_view item : split(text, kSeparator)) list.emplace_back(item);
  return list;
}

std::string join(const FindingCounts& counts) {
  std::string out;
  for (const auto& [type, count] : counts) append(out, type + "=" + std::to_string(count));
  return out;
}

FindingCounts unjoin_counts(std::string_view text) {
  FindingCounts counts;
  if (text.empty()) return counts;
  for (const std::string_view item : split(text, kSeparator)) {
    const std::size_t equals = item.rfind('=');
    if (equals == std::string_view::npos) continue;
    std::uint32_t count = 0;
    std::from_chars(item.data() + equals + 1, item.data() + item.size(), count);
    counts.emplace(item.substr(0, equals), count);
  }
  return counts;
}

void bind_money(Statement& statement, int at, const std::optional<Money>& money) {
  if (!money) return statement.bind_null(at), statement.bind_null(at + 1);
  statement.bind(at, static_cast<std::int64_t>(money->pico() / kPicoPerUsd));
  statement.bind(at + 1, static_cast<std::int64_t>(money->pico() % kPicoPerUsd));
}

Money money_of(std::int64_t usd, std::int64_t pico) { return Money::from_pico(Money::Pico{usd} * kPicoPerUsd + pico); }

std::optional<Money> money(const Statement& row, int column) {
  if (row.is_null(column)) return {};
  return money_of(row.number(column), row.number(column + 1));
}

}  // namespace demarc::store
