#include "gateway/hide_transcript.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "dialect/openai_transcriptions.hpp"
#include "gateway/answer_names.hpp"
#include "gateway/redactions.hpp"
#include "gateway/snapshot.hpp"
#include "privacy/direct_first.hpp"
#include "privacy/restore.hpp"
#include "speech/cover.hpp"
#include "speech/pauses.hpp"

namespace demarc::gateway {
namespace {

using dialect::TranscriptFormat;
using FoundInEach = std::vector<std::vector<Finding>>;

constexpr std::string_view kRedact = "redact", kTypes = "redact_types";
constexpr std::string_view kSpelled = "***";  // of numbers that are said in words, whose lengths would tell the digits

bool contains(const auto& list, std::string_view what) { return std::ranges::find(list, what) != std::ranges::end(list); }

Result<std::vector<std::string>, ApiError> read_types(const RequestContext& context) {
  const Snapshot& snapshot = *context.snapshot;
  std::vector<std::string> out;
  for (const std::string_view name : {kTypes, std::string_view("redact_types[]")})
    for (const std::string_view value : dialect::openai_transcriptions::field_values(*context.request, name))
      for (const std::string_view item : split(value, ',')) {
        const std::string_view type = trim(item);
        if (type.empty()) continue;
        if (!snapshot.detectors.covers(type) && !(snapshot.names && contains(snapshot.names->names->types(), type)))
          return fail(ApiError{.kind = ErrorKind::bad_request,
                               .message = "no detector here looks for the type in place " + std::to_string(out.size() + 1) + " of these",
                               .param = std::string(kTypes),
                               .hint = "GET /presidio/supportedentities lists the types"});
        out.emplace_back(type);
      }
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

std::size_t bytes_of_all(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  return bytes;
}

class Hiding {
 public:
  Hiding(RequestContext& context, Transcript& transcript)
      : context_(context), snapshot_(*context.snapshot), transcript_(transcript), mask_(snapshot_.policy.mask_in_answers) {}

  Task<Result<SeenInTranscript, ApiError>> run() {
    const bool hides = context_.redact || !mask_.empty();
    if (hides) speech::make_agree(transcript_);
    const std::vector<std::string> readings = hides ? speech::readings_of(transcript_) : std::vector<std::string>{transcript_.text};
    if (bytes_of_all(readings) > static_cast<std::size_t>(context_.limits().examine_mib) << 20) {
      if (hides) co_return fail(unread(privacy::Unreadable::size));
      co_return SeenInTranscript{.counts = {}, .unread = true};
    }
    FoundInEach found = co_await context_.services.readers->run_long(context_.loop(), bytes_of_all(readings), [&] {
      FoundInEach all;
      for (const std::string& text : readings) all.push_back(snapshot_.detectors.find(text));
      return all;
    });
    SeenInTranscript seen;
    if (snapshot_.names && context_.inherited == nullptr) {
      const privacy::Unreadable why = co_await add_names(readings, hides && transcript_.clean_text ? 2 : 1, found);
      if (why != privacy::Unreadable::none && needs_names()) co_return fail(unread(why));
      seen.unread = why != privacy::Unreadable::none;
    }
    found = co_await context_.services.readers->run_long(context_.loop(), bytes_of_all(readings), [&] {
      for (std::size_t i = 0; i < readings.size(); ++i) add_over_pauses(readings[i], {}, found[i]);
      return std::move(found);
    });
    const Transcript text_alone{.text = transcript_.text};
    for (const speech::Cover& cover : speech::covers_of(hides ? transcript_ : text_alone, found)) ++seen.counts[cover.type];
    if (!hides) co_return seen;
    if (const std::vector<std::string> only = hidden_types(context_); !only.empty())
      found = co_await context_.services.readers->run_long(context_.loop(), bytes_of_all(readings), [&] { return find_again(readings, only); });
    std::vector<speech::Cover> masked;
    if (context_.redact && !mask_.empty()) {
      const FoundInEach again =
          co_await context_.services.readers->run_long(context_.loop(), bytes_of_all(readings), [&] { return find_again(readings, mask_); });
      masked = speech::covers_of(transcript_, again);
      for (std::size_t i = 0; i < readings.size(); ++i) found[i].insert(found[i].end(), again[i].begin(), again[i].end());
    }
    std::vector<speech::Cover> covers = speech::covers_of(transcript_, found);
    take_masked_types(covers, masked);
    CO_TRY(fill_in(covers, readings));
    if (context_.redact) transcript_.mutes = speech::mutes_of(transcript_, covers);
    speech::apply_covers(transcript_, covers);
    if (!covers.empty() && context_.redact && context_.services.vault_file)
      static_cast<void>(co_await context_.services.vault_file->kept(context_.loop()));
    co_return seen;
  }

 private:
  void add_over_pauses(const std::string& text, std::span<const std::string> only, std::vector<Finding>& findings) const {
    const speech::Unpaused heard = speech::without_pauses(text);
    if (heard.cuts.empty()) return;
    for (Finding& finding : speech::over_pauses(heard, snapshot_.detectors.find(heard.text, only))) findings.push_back(std::move(finding));
  }

  [[nodiscard]] FoundInEach find_again(const std::vector<std::string>& readings, std::span<const std::string> only) const {
    FoundInEach all;
    for (std::size_t i = 0; i < readings.size(); ++i) {
      all.push_back(privacy::find_types({readings[i]}, snapshot_.detectors, i < named_.size() ? named_[i] : privacy::Found(), only));
      add_over_pauses(readings[i], only, all.back());
    }
    return all;
  }

  [[nodiscard]] bool asked(std::string_view type) const {
    return context_.redact && (context_.redact->types.empty() || contains(context_.redact->types, type));
  }
  [[nodiscard]] bool needs_names() const {
    return masks_names(snapshot_) || std::ranges::any_of(snapshot_.names->names->types(), [&](std::string_view type) { return asked(type); });
  }

  // What the model finds in the first `count` readings.
  Task<privacy::Unreadable> add_names(const std::vector<std::string>& readings, std::size_t count, FoundInEach& found) {
    const NamesDetector& detector = *snapshot_.names;
    const std::span texts(readings.data(), count);
    privacy::NamesWork work = detector.names->begin(texts);
    co_await ask_names(detector, work,
                       names_call(context_, Deadline::in(context_.loop().now(), std::chrono::milliseconds(context_.limits().examine_ms))));
    if (work.why != privacy::Unreadable::none) co_return work.why;
    named_ = privacy::Names::found(work, texts);
    for (std::size_t i = 0; i < count; ++i) {
      if (!named_[i] || named_[i]->empty()) continue;
      found[i].insert(found[i].end(), named_[i]->begin(), named_[i]->end());
      privacy::join_tiers(texts[i], found[i]);
    }
    co_return privacy::Unreadable::none;
  }

  // What the policy hides nobody can restore, whatever the client asks for.
  Result<void, ApiError> fill_in(std::vector<speech::Cover>& covers, const std::vector<std::string>& readings) {
    std::optional<privacy::VaultSession> session;
    for (speech::Cover& cover : covers) {
      if (contains(mask_, cover.type)) {
        cover.with = "[" + cover.type + "]";
        continue;
      }
      if (!session) session = open_vault(readings);
      cover.with = TRY(stand_in(cover, *session));
    }
    return {};
  }

  privacy::VaultSession open_vault(const std::vector<std::string>& readings) {
    const std::string_view conversation = context_.request->conversation.empty() ? std::string_view() : std::string_view(context_.conversation);
    auto session = context_.services.vault->open({.caller = context_.caller.key_id, .conversation = conversation}, context_.loop().now());
    if (context_.redact->op == privacy::RedactionOperator::surrogate) {
      std::string all;
      for (const std::string& text : readings) (all += text) += '\n';
      session.use_surrogates(all);
    }
    return session;
  }

  Result<std::string, ApiError> stand_in(const speech::Cover& cover, privacy::VaultSession& session) const {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const bool in_words =
        cover.tier == DetectorTier::structured && std::ranges::any_of(cover.value, is_letter) && cover.value.find(' ') != std::string::npos;
    if (context_.redact->op == privacy::RedactionOperator::mask && in_words) return std::string(kSpelled);
    return privacy::stand_in(*context_.redact, {.type = cover.type}, cover.value, session).map_error([](privacy::RedactionsError) {
      return conversation_full();
    });
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
  const Snapshot& snapshot_;
  Transcript& transcript_;
  const std::vector<std::string>& mask_;
  std::vector<privacy::Found> named_;  // in each of the first readings, where the model was asked
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

Task<Result<SeenInTranscript, ApiError>> hide_transcript(RequestContext& context, Transcript& transcript,
                                                         std::shared_ptr<const privacy::Tokens> tokens) {
  if (tokens) restore_in(transcript, tokens);
  Hiding hiding(context, transcript);
  co_return co_await hiding.run();
}

}  // namespace demarc::gateway
