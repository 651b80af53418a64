// JsonRows: reads JSON exports of any size as rows of named columns: a line each (JSON Lines), one array, or pages as usage APIs give them
// ({"data": [{"start_time": …, "results": [{…}]}]}); what a page and a bucket say holds for each of their results. Nested names are joined by dots.
//
//   JsonRows rows(in);
//   while (auto row = rows.next()) use(row->line, row->columns);
//
// One value is at most 256 MiB. A broken line of JSON Lines costs that line. Numbers keep their digits as they are written. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace demarc::planning {

struct JsonRow {
  std::int64_t line = 0;
  std::vector<std::pair<std::string, std::string>> columns;
  std::string wrong;
};

class JsonRows {
 public:
  static constexpr std::size_t kMostValueBytes = 256 << 20;

  explicit JsonRows(std::istream& in);
  ~JsonRows();
  std::optional<JsonRow> next();
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  struct Parser;
  bool next_value(std::string& value, std::int64_t& line, std::string& wrong);
  void rows_of(const std::string& value, std::int64_t line);
  bool next_bucket();  // of the page that was read last; false: it has no more

  std::istream& in_;
  std::unique_ptr<Parser> parser_;
  std::deque<JsonRow> ready_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
  std::uint64_t bytes_ = 0;
  bool ended_ = false, in_array_ = false, begun_ = false;
};

}  // namespace demarc::planning
