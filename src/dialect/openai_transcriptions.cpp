#include "dialect/openai_transcriptions.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "core/voices.hpp"
#include "dialect/chat_codec.hpp"
#include "dialect/json/reader.hpp"
#include "dialect/json_request.hpp"
#include "dialect/multipart.hpp"
#include "dialect/walk.hpp"

namespace demarc::dialect::openai_transcriptions {
namespace {

constexpr auto kKnownFields =
    std::to_array<std::string_view>({"file", "model", "language", "prompt", "response_format", "temperature", "timestamp_granularities[]",
                                     "include[]", "stream", "chunking_strategy", "known_speaker_names[]", "known_speaker_references[]"});

// What is for us alone: read here, never sent on.
constexpr auto kOwnFields = std::to_array<std::string_view>(
    {"demarc_clean", "demarc_from", "demarc_for", "demarc_speakers", "demarc_voices", "redact", "redact_types", "redact_types[]", "conversation"});
constexpr std::string_view kFromField = "demarc_from", kForField = "demarc_for", kSpeakersField = "demarc_speakers";
constexpr std::string_view kTimesField = "timestamp_granularities[]";

std::optional<std::int64_t> seconds_in(std::string_view text) {  // in ms
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || !(seconds >= 0 && seconds <= 86'400)) return {};
  return std::llround(seconds * 1'000);
}

bool is_speakers(std::string_view text) {
  std::size_t most = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), most);
  const bool is_number = error == std::errc() && end == text.data() + text.size() && most >= 1 && most <= kMostSpeakers;
  return is_number || text == "true" || text == "false";
}

bool is_own(const Multipart::Field& field) { return std::ranges::find(kOwnFields, field.name) != kOwnFields.end(); }

const Multipart::Field* find_field(const Request& request, std::string_view name) {
  for (const Multipart::Field& field : request.multipart->fields)
    if (field.name == name) return &field;
  return nullptr;
}

std::string_view content_of(const Request& request, const Multipart::Field& field) {
  return std::string_view(request.body).substr(field.content.begin, field.content.size());
}

// What stands in a part's header, as a text like any other. `said` is what it says without escapes.
void add_from_header(Request& request, std::string_view said, Span span, std::string_view path) {
  const std::string_view written = std::string_view(request.body).substr(span.begin, span.size());
  if (written != said) {
    request.unreadable.emplace_back("file name");
    return;
  }
  request.parts.push_back({.encoding = Encoding::raw, .span = span, .text = written, .path = path});
}

// Types with room for nothing else.
bool is_usual_type(std::string_view type) {
  constexpr auto kUsual =
      std::to_array<std::string_view>({"", "application/json", "application/octet-stream", "audio/flac", "audio/m4a", "audio/mp3", "audio/mp4",
                                       "audio/mpeg", "audio/ogg", "audio/wav", "audio/wave", "audio/webm", "audio/x-flac", "audio/x-m4a",
                                       "audio/x-wav", "text/plain", "text/plain; charset=utf-8", "video/mp4", "video/webm"});
  return std::ranges::find(kUsual, type) != kUsual.end();
}

Result<void, ApiError> take_own_field(Request& request, const Multipart::Field& field, const ParseLimits& limits) {
  const std::string_view text = content_of(request, field);
  if (!is_utf8(text)) return refuse("expected UTF-8", field.name);
  if ((field.name == kFromField || field.name == kForField) && !seconds_in(text)) return refuse("expected seconds, from 0 to 86400", field.name);
  if (field.name == kSpeakersField && !is_speakers(text))
    return refuse("expected true, false, or the most speakers there may be, from 1 to " + std::to_string(kMostSpeakers), field.name);
  if (field.name != "conversation") return {};
  if (text.size() > limits.name_bytes) return refuse("longer than a name can be", field.name);
  request.conversation = text;
  return {};
}

Result<void, ApiError> take_field(Request& request, const Multipart::Field& field, const ParseLimits& limits) {
  if (is_own(field)) return take_own_field(request, field, limits);
  const std::string_view text = content_of(request, field);
  const bool known = std::find(kKnownFields.begin(), kKnownFields.end(), field.name) != kKnownFields.end();
  const std::string_view path = known ? *std::find(kKnownFields.begin(), kKnownFields.end(), field.name) : std::string_view("*");
  if (!known) add_from_header(request, field.name, field.name_span, path);
  if (!field.filename.empty()) add_from_header(request, field.filename, field.filename_span, path);
  if (!is_usual_type(field.content_type)) add_from_header(request, field.content_type, field.content_type_span, path);
  if (field.name == "file") {
    const std::string_view type = field.content_type.starts_with("audio/") ? std::string_view(field.content_type) : std::string_view{};
    request.parts.push_back(
        {.kind = PartKind::audio, .encoding = Encoding::raw, .span = field.content, .path = path, .media_type = request.keep(std::string(type))});
    return {};
  }
  if (!is_utf8(text)) return refuse("expected UTF-8", std::string(path));
  if (field.name == "model") {
    if (text.size() > limits.name_bytes) return refuse("longer than a name can be", "model");
    request.model = text.empty() ? "auto" : text;
    request.model_span = field.content;
    return {};
  }
  if (field.name == "stream") request.stream = text == "true";
  if (field.name == "response_format" && !parse_transcript_format(text))
    return refuse("expected json, text, verbose_json, diarized_json, srt, vtt or markdown", "response_format");
  request.parts.push_back({.encoding = Encoding::raw, .span = field.content, .text = text, .path = path});
  return {};
}

bool repeats(const Multipart& form, std::size_t index) {  // only lists may: two parsers would disagree which one counts
  const std::string& name = form.fields[index].name;
  return !name.ends_with("[]") && name != "redact_types" &&
         std::any_of(form.fields.begin(), form.fields.begin() + static_cast<std::ptrdiff_t>(index),
                     [&](const Multipart::Field& field) { return field.name == name; });
}

std::string form_field(const Multipart& form, std::string_view name, std::string_view value) {
  return "--" + form.boundary + "\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" + std::string(value) + "\r\n";
}

// Cuts those fields out, each from its delimiter to the next one: what is left is the form without them.
template <class Which>
void leave_out(const Request& request, Edits& edits, Which which) {
  std::size_t begin = request.body.find("--" + request.multipart->boundary);
  for (const Multipart::Field& field : request.multipart->fields) {
    const Span whole{begin, field.content.end + std::string_view("\r\n").size()};
    begin = whole.end;
    if (!which(field)) continue;
    std::erase_if(edits, [&](const Edit& edit) { return edit.span.begin >= whole.begin && edit.span.end <= whole.end; });
    edits.push_back({whole, ""});
  }
}

void set_unless_said(const Request& request, Edits& edits, std::string& first, std::string_view name, std::string_view value) {
  const Multipart::Field* field = find_field(request, name);
  if (field == nullptr)
    first += form_field(*request.multipart, name, value);
  else if (trim(content_of(request, *field)).empty())
    edits.push_back({field->content, std::string(value)});
}

void put_before(const Request& request, Edits& edits, std::string& first, std::string_view name, std::string_view value) {
  if (const Multipart::Field* field = find_field(request, name))
    edits.push_back({{field->content.begin, field->content.begin}, std::string(value) + " "});
  else
    first += form_field(*request.multipart, name, value);
}

}  // namespace

Result<std::unique_ptr<Request>, ApiError> parse(const Dialect& dialect, HttpRequest&& http, const ParseLimits& limits) {
  auto request = std::make_unique<Request>();
  request->operation = dialect.operation;
  request->dialect = dialect.name;
  request->content_type = http.headers.get("content-type");
  request->multipart = TRY(read_multipart(http.body, request->content_type, limits));
  request->body = std::move(http.body);
  for (std::size_t i = 0; i < request->multipart->fields.size(); ++i) {
    if (repeats(*request->multipart, i)) return refuse("a field stands twice");
    TRY(take_field(*request, request->multipart->fields[i], limits));
  }
  if (find_field(*request, "file") == nullptr) return refuse("file: required", "file");
  if (request->stream && wants_speakers(*request))
    return refuse("who speaks is known when the whole recording was heard: ask without stream, or without speakers", "stream");
  take_headers(*request, http, limits);
  return request;
}

Result<OutgoingBody, ApiError> forward(const Request& request, Edits edits, Provider provider, std::string_view model) {
  (void)provider;
  leave_out(request, edits, is_own);
  const bool has_model = find_field(request, "model") != nullptr;
  if (has_model && request.model != model) edits.push_back({request.model_span, std::string(model)});
  for (const Edit& edit : edits)
    if (edit.with.find("--" + request.multipart->boundary) != std::string::npos) return refuse("a replacement would break the form");
  OutgoingBody out{.target = "/audio/transcriptions", .headers = {{"content-type", request.content_type}}, .body = {}};
  out.headers.add("accept", request.stream ? "text/event-stream" : "*/*");
  out.body = (has_model ? "" : form_field(*request.multipart, "model", model)) + demarc::apply(request.body, std::move(edits));
  return out;
}

Result<OutgoingBody, ApiError> forward_as(const Request& request, Edits edits, std::string_view model, const AskedAs& as) {
  std::string first;
  if (const Multipart::Field* field = find_field(request, "response_format")) {
    std::erase_if(edits, [&](const Edit& edit) { return edit.span.begin == field->content.begin; });
    edits.push_back({field->content, std::string(to_string(as.format))});
  } else {
    first = form_field(*request.multipart, "response_format", to_string(as.format));
  }
  if (const Multipart::Field* field = find_field(request, "stream"); field != nullptr && request.stream && as.delivery == Delivery::whole) {
    std::erase_if(edits, [&](const Edit& edit) { return edit.span.begin == field->content.begin; });
    edits.push_back({field->content, "false"});
  }
  if (as.times == Times::of_words) {
    leave_out(request, edits, [](const Multipart::Field& field) { return field.name == kTimesField; });
    for (const std::string_view unit : {"word", "segment"}) first += form_field(*request.multipart, kTimesField, unit);
  }
  if (!as.language.empty()) set_unless_said(request, edits, first, "language", as.language);
  if (!as.prompt.empty()) put_before(request, edits, first, "prompt", as.prompt);
  if (as.range == Ranges::kept) {
    for (const std::string_view name : {kFromField, kForField, kSpeakersField})
      if (const Multipart::Field* field = find_field(request, name)) first += form_field(*request.multipart, name, content_of(request, *field));
    if (wants_speakers(request) && find_field(request, kSpeakersField) == nullptr) first += form_field(*request.multipart, kSpeakersField, "true");
  }
  OutgoingBody out = TRY(forward(request, std::move(edits), Provider::openai, model));
  out.body.insert(0, first);
  if (as.delivery == Delivery::whole) out.headers.set("accept", "application/json");
  return out;
}

bool begins_later(const Request& request) {
  const Multipart::Field* field = find_field(request, kFromField);
  return field != nullptr && seconds_in(content_of(request, *field)).value_or(0) > 0;
}

bool wants_speakers(const Request& request) {
  if (const Multipart::Field* field = find_field(request, kSpeakersField)) return content_of(request, *field) != "false";
  return format_of(request) == TranscriptFormat::diarized_json;
}

std::vector<std::string_view> field_values(const Request& request, std::string_view name) {
  std::vector<std::string_view> out;
  for (const Multipart::Field& field : request.multipart->fields)
    if (field.name == name) out.push_back(content_of(request, field));
  return out;
}

std::optional<TranscriptUnits> units_of(const Request& request) {
  const std::vector<std::string_view> asked = field_values(request, kTimesField);
  if (asked.empty()) return {};
  const auto has = [&](std::string_view unit) { return std::ranges::any_of(asked, [&](std::string_view value) { return trim(value) == unit; }); };
  return TranscriptUnits{.segments = has("segment"), .words = has("word")};
}

bool can_stream(const Request& request) {
  const TranscriptFormat format = format_of(request);
  return request.stream && (format == TranscriptFormat::json || format == TranscriptFormat::text);
}

TranscriptFormat format_of(const Request& request) {
  const Multipart::Field* field = find_field(request, "response_format");
  return field == nullptr ? TranscriptFormat::json : parse_transcript_format(content_of(request, *field)).value_or(TranscriptFormat::json);
}

}  // namespace demarc::dialect::openai_transcriptions
