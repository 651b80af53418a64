#include "gateway/jobs/watch.hpp"

#include <poll.h>
#include <simdjson.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <future>

#include "base/encode.hpp"
#include "base/strings.hpp"
#include "core/io/disk.hpp"
#include "core/json/writer.hpp"
#include "dialect/form.hpp"
#include "gateway/context.hpp"
#include "gateway/sub_exchange.hpp"

namespace demarc::gateway {
namespace {

constexpr std::chrono::seconds kSettled{2};  // without a write: what is found by looking
constexpr std::int64_t kLongestPause_s = 60;
constexpr std::size_t kMostWaiting = 100'000;  // what is more is found when the folder is looked at again
constexpr std::string_view kError = ".error.json", kRedacted = ".redacted", kPart = ".part";
constexpr auto kRecordings =
    std::to_array<std::string_view>({".wav", ".mp3", ".m4a", ".mp4",  ".ogg", ".oga", ".opus", ".flac", ".webm", ".mkv", ".mov",
                                     ".aac", ".wma", ".amr", ".aiff", ".aif", ".mka", ".mpga", ".mpeg", ".3gp",  ".avi"});

std::string ending_of(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos || dot == 0 ? std::string() : name.substr(dot);
}

// A name that is ours, or hidden, or none of what is asked for.
bool is_input(const config::WatchedFolder& folder, const std::string& name) {
  if (name.starts_with('.') || name.ends_with(kError) || name.ends_with(kPart)) return false;
  const std::string ending = ending_of(name);
  if (folder.what == config::WatchDo::transcribe) return std::ranges::find(kRecordings, to_lower(ending)) != kRecordings.end();
  return !std::string_view(name).substr(0, name.size() - ending.size()).ends_with(kRedacted);
}

struct Places {
  std::string input, result, error;
};

Places places_of(const config::WatchedFolder& folder, const std::string& name) {
  const std::string out = (folder.out.empty() ? folder.folder : folder.out) + "/", ending = ending_of(name),
                    stem = name.substr(0, name.size() - ending.size());
  const std::string_view transcript = folder.format == "text" ? ".txt" : folder.format == "srt" ? ".srt" : folder.format == "vtt" ? ".vtt" : ".json";
  return {.input = folder.folder + "/" + name,
          .result = out + stem + (folder.what == config::WatchDo::redact ? std::string(kRedacted) + ending : std::string(transcript)),
          .error = out + name + std::string(kError)};
}

std::optional<std::int64_t> written_ns(const std::string& path) {
  struct stat about{};
  if (stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return {};
  return about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec;
}

HttpRequest request_for(const config::WatchedFolder& folder, const std::string& name, const std::string& bytes) {
  dialect::Form form;
  if (folder.what == config::WatchDo::transcribe)
    form.field("model", "auto"), form.field("response_format", folder.format);
  else
    form.field("mode", "redact");
  form.file("file", name, bytes);
  HttpRequest http{.method = "POST",
                   .target = folder.what == config::WatchDo::transcribe ? "/v1/audio/transcriptions" : "/v1/redactions",
                   .headers = {{"content-type", form.content_type()}, {"demarc-class", "batch"}},
                   .body = form.finish(),
                   .remote = std::string(kAdminPeer)};
  if (!folder.key.empty()) http.headers.add("authorization", "Bearer " + folder.key);
  http.body.reserve(http.body.size() + 64);  // for the parser's padding
  return http;
}

// The file within the answer of /v1/redactions; an answer of another shape is no result.
std::optional<std::string> redacted_file(const std::string& body) {
  simdjson::dom::parser parser;
  std::string_view data;
  if (parser.parse(body)["results"].at(0)["output"]["file"]["data"].get(data) != simdjson::SUCCESS) return {};
  return from_base64(data);
}

std::string error_text(std::string_view message) {
  std::string out;
  JsonWriter json(out);
  json.object([&] { json.object("error", [&] { json.field("message", message), json.field("type", "invalid_request_error"); }); });
  return out;
}

}  // namespace

Watch::Watch(std::vector<config::WatchedFolder> folders, const Router& router, Services& services, Loop& loop, Say say)
    : folders_(std::move(folders)),
      router_(router),
      services_(services),
      loop_(loop),
      say_(std::move(say)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  thread_ = std::thread([this] { run(); });
}

void Watch::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  eventfd_write(wake_, 1);
  thread_.join();
  close(wake_);
  if (events_ >= 0) close(events_);
}

bool Watch::listen() {
  events_ = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  for (const config::WatchedFolder& folder : folders_) {
    watches_.push_back(events_ < 0 ? -1 : inotify_add_watch(events_, folder.folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR));
    if (watches_.back() < 0) say_("watch: " + folder.folder + " cannot be watched: " + std::string(strerror(errno)));
  }
  return std::ranges::any_of(watches_, [](int watch) { return watch >= 0; });
}

// Events before looking: what comes in between is seen twice rather than never.
void Watch::run() {
  if (!listen()) return;
  for (std::size_t i = 0; i < folders_.size(); ++i) scan(i);
  while (!stopping_) {
    const Monotonic now = system_clock().monotonic();
    std::int64_t wait_ms = -1;
    for (const Waiting& one : waiting_) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(one.not_before - now).count();
      wait_ms = std::max<std::int64_t>(0, wait_ms < 0 ? left + 1 : std::min(wait_ms, left + 1));
    }
    std::array<pollfd, 2> ready = {pollfd{events_, POLLIN, 0}, pollfd{wake_, POLLIN, 0}};
    poll(ready.data(), ready.size(), static_cast<int>(wait_ms));
    if (stopping_) return;
    take_events();
    work_on_next();
  }
}

