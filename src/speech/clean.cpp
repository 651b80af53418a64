#include "speech/clean.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "speech/edit_choices.hpp"
#include "speech/edit_guard.hpp"
#include "speech/hesitations.hpp"

namespace demarc::speech {
namespace {

constexpr std::size_t kLongWithoutMarks = 12;  // words
constexpr double kGuessed = 0.37;              // mean confidence of a piece: e^-1, Whisper's own threshold for a decoding that failed

bool begins_sentence_after(std::string_view before) {
  const std::vector<WordAt> words = words_at(before.substr(before.size() > 256 ? before.size() - 256 : 0));
  return words.empty() || ends_sentence(before.substr(0, before.find_last_not_of(" \t\r\n") + 1));
}

// It has a capital that is not used.
bool starts_lower(std::string_view word) { return capitalised(word) != word; }

}  // namespace

std::string_view to_string(Asks why) {
  switch (why) {
    case Asks::nothing: return "nothing";
    case Asks::confidence: return "confidence";
    case Asks::punctuation: return "punctuation";
    case Asks::glossary: return "glossary";
  }
  return "nothing";
}

PieceCleaning::PieceCleaning(Piece piece, const Glossary& glossary)
    : piece_(std::move(piece)),
      language_(language(piece_.language)),
      glossary_(glossary),
      words_(words_at(piece_.text)),
      begins_sentence_(begins_sentence_after(piece_.before)),
      why_(words_.size()) {
  for (std::size_t i = 0; i < words_.size(); ++i) now_.emplace_back(heard(i)), reaches_.push_back(i + 1);
  drop_hesitations();
  write_terms();
  if (is_askable()) asks_ = why_ask();
}

void PieceCleaning::drop_hesitations() {
  std::vector<bool> gone(words_.size(), false);
  for (const Hesitation& one : hesitations(words_, piece_.text, language_, begins_sentence_)) {
    why_[one.word] = to_string(one.is_filler ? EditKind::filler : EditKind::repeat);
    if (!one.with.empty()) {
      now_[one.word] = one.with;
      continue;
    }
    now_[one.word].reset();
    gone[one.word] = true;
  }
  bool lost_start = false, lost_capital = false;  // what began the sentence is gone
  for (std::size_t i = 0; i < words_.size(); ++i) {
    const bool starts = i == 0 ? begins_sentence_ : ends_sentence(heard(i - 1));
    if (gone[i]) {
      lost_start = lost_start || starts;
      lost_capital = lost_capital || (starts && starts_upper(heard(i)));
      if (!ends_sentence(heard(i))) continue;
      lost_start = lost_capital = false;
      if (kept_.empty() || ends_sentence(*now_[kept_.back().word])) continue;  // "go, um." → "go."
      KeptWord& last = kept_.back();
      const std::string_view all = heard(i);
      const Core core = core_of(last.written);
      if (!has_only_marks(std::string_view(last.written).substr(core.end))) continue;
      last.written = last.written.substr(0, core.end) + std::string(all.substr(core_of(all).end));
      now_[last.word] = last.written;
      if (why_[last.word].empty()) why_[last.word] = to_string(EditKind::punctuation);
      continue;
    }
    KeptWord word{.word = i, .written = *now_[i], .said = said(*now_[i])};
    word.lock = lock_of(language_, heard(i), word.said, starts);
    if (i < piece_.confidence.size()) word.confidence = piece_.confidence[i];
    if (lost_capital && word.lock != Lock::digits && starts_lower(word.written)) {
      word.written = capitalised(word.written);
      now_[i] = word.written;
      if (why_[i].empty()) why_[i] = to_string(EditKind::letter_case);
    }
    word.starts_sentence = starts || lost_start;
    lost_start = lost_capital = false;
    kept_.push_back(std::move(word));
  }
}

// What is said as a term of the glossary is written as that, without asking; what only sounds like one is asked about.
void PieceCleaning::write_terms() {
  if (glossary_.empty() || kept_.size() > kMostWords) return;
  std::vector<std::string_view> written;
  for (const KeptWord& word : kept_) written.push_back(word.written);
  for (const Glossary::Heard& term : glossary_.heard_in(written)) {
    if (!term.is_same || term.count > 1) {
      std::string all;
      for (std::size_t i = term.first; i < term.first + term.count; ++i) all += (all.empty() ? "" : " ") + kept_[i].written;
      if (!all.starts_with(term.term) || !has_only_marks(std::string_view(all).substr(term.term.size()))) terms_.push_back(term);
      continue;
    }
    KeptWord& word = kept_[term.first];
    const Core core = core_of(word.written);
    const std::string_view was = std::string_view(word.written).substr(core.begin, core.end - core.begin);
    const bool loses_capital = starts_upper(was) && !starts_upper(term.term);
    if (was == term.term || loses_capital || word.lock == Lock::digits) continue;
    word.written = word.written.substr(0, core.begin) + std::string(term.term) + word.written.substr(core.end);
    now_[word.word] = word.written;
    if (why_[word.word].empty()) why_[word.word] = to_string(EditKind::glossary);
  }
}

bool PieceCleaning::is_askable() const {
  return language_.is_known && !kept_.empty() && kept_.size() <= kMostWords &&
         std::ranges::all_of(kept_, [](const KeptWord& word) { return fits_pattern(word.written); });
}

Asks PieceCleaning::why_ask() const {
  if (!terms_.empty()) return Asks::glossary;
  double sum = 0;
  bool is_unsure = false;
  for (const KeptWord& word : kept_) {
    sum += word.confidence;
    const bool has_choice = word.lock == Lock::none && (language_.alike.contains(word.said) || language_.is_perhaps_filler(word.said));
    is_unsure = is_unsure || (word.confidence < kLowConfidence && has_choice);
  }
  if (is_unsure || sum < kGuessed * static_cast<double>(kept_.size())) return Asks::confidence;
  return lacks_marks() ? Asks::punctuation : Asks::nothing;
}

bool PieceCleaning::lacks_marks() const {
  if (begins_sentence_ && starts_lower(kept_.front().written)) return true;
  std::size_t without = 0;
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    const std::string_view word = kept_[i].written;
    without = core_of(word).end == word.size() ? without + 1 : 0;
    const bool is_last = i + 1 == kept_.size();
    if (without >= kLongWithoutMarks && !is_last) return true;
    if (!is_last && ends_sentence(word) && !word.ends_with("...") && !word.ends_with("…") && starts_lower(kept_[i + 1].written)) return true;
  }
  if (!piece_.knows_after) return false;
  const std::vector<WordAt> next = words_at(piece_.after.substr(0, 256));
  const bool ends_here = next.empty() || !starts_lower(piece_.after.substr(next[0].begin, next[0].end - next[0].begin));
  return ends_here && kept_.size() >= 3 && !ends_sentence(kept_.back().written) && core_of(kept_.back().written).end == kept_.back().written.size();
}

