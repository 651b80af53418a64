#include "speech/worker/service.hpp"

#include <chrono>
#include <cstdio>
#include <thread>

#include "speech/worker/audio.hpp"
#include "speech/worker/form.hpp"
#include "speech/worker/transcribe.hpp"

namespace demarc::speech::worker {
namespace {

using workers::refuse;
using workers::State;

constexpr std::size_t kSpareThreads = 4;                     // for health and refusals while every slot works
constexpr std::size_t kMaxFormBytes = std::size_t{1} << 20;  // all fields but the file

struct Refusal {
  int status;
  std::string message;
  std::string_view code;
};

Refusal to_refusal(TranscribeError&& error) {
  switch (error.kind) {
    case TranscribeError::Kind::stopped: return {504, "The request was cancelled or took longer than its deadline.", "cancelled"};
    case TranscribeError::Kind::unknown_language: return {400, std::move(error.message), "unsupported_language"};
    case TranscribeError::Kind::engine:
      std::fprintf(stderr, "transcription failed: %s\n", error.message.c_str());
      return {500, "The speech model failed.", "engine_failed"};
  }
  CHECK(false);
  return {};
}

Refusal to_refusal(AudioError error) {
  if (error == AudioError::stopped) return {504, std::string(describe(error)), "cancelled"};
  return {error == AudioError::too_large ? 413 : 400, std::string(describe(error)), "invalid_audio"};
}

// One server-sent event; false once the caller is gone.
template <class Fields>
bool send_event(httplib::DataSink& sink, std::string_view name, Fields&& fields) {
  std::string event = "event: " + std::string(name) + "\ndata: ";
  JsonWriter json(event);
  json.object([&] { fields(json); });
  event += "\n\n";
  return sink.write(event.data(), event.size());
}

}  // namespace

Service::Service(workers::Settings settings)
    : settings_(std::move(settings)), server_(settings_.socket, settings_.slots + kSpareThreads, kMaxFileBytes + kMaxFormBytes) {
  server_.Get("/health", [this](const httplib::Request&, httplib::Response& response) { health(response); });
  server_.Post("/v1/audio/transcriptions",
               [this](const httplib::Request& request, httplib::Response& response) { transcriptions(request, response); });
}

int Service::run() {
  std::thread loader([this] { load(); });
  const bool served = server_.serve();
  if (!served) std::fprintf(stderr, "the socket %s cannot be served\n", settings_.socket.c_str());
  loader.join();
  return served && !failed_ ? 0 : 1;
}

void Service::stop() {
  state_ = State::draining;
  while (load_.in_flight > 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  server_.stop();
}

void Service::load() {
  const auto give_up = [&](const std::string& why) {
    std::fprintf(stderr, "the model cannot be loaded: %s\n", why.c_str());
    failed_ = true;
    while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    server_.stop();
  };
  Result<Tokens, std::string> tokens = Tokens::read(settings_.model_path + "/tokenizer.json");
  if (!tokens) return give_up(tokens.error());
  auto whisper = Whisper::load({.folder = settings_.model_path, .threads = settings_.threads, .slots = settings_.slots});
  if (!whisper) return give_up(whisper.error().message);
  tokens_ = std::make_unique<Tokens>(std::move(*tokens));
  whisper_ = std::move(*whisper);
  State loading = State::loading;
  state_.compare_exchange_strong(loading, State::ready);
}

void Service::health(httplib::Response& response) const {
  const workers::State state = state_;
  response.status = state == State::ready ? 200 : 503;
  response.set_content(workers::print_health(state, load_, settings_), workers::kJson);
}

void Service::transcriptions(const httplib::Request& request, httplib::Response& response) {
  if (state_ != State::ready) return refuse(response, 503, "The model is not ready.", "not_ready");
  const auto slot = std::make_shared<workers::Slot>(load_, settings_.slots);
  if (!slot->held()) return refuse(response, 503, "Every slot is taken.", "busy");
  const Result<Form, std::string> form = read_form(request);
  if (!form) return refuse(response, 400, form.error(), "invalid_request");

  const std::function<bool()> patience = workers::patience_of(request);
  Result<Audio, AudioError> decoded = decode_audio(form->file, {}, patience);
  if (!decoded) {
    const Refusal refusal = to_refusal(decoded.error());
    return refuse(response, refusal.status, refusal.message, refusal.code);
  }
  const auto audio = std::make_shared<Audio>(std::move(*decoded));

  if (form->delivery == Delivery::whole) {
    Result<Transcript, TranscribeError> transcript = transcribe(*whisper_, *tokens_, *audio, form->wish, {.proceed = patience});
    if (transcript) return response.set_content(print(*transcript, form->format), std::string(content_type(form->format)).c_str());
    const Refusal refusal = to_refusal(std::move(transcript).error());
    return refuse(response, refusal.status, refusal.message, refusal.code);
  }
  response.set_chunked_content_provider("text/event-stream", [this, slot, audio, patience, wish = form->wish](std::size_t, httplib::DataSink& sink) {
    bool there = true;
    const Listener listener{
        .proceed = [&] { return there && patience(); },
        .progress =
            [&](double done_s, double total_s) {
              there = there && send_event(sink, "progress", [&](JsonWriter& json) {
                        json.field("done", done_s), json.field("total", total_s), json.field("unit", "s");
                      });
            },
        .piece =
            [&](const Segment& segment) {
              there = there && send_event(sink, "piece", [&](JsonWriter& json) { json.field("index", segment.index), print_segment(json, segment); });
            }};
    Result<Transcript, TranscribeError> transcript = transcribe(*whisper_, *tokens_, *audio, wish, listener);
    if (transcript) {
      const std::string event = "event: result\ndata: " + print(*transcript, Format::verbose_json) + "\n\n";
      sink.write(event.data(), event.size());
    } else {
      const Refusal refusal = to_refusal(std::move(transcript).error());
      send_event(sink, "error", [&](JsonWriter& json) { json.field("code", refusal.code), json.field("message", refusal.message); });
    }
    sink.done();
    return true;
  });
}

}  // namespace demarc::speech::worker
