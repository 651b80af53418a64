#include "speech/worker/words.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/strings.hpp"

namespace demarc::speech::worker {
namespace {

constexpr double kSecondsPerStep = 0.02;
constexpr double kLongestMedian = 0.7;
constexpr double kTrustSegment = 0.5;  // s: by so much a word may leave its segment
constexpr std::array<std::string_view, 6> kWithoutSpaces = {"zh", "ja", "th", "lo", "my", "yue"};
constexpr std::array<std::string_view, 6> kSentenceEnds = {".", "。", "!", "！", "?", "？"};
// faster-whisper's: "'“¿([{- before a word, "'.。,，!！?？:：”)]}、 behind it
constexpr std::array<std::string_view, 8> kBefore = {"\"", "'", "“", "¿", "(", "[", "{", "-"};
constexpr std::array<std::string_view, 18> kBehind = {"\"", "'", ".", "。", ",", "，", "!", "！", "?", "？", ":", "：", "”", ")", "]", "}", "、", ""};

bool is_one_of(const auto& list, std::string_view text) { return std::ranges::find(list, text) != std::ranges::end(list); }

bool is_ascii_punctuation(std::string_view text) {
  return text.size() == 1 && static_cast<unsigned char>(text[0]) < 0x80 && std::ispunct(static_cast<unsigned char>(text[0])) != 0;
}

// Tokens that together are whole characters.
std::vector<Word> characters_of(const Tokens& tokens, std::span<const std::size_t> text) {
  std::vector<Word> out;
  Word open;
  for (const std::size_t token : text) {
    open.text += tokens.text(std::span(&token, 1));
    ++open.tokens;
    if (!is_utf8(open.text)) continue;
    out.push_back(std::move(open));
    open = {};
  }
  if (open.tokens > 0) out.push_back(std::move(open));
  return out;
}

std::vector<Word> split(const Tokens& tokens, std::span<const std::size_t> text, std::string_view language) {
  std::vector<Word> characters = characters_of(tokens, text);
  if (!writes_spaces(language)) return characters;
  std::vector<Word> words;
  for (Word& piece : characters) {
    if (words.empty() || piece.text.starts_with(' ') || is_ascii_punctuation(trim(piece.text))) {
      words.push_back(std::move(piece));
    } else {
      words.back().text += piece.text;
      words.back().tokens += piece.tokens;
    }
  }
  return words;
}

double median_of_durations(std::span<const Word> words) {
  std::vector<double> durations;
  for (const Word& word : words)
    if (word.end_s > word.start_s) durations.push_back(word.end_s - word.start_s);
  if (durations.empty()) return 0;
  std::ranges::sort(durations);
  const std::size_t half = durations.size() / 2;
  return std::min(kLongestMedian, durations.size() % 2 == 1 ? durations[half] : (durations[half - 1] + durations[half]) / 2);
}

void shorten_at_sentence_ends(std::span<Word> words, double longest) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].end_s - words[i].start_s <= longest) continue;
    if (is_one_of(kSentenceEnds, words[i].text))
      words[i].end_s = words[i].start_s + longest;
    else if (is_one_of(kSentenceEnds, words[i - 1].text))
      words[i].start_s = words[i].end_s - longest;
  }
}

void join(Word& to, Word& from, bool in_front) {
  to.text = in_front ? from.text + to.text : to.text + from.text;
  to.tokens += from.tokens;
  from.text.clear();
  from.tokens = 0;
}

void join_punctuation(std::span<Word> words) {
  if (words.empty()) return;
  std::size_t following = words.size() - 1;
  for (std::size_t i = words.size() - 1; i-- > 0;) {
    if (words[i].text.starts_with(' ') && is_one_of(kBefore, trim(words[i].text)))
      join(words[following], words[i], true);
    else
      following = i;
  }
  std::size_t previous = 0;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (!words[previous].text.ends_with(' ') && is_one_of(kBehind, words[i].text))
      join(words[previous], words[i], false);
    else
      previous = i;
  }
}

// The first word after a pause does not last through it.
void shorten_after_pause(std::vector<Word>& words, double before_s, double median, double longest) {
  Word& first = words.front();
  if (first.end_s - before_s <= median * 4) return;
  const bool two = words.size() > 1;
  if (first.end_s - first.start_s <= longest && !(two && words[1].end_s - first.start_s > longest * 2)) return;
  if (two && words[1].end_s - words[1].start_s > longest) first.end_s = words[1].start_s = std::max(words[1].end_s / 2, words[1].end_s - longest);
  first.start_s = std::max(0.0, first.end_s - longest);
}

void agree(Timed& segment, double median) {
  Word &first = segment.words.front(), &last = segment.words.back();
  if (segment.start_s < first.end_s && segment.start_s - kTrustSegment > first.start_s)
    first.start_s = std::max(0.0, std::min(first.end_s - median, segment.start_s));
  else
    segment.start_s = first.start_s;
  if (segment.end_s > last.start_s && segment.end_s + kTrustSegment < last.end_s)
    last.end_s = std::max(last.start_s + median, segment.end_s);
  else
    segment.end_s = last.end_s;
}

}  // namespace

bool writes_spaces(std::string_view language) { return !is_one_of(kWithoutSpaces, language); }

std::vector<Word> words_of(const Tokens& tokens, std::span<const std::size_t> text, const Alignment& alignment, std::string_view language) {
  std::vector<Word> words = split(tokens, text, language);
  std::vector<double> begins;  // by token, and the end mark's
  std::int64_t before = -1;
  for (const auto& [token, step] : alignment.path)
    if (token != before) begins.push_back(static_cast<double>(step) * kSecondsPerStep), before = token;
  if (begins.size() < text.size() + 1 || alignment.probabilities.size() < text.size()) return {};  // the model did not align them all
  std::size_t at = 0;
  for (Word& word : words) {
    word.start_s = begins[at];
    double sum = 0;
    for (std::size_t i = at; i < at + word.tokens; ++i) sum += alignment.probabilities[i];
    word.probability = sum / static_cast<double>(word.tokens);
    at += word.tokens;
    word.end_s = begins[at];
  }
  return words;
}

void give_words(std::vector<Word>&& words, std::span<const std::size_t> tokens_of_segments, std::span<Timed> segments) {
  const double median = median_of_durations(words), longest = median * 2;
  shorten_at_sentence_ends(words, longest);
  join_punctuation(words);
  std::size_t next = 0;
  double before_s = 0;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    for (std::size_t taken = 0; next < words.size() && taken < tokens_of_segments[i]; ++next) {
      taken += words[next].tokens;
      if (!words[next].text.empty()) segments[i].words.push_back(std::move(words[next]));
    }
    if (segments[i].words.empty()) continue;
    shorten_after_pause(segments[i].words, before_s, median, longest);
    agree(segments[i], median);
    before_s = segments[i].end_s;
  }
}

}  // namespace demarc::speech::worker
