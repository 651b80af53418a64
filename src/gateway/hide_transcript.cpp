#include "gateway/hide_transcript.hpp"

#include <algorithm>
#include <functional>

#include "base/strings.hpp"
#include "dialect/openai_transcriptions.hpp"
#include "gateway/answer_names.hpp"
#include "gateway/snapshot.hpp"
#include "privacy/restore.hpp"
#include "speech/cover.hpp"
#include "speech/pauses.hpp"

namespace demarc::gateway {
namespace {

using dialect::TranscriptFormat;

constexpr std::string_view kRedact = "redact", kTypes = "redact_types";
constexpr std::string_view kSpelled = "***";  // of numbers that are said in words, whose lengths would tell the digits

Result<std::vector<std::string>, ApiError> read_types(const RequestContext& context) {
  std::vector<std::string> out;
  for (const std::string_view name : {kTypes, std::string_view("redact_types[]")})
    for (const std::string_view value : dialect::openai_transcriptions::field_values(*context.request, name))
      for (const std::string_view item : split(value, ','))
        if (const std::string_view type = trim(item); !type.empty()) out.emplace_back(type);
  TRY(check_redact_types(context, out));
  return out;
}

void restore_in(Transcript& transcript, const std::shared_ptr<const privacy::Tokens>& tokens) {
  const auto restore = [&](std::string& text) {
    std::string restored = privacy::restore(tokens, text);
    if (restored == text) return;
    text = std::move(restored);
    transcript.rewritten = true;
  };
  restore(transcript.text);
  for (TranscriptSegment& segment : transcript.segments) {
    restore(segment.text);
    for (TranscriptWord& word : segment.words) restore(word.text);
  }
}

class TranscriptHiding {
 public:
  TranscriptHiding(RequestContext& context, Transcript& transcript, std::vector<std::string> readings)
      : context_(context),
        transcript_(transcript),
        readings_(std::move(readings)),
        values_(context, std::vector<std::string_view>(readings_.begin(), readings_.end())) {}

  Task<Result<SeenValues, ApiError>> run() {
    const bool hides = hides_values(context_);
    FoundValues values =
        CO_TRY((co_await values_.find(hides && transcript_.clean_text ? 2 : 1)).map_error([&](privacy::Unreadable why) { return unread(why); }));
    SeenValues seen{.unread = values.unread};
    if (!values.in_each) co_return seen;
    FoundInEach found = co_await beside([&] {
      for (std::size_t i = 0; i < readings_.size(); ++i) add_over_pauses(readings_[i], {}, (*values.in_each)[i]);
      return *std::move(values.in_each);
    });
    const Transcript text_alone{.text = transcript_.text};
    for (const speech::Cover& cover : speech::covers_of(hides ? transcript_ : text_alone, found)) ++seen.counts[cover.type];
    if (!hides) co_return seen;
    if (!values_.only().empty()) found = co_await beside([&] { return find_again(values_.only()); });
    std::vector<speech::Cover> masked;
    if (context_.redact && !values_.mask().empty()) {
      const FoundInEach again = co_await beside([&] { return find_again(values_.mask()); });
      masked = speech::covers_of(transcript_, again);
      for (std::size_t i = 0; i < readings_.size(); ++i) found[i].insert(found[i].end(), again[i].begin(), again[i].end());
    }
    std::vector<speech::Cover> covers = speech::covers_of(transcript_, found);
    take_masked_types(covers, masked);
    for (speech::Cover& cover : covers) cover.with = CO_TRY(stand_in(cover));
    if (context_.redact) transcript_.mutes = speech::mutes_of(transcript_, covers);
    speech::apply_covers(transcript_, covers);
    co_await values_.keep();
    co_return seen;
  }

 private:
  Task<FoundInEach> beside(std::function<FoundInEach()> work) {
    return context_.services.readers->run_long(context_.loop(), values_.bytes(), std::move(work));
  }

  void add_over_pauses(const std::string& text, std::span<const std::string> only, std::vector<Finding>& findings) const {
    const speech::Unpaused heard = speech::without_pauses(text);
    if (heard.cuts.empty()) return;
    for (Finding& finding : speech::over_pauses(heard, context_.snapshot->detectors.find(heard.text, only))) findings.push_back(std::move(finding));
  }

  [[nodiscard]] FoundInEach find_again(std::span<const std::string> only) const {
    FoundInEach all;
    for (std::size_t i = 0; i < readings_.size(); ++i) {
      all.push_back(values_.find_again(i, only));
      add_over_pauses(readings_[i], only, all.back());
    }
    return all;
  }

