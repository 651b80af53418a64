#include "cli/transcribe_folder.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <vector>

#include "base/strings.hpp"
#include "cli/folder_results.hpp"
#include "cli/job_client.hpp"
#include "cli/progress.hpp"
#include "core/json/writer.hpp"

namespace demarc::cli {
namespace {

namespace dom = simdjson::dom;
namespace fs = std::filesystem;

constexpr auto kRecordings =
    std::to_array<std::string_view>({".wav", ".mp3", ".m4a", ".mp4",  ".ogg", ".oga", ".opus", ".flac", ".webm", ".mkv", ".mov",
                                     ".aac", ".wma", ".amr", ".aiff", ".aif", ".mka", ".mpga", ".mpeg", ".3gp",  ".avi"});
constexpr std::size_t kFilesOfAJob = 32;
constexpr std::uintmax_t kBytesOfAJob = std::uintmax_t{256} << 20;

using Recording = FolderFile;

struct Failure {
  std::string file, why;
};

// Every recording below the folder. Its name is what the upload calls it: relative to the folder, without what a form's header cannot carry.
std::vector<Recording> recordings_of(const FolderOrder& order) {
  std::vector<Recording> out;
  std::error_code ignored;
  for (auto at = fs::recursive_directory_iterator(order.folder, fs::directory_options::skip_permission_denied, ignored); at != fs::end(at);
       at.increment(ignored)) {
    const std::string ending = to_lower(at->path().extension().string());
    if (!at->is_regular_file(ignored) || std::ranges::find(kRecordings, ending) == kRecordings.end()) continue;
    Recording recording{.path = at->path(), .result = {}, .name = at->path().lexically_relative(order.folder).string()};
    std::ranges::replace_if(recording.name, [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }, '_');
    out.push_back(std::move(recording));
  }
  name_results(out, order.folder, order.out.empty() ? order.folder : order.out, order.extension);
  return out;
}

class FolderRun {
 public:
  FolderRun(Connection& connection, const FolderOrder& order) : connection_(connection), order_(order), recordings_(recordings_of(order)) {
    for (const Recording& recording : recordings_) by_name_.emplace(recording.name, &recording);
    already_ = static_cast<std::size_t>(std::ranges::count_if(recordings_, is_done));
  }

  int run(bool json) {
    Counter counter(std::cerr, on_terminal(), "recordings");
    int worst = go(counter);
    counter.end();
    for (const Failure& failure : failures_) std::cerr << failure.file << ": " << failure.why << '\n';
    if (!failures_.empty()) worst = std::max<int>(worst, kFailed);
    std::cerr << done_ << " transcribed, " << already_ << " were there already, " << failures_.size() << " failed\n";
    if (json) print_json();
    return worst;
  }

 private:
  int go(Counter& counter) {
    if (const auto left = take_up_old(counter); !left) return std::cerr << "demarc transcribe: " << left.error().why << '\n', left.error().code;
    std::vector<const Recording*> waiting;
    for (const Recording& recording : recordings_)
      if (!is_done(recording) && !failed(recording)) waiting.push_back(&recording);
    for (auto next = waiting.begin(); next != waiting.end();) {
      std::vector<const Recording*> group;
      std::error_code unknown;
      for (std::uintmax_t bytes = 0; next != waiting.end() && group.size() < kFilesOfAJob && (group.empty() || bytes < kBytesOfAJob); ++next) {
        const auto size = fs::file_size((*next)->path, unknown);
        bytes += unknown ? 0 : size;
        group.push_back(*next);
      }
      if (const auto done = do_group(group, counter); !done) return std::cerr << "demarc transcribe: " << done.error().why << '\n', done.error().code;
    }
    return kOk;
  }

  [[nodiscard]] bool failed(const Recording& recording) const {
    return std::ranges::find(failures_, recording.name, &Failure::file) != failures_.end();
  }

  // One that cannot be uploaded does not keep the others from being done.
  Result<void, JobFault> do_group(const std::vector<const Recording*>& group, Counter& counter) {
    std::vector<std::string> files;
    for (const Recording* recording : group) {
      auto file = upload(connection_, recording->path.string(), "user_data", recording->name);
      if (!file && file.error().code == kUnavailable) return fail(file.error());
      if (file)
        files.push_back(*std::move(file));
      else
        failures_.push_back({recording->name, file.error().why});
    }
    if (files.empty()) return {};
    const auto made = ask(connection_, "POST", "/v1/jobs", job_order(files));
    if (!made) return fail(made.error());
    TRY(collect(read_job(made->body).id, counter));
    for (const std::string& file : files) remove_file(connection_, file);
    return {};
  }

