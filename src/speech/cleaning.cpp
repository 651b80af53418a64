#include "speech/cleaning.hpp"

#include <algorithm>
#include <cmath>

#include "base/strings.hpp"
#include "speech/edit_choices.hpp"
#include "speech/same_text.hpp"

namespace demarc::speech {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::size_t kContextBytes = 512;  // that a piece may look at before and behind itself

std::vector<const TranscriptWord*> words_of(const Transcript& transcript) {
  std::vector<const TranscriptWord*> words;
  for (const TranscriptSegment& segment : transcript.segments)
    for (const TranscriptWord& word : segment.words) words.push_back(&word);
  return words;
}

std::optional<SameText> match_words(const Transcript& transcript, const std::vector<const TranscriptWord*>& words) {
  std::vector<std::string_view> texts;
  for (const TranscriptWord* word : words) texts.push_back(word->text);
  return words.empty() ? std::nullopt : SameText::match(transcript.text, texts, Ignore::punctuation);
}

std::optional<SameText> match_segments(const Transcript& transcript) {
  std::vector<std::string_view> texts;
  for (const TranscriptSegment& segment : transcript.segments) texts.push_back(segment.text);
  return texts.empty() ? std::nullopt : SameText::match(transcript.text, texts, Ignore::white_space);
}

// When the bytes of an edit are said: the times of the words they touch, else of the segments.
class Times {
 public:
  explicit Times(const Transcript& transcript)
      : transcript_(transcript), words_(words_of(transcript)), in_words_(match_words(transcript, words_)), in_segments_(match_segments(transcript)) {}

  void set(TranscriptEdit& edit) const {
    std::size_t begin = edit.begin, end = std::max(edit.end, edit.begin + 1);  // what was added stands before a word
    while (begin < end && begin < transcript_.text.size() && kSpace.find(transcript_.text[begin]) != std::string_view::npos)
      ++begin, end = std::max(end, begin + 1);
    if (in_words_)
      for (const SameText::Stretch& stretch : in_words_->in_pieces(begin, end)) widen(edit, *words_[stretch.piece]);
    if (!edit.start_ms && in_segments_)
      for (const SameText::Stretch& stretch : in_segments_->in_pieces(begin, end)) widen(edit, transcript_.segments[stretch.piece]);
  }

 private:
  template <class Timed>
  static void widen(TranscriptEdit& edit, const Timed& timed) {
    edit.start_ms = std::min(edit.start_ms.value_or(timed.start_ms), timed.start_ms);
    edit.end_ms = std::max(edit.end_ms.value_or(timed.end_ms), timed.end_ms);
  }
  const Transcript& transcript_;
  const std::vector<const TranscriptWord*> words_;
  const std::optional<SameText> in_words_, in_segments_;
};

void clean_segments(Transcript& transcript) {
  std::size_t cursor = 0;
  for (TranscriptSegment& segment : transcript.segments) {
    const std::string_view heard = trim(segment.text);
    const std::size_t at = transcript.text.find(heard, cursor);
    if (heard.empty() || at == std::string::npos) continue;
    cursor = at + heard.size();
    segment.text = std::string(trim(apply_edits(transcript.text, transcript.edits, at, cursor)));
  }
}

// Where somebody else begins to speak.
std::vector<std::size_t> changes_of_speaker(const Transcript& transcript) {
  std::vector<std::size_t> out;
  const auto same = match_segments(transcript);
  if (!same) return out;
  for (std::size_t i = 1; i < transcript.segments.size(); ++i)
    if (transcript.segments[i].speaker != transcript.segments[i - 1].speaker)
      out.push_back(same->in_text(i, 0, transcript.segments[i].text.size()).begin);
  return out;
}

}  // namespace