  Result<std::string, ApiError> stand_in(const speech::Cover& cover) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const bool in_words =
        cover.tier == DetectorTier::structured && std::ranges::any_of(cover.value, is_letter) && cover.value.find(' ') != std::string::npos;
    if (in_words && !values_.is_masked(cover.type) && context_.redact->op == privacy::RedactionOperator::mask) return std::string(kSpelled);
    return values_.stand_in(cover.type, cover.value);
  }

  ApiError unread(privacy::Unreadable why) const {
    if (why == privacy::Unreadable::size)
      return {.kind = ErrorKind::too_large,
              .message = "The transcript is longer than can be searched for what is to be hidden.",
              .hint = "limits.examine_mib in demarc.yaml; or cut the recording"};
    if (why == privacy::Unreadable::language)
      return {
          .kind = ErrorKind::bad_request,
          .message = "The recording is in a language that the detector of names is not trusted with, so what stands in its transcript is unknown.",
          .param = "file",
          .hint = "detectors.names in demarc.yaml: languages, other_language; or name the \"redact_types\" to look for"};
    if (!context_.redact) return unread_answer();
    return {.kind = ErrorKind::unavailable,
            .message = "The detector of names does not answer in time, so what stands in the transcript is unknown.",
            .hint = "demarc status names the cause; \"redact_types\" without names needs no such detector",
            .retry_after_s = 1};
  }

  RequestContext& context_;
  Transcript& transcript_;
  const std::vector<std::string> readings_;
  ValueHiding values_;
};

}  // namespace

Result<void, ApiError> read_redact_fields(RequestContext& context) {
  const Request& request = *context.request;
  if (request.operation != Operation::transcription || !request.multipart) return {};
  const auto asked = dialect::openai_transcriptions::field_values(request, kRedact);
  const std::string_view word = asked.empty() ? std::string_view() : trim(asked[0]);
  auto types = TRY(read_types(context));
  if (word.empty() || word == "false") {
    if (types.empty()) return {};
    return fail(ApiError{.kind = ErrorKind::bad_request,
                         .message = "says what to hide, but nothing asks for hiding",
                         .param = std::string(kTypes),
                         .hint = "add redact=true"});
  }
  const auto op = word == "true" ? privacy::RedactionOperator::placeholder : privacy::parse_redaction_operator(word);
  if (!op) return fail(ApiError{ErrorKind::bad_request, "expected true, false, placeholder, surrogate, mask, hash or drop", std::string(kRedact)});
  if (request.stream)
    return fail(ApiError{.kind = ErrorKind::bad_request,
                         .message = "What is to be hidden is looked for in the whole transcript, which therefore cannot be streamed.",
                         .param = "stream",
                         .hint = "ask without stream: true"});
  context.redact = privacy::RedactionsRequest{
      .mode = privacy::RedactionMode::redact, .op = *op, .types = std::move(types), .hash_key = context.snapshot->config.redaction.hash_key};
  return {};
}

std::optional<TranscriptFormat> form_to_ask_for(const RequestContext& context) {
  if (context.request->operation != Operation::transcription || !context.request->multipart) return {};
  const TranscriptFormat asked = dialect::openai_transcriptions::format_of(*context.request);
  if (dialect::openai_transcriptions::wants_speakers(*context.request))  // the only form in which others tell them
    return asked == TranscriptFormat::diarized_json && !context.redact ? std::nullopt : std::optional(TranscriptFormat::diarized_json);
  if (context.redact) return asked == TranscriptFormat::text ? TranscriptFormat::json : TranscriptFormat::verbose_json;
  if (asked == TranscriptFormat::markdown) return TranscriptFormat::verbose_json;  // a form of ours alone
  const bool has_cues = asked == TranscriptFormat::srt || asked == TranscriptFormat::vtt;
  if (has_cues && !context.snapshot->policy.mask_in_answers.empty()) return TranscriptFormat::verbose_json;
  return {};
}

Task<Result<SeenValues, ApiError>> hide_transcript(RequestContext& context, Transcript& transcript, std::shared_ptr<const privacy::Tokens> tokens) {
  if (tokens) restore_in(transcript, tokens);
  const bool hides = hides_values(context);
  if (hides) speech::make_agree(transcript);
  TranscriptHiding hiding(context, transcript, hides ? speech::readings_of(transcript) : std::vector<std::string>{transcript.text});
  co_return co_await hiding.run();
}

}  // namespace demarc::gateway
