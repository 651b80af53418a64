#include "cli/redact/report.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/encode.hpp"
#include "base/strings.hpp"

namespace demarc::cli {
namespace {

constexpr std::size_t kTypeColumn = 42, kTierColumn = 12, kNumberColumn = 12;

std::string padded(std::string text, std::size_t width) {
  if (text.size() > width - 1) text = text.substr(0, width - 2) + "~";
  return text + std::string(width - text.size(), ' ');
}

std::string right(std::uint64_t number) {
  const std::string text = std::to_string(number);
  return std::string(kNumberColumn - std::min(kNumberColumn, text.size()), ' ') + text;
}

std::string counted(std::uint64_t count, const char* one, const char* many) { return std::to_string(count) + " " + (count == 1 ? one : many); }

std::string score_text(double score) { return std::to_string(score).substr(0, 4); }

void explain(std::ostream& out, const FileReport& file) {
  out << file.name << '\n';
  for (const Found& found : file.found) {
    std::string line = "  " + found.type + (found.kind.empty() ? "" : " (" + found.kind + ")");
    line.resize(std::max<std::size_t>(line.size() + 1, 32), ' ');
    if (found.line > 0) line += "line " + std::to_string(found.line) + ", ";
    line += std::to_string(found.start) + "-" + std::to_string(found.end) + (found.path.empty() ? "" : " in " + found.path);
    line.resize(std::max<std::size_t>(line.size() + 1, 56), ' ');
    out << line << found.tier << " " << score_text(found.score) << (found.reason.empty() ? "" : "  " + found.reason) << '\n';
  }
}

void add(FindingCounts& counts, const std::vector<Found>& all) {
  std::set<std::pair<std::string, std::string>> kinds;
  for (const Found& found : all) {
    ++counts[{found.type, found.tier}].findings;
    kinds.emplace(found.type, found.tier);
  }
  for (const auto& kind : kinds) ++counts[kind].files;
}

}  // namespace

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string field = "\"";
  for (const char c : text) field += c == '"' ? "\"\"" : std::string(1, c);
  return field + "\"";
}

std::string findings_table(const FindingCounts& counts) {
  if (counts.empty()) return "";
  std::string out = padded("TYPE", kTypeColumn) + padded("TIER", kTierColumn) + std::string(kNumberColumn - 5, ' ') + "COUNT" +
                    std::string(kNumberColumn - 5, ' ') + "FILES\n";
  std::vector<FindingCounts::const_iterator> rows;
  for (auto row = counts.begin(); row != counts.end(); ++row) rows.push_back(row);
  std::ranges::sort(
      rows, [](auto a, auto b) { return a->second.findings != b->second.findings ? a->second.findings > b->second.findings : a->first < b->first; });
  for (const auto& row : rows)
    out += padded(row->first.first, kTypeColumn) + padded(row->first.second, kTierColumn) + right(row->second.findings) + right(row->second.files) +
           '\n';
  return out;
}

std::string files_line(const FileCounts& files, const Walked& walked, std::uint64_t unreached) {
  std::string out = counted(files.read, "file", "files") + " read, " + std::to_string(files.changed) + " changed";
  if (files.before > 0) out += ", " + std::to_string(files.before) + " done before";
  const auto line = [&](std::uint64_t count, const std::string& text) {
    if (count > 0) out += "\n" + text;
  };
  line(files.failed, counted(files.failed, "file", "files") + " not redacted and not written: named above, with the reason");
  line(unreached, counted(unreached, "file", "files") + " not reached; the same command again goes on there");
  std::string passed;
  const auto pass = [&](std::uint64_t count, const std::string& what) {
    if (count > 0) passed += (passed.empty() ? "" : ", ") + what;
  };
  pass(walked.hidden, std::to_string(walked.hidden) + " hidden (--hidden takes them)");
  pass(walked.links, counted(walked.links, "link", "links"));
  pass(walked.special, std::to_string(walked.special) + " that are no files");
  if (!passed.empty()) out += "\npassed over: " + passed;
  return out + '\n';
}

JsonReport::JsonReport(std::ostream& out) : out_(out) { out_ << R"({"files":[)"; }

void JsonReport::file(const FileReport& file) {
  std::string text;
  JsonWriter json(text);
  json.object([&] {
    json.field("file", file.name);
    json.field("changed", file.changed);
    if (file.before) json.field("before", true);
    if (file.output != nullptr && is_utf8(*file.output)) json.field("output", *file.output);
    if (file.output != nullptr && !is_utf8(*file.output)) json.field("output_base64", to_base64(*file.output));
    write_found(json, file.found);
  });
  out_ << (first_ ? "" : ",\n") << text;
  first_ = false;
}

