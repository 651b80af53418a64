#include "cli/redact/run.hpp"

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "cli/redact/out_folder.hpp"
#include "cli/redact/redactor.hpp"
#include "cli/redact/report.hpp"

namespace demarc::cli {
namespace {

constexpr int kReadyTimeoutMs = 120'000;
constexpr unsigned kMostWorkers = 8;
constexpr std::size_t kAhead = 4;                                  // files of each worker that may be done before their turn to be told of
constexpr std::size_t kLarge_bytes = std::size_t{16} << 20U;       // of these one is held at a time
constexpr std::size_t kJsonOutputs_bytes = std::size_t{1} << 30U;  // of --json without --output

struct FileResult {
  FileReport report;
  std::string output;
  Failed failed;  // reason "": it is not
};

Result<std::string, Failed> read_input(const Input& input) {
  const auto too_large = [] {
    return fail(Failed{.reason = "is larger than " + std::to_string(kFile_bytes >> 20U) + " MiB", .next = "split it first: split -C 200M FILE"});
  };
  if (input.size_bytes > kFile_bytes) return too_large();
  std::ifstream file;
  if (!input.path.empty()) file.open(input.path, std::ios::binary);
  std::istream& in = input.path.empty() ? std::cin : file;
  std::string bytes;
  constexpr std::size_t kBlock = std::size_t{1} << 20U;
  bytes.reserve(input.size_bytes);
  for (std::string block(kBlock, '\0'); in.read(block.data(), kBlock), in.gcount() > 0;) {
    bytes.append(block, 0, static_cast<std::size_t>(in.gcount()));
    if (bytes.size() > kFile_bytes) return too_large();
  }
  if (!in.eof()) return fail(Failed{.reason = "cannot be read", .next = "give yourself the right to read it"});
  return bytes;
}

class Run {
 public:
  Run(const RedactOrder& order, const Walked& walked, Redactor& redactor, OutFolder* out, Report& report, Progress& progress)
      : order_(order), walked_(walked), redactor_(redactor), out_(out), report_(report), progress_(progress) {}

  // `options`: digest for the journal.
  int all(unsigned workers, const std::string& options) {
    options_ = options;
    for (const LeftOut& file : walked_.failed) tell(file, kFailed);
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < workers; ++i) threads.emplace_back([this] { work(); });
    threads.clear();
    return worst_;
  }

  [[nodiscard]] std::uint64_t unreached() const { return walked_.inputs.size() - told_; }

 private:
  void work() {
    for (;;) {
      std::size_t index = 0;
      {
        std::unique_lock lock(mutex_);
        turn_.wait(lock, [&] { return stopped_ || next_ >= walked_.inputs.size() || next_ < told_ + kAhead * kMostWorkers; });
        if (stopped_ || next_ >= walked_.inputs.size()) return;
        index = next_++;
      }
      FileResult result = one(walked_.inputs[index]);
      const std::lock_guard lock(mutex_);
      if (result.failed.stop) stopped_ = true;
      waiting_.emplace(index, std::move(result));
      for (auto first = waiting_.begin(); first != waiting_.end() && first->first == told_ && !halted_; first = waiting_.erase(first))
        tell(first->second);
      turn_.notify_all();
    }
  }

  FileResult one(const Input& input) {
    std::unique_lock<std::mutex> alone;
    if (input.size_bytes > kLarge_bytes) alone = std::unique_lock(large_);
    FileResult result{.report = {.name = input.name}};
    std::size_t counted = 0;
    const auto on_bytes = [&](std::size_t more) {
      more = std::min<std::size_t>(more, input.size_bytes - std::min<std::size_t>(counted, input.size_bytes));  // a text may be longer in UTF-8
      counted += more;
      progress_.add(0, more);
    };
    if (const auto done = read_and_redact(input, result, on_bytes); !done) {
      result.failed = done.error();
      if (out_ != nullptr && !result.failed.stop) out_->drop(input);
    }
    progress_.add(1, input.size_bytes - std::min<std::uint64_t>(counted, input.size_bytes));
    return result;
  }

  Result<void, Failed> read_and_redact(const Input& input, FileResult& result, const Redactor::OnBytes& on_bytes) {
    const std::string bytes = TRY(read_input(input));
    if (out_ == nullptr) {
      Redacted done = TRY(redactor_.redact(bytes, on_bytes));
      result.report.changed = done.bytes != bytes, result.report.found = std::move(done.found);
      result.output = std::move(done.bytes);
      return {};
    }
    const std::string digest = digest_of(bytes);
    if (auto before = order_.restore ? std::nullopt : out_->done(input, digest, options_)) {
      result.report.before = true, result.report.changed = before->changed, result.report.found = std::move(before->found);
      return {};
    }
    Redacted done = TRY(redactor_.redact(bytes, on_bytes));
    const auto to_failed = [](std::string reason) {
      return Failed{.reason = std::move(reason), .next = "is there space, and the right to write?", .stop = true};
    };
    TRY(out_->write(input, done.bytes).map_error(to_failed));
    JournalEntry entry{.below = input.below.string(),
                       .size_bytes = input.size_bytes,
                       .changed_ns = input.changed_ns,
                       .input = digest,
                       .options = options_,
                       .output = digest_of(done.bytes),
                       .changed = done.bytes != bytes,
                       .found = std::move(done.found)};
    TRY(out_->note(entry).map_error(to_failed));
    result.report.changed = entry.changed, result.report.found = std::move(entry.found);
    return {};
  }

