#include "planning/inventory/parts.hpp"

#include <sqlite3.h>

#include <map>

#include "base/strings.hpp"

namespace demarc::planning {
namespace {

using store::Connection;
using store::Statement;

constexpr std::size_t kMostCells = 200'000;
constexpr const char* kSingle = "counted = 1 AND requests = 1 AND kind IN (0, 3)";
constexpr const char* kInput =
    "quarter_octave(COALESCE(input, 0) + COALESCE(cached_input, 0) + COALESCE(cache_write, 0) + COALESCE(cache_write_1h, 0) + COALESCE(input_audio, "
    "0))";
constexpr const char* kOutput = "quarter_octave(COALESCE(output, 0) + COALESCE(reasoning, 0))";
constexpr const char* kHour = "(start_ns / 3600000000000 % 24)";
constexpr const char* kTables =
    "CREATE TABLE IF NOT EXISTS parts(grp TEXT NOT NULL, name TEXT NOT NULL, says TEXT NOT NULL, conditions TEXT NOT NULL, requests INTEGER NOT "
    "NULL, "
    "PRIMARY KEY(grp, name));"
    "CREATE TABLE IF NOT EXISTS together(grp TEXT PRIMARY KEY, who TEXT NOT NULL, date TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS parted(up_to INTEGER NOT NULL);";  // id of the newest file that was looked at

std::string said(const StoreError& error) { return error.message; }

void quarter_octave_of(sqlite3_context* context, int, sqlite3_value** values) {
  sqlite3_result_int(context, quarter_octave(sqlite3_value_int64(values[0])));
}

// "input 0 40 -;operation 0 0 +ocr"
std::string printed(const std::vector<Condition>& conditions) {
  std::string out;
  for (const Condition& c : conditions)
    out += (out.empty() ? "" : ";") + std::string(to_string(c.measure)) + " " + std::to_string(c.from) + " " + std::to_string(c.to) + " " +
           (c.equal ? "+" : "-") + c.word;
  return out;
}

std::vector<Condition> parsed(std::string_view text) {
  std::vector<Condition> out;
  for (const std::string_view one : split(text, ';')) {
    const auto fields = split(one, ' ');
    if (fields.size() != 4 || fields[3].empty()) continue;
    Condition c{.word = std::string(fields[3].substr(1)),
                .equal = fields[3].starts_with('+'),
                .from = std::atoi(std::string(fields[1]).c_str()),
                .to = std::atoi(std::string(fields[2]).c_str())};
    for (const Measure measure : {Measure::operation, Measure::input, Measure::output, Measure::hour})
      if (to_string(measure) == fields[0]) c.measure = measure;
    out.push_back(std::move(c));
  }
  return out;
}

// Words come from core/operation.hpp alone: nothing of them needs quoting.
std::string sql_of(const std::vector<Condition>& conditions) {
  std::string out;
  const auto add = [&](std::initializer_list<std::string_view> pieces) {
    for (const std::string_view piece : pieces) out += piece;
  };
  for (const Condition& c : conditions) {
    const std::string from = std::to_string(c.from), to = std::to_string(c.to);
    switch (c.measure) {
      case Measure::operation: add({" AND operation ", c.equal ? "=" : "!=", " '", c.word, "'"}); break;
      case Measure::input: add({" AND ", kInput, " BETWEEN ", from, " AND ", to}); break;
      case Measure::output: add({" AND ", kOutput, " BETWEEN ", from, " AND ", to}); break;
      case Measure::hour: add({" AND (", kHour, " >= ", from, c.from <= c.to ? " AND " : " OR ", kHour, " <= ", to, ")"}); break;
    }
  }
  return out;
}

class Finder {
 public:
  explicit Finder(Connection& connection) : c_(connection) {}

  Result<void, std::string> run() {
    TRY(c_.execute(kTables).map_error(said));
    if (sqlite3_create_function(c_.raw(), "quarter_octave", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr, quarter_octave_of, nullptr, nullptr) !=
        SQLITE_OK)
      return fail(said(c_.error()));
    const std::int64_t newest = TRY(number("SELECT COALESCE(MAX(id), 0) FROM files"));
    if (newest == TRY(number("SELECT COALESCE(MAX(up_to), 0) FROM parted"))) return {};
    store::Transaction transaction = TRY(store::Transaction::begin(c_).map_error(said));
    std::map<std::string, std::vector<Part>> known;
    for (Part& part : TRY(read())) known[part.of].push_back(std::move(part));
    std::vector<Part> found;
    TRY(look(known, found));
    for (const Part& part : found) TRY(keep(part));
    for (const auto& [group, parts] : known)
      for (const Part& part : parts) TRY(mark(part));
    for (const Part& part : found) TRY(mark(part));
    TRY(c_.execute("DELETE FROM parted").map_error(said));
    Statement& write = *TRY(c_.prepare("INSERT INTO parted VALUES (?)").map_error(said));
    write.bind(1, newest);
    TRY(c_.run(write).map_error(said));
    return transaction.commit().map_error(said);
  }