void JsonReport::left_out(const LeftOut& file) {
  std::string text;
  JsonWriter json(text);
  json.object([&] {
    json.field("file", file.name);
    json.object("error", [&] {
      json.field("message", file.reason);
      json.field("hint", file.next);
    });
  });
  out_ << (first_ ? "" : ",\n") << text;
  first_ = false;
}

void JsonReport::finish(const FindingCounts& counts, const FileCounts& files, const Walked& walked, std::uint64_t unreached) {
  std::string text;
  JsonWriter json(text);
  json.object([&] {
    json.array("counts", [&] {
      for (const auto& entry : counts)
        json.object([&] {
          json.field("type", entry.first.first);
          json.field("tier", entry.first.second);
          json.field("count", entry.second.findings);
          json.field("files", entry.second.files);
        });
    });
    json.field("read", files.read);
    json.field("changed", files.changed);
    json.field("before", files.before);
    json.field("failed", files.failed);
    json.field("unreached", unreached);
    json.object("passed_over", [&] {
      json.field("hidden", walked.hidden);
      json.field("links", walked.links);
      json.field("special", walked.special);
    });
  });
  out_ << "]," << std::string_view(text).substr(1) << '\n';
}

// Written beside its name and renamed, so that there is a whole report or none.
struct Report::ReportFile {
  std::string name, part;
  std::ofstream out;
  std::unique_ptr<JsonReport> json;

  void csv(const FileReport& file) {
    for (const Found& found : file.found)
      out << csv_field(file.name) << ',' << csv_field(found.type) << ',' << csv_field(found.kind) << ',' << csv_field(found.path) << ','
          << (found.line > 0 ? std::to_string(found.line) : "") << ',' << found.start << ',' << found.end << ',' << found.tier << ','
          << score_text(found.score) << ',' << csv_field(found.reason) << '\n';
  }
};

Report::Report(const RedactOrder& order, std::ostream& err) : order_(order), err_(err) {}
Report::~Report() {
  std::error_code ignored;
  if (file_ && !file_->part.empty()) std::filesystem::remove(file_->part, ignored);
}

Result<std::unique_ptr<Report>, std::string> Report::open(const RedactOrder& order, std::ostream& out, std::ostream& err) {
  std::unique_ptr<Report> report(new Report(order, err));
  if (!order.report.empty()) {
    report->file_ = std::make_unique<ReportFile>();
    ReportFile& file = *report->file_;
    file.name = order.report, file.part = order.report + ".part";
    file.out.open(file.part, std::ios::binary | std::ios::trunc);
    if (!file.out) return fail(file.part + " cannot be written; name another --report");
    if (order.report.ends_with(".json"))
      file.json = std::make_unique<JsonReport>(file.out);
    else
      file.out << "file,type,kind,path,line,start,end,tier,score,reason\n";
  }
  if (order.json) report->json_ = std::make_unique<JsonReport>(out);
  return report;
}

void Report::file(const FileReport& file) {
  ++files_.read;
  files_.changed += file.changed ? 1 : 0, files_.before += file.before ? 1 : 0;
  add(counts_, file.found);
  if (order_.explain && !file.found.empty()) explain(err_, file);
  if (json_) json_->file(file);
  if (!file_) return;
  FileReport places = file;
  places.output = nullptr;
  file_->json ? file_->json->file(places) : file_->csv(places);
}

void Report::left_out(const LeftOut& file) {
  ++files_.failed;
  if (json_) json_->left_out(file);
  if (!file_) return;
  if (file_->json)
    file_->json->left_out(file);
  else
    file_->out << csv_field(file.name) << ",,,,,,,,," << csv_field("not redacted: " + file.reason) << '\n';
}

Result<void, std::string> Report::finish(const Walked& walked, std::uint64_t unreached) {
  if (json_) json_->finish(counts_, files_, walked, unreached);
  if (!order_.restore) err_ << findings_table(counts_);
  err_ << files_line(files_, walked, unreached);
  if (!file_) return {};
  if (file_->json) file_->json->finish(counts_, files_, walked, unreached);
  file_->out.close();
  std::error_code error;
  if (file_->out) std::filesystem::rename(file_->part, file_->name, error);
  if (!file_->out || error) return fail(file_->name + " cannot be written" + (error ? ": " + error.message() : ""));
  file_->part.clear();
  return {};
}

}  // namespace demarc::cli