  [[nodiscard]] std::string metadata() const {
    std::string out;
    JsonWriter json(out);
    json.object([&] { json.field("folder", fs::absolute(order_.folder).lexically_normal().string()), json.field("options", order_.options); });
    return out;
  }

  [[nodiscard]] std::string job_order(const std::vector<std::string>& files) const {
    std::string out;
    JsonWriter json(out);
    json.object([&] {
      json.field("kind", "transcription");
      json.array("file_ids", [&] {
        for (const std::string& file : files) json.value(file);
      });
      json.raw_field("options", order_.options);
      json.raw_field("metadata", metadata());
    });
    return out;
  }

  // Jobs for the same folder with the same options, whose results nobody has fetched.
  Result<void, JobFault> take_up_old(Counter& counter) {
    const Answer answer = TRY(ask(connection_, "GET", "/v1/jobs?limit=100"));
    dom::parser parser, ours;
    dom::array jobs;
    if (parser.parse(answer.body)["data"].get(jobs) != simdjson::SUCCESS) return {};
    const std::string wanted = simdjson::minify(ours.parse(metadata()));
    std::vector<std::string> ids;
    for (const dom::element item : jobs) {
      const JobSeen job = read_job(simdjson::minify(item));
      if (job.kind != "transcription" || job.metadata != wanted) continue;
      if (!job.over() || (!job.output_file.empty() && ask(connection_, "GET", "/v1/files/" + job.output_file))) ids.push_back(job.id);
    }
    for (const std::string& id : ids) TRY(collect(id, counter));
    return {};
  }

  Result<void, JobFault> collect(const std::string& id, Counter& counter) {
    const std::size_t before = done_ + failures_.size();
    const JobSeen job = TRY(follow(connection_, id, [&](const JobSeen& seen) {
      counter.show(static_cast<std::int64_t>(already_ + before) + seen.completed + seen.failed, static_cast<std::int64_t>(recordings_.size()));
    }));
    if (!job.output_file.empty()) TRY(download_lines(job.output_file));
    if (!job.error_file.empty()) TRY(download_lines(job.error_file));
    remove_file(connection_, job.output_file), remove_file(connection_, job.error_file);
    if (job.state != "completed") return fail(JobFault{kFailed, id + " " + job.state + (job.errors.empty() ? "" : ": " + job.errors)});
    return {};
  }

  Result<void, JobFault> download_lines(const std::string& file) {
    std::string rest;
    TRY(download(connection_, file, [&](std::string_view piece) {
      rest += piece;
      std::size_t begin = 0;
      for (std::size_t end = rest.find('\n'); end != std::string::npos; begin = end + 1, end = rest.find('\n', begin))
        take(rest.substr(begin, end - begin));
      rest.erase(0, begin);
    }));
    return {};
  }

  void take(const std::string& line) {
    dom::parser parser;
    dom::element root, body;
    std::string_view name, text;
    std::int64_t status = 0;
    if (parser.parse(line).get(root) != simdjson::SUCCESS || root["custom_id"].get(name) != simdjson::SUCCESS) return;
    const auto known = by_name_.find(name);
    if (known == by_name_.end()) return;  // it was in the folder when the job was ordered
    if (root["response"]["status_code"].get(status) != simdjson::SUCCESS || status != 200 ||
        root["response"]["body"].get(body) != simdjson::SUCCESS) {
      std::string_view why = "it was not done";
      if (root["response"]["body"]["error"]["message"].get(why) != simdjson::SUCCESS) static_cast<void>(root["error"]["message"].get(why));
      failures_.push_back({known->second->name, std::string(why)});
      return;
    }
    const std::string json = body.get(text) == simdjson::SUCCESS ? std::string(text) : std::string(simdjson::minify(body));
    if (write_result(known->second->result, json))
      ++done_;
    else
      failures_.push_back({known->second->name, known->second->result.string() + " cannot be written"});
  }

  void print_json() const {
    std::string out;
    JsonWriter json(out);
    json.object([&] {
      json.field("transcribed", done_);
      json.field("already_there", already_);
      json.array("failed", [&] {
        for (const Failure& failure : failures_) json.object([&] { json.field("file", failure.file), json.field("error", failure.why); });
      });
    });
    std::cout << out << '\n';
  }

  Connection& connection_;
  const FolderOrder& order_;
  const std::vector<Recording> recordings_;
  std::map<std::string, const Recording*, std::less<>> by_name_;
  std::vector<Failure> failures_;
  std::size_t done_ = 0, already_ = 0;
};

}  // namespace

int transcribe_folder(Connection& connection, const FolderOrder& order, bool json) { return FolderRun(connection, order).run(json); }

}  // namespace demarc::cli
