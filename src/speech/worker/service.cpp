#include "speech/worker/service.hpp"

#include <cmath>
#include <cstdio>

#include "speech/worker/audio.hpp"
#include "speech/worker/form.hpp"
#include "speech/worker/transcribe.hpp"

namespace demarc::speech::worker {
namespace {

using workers::refuse;

constexpr std::size_t kMaxFormBytes = std::size_t{1} << 20;  // all fields but the file
constexpr std::size_t kWindowsAtOnce = 4;                    // of what nobody watches

struct Refusal {
  int status;
  std::string message;
  std::string_view code;
};

Refusal to_refusal(AudioError error) {
  if (error == AudioError::stopped) return {504, std::string(describe(error)), "cancelled"};
  return {error == AudioError::too_large ? 413 : 400, std::string(describe(error)), "invalid_audio"};
}

Refusal to_refusal(TranscribeError&& error) {
  switch (error.kind) {
    case TranscribeError::Kind::stopped: return {504, "The request was cancelled or took longer than its deadline.", "cancelled"};
    case TranscribeError::Kind::unknown_language: return {400, std::move(error.message), "unsupported_language"};
    case TranscribeError::Kind::audio: return to_refusal(error.audio);
    case TranscribeError::Kind::engine:
      std::fprintf(stderr, "transcription failed: %s\n", error.message.c_str());
      return {500, "The speech model failed.", "engine_failed"};
  }
  CHECK(false);
  return {};
}

// Server-sent events, until the caller is gone.
class Events {
 public:
  explicit Events(httplib::DataSink& sink) : sink_(sink) {}

  template <class Fields>
  void send(std::string_view name, Fields&& fields) {
    std::string data;
    JsonWriter json(data);
    json.object([&] { fields(json); });
    send_data(name, data);
  }
  void send_data(std::string_view name, const std::string& data) {
    const std::string event = (name.empty() ? "" : "event: " + std::string(name) + "\n") + "data: " + data + "\n\n";
    there_ = there_ && sink_.write(event.data(), event.size());
  }
  [[nodiscard]] bool there() const { return there_; }

 private:
  httplib::DataSink& sink_;
  bool there_ = true;
};

// Of the worker protocol (ARCHITECTURE.md).
Listener protocol_listener(Events& events) {
  return {.progress =
              [&](double done_s, double total_s) {
                events.send("progress", [&](JsonWriter& json) { json.field("done", done_s), json.field("total", total_s), json.field("unit", "s"); });
              },
          .piece =
              [&](const Segment& segment, std::string_view) {
                events.send("piece", [&](JsonWriter& json) { json.field("index", segment.index), print_segment(json, segment); });
              }};
}

// Of OpenAI's API, with the times of each piece beside its text.
Listener openai_listener(Events& events) {
  return {.piece = [&](const Segment& segment, std::string_view language) {
    events.send("", [&](JsonWriter& json) {
      json.field("type", "transcript.text.delta");
      json.field("delta", segment.index == 0 ? trim(segment.text) : std::string_view(segment.text));
      json.field("start", static_cast<double>(segment.start_ms) / 1000);
      json.field("end", static_cast<double>(segment.end_ms) / 1000);
      json.field("language", language);
    });
  }};
}

void send_done(Events& events, const Transcript& transcript) {
  events.send("", [&](JsonWriter& json) {
    json.field("type", "transcript.text.done");
    json.field("text", transcript.text());
    json.object("usage", [&] {
      json.field("type", "duration");
      json.field("seconds", static_cast<std::int64_t>(std::ceil(transcript.duration_s)));
    });
  });
}

void send_error(Events& events, const Refusal& refusal) {
  const std::string_view type = refusal.status < 500 ? "invalid_request_error" : refusal.status == 504 ? "timeout_error" : "api_error";
  events.send("error", [&](JsonWriter& json) {
    json.field("type", "error");
    json.object("error", [&] { json.field("type", type), json.field("code", refusal.code), json.field("message", refusal.message); });
  });
}

}  // namespace

Service::Service(workers::Settings given) : WorkerService(std::move(given), kMaxFileBytes + kMaxFormBytes), turns_(settings().slots) {
  post("/v1/audio/transcriptions", [this](const httplib::Request& request, httplib::Response& response, const std::shared_ptr<workers::Slot>& slot) {
    transcriptions(request, response, slot);
  });
}

Result<void, std::string> Service::load() {
  tokens_ = std::make_unique<Tokens>(TRY(Tokens::read(settings().model_path + "/tokenizer.json")));
  auto whisper = Whisper::load(
      {.folder = settings().model_path, .threads = settings().threads, .slots = settings().slots, .spare = settings().beside > 0 ? 1U : 0U});
  if (!whisper) return fail(whisper.error().message);
  whisper_ = std::move(*whisper);
  voice_ = TRY(Voice::load());
  if (!settings().speakers.empty()) speakers_ = TRY(SpeakerEncoder::load(settings().threads));
  return {};
}

void Service::transcriptions(const httplib::Request& request, httplib::Response& response, const std::shared_ptr<workers::Slot>& slot) {
  Result<Form, std::string> form = read_form(request);
  if (!form) return refuse(response, 400, form.error(), "invalid_request");
  if (form->wish.speakers && !speakers_)
    return refuse(response, 400, "This engine tells no speakers apart: it was started without a model for that.", "invalid_request");

  // The file is only viewed: the request lives as long as its answer is being made.
  const std::function<bool()> patience = workers::patience_of(request);
  const WorkClass work_class = workers::work_class_of(request);
  const auto turn = [this, work_class](std::size_t windows_left) {
    return std::make_shared<workers::Turns::Turn>(turns_.take({.work_class = work_class, .pieces_left = windows_left}));
  };
  const bool is_watched = work_class == WorkClass::interactive || form->delivery == Delivery::events;
  form->wish.windows_at_once = is_watched ? 1 : kWindowsAtOnce;

  const Models models{*whisper_, *tokens_, *voice_, speakers_.get()};
  if (form->delivery == Delivery::whole) {
    Result<Transcript, TranscribeError> transcript = transcribe(models, form->file, form->wish, {.proceed = patience, .turn = turn});
    if (transcript) return response.set_content(print(*transcript, form->format), std::string(content_type(form->format)).c_str());
    const Refusal refusal = to_refusal(std::move(transcript).error());
    return refuse(response, refusal.status, refusal.message, refusal.code);
  }
  if (const auto heard = can_decode(form->file); !heard) {  // while the status can still say so
    const Refusal refusal = to_refusal(heard.error());
    return refuse(response, refusal.status, refusal.message, refusal.code);
  }
  response.set_chunked_content_provider("text/event-stream", [models, slot, patience, turn, form = *form](std::size_t, httplib::DataSink& sink) {
    Events events(sink);
    const bool is_openais = form.format == Format::json;
    Listener listener = is_openais ? openai_listener(events) : protocol_listener(events);
    listener.proceed = [&] { return events.there() && patience(); };
    listener.turn = turn;
    Result<Transcript, TranscribeError> transcript = transcribe(models, form.file, form.wish, listener);
    if (!transcript)
      send_error(events, to_refusal(std::move(transcript).error()));
    else if (is_openais)
      send_done(events, *transcript);
    else
      events.send_data("result", print(*transcript, Format::verbose_json));
    sink.done();
    return true;
  });
}

}  // namespace demarc::speech::worker
