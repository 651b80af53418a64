#include "models/hub.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>
#include <thread>

#include "base/strings.hpp"
#include "models/disk.hpp"

namespace demarc::models {
namespace fs = std::filesystem;
namespace {

constexpr long kConnectTimeoutS = 15, kMaxRedirects = 10;
constexpr long kStalledBytesPerS = 1, kStalledAfterS = 60;
constexpr std::uint64_t kWorthwhileBytes = 1 << 20;  // a try that brought as much does not count as a failed one
constexpr int kMaxPauseMs = 60'000;
constexpr long kOk = 200, kPartialContent = 206, kUnauthorized = 401, kForbidden = 403, kNotFound = 404, kRangeNotSatisfiable = 416,
               kTooManyRequests = 429, kServerError = 500;

enum class Ending : std::uint8_t { done, try_again };

ModelError cancelled() { return {ModelErrorKind::cancelled, "cancelled; what came so far is kept"}; }

std::string_view host_of(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find('/'));
  if (const auto login = url.rfind('@'); login != std::string_view::npos) url.remove_prefix(login + 1);
  return url;
}

bool is_safe_for_tokens(std::string_view url) {
  const std::string_view host = host_of(url);
  const std::string_view name = host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
  return url.starts_with("https://") || name == "127.0.0.1" || name == "localhost" || name == "[::1]";
}

// The parts are words of the catalogue: letters, digits and . _ - + /; only + means something else in a URL.
std::string url_of(const HubSettings& settings, const HubFile& file) {
  std::string path = "/" + file.repo + "/resolve/" + file.revision + "/" + file.file;
  for (std::size_t at = 0; (at = path.find('+', at)) != std::string::npos; at += 3) path.replace(at, 1, "%2B");
  std::string_view endpoint = settings.endpoint;
  while (endpoint.ends_with('/')) endpoint.remove_suffix(1);
  return std::string(endpoint) + path;
}

// One request, its redirects included.
struct Transfer {
  const FileSpec& expected;
  const fs::path& part;
  const std::stop_token& stop;
  const std::function<void(std::uint64_t)>& on_progress;
  std::string from;  // "model.bin from HOST", for messages
  CURL* curl = nullptr;
  Fd out{-1};
  std::uint64_t size_bytes = 0;  // of the part
  bool body_began = false;
  std::string content_range{};
  int retry_after_s = 0;
  std::optional<ModelError> error{};

  std::size_t refuse(ModelError why) {
    error = std::move(why);
    return 0;  // curl ends the transfer
  }

  std::size_t on_header(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (line.starts_with("HTTP/")) content_range.clear();  // the next hop begins
    if (colon == std::string_view::npos) return line.size();
    const std::string name = to_lower(line.substr(0, colon));
    std::string_view value = trim(line.substr(colon + 1));
    if (name == "content-range") content_range = value;
    if (name == "retry-after") std::from_chars(value.data(), value.data() + value.size(), retry_after_s);
    if (name == "x-linked-etag") {
      if (value.starts_with("W/")) value.remove_prefix(2);
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
      if (is_sha256(value) && value != expected.sha256)
        return refuse({ModelErrorKind::digest_mismatch, from + " has SHA-256 " + std::string(value) + ", the catalogue says " + expected.sha256});
    }
    return line.size();
  }

  bool begin_body() {
    body_began = true;
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status == kPartialContent) return content_range.starts_with("bytes " + std::to_string(size_bytes) + "-");
    if (status != kOk) return true;  // the body of an error, which is not kept
    size_bytes = 0;                  // the server does not resume: from the start
    return ftruncate(out.get(), 0) == 0 && lseek(out.get(), 0, SEEK_SET) == 0;
  }

  std::size_t on_body(std::string_view bytes) {
    if (!body_began && !begin_body()) return refuse({ModelErrorKind::unreachable, from + ": the hub resumed at another place than asked"});
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != kOk && status != kPartialContent) return bytes.size();
    if (bytes.size() > expected.size_bytes - size_bytes)
      return refuse(
          {ModelErrorKind::digest_mismatch, from + " is longer than the catalogue says (" + std::to_string(expected.size_bytes) + " bytes)"});
    if (auto written = write_all(out.get(), bytes, part); !written) return refuse(written.error());
    size_bytes += bytes.size();
    on_progress(size_bytes);
    return bytes.size();
  }
};

std::size_t header_callback(char* bytes, std::size_t size, std::size_t count, void* transfer) {
  return static_cast<Transfer*>(transfer)->on_header({bytes, size * count});
}
std::size_t body_callback(char* bytes, std::size_t size, std::size_t count, void* transfer) {
  return static_cast<Transfer*>(transfer)->on_body({bytes, size * count});
}
int progress_callback(void* transfer, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(transfer)->stop.stop_requested() ? 1 : 0;
}

