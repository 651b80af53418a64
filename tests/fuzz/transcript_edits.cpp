// Whatever a language model answers about a transcript: its numbers, negations, dates, units and names come out as they were said, in their order;
// what is listed as done, done to the text as heard, is the clean text; and no word is there that was not said, but for a term of the glossary or a
// word that sounds alike where the speech model was not sure.
#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "fuzz.hpp"
#include "speech/clean.hpp"
#include "speech/hesitations.hpp"

namespace demarc::fuzz {
namespace {

using namespace speech;

constexpr std::array<std::string_view, 9> kLanguages = {"en", "de", "fr", "es", "it", "pt", "nl", "", "eo"};
const std::vector<std::string> kTerms = {"Kubernetes", "Alvarez", "Rotterdam", "Git Hub"};

std::vector<std::string> locked(std::string_view text, const Language& language) {
  std::vector<std::string> out;
  for (const WordAt& word : words_at(text))
    if (language.lock_of(word.said) != Lock::none) out.push_back(word.said);
  return out;
}

bool is_in_term(const CleanPiece& clean, const WordAt& word) {
  return std::ranges::any_of(clean.edits, [&](const PieceEdit& edit) {
    return edit.accepted && edit.why == "glossary" && edit.begin <= word.begin && word.end <= edit.end;
  });
}

void names_are_kept(std::string_view raw, const CleanPiece& clean, const Language& language) {
  const std::vector<WordAt> heard = words_at(raw), left = words_at(clean.text);
  const auto core = [](std::string_view text, const WordAt& word) {
    const std::string_view all = text.substr(word.begin, word.end - word.begin);
    const Core at = core_of(all);
    return all.substr(at.begin, at.end - at.begin);
  };
  std::size_t at = 0;
  for (std::size_t i = 0; i < heard.size(); ++i) {
    const std::string_view written = raw.substr(heard[i].begin, heard[i].end - heard[i].begin);
    const bool starts = i == 0 || ends_sentence(raw.substr(heard[i - 1].begin, heard[i - 1].end - heard[i - 1].begin));
    if (lock_of(language, written, heard[i].said, starts) != Lock::name || is_in_term(clean, heard[i])) continue;
    while (at < left.size() && core(clean.text, left[at]) != core(raw, heard[i])) ++at;
    CHECK(at < left.size());
    ++at;
  }
}

void edits_are_what_was_done(std::string_view raw, const CleanPiece& clean, const Language& language, bool is_sure) {
  std::string done;
  std::size_t at = 0, listed = 0;
  for (const PieceEdit& edit : clean.edits) {
    CHECK(edit.begin <= edit.end && edit.end <= raw.size());
    if (!edit.accepted) {
      CHECK(!edit.why.empty());
      ++listed;
      continue;
    }
    CHECK(edit.begin >= at);
    const std::string_view from = raw.substr(edit.begin, edit.end - edit.begin);
    done.append(raw.substr(at, edit.begin - at)).append(edit.with);
    at = edit.end;
    if (edit.why == "glossary") continue;
    if (edit.why == "homophone") CHECK(!is_sure);
    if (edit.why == "punctuation" || edit.why == "case") CHECK(said(from) == said(edit.with));
    if (edit.why == "filler" && edit.with.empty()) CHECK(language.is_filler(said(from)) || language.is_perhaps_filler(said(from)));
  }
  done.append(raw.substr(at));
  CHECK(done == clean.text);
  CHECK(listed <= kMostReverted && listed <= clean.reverted);
}

}  // namespace
}  // namespace demarc::fuzz

FUZZ(transcript_edits) {
  using namespace demarc::speech;
  Choices choices(bytes);
  const Language& spoken = language(kLanguages[choices.below(kLanguages.size())]);
  const Glossary glossary(choices.below(2) == 0 ? std::vector<std::string>() : kTerms, spoken);
  const bool is_json = choices.below(4) != 0, is_sure = choices.below(2) == 0;
  const std::size_t line = std::min(bytes.find('\n'), bytes.size());
  const std::string_view raw = bytes.substr(0, line), answer = bytes.substr(std::min(line + 1, bytes.size()));
  Piece piece{.text = raw, .language = spoken.code};
  if (!is_sure) piece.confidence.assign(words_at(raw).size(), 0.1);

  PieceCleaning cleaning(piece, glossary);
  const bool asks = cleaning.asks() != Asks::nothing;
  if (asks) CHECK(!cleaning.prompt().response_schema.empty());
  const CleanPiece clean = cleaning.finish(is_json ? "{\"text\": " + json_string(answer) + "}" : std::string(answer));
  CHECK(locked(raw, spoken) == locked(clean.text, spoken));
  names_are_kept(raw, clean, spoken);
  edits_are_what_was_done(raw, clean, spoken, is_sure);
  if (is_utf8(raw) && is_utf8(answer)) CHECK(is_utf8(clean.text));
  if (!asks) CHECK(clean.reverted == 0);
}