void Watch::scan(std::size_t folder) {
  if (watches_[folder] < 0) return;
  const auto names = real_disk().list(folders_[folder].folder);
  if (!names) return say_("watch: " + folders_[folder].folder + ": " + std::string(to_string(names.error())));
  for (const DirectoryEntry& entry : *names)
    if (!entry.is_directory) add(folder, entry.name, system_clock().monotonic() + kSettled);
}

void Watch::take_events() {
  alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
  for (ssize_t got = 0; (got = read(events_, buffer.data(), buffer.size())) > 0;) {
    for (ssize_t at = 0; at < got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      if ((event->mask & IN_Q_OVERFLOW) != 0)
        for (std::size_t i = 0; i < folders_.size(); ++i) scan(i);
      for (std::size_t i = 0; i < folders_.size(); ++i)
        if (event->wd == watches_[i] && event->len > 0) add(i, event->name, Monotonic{});
    }
  }
}

void Watch::add(std::size_t folder, std::string name, Monotonic not_before) {
  if (!is_input(folders_[folder], name) || waiting_.size() >= kMostWaiting) return;
  const auto same = std::ranges::find_if(waiting_, [&](const Waiting& one) { return one.folder == folder && one.name == name; });
  if (same == waiting_.end()) return void(waiting_.push_back({folder, std::move(name), not_before}));
  same->not_before = std::min(same->not_before, not_before);
}

void Watch::work_on_next() {
  const Monotonic now = system_clock().monotonic();
  const auto due = std::ranges::find_if(waiting_, [&](const Waiting& one) { return one.not_before <= now; });
  if (due == waiting_.end()) return;
  Waiting one = std::move(*due);
  waiting_.erase(due);
  if (const auto again = work_on(folders_[one.folder], one.name); again && !stopping_)
    add(one.folder, std::move(one.name), system_clock().monotonic() + *again);
}

std::optional<std::chrono::seconds> Watch::work_on(const config::WatchedFolder& folder, const std::string& name) {
  const Places places = places_of(folder, name);
  const auto written = written_ns(places.input);
  if (!written) return {};  // gone again
  if (written_ns(places.result).value_or(-1) >= *written || written_ns(places.error).value_or(-1) >= *written) return {};
  const auto put = [&](const std::string& to, const std::string& other, std::string_view text) {
    const auto done = write_file_durably(real_disk(), to, text, 0600);
    if (!done) say_("watch: in " + folder.folder + " a result cannot be written: " + std::string(to_string(done.error())));
    if (done) static_cast<void>(real_disk().remove(other));
  };
  const std::size_t most = static_cast<std::size_t>(services_.snapshots.current()->config.limits.audio_mib) << 20;
  const auto bytes = read_file(real_disk(), places.input, most);
  if (!bytes)
    return put(places.error, places.result, error_text("The file cannot be read: " + std::string(to_string(bytes.error())) + " (limits.audio_mib).")),
           std::nullopt;

  const auto kept = std::make_shared<InnerExchange>(loop_, request_for(folder, name, *bytes));  // a late cancel() may come when it is over
  InnerExchange& exchange = *kept;
  std::promise<void> over;
  auto ended = over.get_future();
  const auto serve = [](const Router& router, InnerExchange& inner, std::promise<void>& done) -> Task<void> {
    co_await router.serve(inner);
    done.set_value();
  };
  loop_.post([&] { spawn(serve(router_, exchange, over)); });
  while (ended.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready)
    if (stopping_) loop_.post([kept] { kept->cancellation().cancel(); }), ended.wait();
  if (exchange.cancellation().cancelled() || exchange.status() == 0) return std::chrono::seconds(1);

  if (exchange.status() == 429 || exchange.status() == 503) {
    std::int64_t seconds = 1;
    const std::string_view text = exchange.headers().get("retry-after");
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 1, kLongestPause_s));
  }
  if (exchange.status() != 200) return put(places.error, places.result, exchange.body()), std::nullopt;
  if (folder.what == config::WatchDo::transcribe) return put(places.result, places.error, exchange.body()), std::nullopt;
  const auto file = redacted_file(exchange.body());
  if (file)
    put(places.result, places.error, *file);
  else
    put(places.error, places.result, error_text("The answer holds no file."));
  return {};
}

}  // namespace demarc::gateway