void prepare(CURL* curl, const HubSettings& settings, const std::string& url, Transfer& transfer) {
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "demarc");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, url.starts_with("https://") ? "https" : "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kMaxRedirects);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectTimeoutS);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, kStalledBytesPerS);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kStalledAfterS);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header_callback);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body_callback);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress_callback);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  if (!settings.token.empty() && is_safe_for_tokens(settings.endpoint)) {
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);  // unlike a header of our own, curl drops it when a redirect leaves the host
    curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, settings.token.c_str());
  }
  const std::string range = std::to_string(transfer.size_bytes) + "-";
  if (transfer.size_bytes > 0) curl_easy_setopt(curl, CURLOPT_RANGE, range.c_str());
}

ModelResult<Ending> judge_status(long status, Transfer& transfer) {
  const std::string said = transfer.from + ": answer " + std::to_string(status);
  if (status == kOk || status == kPartialContent) return transfer.size_bytes == transfer.expected.size_bytes ? Ending::done : Ending::try_again;
  if (status == kUnauthorized || status == kForbidden)
    return fail(ModelError{ModelErrorKind::unauthorized, said + ": the hub wants a token, or this one may not read the repository",
                           "set HF_TOKEN to a token that may read it, and accept the model's terms on its page"});
  if (status == kNotFound) return fail(ModelError{ModelErrorKind::not_found, said + ": the hub does not have it at this revision"});
  if (status == kRangeNotSatisfiable) {
    if (ftruncate(transfer.out.get(), 0) != 0) return fail(disk_error("empty", transfer.part.native(), errno));
    return Ending::try_again;
  }
  if (status == kTooManyRequests || status >= kServerError) return Ending::try_again;
  return fail(ModelError{ModelErrorKind::unreachable, said});
}

ModelResult<Ending> judge(CURLcode code, Transfer& transfer) {
  if (transfer.error) return fail(std::move(*transfer.error));
  if (transfer.stop.stop_requested()) return fail(cancelled());
  if (code == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
    return judge_status(status, transfer);
  }
  const bool broke_off = code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING ||
                         code == CURLE_HTTP2 || code == CURLE_HTTP2_STREAM || (code == CURLE_OPERATION_TIMEDOUT && transfer.body_began);
  if (broke_off) return Ending::try_again;
  return fail(ModelError{ModelErrorKind::unreachable, transfer.from + ": " + curl_easy_strerror(code)});
}

ModelResult<std::uint64_t> open_part(Transfer& transfer) {
  transfer.out = Fd(open(transfer.part.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  struct stat found{};
  if (transfer.out.get() < 0 || fstat(transfer.out.get(), &found) != 0) return fail(disk_error("open", transfer.part.native(), errno));
  const auto size_bytes = static_cast<std::uint64_t>(found.st_size);
  if (size_bytes <= transfer.expected.size_bytes) return size_bytes;
  if (ftruncate(transfer.out.get(), 0) != 0) return fail(disk_error("empty", transfer.part.native(), errno));
  return std::uint64_t{0};
}

struct Curl {
  Curl() : handle(curl_easy_init()) { CHECK(handle != nullptr); }
  Curl(const Curl&) = delete;
  Curl& operator=(const Curl&) = delete;
  ~Curl() { curl_easy_cleanup(handle); }
  CURL* handle;
};

void pause(int pause_ms, const std::stop_token& stop) {
  constexpr int kStepMs = 20;
  for (int waited_ms = 0; waited_ms < pause_ms && !stop.stop_requested(); waited_ms += kStepMs)
    std::this_thread::sleep_for(std::chrono::milliseconds(kStepMs));
}

}  // namespace

Hub::Hub(HubSettings settings) : settings_(std::move(settings)) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  CHECK(started == CURLE_OK);
}

ModelResult<void> Hub::fetch(const HubFile& file, const FileSpec& expected, const fs::path& part, const std::stop_token& stop,
                             const std::function<void(std::uint64_t bytes_so_far)>& on_progress) const {
  if (!settings_.endpoint.starts_with("https://") && !settings_.endpoint.starts_with("http://"))
    return fail(ModelError{ModelErrorKind::unreachable, "HF_ENDPOINT must begin with https:// or http://"});
  const std::string url = url_of(settings_, file);
  const std::string from = file.repo + "/" + file.file + " from " + std::string(host_of(settings_.endpoint));
  const Curl curl;
  int pause_ms = settings_.first_pause_ms;
  for (int tries = 0; tries < settings_.tries;) {
    Transfer transfer{expected, part, stop, on_progress, from, curl.handle};
    transfer.size_bytes = TRY(open_part(transfer));
    if (transfer.size_bytes == expected.size_bytes) return {};
    const std::uint64_t before_bytes = transfer.size_bytes;
    curl_easy_reset(curl.handle);
    prepare(curl.handle, settings_, url, transfer);
    if (TRY(judge(curl_easy_perform(curl.handle), transfer)) == Ending::done) return {};
    if (transfer.size_bytes < before_bytes + kWorthwhileBytes) ++tries;
    pause(std::clamp(transfer.retry_after_s * 1000, pause_ms, kMaxPauseMs), stop);
    pause_ms = std::min(pause_ms * 2, kMaxPauseMs);
  }
  return fail(
      ModelError{ModelErrorKind::unreachable, from + " broke off " + std::to_string(settings_.tries) + " times", "try again: it goes on from here"});
}

}  // namespace demarc::models