  // In the order of the inputs; the caller holds mutex_.
  void tell(FileResult& result) {
    if (!result.failed.reason.empty()) {
      halted_ = result.failed.stop;  // what comes after it is not reached, also if it is done already
      ++told_;
      return tell({result.report.name, result.failed.reason, result.failed.next}, result.failed.exit_code);
    }
    ++told_;
    if (order_.json && out_ == nullptr) {
      outputs_bytes_ += result.output.size();
      result.report.output = &result.output;
    }
    if (!order_.json && out_ == nullptr) {
      progress_.end();
      std::cout << result.output << std::flush;
    }
    report_.file(result.report);
    if (outputs_bytes_ <= kJsonOutputs_bytes) return;
    stopped_ = halted_ = true;
    tell({"--json", "has more than 1 GiB of output to tell", "name a folder with --output"}, kFailed);
  }

  void tell(const LeftOut& file, int exit_code) {
    progress_.say(file.name + ": " + file.reason + (file.next.empty() ? "" : "\n  Try: " + file.next));
    report_.left_out(file);
    worst_ = std::max(worst_, exit_code);
  }

  const RedactOrder& order_;
  const Walked& walked_;
  Redactor& redactor_;
  OutFolder* const out_;
  Report& report_;
  Progress& progress_;
  std::string options_;
  int worst_ = kOk;
  std::mutex large_;
  std::mutex mutex_;  // what follows
  std::condition_variable turn_;
  std::size_t next_ = 0, told_ = 0, outputs_bytes_ = 0;
  bool stopped_ = false;                       // no further file is begun
  bool halted_ = false;                        // none is told of any more
  std::map<std::size_t, FileResult> waiting_;  // done before their turn
};

int stop(int code, const std::string& why) { return std::cerr << "demarc redact: " << why << '\n', code; }

}  // namespace

int run_redact(const Shared& shared, const RedactOrder& order) {
  const auto walked = find_inputs(order.paths, {.out = order.folder, .hidden = order.hidden ? Hidden::take : Hidden::skip});
  if (!walked) return stop(kUsage, walked.error());
  if (walked->inputs.size() > 1 && order.folder.empty() && !order.json) return stop(kUsage, "several files need --output FOLDER (or --json)");
  const auto place = find_place(shared);
  if (!place) return stop(kFailed, place.error());
  const auto workers = std::clamp<unsigned>(std::thread::hardware_concurrency(), 1,
                                            std::min<std::size_t>(kMostWorkers, std::max<std::size_t>(walked->inputs.size(), 1)));
  auto connection = Connection::open(*place, Connection::IfNone::start_one, workers);
  if (!connection) return stop(kFailed, connection.error());
  if (order.restore && (*connection)->own_gateway())
    return stop(kUnavailable, "placeholders live in the gateway that made them, and none is running. Start one: demarc serve");
  if (const auto ready = (*connection)->wait_for_detectors(kReadyTimeoutMs); !ready) return stop(kUnavailable, ready.error());

  Redactor redactor(**connection, order);
  std::unique_ptr<OutFolder> out;
  std::string options;
  if (!order.folder.empty()) {
    auto opened = OutFolder::open(order.folder, order.restart ? Restart::yes : Restart::no, real_disk());
    if (!opened) return stop(kFailed, opened.error());
    out = *std::move(opened);
    if (!order.restore) {
      auto digest = redactor.options_digest();
      if (!digest)
        return stop(digest.error().exit_code, digest.error().reason + (digest.error().next.empty() ? "" : "\n  Try: " + digest.error().next));
      options = *std::move(digest);
    }
  }
  auto report = Report::open(order, std::cout, std::cerr);
  if (!report) return stop(kFailed, report.error());
  Progress progress(std::cerr, on_terminal() && walked->inputs.front().name != kStdin, {.files = walked->inputs.size(), .bytes = walked->bytes});
  Run run(order, *walked, redactor, out.get(), **report, progress);
  const int worst = run.all(workers, options);
  progress.end();
  if (const auto finished = (*report)->finish(*walked, run.unreached()); !finished) return stop(kFailed, finished.error());
  return worst;
}

}  // namespace demarc::cli
