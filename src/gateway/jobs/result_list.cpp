#include "gateway/jobs/result_list.hpp"

#include <simdjson.h>

#include <array>
#include <cstdio>

#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "text/csv.hpp"

namespace demarc::gateway {
namespace {

constexpr std::string_view kHead = "file,label,confidence,error,written\n";

std::string said(const std::string& path, DiskError error) { return path + ": " + std::string(to_string(error)); }

std::string three_digits(double number) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.3f", number);
  return text.data();
}

}  // namespace

Result<ResultList, std::string> ResultList::open(Disk& disk, std::string path) {
  ResultList list(std::move(path));
  const auto before = read_file(disk, list.path_, kMostBytes);
  if (!before && before.error() != DiskError::not_found) return fail(said(list.path_, before.error()));
  std::string text = before ? *before : std::string();
  text.resize(text.rfind('\n') + 1);  // npos + 1 is 0
  if (text.empty() && list.is_csv_) text = kHead;
  if (!before || text != *before)
    if (const auto written = write_file_durably(disk, list.path_, text, 0600); !written) return fail(said(list.path_, written.error()));
  list.read(text);
  auto file = disk.open(list.path_, OpenMode::update);
  if (!file) return fail(said(list.path_, file.error()));
  list.file_ = *std::move(file);
  return list;
}

void ResultList::read(std::string_view text) {
  if (is_csv_) {
    const auto table = text::read_csv(text);
    const auto file = table ? table->column("file") : fail(std::string()), written = table ? table->column("written") : fail(std::string());
    if (!file || !written) return;  // somebody else's: what is in it counts for nothing, and is kept
    for (const auto& row : table->rows) done_.emplace(row[*file], row[*written]);
    return;
  }
  simdjson::dom::parser parser;
  for (const std::string_view line : split(text, '\n')) {
    simdjson::dom::element root;
    std::string_view file, written;
    if (parser.parse(simdjson::padded_string(line)).get(root) != simdjson::SUCCESS) continue;
    if (root["file"].get(file) == simdjson::SUCCESS && root["written"].get(written) == simdjson::SUCCESS) done_.emplace(file, written);
  }
}

std::string ResultList::print(const PictureLine& line) const {
  if (is_csv_) {
    const bool is_good = line.error.empty();
    return text::csv_field(line.file) + "," + text::csv_field(line.label) + "," + (is_good ? three_digits(line.confidence) : "") + "," +
           text::csv_field(line.error) + "," + line.written + "\n";
  }
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("file", line.file), json.field("written", line.written);
    line.error.empty() ? json.raw_field("result", line.result) : json.field("error", line.error);
  });
  return out + "\n";
}

Result<void, std::string> ResultList::add(const PictureLine& line) {
  auto appended = file_->append(print(line));
  if (appended) appended = file_->sync();
  if (!appended) return fail(said(path_, appended.error()));
  done_.emplace(line.file, line.written);
  return {};
}

}  // namespace demarc::gateway
