#include "speech/worker/service.hpp"

#include <cstdio>

#include "speech/worker/audio.hpp"
#include "speech/worker/form.hpp"
#include "speech/worker/transcribe.hpp"

namespace demarc::speech::worker {
namespace {

using workers::refuse;

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
  return {};
}

void Service::transcriptions(const httplib::Request& request, httplib::Response& response, const std::shared_ptr<workers::Slot>& slot) {
  const Result<Form, std::string> form = read_form(request);
  if (!form) return refuse(response, 400, form.error(), "invalid_request");

  const std::function<bool()> patience = workers::patience_of(request);
  Result<Audio, AudioError> decoded = decode_audio(form->file, {}, patience);
  if (!decoded) {
    const Refusal refusal = to_refusal(decoded.error());
    return refuse(response, refusal.status, refusal.message, refusal.code);
  }
  const auto audio = std::make_shared<Audio>(std::move(*decoded));
  const auto turn = [this, work_class = workers::work_class_of(request)](std::size_t windows_left) {
    return std::make_shared<workers::Turns::Turn>(turns_.take({.work_class = work_class, .pieces_left = windows_left}));
  };

  if (form->delivery == Delivery::whole) {
    Result<Transcript, TranscribeError> transcript = transcribe(*whisper_, *tokens_, *audio, form->wish, {.proceed = patience, .turn = turn});
    if (transcript) return response.set_content(print(*transcript, form->format), std::string(content_type(form->format)).c_str());
    const Refusal refusal = to_refusal(std::move(transcript).error());
    return refuse(response, refusal.status, refusal.message, refusal.code);
  }
  response.set_chunked_content_provider(
      "text/event-stream", [this, slot, audio, patience, turn, wish = form->wish](std::size_t, httplib::DataSink& sink) {
        bool there = true;
        const Listener listener{.proceed = [&] { return there && patience(); },
                                .progress =
                                    [&](double done_s, double total_s) {
                                      there = there && send_event(sink, "progress", [&](JsonWriter& json) {
                                                json.field("done", done_s), json.field("total", total_s), json.field("unit", "s");
                                              });
                                    },
                                .piece =
                                    [&](const Segment& segment) {
                                      there = there && send_event(sink, "piece", [&](JsonWriter& json) {
                                                json.field("index", segment.index), print_segment(json, segment);
                                              });
                                    },
                                .turn = turn};
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