std::vector<double> confidence_of_words(const Transcript& transcript) {
  const std::vector<WordAt> text_words = words_at(transcript.text);
  std::vector<double> out(text_words.size(), 1.0);
  std::vector<bool> is_known(text_words.size(), false);
  const auto set = [&](SameText::Stretch at, double value) {
    auto word = std::ranges::upper_bound(text_words, at.begin, {}, &WordAt::end);
    for (; word != text_words.end() && word->begin < at.end; ++word) {
      const auto i = static_cast<std::size_t>(word - text_words.begin());
      out[i] = is_known[i] ? std::min(out[i], value) : value;
      is_known[i] = true;
    }
  };
  const std::vector<const TranscriptWord*> words = words_of(transcript);
  if (const auto same = match_words(transcript, words))
    for (std::size_t i = 0; i < words.size(); ++i)
      if (words[i]->probability) set(same->in_text(i, 0, words[i]->text.size()), *words[i]->probability);
  const std::vector<bool> by_words = is_known;
  if (const auto same = match_segments(transcript)) {
    for (std::size_t i = 0; i < transcript.segments.size(); ++i) {
      const TranscriptSegment& segment = transcript.segments[i];
      if (!segment.avg_logprob) continue;
      const SameText::Stretch at = same->in_text(i, 0, segment.text.size());
      for (auto word = std::ranges::upper_bound(text_words, at.begin, {}, &WordAt::end); word != text_words.end() && word->begin < at.end; ++word)
        if (const auto k = static_cast<std::size_t>(word - text_words.begin()); !by_words[k]) out[k] = std::exp(std::min(0.0, *segment.avg_logprob));
    }
  }
  return out;
}

Cleaning::Cleaning(const Transcript& transcript, const std::vector<std::string>& glossary)
    : text_(transcript.text), language_(transcript.language), glossary_(glossary, language(language_)) {
  const std::vector<double> confidence = confidence_of_words(transcript);
  const std::string_view text = text_;
  for (const PieceAt& at : cut_into_pieces(text, kPieceWords, changes_of_speaker(transcript))) {
    const std::size_t before = at.begin > kContextBytes ? at.begin - kContextBytes : 0;
    const auto first = confidence.begin() + static_cast<std::ptrdiff_t>(at.first_word);
    Piece piece{.text = text.substr(at.begin, at.end - at.begin),
                .before = text.substr(before, at.begin - before),
                .after = text.substr(at.end, kContextBytes),
                .language = language_,
                .confidence = {first, first + static_cast<std::ptrdiff_t>(at.words)}};
    pieces_.push_back({at, std::make_unique<PieceCleaning>(std::move(piece), glossary_)});
  }
  tally_.pieces = static_cast<std::uint32_t>(pieces_.size());
}

void Cleaning::answered(std::size_t piece, std::string answer) {
  if (!text_of_answer(answer).empty()) ++tally_.answered;
  pieces_[piece].answer = std::move(answer);
}

void Cleaning::finish(Transcript& transcript) {
  const Times times(transcript);
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const PieceAt at = pieces_[i].at;
    CleanPiece clean = pieces_[i].cleaning->finish(pieces_[i].answer);
    tally_.reverted += clean.reverted;
    std::size_t last = transcript.edits.size();
    for (PieceEdit& edit : clean.edits) {
      TranscriptEdit moved{.begin = at.begin + edit.begin, .end = at.begin + edit.end, .with = std::move(edit.with), .reason = std::move(edit.why)};
      times.set(moved);
      if (edit.accepted)
        transcript.edits.push_back(std::move(moved));
      else if (transcript.reverted.size() < Transcript::kMostReverted)
        transcript.reverted.push_back(std::move(moved));
    }
    if (!clean.text.empty() || last == transcript.edits.size()) continue;
    if (i + 1 < pieces_.size())  // nothing is left of the piece: the space behind it goes too, or the one before it at the end
      transcript.edits.back().end = pieces_[i + 1].at.begin;
    else
      while (transcript.edits[last].begin > 0 && kSpace.find(text_[transcript.edits[last].begin - 1]) != std::string_view::npos &&
             (last == 0 || transcript.edits[last - 1].end < transcript.edits[last].begin))
        --transcript.edits[last].begin;
  }
  transcript.cleaning = tally_;
  transcript.clean_text = apply_edits(transcript.text, transcript.edits, 0, transcript.text.size());
  clean_segments(transcript);
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

}  // namespace demarc::speech
