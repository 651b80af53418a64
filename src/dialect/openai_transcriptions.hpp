// OpenAI's /v1/audio/transcriptions: a form with a recording in, a transcript out. Source: OpenAI API reference, "Audio", read 2026-11.
//
// Whatever form the client wants, an upstream asked for verbose_json can serve it: forward_as() asks so, and the printer prints the client's form
// from the Transcript. An upstream that answers in the client's own form passes byte for byte. One entry of the table in all.cpp.
#pragma once

#include "dialect/dialect.hpp"
#include "dialect/printer.hpp"
#include "dialect/transcript_text.hpp"
#include "dialect/translator.hpp"

namespace demarc::dialect::openai_transcriptions {

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits);
Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model);
std::unique_ptr<ReplyTranslator> translator(const Request& request, Passage passage);
std::unique_ptr<ReplyPrinter> printer(const Request& request, Passage passage, PrinterOptions options);

// What to ask instead of the client's own form, for engines that serve it otherwise: the rest of the form as it came. `events`: a stream, if the
// client asks for one.
enum class Times : std::uint8_t { as_asked, of_words };
enum class Delivery : std::uint8_t { whole, events };
enum class Ranges : std::uint8_t { left_out, kept };  // demarc_from, demarc_for and demarc_speakers, which only our own engine knows
struct AskedAs {
  TranscriptFormat format = TranscriptFormat::verbose_json;
  Times times = Times::as_asked;
  Delivery delivery = Delivery::whole;
  Ranges range = Ranges::left_out;
  std::string prompt{};    // before the client's own
  std::string language{};  // where the client does not say one
};
Result<OutgoingBody, ApiError> forward_as(const Request& request, Edits edits, std::string_view model, const AskedAs& as);
// Whether the client asks for what lies behind a place in the recording: only an engine that knows ranges can serve that.
bool begins_later(const Request& request);
// Whether the client asks who says what, be it by demarc_speakers or by the form.
bool wants_speakers(const Request& request);
// The contents of the form's fields of that name, in order. What demarc alone understands (`redact`, …) stands in no Part and leaves with no request.
std::vector<std::string_view> field_values(const Request& request, std::string_view name);
// The units of time that the client asked for; nullopt: it did not say.
std::optional<TranscriptUnits> units_of(const Request& request);
// Whether the client asks for a stream, in a form that has one: transcript.text.delta and transcript.text.done tell the text alone.
bool can_stream(const Request& request);
// The form that the client asked for.
TranscriptFormat format_of(const Request& request);

}  // namespace demarc::dialect::openai_transcriptions
