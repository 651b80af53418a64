// What a redaction found, told four ways: a table for the terminal, the findings one by one (--explain), a CSV or JSON file (--report), and one JSON
// object on stdout (--json). All of it is written as the files get done, so nothing grows with their number but the table. Never a value.
//
//   Report report = TRY(Report::open(order, std::cout, std::cerr));
//   report.file({.name = "a.txt", .found = …});                    // in the order of the inputs
//   report.left_out({"b.pdf", "is a PDF, …", "turn it into …"});
//   TRY(report.finish(walked));                                     // the table, and the report under its own name
//
// One thread at a time.
#pragma once

#include <iosfwd>
#include <map>
#include <memory>

#include "cli/redact/found.hpp"
#include "cli/redact/inputs.hpp"
#include "cli/redact/order.hpp"

namespace demarc::cli {

struct FileReport {
  std::string name{};
  bool changed = false;
  bool before = false;  // done by an earlier run
  std::vector<Found> found{};
  const std::string* output = nullptr;  // to be told in JSON; null: it stands in a file
};

struct FindingCount {
  std::uint64_t findings = 0, files = 0;
};
using FindingCounts = std::map<std::pair<std::string, std::string>, FindingCount>;  // by type and tier

struct FileCounts {
  std::uint64_t read = 0, changed = 0, before = 0, failed = 0;
};

// No line is longer than 80 characters; "" where there is nothing.
std::string findings_table(const FindingCounts& counts);
std::string files_line(const FileCounts& files, const Walked& walked, std::uint64_t unreached);

std::string csv_field(std::string_view text);

class JsonReport {
 public:
  explicit JsonReport(std::ostream& out);
  void file(const FileReport& file);
  void left_out(const LeftOut& file);
  void finish(const FindingCounts& counts, const FileCounts& files, const Walked& walked, std::uint64_t unreached);

 private:
  std::ostream& out_;
  bool first_ = true;
};

class Report {
 public:
  // `out`, `err`: where --json and the rest go.
  static Result<std::unique_ptr<Report>, std::string> open(const RedactOrder& order, std::ostream& out, std::ostream& err);
  ~Report();

  void file(const FileReport& file);
  void left_out(const LeftOut& file);
  Result<void, std::string> finish(const Walked& walked, std::uint64_t unreached);

 private:
  struct ReportFile;
  Report(const RedactOrder& order, std::ostream& err);

  const RedactOrder& order_;
  std::ostream& err_;
  FindingCounts counts_;
  FileCounts files_;
  std::unique_ptr<JsonReport> json_;
  std::unique_ptr<ReportFile> file_;
};

}  // namespace demarc::cli
