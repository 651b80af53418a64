#include "cli/trial_engine.hpp"

#include <curl/curl.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "cli/installed.hpp"
#include "core/io/loop.hpp"
#include "engine/command.hpp"
#include "engine/engine.hpp"
#include "models/store.hpp"

namespace demarc::cli {
namespace {

constexpr int kStartMs = 600'000;        // the largest model from a slow disk
constexpr long kRequestSeconds = 3'600;  // a prompt that fills a long context on a few cores
constexpr std::size_t kMostBodyBytes = 64U << 20U;

double ms_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

struct Receiver {
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  TrialReply reply;
};

std::size_t receive(char* data, std::size_t, std::size_t size, void* into) {
  auto& receiver = *static_cast<Receiver*>(into);
  if (receiver.reply.body.empty()) receiver.reply.first_byte_ms = ms_since(receiver.begin);
  if (receiver.reply.body.size() + size > kMostBodyBytes) return 0;
  receiver.reply.body.append(data, size);
  return size;
}

}  // namespace

struct TrialEngine::Request {
  std::string path, json;
  std::string file, field, value;  // of a form; file "": json is sent
};

Result<std::unique_ptr<TrialEngine>, std::string> TrialEngine::start(const Place& place, const std::string& name, const TrialSettings& settings) {
  const auto resolved = models::Store(place.data).resolve(name);
  if (!resolved) return fail(resolved.error().message + (resolved.error().hint.empty() ? "" : " (" + resolved.error().hint + ")"));
  const auto kind = engine_of(resolved->locked.engine);
  if (!kind) return fail("no engine here runs " + name);
  std::unique_ptr<TrialEngine> trial(new TrialEngine);
  trial->model_ = TRY(resolve_model(place.data, name));  // checked, as for serving
  trial->kind_ = *kind;
  std::string folder = (std::filesystem::temp_directory_path() / "demarc-bench.XXXXXX").native();
  if (mkdtemp(folder.data()) == nullptr) return fail("no temporary folder in " + std::filesystem::temp_directory_path().native());
  trial->folder_ = folder;
  engine::EnginePlan plan{
      .model = trial->model_, .run_folder = folder, .programs = programs_folder(), .cores = usable_cores(), .start_timeout_ms = kStartMs};
  plan.upstream.name = "bench", plan.upstream.engine = kind, plan.upstream.slots = 1, plan.upstream.threads = settings.threads;
  ModelSpec spec{
      .name = name, .serves = {settings.embeddings ? Operation::embedding : Operation::chat}, .context_tokens = settings.context_tokens, .space = {}};
  plan.upstream.models.push_back(std::move(spec));
  auto command = TRY(engine::engine_spec(plan));
  trial->socket_ = command.socket_path;
  trial->settings_ = "threads " + std::to_string(settings.threads == 0 ? plan.cores : settings.threads) + ", slots 1" +
                     (*kind == EngineKind::llama ? ", context " + std::to_string(settings.context_tokens) : "");
  trial->engine_ = std::make_unique<engine::Engine>(std::move(command), [](const engine::EngineEvent&) {});
  trial->engine_->load();
  const auto begin = std::chrono::steady_clock::now();
  for (;;) {
    const engine::EngineStatus status = trial->engine_->status();
    if (status.state == engine::EngineState::ready) return trial;
    if (status.restarts > 0 || ms_since(begin) > kStartMs) return fail(name + " did not start: " + status.last_error);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

TrialEngine::~TrialEngine() {
  engine_.reset();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

Result<TrialReply, std::string> TrialEngine::perform(Request& request) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
  CHECK(curl != nullptr);
  curl_easy_setopt(curl.get(), CURLOPT_UNIX_SOCKET_PATH, socket_.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_URL, ("http://localhost" + request.path).c_str());
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, kRequestSeconds);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  const std::unique_ptr<curl_mime, decltype(&curl_mime_free)> form(curl_mime_init(curl.get()), &curl_mime_free);
  curl_slist* raw_headers = curl_slist_append(nullptr, request.file.empty() ? "Content-Type: application/json" : "Expect:");
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(raw_headers, &curl_slist_free_all);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  if (request.file.empty()) {
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.json.size()));
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, request.json.c_str());
  } else {
    curl_mimepart* part = curl_mime_addpart(form.get());
    curl_mime_name(part, "file");
    curl_mime_filedata(part, request.file.c_str());
    part = curl_mime_addpart(form.get());
    curl_mime_name(part, request.field.c_str());
    curl_mime_data(part, request.value.c_str(), CURL_ZERO_TERMINATED);
    curl_easy_setopt(curl.get(), CURLOPT_MIMEPOST, form.get());
  }
  Receiver receiver;
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &receiver);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) return fail(request.path + ": " + curl_easy_strerror(code));
  receiver.reply.total_ms = ms_since(receiver.begin);
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &receiver.reply.status);
  if (receiver.reply.status != 200)
    return fail(request.path + ": " + std::to_string(receiver.reply.status) + " " + receiver.reply.body.substr(0, 300));
  return std::move(receiver.reply);
}

Result<TrialReply, std::string> TrialEngine::post(const std::string& path, const std::string& json) {
  Request request{.path = path, .json = json, .file = {}, .field = {}, .value = {}};
  return perform(request);
}

Result<TrialReply, std::string> TrialEngine::post_file(const std::string& path, const std::string& file, const std::string& field,
                                                       const std::string& value) {
  Request request{.path = path, .json = {}, .file = file, .field = field, .value = value};
  return perform(request);
}

}  // namespace demarc::cli
