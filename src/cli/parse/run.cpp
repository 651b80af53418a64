#include "cli/parse/run.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <thread>

#include "base/mutex.hpp"
#include "cli/cli.hpp"
#include "cli/connection.hpp"
#include "cli/folder_results.hpp"
#include "cli/parse/ask.hpp"
#include "cli/parse/redact_pdf.hpp"
#include "cli/progress.hpp"
#include "config/config.hpp"
#include "core/json/writer.hpp"

namespace demarc::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kReadyTimeoutMs = 120'000;
constexpr std::size_t kAtOnce = 2;
constexpr std::uintmax_t kMostFileBytes = std::uintmax_t{1} << 30;  // the most that limits.document_mib can be; whoever reads it has its own
constexpr std::size_t kMostFiles = 1'000'000;

using Input = FolderFile;  // result "": standard output

const char* extension_of(const ParseOrder& order) { return order.format == "json" ? ".json" : ".md"; }

bool is_result(const fs::path& path) {  // of an earlier run, beside its document
  const std::string ending = path.extension().string();
  return ending == ".md" || ending == ".part" || ending == ".json";
}

// What is hidden, and what an earlier run wrote, is no document.
std::vector<Input> inputs_of_folder(const ParseOrder& order) {
  std::vector<Input> out;
  std::error_code ignored;
  const fs::path folder = order.files[0], to = order.folder.empty() ? folder : fs::path(order.folder);
  for (auto at = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, ignored);
       at != fs::end(at) && out.size() < kMostFiles; at.increment(ignored)) {
    if (at->path().filename().string().starts_with('.')) {
      if (at->is_directory(ignored)) at.disable_recursion_pending();
      continue;
    }
    if (!at->is_regular_file(ignored) || is_result(at->path())) continue;
    out.push_back({.path = at->path(), .result = {}, .name = at->path().lexically_relative(folder).string()});
  }
  name_results(out, folder, to, extension_of(order));
  return out;
}

Result<std::string, ParseFault> read_document(const fs::path& path) {
  std::error_code missing;
  const auto size_bytes = fs::file_size(path, missing);
  if (!missing && size_bytes > kMostFileBytes) return fail(ParseFault{kFailed, "is larger than 1 GiB"});
  std::ifstream in(path, std::ios::binary);
  std::stringstream bytes;
  bytes << in.rdbuf();
  if (!in || bytes.view().empty()) return fail(ParseFault{kFailed, in ? "is empty" : "cannot be read"});
  return bytes.str();
}

class Run {
 public:
  Run(Connection& connection, const ParseOrder& order, const DocumentLimits& limits, std::vector<Input> inputs, WorkClass work_class)
      : connection_(connection),
        order_(order),
        limits_(limits),
        inputs_(std::move(inputs)),
        work_class_(work_class),
        progress_(std::cerr, on_terminal(), amount()) {}

  int go() {
    const std::size_t lanes = order_.folder.empty() && work_class_ != WorkClass::batch ? 1 : kAtOnce;  // on stdout in order
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < lanes; ++i) threads.emplace_back([this] { lane(); });
    for (std::thread& thread : threads) thread.join();
    progress_.end();
    return worst_;
  }
  [[nodiscard]] std::size_t done() const { return done_; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& failures() const { return failures_; }

 private:
  [[nodiscard]] Amount amount() const {
    Amount all{.files = inputs_.size()};
    std::error_code unknown;
    for (const Input& input : inputs_)
      if (const auto size = fs::file_size(input.path, unknown); !unknown) all.bytes += size;
    return all;
  }

  void lane() {
    for (std::size_t i = next_++; i < inputs_.size() && !stop_; i = next_++)
      if (const auto read = one(inputs_[i]); !read) note(inputs_[i], read.error());
  }

  void note(const Input& input, const ParseFault& fault) {
    progress_.say(input.name + ": " + fault.why);
    const MutexLock lock(mutex_);
    worst_ = std::max(worst_, fault.exit_code);
    failures_.emplace_back(input.name, fault.why);
    if (fault.exit_code == kUnavailable || fault.exit_code == kDenied) stop_ = true;  // the others would fare no better
  }

  static ParseFault failed(std::string why) { return {kFailed, std::move(why)}; }

  Result<void, ParseFault> one(const Input& input) {
    progress_.add(0, 0);
    const std::string bytes = TRY(read_document(input.path));
    const Parsed parsed = TRY(ask_for(connection_, order_, input.path.filename().string(), bytes, work_class_));
    if (!order_.redact.empty()) {
      const fs::path to = TRY(redacted_path(order_.redact, input.path).map_error(failed));
      TRY(write_redacted(input.path, to, parsed.body, limits_).map_error(failed));
      progress_.say(input.name + " -> " + to.string());
    }
    progress_.add(1, bytes.size());
    const std::string& text = order_.format == "json" ? parsed.body : parsed.markdown;
    if (input.result.empty()) {
      progress_.end();
      std::cout << text << (text.ends_with('\n') || text.empty() ? "" : "\n") << std::flush;
    } else if (!write_result(input.result, text)) {
      return fail(ParseFault{kFailed, input.result.string() + " cannot be written"});
    } else if (work_class_ != WorkClass::batch) {
      progress_.say(input.name + " -> " + input.result.string());
    }
    ++done_;
    return {};
  }

  Connection& connection_;
  const ParseOrder& order_;
  const DocumentLimits& limits_;
  const std::vector<Input> inputs_;
  const WorkClass work_class_;
  Progress progress_;
  std::atomic<std::size_t> next_ = 0, done_ = 0;
  std::atomic<bool> stop_ = false;
  Mutex mutex_;
  int worst_ = kOk;                                            // guarded by mutex_ while lanes run
  std::vector<std::pair<std::string, std::string>> failures_;  // likewise
};

