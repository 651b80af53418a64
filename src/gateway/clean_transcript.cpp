#include "gateway/clean_transcript.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "gateway/sub_exchange.hpp"
#include "speech/clean.hpp"

namespace demarc::gateway {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// A dropped word takes the space behind it along (at the end of the text, the one before it).
TranscriptEdit edit_of(const speech::TextEdit& edit, WordSpan word, std::string_view text) {
  TranscriptEdit out{.begin = word.begin, .end = word.end, .with = edit.clean, .reason = std::string(speech::to_string(edit.kind))};
  if (!edit.clean.empty()) return out;
  const std::size_t next = std::min(text.find_first_not_of(kSpace, word.end), text.size());
  out.end = next;
  if (next == text.size())
    while (out.begin > 0 && kSpace.find(text[out.begin - 1]) != std::string_view::npos) --out.begin;
  return out;
}

void clean_segments(Transcript& transcript) {
  std::size_t cursor = 0;
  for (TranscriptSegment& segment : transcript.segments) {
    const std::string_view said = trim(segment.text);
    const std::size_t at = transcript.text.find(said, cursor);
    if (said.empty() || at == std::string::npos) continue;
    cursor = at + said.size();
    segment.text = std::string(trim(apply_edits(transcript.text, transcript.edits, at, cursor)));
  }
}

}  // namespace

bool wants_cleaning(const Request& request) {
  if (!request.multipart) return false;
  return std::ranges::none_of(request.multipart->fields, [&](const Multipart::Field& field) {
    return field.name == "demarc_clean" && std::string_view(request.body).substr(field.content.begin, field.content.size()) == "false";
  });
}

std::vector<WordSpan> words_of(std::string_view text) {
  std::vector<WordSpan> words;
  for (std::size_t at = text.find_first_not_of(kSpace); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kSpace, at), text.size());
    words.push_back({at, end});
    at = text.find_first_not_of(kSpace, end);
  }
  return words;
}

std::string apply_edits(std::string_view text, const std::vector<TranscriptEdit>& edits, std::size_t begin, std::size_t end) {
  std::string out;
  std::size_t at = begin;
  for (const TranscriptEdit& edit : edits) {
    if (edit.end <= begin || edit.begin < at) continue;
    if (edit.begin >= end) break;
    out.append(text, at, edit.begin - at);
    out += edit.with;
    at = std::min(edit.end, end);
  }
  out.append(text, at, end - at);
  return out;
}

Task<void> clean_transcript(RequestContext& context, Tier tier, Transcript& transcript) {
  const std::vector<std::string> pieces = speech::cut_into_pieces(transcript.text);
  const std::vector<WordSpan> words = words_of(transcript.text);
  std::vector<TranscriptEdit> edits;
  std::size_t first_word = 0;
  std::int64_t asked = 0;
  bool somebody_cleans = true, answered = false;
  for (const std::string& piece : pieces) {
    const std::size_t count = words_of(piece).size();
    if (answered && asked >= context.limits().subcalls && !transcript.unread_from) transcript.unread_from = words[first_word].begin;
    std::string proposal;  // none: only what needs no model is cleaned
    if (somebody_cleans && asked < context.limits().subcalls) {
      ++asked;
      auto answer = co_await ask_model(context, {.tier = tier}, speech::cleaning_prompt(piece));
      if (context.client_gone()) co_return;
      somebody_cleans = answer.ok() || answered;
      if (answer) proposal = std::move(*answer), answered = true;
    }
    for (const speech::TextEdit& edit : speech::accept(piece, proposal, transcript.language).edits)
      edits.push_back(edit_of(edit, words[first_word + edit.word], transcript.text));
    first_word += count;
  }
  transcript.edits = std::move(edits);
  transcript.clean_text = apply_edits(transcript.text, transcript.edits, 0, transcript.text.size());
  clean_segments(transcript);
}

}  // namespace demarc::gateway
