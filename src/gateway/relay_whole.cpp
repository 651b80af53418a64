#include "dialect/errors.hpp"
#include "dialect/openai_transcriptions.hpp"
#include "dialect/same_dialect.hpp"
#include "gateway/answer_names.hpp"
#include "gateway/clean_transcript.hpp"
#include "gateway/hide_document.hpp"
#include "gateway/hide_transcript.hpp"
#include "gateway/relay.hpp"

namespace demarc::gateway {
namespace {

constexpr std::size_t kReplyBytes = std::size_t{256} << 20;

enum class BrokeOff : std::uint8_t { no, yes };  // yes: the connection, so an engine may have died

Task<RelayResult> failed(Attempt& attempt, ApiError error, std::string reason, Ends ends, BrokeOff broke_off = BrokeOff::no) {
  RequestContext& context = attempt.context();
  attempt.drop_reply();
  if (context.client_gone()) {
    co_await attempt.settle(AttemptOutcome::cancelled, std::string(context.why_cancelled()), Ends::request);
    co_return RelayResult{Relayed::over, context.superseded ? context.cancelled_error() : ApiError{}};
  }
  if (attempt.is_displaced()) {
    const bool log_ok = co_await attempt.settle(AttemptOutcome::error, "displaced", Ends::attempt);
    co_return RelayResult{log_ok ? Relayed::again : Relayed::over,
                          {ErrorKind::unavailable, log_ok ? "Others went first." : "The audit log cannot be written."}};
  }
  const bool again = broke_off == BrokeOff::yes && attempt.tries_alone(ends);
  if (broke_off == BrokeOff::yes) attempt.broke_off();
  const bool log_ok = co_await attempt.settle(AttemptOutcome::error, std::move(reason), again ? Ends::attempt : ends);
  if (!log_ok) error = {ErrorKind::unavailable, "The audit log cannot be written."};
  if (again && log_ok) co_return RelayResult{Relayed::again, std::move(error)};
  co_return RelayResult{log_ok ? Relayed::next : Relayed::over, std::move(error)};
}

// An answer that may not be shown before it is searched, and cannot be: another upstream's could not be searched either.
Task<RelayResult> not_shown(Attempt& attempt, ApiError why) {
  RelayResult result = co_await failed(attempt, std::move(why), "unread_answer", Ends::request);
  result.what = Relayed::over;
  co_return result;
}

std::vector<std::string> filtered(AnswerFilter& filter, const std::vector<Delta>& whole) {
  std::vector<std::string> texts;
  texts.reserve(whole.size());
  for (const Delta& delta : whole) {
    std::string& text = texts.emplace_back(filter.feed(delta.channel, delta.text));
    text += filter.flush(delta.channel);
  }
  return texts;
}

// Our own engine is asked for them for our own sake.
void drop_words_unless_asked(const RequestContext& context, Transcript& transcript) {
  const auto units = dialect::openai_transcriptions::units_of(*context.request);
  if (units && units->words) return;
  for (TranscriptSegment& segment : transcript.segments) {
    transcript.rewritten = transcript.rewritten || !segment.words.empty();
    segment.words.clear();
  }
}

// A voice can be recognised by its vector as a face can: it leaves only for whoever joins the ranges of a recording.
void drop_voices_unless_asked(const RequestContext& context, Transcript& transcript) {
  const auto asked = dialect::openai_transcriptions::field_values(*context.request, "demarc_voices");
  if (transcript.speakers.empty() || std::ranges::find(asked, "true") != asked.end()) return;
  transcript.speakers.clear();
  transcript.rewritten = true;
}

}  // namespace

Task<RelayResult> relay_whole(Attempt& attempt, Ends ends_if_failed) {
  RequestContext& context = attempt.context();
  Headers passed;
  for (const auto& [name, value] : attempt.reply().headers())
    if (dialect::passes_to_client(name)) passed.add(name, value);
  auto body = co_await read_all(attempt.reply(), kReplyBytes);
  if (!body)
    co_return co_await failed(attempt, {ErrorKind::upstream_failed, "The upstream " + attempt.spec().name + " broke off its answer."},
                              std::string(to_string(body.error())), ends_if_failed, BrokeOff::yes);
  attempt.leave_engine();
  auto reply = attempt.translator().read_whole(attempt.reply().status(), attempt.reply().headers(), std::move(*body));
  if (!reply) co_return co_await failed(attempt, std::move(reply).error(), "bad_answer", ends_if_failed);

  if (reply->transcript && attempt.spec().engine && wants_cleaning(*context.request))
    co_await clean_transcript(context, attempt.spec().tier, *reply->transcript, glossary_of(context));
  if (context.redact && !reply->transcript && !reply->document) {
    const std::string what = context.request->operation == Operation::ocr ? " tells no places of words" : " gave no transcript in JSON";
    co_return co_await failed(attempt,
                              {ErrorKind::upstream_failed, "The upstream " + attempt.spec().name + what + ", so nothing can be hidden in it."},
                              "bad_answer", ends_if_failed);
  }
  attempt.saw_first_content();
  if (reply->usage) attempt.saw_usage(*reply->usage);
  if (reply->finish) attempt.saw_finish(*reply->finish);
  attempt.saw_model(reply->model);
  attempt.filter().saw_tools(reply->tools);
  std::size_t bytes = 0;
  for (const Delta& delta : reply->texts) attempt.saw_text(delta.text), bytes += delta.text.size();
  std::vector<std::string> texts;
  if (!reply->transcript)  // its texts tell the same several times over: they are looked at together
    texts = co_await context.services.readers->run_long(context.loop(), bytes, [&] { return filtered(attempt.filter(), reply->texts); });
  if (reply->document) {
    auto seen = co_await hide_document(context, *reply->document);
    if (!seen) co_return co_await not_shown(attempt, std::move(seen).error());
    attempt.saw_findings(std::move(seen->counts), seen->unread);
    for (const DocumentPage& page : reply->document->pages)
      for (const DocumentBlock& block : page.blocks) attempt.saw_text(block.text);
  } else if (reply->transcript) {
    auto seen = co_await hide_transcript(context, *reply->transcript, attempt.tokens());
    if (!seen) co_return co_await not_shown(attempt, std::move(seen).error());
    attempt.saw_findings(std::move(seen->counts), seen->unread);
    if (attempt.spec().engine) drop_words_unless_asked(context, *reply->transcript);
    drop_voices_unless_asked(context, *reply->transcript);
  } else if (context.snapshot->names && context.inherited == nullptr) {
    const AnswerFound found = co_await read_answer(context, texts);
    attempt.saw_names(found);
    if (found.unread && masks_names(*context.snapshot)) co_return co_await not_shown(attempt, unread_answer());
    if (!found.unread)
      for (std::size_t i = 0; i < texts.size(); ++i) hide(texts[i], found.by_text[i], context.snapshot->policy.mask_in_answers);
  }
  dialect::OutgoingReply outgoing = attempt.printer().print_whole(*reply, texts);
  if (context.client_gone()) {
    co_await attempt.settle(AttemptOutcome::cancelled, "client_gone", Ends::request);
    co_return RelayResult{Relayed::over, {}};
  }
  if (!co_await attempt.settle(AttemptOutcome::served, "", Ends::request))
    co_return RelayResult{Relayed::over, {ErrorKind::unavailable, "The audit log cannot be written."}};
  if (!outgoing.end.empty()) {
    dialect::append_receipt(outgoing.body, attempt.receipt_comment());
    outgoing.body += outgoing.end;
  }
  Headers headers = attempt.headers();
  headers.add("content-type", outgoing.content_type);
  headers.add(std::string(dialect::request_id_header(context.dialect.family)), context.id);
  for (const auto& [name, value] : passed) headers.add(name, value);
  static_cast<void>(co_await context.client.respond(outgoing.status, headers, outgoing.body));
  co_return RelayResult{};
}

}  // namespace demarc::gateway