int run_folder(Connection& connection, const ParseOrder& order) {
  std::vector<Input> inputs = inputs_of_folder(order);
  const auto all = inputs.size();
  std::erase_if(inputs, is_done);
  const std::size_t before = all - inputs.size();
  const DocumentLimits none_needed;  // of what is written anew, which of a folder nothing is
  Run run(connection, order, none_needed, std::move(inputs), WorkClass::batch);
  const int code = run.go();
  std::cerr << run.done() << " read, " << before << " were there already, " << run.failures().size() << " failed\n";
  if (!order.json) return code;
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("read", run.done()), json.field("already_there", before);
    json.array("failed", [&] {
      for (const auto& failed : run.failures()) json.object([&] { json.field("file", failed.first), json.field("error", failed.second); });
    });
  });
  std::cout << out << '\n';
  return code;
}

// What is written anew is read here, by the limits of the configuration that there is.
DocumentLimits limits_of(const Place& place) {
  if (place.config_file.empty()) return {};
  const auto config = config::load_file(place.config_file, config::process_environment(), config::LoadMode::policy_only);
  if (!config) return {};
  const DocumentLimits& of_documents = config->limits;
  return of_documents;
}

}  // namespace

int run_parse(const Shared& shared, ParseOrder order) {
  const bool folder = std::ranges::any_of(order.files, [](const std::string& file) { return fs::is_directory(file); });
  if (folder && order.files.size() > 1) return std::cerr << "demarc parse: a folder goes alone\n", kUsage;
  if (!order.redact.empty() && (folder || (order.files.size() > 1 && !fs::is_directory(order.redact))))
    return std::cerr << "demarc parse: --redact takes one document, or several and a folder to write them into\n", kUsage;
  if (order.redact.empty() && !(order.types.empty() && order.conversation.empty()))
    return std::cerr << "demarc parse: --types and --conversation go with --redact\n", kUsage;
  if (order.json && !folder) order.format = "json";
  const auto place = find_place(shared);
  if (!place) return std::cerr << "demarc parse: " << place.error() << '\n', kFailed;
  auto connection = Connection::open(*place, Connection::IfNone::start_one, kAtOnce);
  if (!connection) return std::cerr << "demarc parse: " << connection.error() << '\n', kFailed;
  if (const auto ready = (*connection)->wait_ready(kReadyTimeoutMs, "ocr"); !ready)
    return std::cerr << "demarc parse: " << ready.error() << '\n', kUnavailable;
  if (!order.redact.empty())
    if (const auto ready = (*connection)->wait_for_detectors(kReadyTimeoutMs); !ready)
      return std::cerr << "demarc parse: " << ready.error() << '\n', kUnavailable;
  if (folder) return run_folder(**connection, order);
  std::vector<Input> inputs;
  for (const std::string& file : order.files) {
    const fs::path path(file);
    inputs.push_back({.path = path, .result = {}, .name = file});
    if (!order.folder.empty()) inputs.back().result = fs::path(order.folder) / path.filename().replace_extension(extension_of(order));
  }
  const DocumentLimits limits = limits_of(*place);
  return Run(**connection, order, limits, std::move(inputs), WorkClass::normal).go();
}

}  // namespace demarc::cli