Chat PieceCleaning::prompt() const {
  return edits_prompt({.kept = kept_, .terms = terms_, .language = language_, .before = piece_.before, .after = piece_.after});
}

void PieceCleaning::apply(const std::vector<Proposal>& proposals) {
  for (const Proposal& one : proposals) {
    const bool at_end = one.first == kept_.size();
    const std::size_t word = at_end ? words_.size() : kept_[one.first].word;
    const std::size_t end = one.count == 0 ? word : kept_[one.first + one.count - 1].word + 1;
    if (one.accepted) {
      for (std::size_t i = word; i < end; ++i) now_[i].reset();
      reaches_[word] = end;
      const bool only_written = one.kind == EditKind::punctuation || one.kind == EditKind::letter_case;
      if (!only_written || why_[word].empty()) why_[word] = to_string(one.kind);  // "b-b-but" → "But" is a repeat first
      if (!one.with.empty()) now_[word] = one.with;
      continue;
    }
    if (++reverted_count_ > kMostReverted) continue;
    const std::size_t begin = word < words_.size() ? words_[word].begin : piece_.text.size();
    reverted_.push_back({.begin = begin, .end = end > word ? words_[end - 1].end : begin, .with = one.with, .accepted = false, .why = one.why_not});
  }
}

CleanPiece PieceCleaning::finish(std::string_view answer) {
  if (asks_ != Asks::nothing && !answer.empty())
    if (const std::string text = text_of_answer(answer); !text.empty()) apply(judge(kept_, text, {.language = language_, .glossary = glossary_}));
  return put_together();
}

CleanPiece PieceCleaning::put_together() {
  CleanPiece out;
  std::size_t last_left = words_.size();  // the last word of which something is left
  for (std::size_t i = 0; i < words_.size(); ++i)
    if (now_[i]) last_left = i;
  std::size_t at = 0;
  for (std::size_t i = 0; i < words_.size(); i = std::max(reaches_[i], i + 1)) {
    const std::size_t last = std::max(reaches_[i], i + 1) - 1;
    PieceEdit edit{.begin = words_[i].begin, .end = words_[last].end, .with = now_[i].value_or(""), .why = why_[i]};
    if (now_[i] && last == i && *now_[i] == heard(i)) continue;
    if (!now_[i]) {
      const bool is_tail = last_left != words_.size() && i > last_left;
      if (is_tail) edit.begin = words_[i - 1].end;
      if (!is_tail && i + 1 < words_.size()) edit.end = words_[i + 1].begin;
    }
    out.text += piece_.text.substr(at, edit.begin - at);
    out.text += edit.with;
    at = edit.end;
    out.edits.push_back(std::move(edit));
  }
  out.text += piece_.text.substr(at);
  std::vector<PieceEdit> all;
  std::ranges::merge(out.edits, reverted_, std::back_inserter(all), {}, &PieceEdit::begin, &PieceEdit::begin);
  out.edits = std::move(all);
  out.reverted = reverted_count_;
  return out;
}

std::vector<PieceAt> cut_into_pieces(std::string_view text, std::size_t most_words, std::span<const std::size_t> breaks) {
  std::vector<PieceAt> pieces;
  PieceAt piece;
  const std::vector<WordAt> words = words_at(text);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (piece.words == 0) piece = {.begin = words[i].begin, .end = words[i].end, .first_word = i};
    piece.end = words[i].end;
    ++piece.words;
    const bool ends = piece.words >= 8 && ends_sentence(text.substr(words[i].begin, words[i].end - words[i].begin));
    while (!breaks.empty() && breaks.front() <= words[i].begin) breaks = breaks.subspan(1);
    const bool another_speaks = i + 1 < words.size() && !breaks.empty() && breaks.front() <= words[i + 1].begin;
    if (piece.words >= most_words || ends || another_speaks || i + 1 == words.size()) pieces.push_back(std::exchange(piece, {}));
  }
  return pieces;
}

}  // namespace demarc::speech
