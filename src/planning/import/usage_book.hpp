// UsageBook: every imported row in one SQLite file (plan.sqlite), with the file and line it came from; nothing that was read is ever lost or counted
// twice.
//
//   UsageBook book = TRY(UsageBook::open("plan.sqlite"));
//   auto imported = book.import(path, in, formats, progress);      // one transaction: whole, or not at all
//   for (Finding& finding : *book.findings()) …
//
// A row that another import brought already is kept and marked as its duplicate; one that contradicts it is kept, not counted, and told. Rows of one
// file that are alike but for columns nobody reads (a user, a kind of token) are each counted. A file
// imported before (by its bytes) is refused. Texts of prompts are never stored: formats have no field for them. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "planning/import/read_export.hpp"
#include "store/sqlite.hpp"

namespace demarc::planning {

struct Imported {
  std::int64_t file = 0;
  ExportRead read;
  std::int64_t duplicates = 0, contradictions = 0;
  std::string first_day, last_day;
};

struct ImportError {
  std::string message;
  UnknownColumns unknown;
};

enum class FindingKind : std::uint8_t { rejected, duplicate, contradiction, gap, currency, other_services, alike };
std::string_view to_string(FindingKind);

struct Finding {
  FindingKind kind = FindingKind::rejected;
  std::string file;
  std::int64_t line = 0;  // 0: the file as a whole
  std::string message;
};

// Rows of one provider, model and UTC day, duplicates not counted.
struct DayTotal {
  RowKind kind = RowKind::usage;
  std::string provider, model, day, currency;
  bool batch = false;
  Usage usage;
  std::optional<std::int64_t> images;
  std::int64_t requests = 0, rows = 0, with_cost = 0;
  Money cost;
};

class UsageBook {
 public:
  static Result<UsageBook, std::string> open(const std::string& path);

  Result<Imported, ImportError> import(const std::string& path, const std::vector<Format>& formats,
                                       const std::function<void(std::uint64_t)>& progress);
  // What is wrong or strange, in the order of import; at most `most` of each file.
  Result<std::vector<Finding>, std::string> findings(std::size_t most = 1000);
  Result<std::vector<DayTotal>, std::string> days();
  store::Connection& connection() { return *connection_; }

 private:
  explicit UsageBook(store::Connection connection) : connection_(std::make_unique<store::Connection>(std::move(connection))) {}
  Result<void, std::string> find_gaps(std::int64_t file);
  std::unique_ptr<store::Connection> connection_;
};

}  // namespace demarc::planning