  Result<std::vector<Part>, std::string> read() {
    Statement& read = *TRY(c_.prepare("SELECT grp, name, says, conditions, requests FROM parts ORDER BY grp, name").map_error(said));
    std::vector<Part> out;
    while (TRY(c_.step(read).map_error(said)))
      out.push_back({.of = read.text(0), .name = read.text(1), .says = read.text(2), .conditions = parsed(read.text(3)), .requests = read.number(4)});
    c_.reset(read);
    return out;
  }

 private:
  Result<std::int64_t, std::string> number(const char* sql) {
    Statement& read = *TRY(c_.prepare(sql).map_error(said));
    TRY(c_.step(read).map_error(said));
    const std::int64_t value = read.number(0);
    c_.reset(read);
    return value;
  }

  // Histograms of the groups that have no parts yet, one after the other.
  Result<void, std::string> look(const std::map<std::string, std::vector<Part>>& known, std::vector<Part>& found) {
    Statement& read =
        *TRY(c_.prepare(std::string("SELECT grp, operation, ") + kInput + ", " + kOutput + ", " + kHour + ", COUNT(*) FROM rows WHERE " + kSingle +
                        " AND grp NOT IN (SELECT grp FROM together) GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5")
                 .map_error(said));
    std::string group;
    std::vector<Shape> cells;
    const auto end_group = [&] {
      if (!known.contains(group) && cells.size() < kMostCells)  // more: too many shapes for any of them to be a use of its own
        for (Part& part : cut(cells)) part.of = group, found.push_back(std::move(part));
      cells.clear();
    };
    while (TRY(c_.step(read).map_error(said))) {
      if (std::string name = read.text(0); name != group) end_group(), group = std::move(name);
      if (cells.size() < kMostCells)
        cells.push_back(
            {read.text(1), static_cast<int>(read.number(2)), static_cast<int>(read.number(3)), static_cast<int>(read.number(4)), read.number(5)});
    }
    c_.reset(read);
    end_group();
    return {};
  }

  Result<void, std::string> keep(const Part& part) {
    Statement& write = *TRY(c_.prepare("INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?)").map_error(said));
    const std::string conditions = printed(part.conditions);
    write.bind(1, std::string_view(part.of)), write.bind(2, std::string_view(part.name)), write.bind(3, std::string_view(part.says)),
        write.bind(4, std::string_view(conditions)), write.bind(5, part.requests);
    return c_.run(write).map_error(said);
  }

  Result<void, std::string> mark(const Part& part) {
    Statement& write =
        *TRY(c_.prepare(std::string("UPDATE rows SET grp = ? WHERE grp = ? AND ") + kSingle + sql_of(part.conditions)).map_error(said));
    const std::string name = part.of + " " + part.name;
    write.bind(1, std::string_view(name)), write.bind(2, std::string_view(part.of));
    return c_.run(write).map_error(said);
  }

  Connection& c_;
};

}  // namespace

Result<void, std::string> find_parts(UsageBook& book) { return Finder(book.connection()).run(); }

Result<std::vector<Part>, std::string> read_parts(UsageBook& book) {
  TRY(book.connection().execute(kTables).map_error(said));
  return Finder(book.connection()).read();
}

Result<void, std::string> keep_together(UsageBook& book, const std::string& group, const std::string& who, const std::string& date) {
  Connection& c = book.connection();
  TRY(c.execute(kTables).map_error(said));
  store::Transaction transaction = TRY(store::Transaction::begin(c).map_error(said));
  bool any = false;
  for (const Part& part : TRY(read_parts(book))) {
    if (part.of != group) continue;
    any = true;
    Statement& write = *TRY(c.prepare("UPDATE rows SET grp = ? WHERE grp = ?").map_error(said));
    const std::string name = part.of + " " + part.name;
    write.bind(1, std::string_view(group)), write.bind(2, std::string_view(name));
    TRY(c.run(write).map_error(said));
  }
  if (!any) return fail("'" + group + "' has no parts; demarc plan inventory shows which workloads are parts of one");
  Statement& forget = *TRY(c.prepare("DELETE FROM parts WHERE grp = ?").map_error(said));
  forget.bind(1, std::string_view(group));
  TRY(c.run(forget).map_error(said));
  Statement& keep = *TRY(c.prepare("INSERT OR REPLACE INTO together VALUES (?, ?, ?)").map_error(said));
  keep.bind(1, std::string_view(group)), keep.bind(2, std::string_view(who)), keep.bind(3, std::string_view(date));
  TRY(c.run(keep).map_error(said));
  return transaction.commit().map_error(said);
}

}  // namespace demarc::planning
