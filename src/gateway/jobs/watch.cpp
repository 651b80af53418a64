#include "gateway/jobs/watch.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <future>

#include "base/time.hpp"
#include "core/io/disk.hpp"
#include "gateway/context.hpp"
#include "gateway/jobs/watch_ways.hpp"
#include "gateway/sub_exchange.hpp"

namespace demarc::gateway {
namespace {

constexpr std::chrono::seconds kSettled{2};    // without a write: what is found by looking
constexpr std::chrono::seconds kDiskPause{5};  // before a list that cannot be written is tried again
constexpr std::int64_t kLongestPause_s = 60;
constexpr std::size_t kMostWaiting = 100'000;  // what is more is found when the folder is looked at again
std::optional<std::int64_t> written_ns(const std::string& path) {
  struct stat about{};
  if (stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return {};
  return about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec;
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
  if (const auto again = work_on(one.folder, one.name); again && !stopping_)
    add(one.folder, std::move(one.name), system_clock().monotonic() + *again);
}

std::optional<std::chrono::seconds> Watch::work_on(std::size_t at, const std::string& name) {
  const config::WatchedFolder& folder = folders_[at];
  const Places places = places_of(folder, name);
  const auto written = written_ns(places.input);
  if (!written) return {};  // gone again
  const bool is_list = folder.what == config::WatchDo::classify;
  ResultList* list = is_list ? list_of(at) : nullptr;
  if (is_list && list == nullptr) return kDiskPause;
  const std::string said = format_rfc3339(Instant{*written});
  if (is_list && list->has(name, said)) return {};
  if (!is_list && (written_ns(places.result).value_or(-1) >= *written || written_ns(places.error).value_or(-1) >= *written)) return {};
  const auto put = [&](const std::string& to, const std::string& other, std::string_view text) {
    const auto done = write_file_durably(real_disk(), to, text, 0600);
    if (!done) say_("watch: in " + folder.folder + " a result cannot be written: " + std::string(to_string(done.error())));
    if (done) static_cast<void>(real_disk().remove(other));
  };
  const auto put_line = [&](int status, const std::string& answer) -> std::optional<std::chrono::seconds> {
    const auto added = list->add(line_of(name, said, status, answer));
    if (added) return {};
    say_("watch: " + added.error());
    lists_.erase(at);  // what of it is on disk is looked at anew
    return kDiskPause;
  };
  const std::size_t most = static_cast<std::size_t>(services_.snapshots.current()->config.limits.audio_mib) << 20;
  const auto bytes = read_file(real_disk(), places.input, most);
  if (!bytes) {
    const std::string why = error_text("The file cannot be read: " + std::string(to_string(bytes.error())) + " (limits.audio_mib).");
    if (is_list) return put_line(0, why);
    return put(places.error, places.result, why), std::nullopt;
  }
  const Asked answer = ask(request_for(folder, name, *bytes));
  if (answer.again) return answer.again;
  if (is_list) return put_line(answer.status, answer.body);
  if (answer.status != 200) return put(places.error, places.result, answer.body), std::nullopt;
  const auto result = result_of(folder, answer.body);
  if (result)
    put(places.result, places.error, *result);
  else
    put(places.error, places.result, error_text(result.error()));
  return {};
}

ResultList* Watch::list_of(std::size_t folder) {
  if (const auto found = lists_.find(folder); found != lists_.end()) return &found->second;
  auto list = ResultList::open(real_disk(), folders_[folder].out);
  if (list) return &lists_.emplace(folder, *std::move(list)).first->second;
  say_("watch: " + list.error());
  return nullptr;
}

Watch::Asked Watch::ask(HttpRequest request) {
  const auto kept = std::make_shared<InnerExchange>(loop_, std::move(request));  // a late cancel() may come when it is over
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
  if (exchange.cancellation().cancelled() || exchange.status() == 0) return {.again = std::chrono::seconds(1)};
  if (exchange.status() == 429 || exchange.status() == 503) {
    std::int64_t seconds = 1;
    const std::string_view text = exchange.headers().get("retry-after");
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return {.again = std::chrono::seconds(std::clamp<std::int64_t>(seconds, 1, kLongestPause_s))};
  }
  return {.status = exchange.status(), .body = exchange.body()};
}

}  // namespace demarc::gateway
