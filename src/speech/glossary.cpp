#include "speech/glossary.hpp"

#include <algorithm>
#include <tuple>

#include "base/strings.hpp"

namespace demarc::speech {
namespace {

constexpr std::size_t kShortest = 3;  // letters: shorter ones sound like everything

std::string joined(std::span<const std::string_view> written) {
  std::string out;
  for (const std::string_view word : written) out += said(word);
  return out;
}

// Only its last word may carry marks: they end up behind the term.
bool is_one_phrase(std::span<const std::string_view> written) {
  for (std::size_t i = 0; i < written.size(); ++i) {
    const Core core = core_of(written[i]);
    if (core.begin != 0 || core.end == 0 || (i + 1 < written.size() && core.end != written[i].size())) return false;
  }
  return true;
}

bool is_locked(std::span<const std::string_view> written, const Language& language) {
  return std::ranges::any_of(written, [&](std::string_view word) { return language.lock_of(said(word)) != Lock::none; });
}

}  // namespace

Glossary::Glossary(const std::vector<std::string>& terms, const Language& language) : language_(&language) {
  for (const std::string& term : terms) {
    if (terms_.size() == kMostTerms) break;
    const std::vector<WordAt> words = words_at(term);
    if (term.size() > kLongestTerm || words.empty() || words.size() > kMostWords || trim(term) != term || !is_utf8(term)) continue;
    std::string all;
    for (const WordAt& word : words) all += word.said;
    if (std::ranges::any_of(words, [&](const WordAt& word) { return language.lock_of(word.said) != Lock::none; })) continue;
    if (count_code_points(all) >= kShortest) terms_.push_back({term, all, words.size(), sounds_of(all, language)});
  }
}

// By the language's own code or by that for German: names come from everywhere ("Fischer" in English).
std::array<Sound, 2> Glossary::sounds_of(std::string_view joined, const Language& language) {
  return {sound_of(joined, language.code), sound_of(joined, "de")};
}

bool Glossary::near(const std::array<Sound, 2>& a, const std::array<Sound, 2>& b) {
  return alike(a[0], b[0], Likeness::near) || alike(a[1], b[1], Likeness::near);
}

std::vector<Glossary::Heard> Glossary::heard_in(std::span<const std::string_view> written) const {
  struct Match {
    Heard heard;
    std::size_t apart;
  };
  std::vector<Match> all;
  for (std::size_t at = 0; at < written.size() && !terms_.empty(); ++at) {
    for (std::size_t count = 1; count <= std::min(kMostWords, written.size() - at); ++count) {
      const auto words = written.subspan(at, count);
      if (!is_one_phrase(words) || is_locked(words, *language_)) continue;
      const std::string said = joined(words);
      const auto sounds = sounds_of(said, *language_);
      for (const Term& term : terms_) {
        if (count > term.words + 1 || !(term.joined == said || near(sounds, term.sounds))) continue;
        all.push_back({{at, count, term.written, term.joined == said}, edit_distance(said, term.joined)});
      }
    }
  }
  // "a Kubernetes" sounds like it as well: the likest goes first.
  std::ranges::sort(all, [](const Match& a, const Match& b) {
    return std::tuple(a.apart, b.heard.count, a.heard.first) < std::tuple(b.apart, a.heard.count, b.heard.first);
  });
  std::vector<bool> taken(written.size(), false);
  std::vector<Heard> out;
  for (const Match& match : all) {
    const auto begin = taken.begin() + static_cast<std::ptrdiff_t>(match.heard.first), end = begin + static_cast<std::ptrdiff_t>(match.heard.count);
    if (std::find(begin, end, true) != end) continue;
    std::fill(begin, end, true);
    out.push_back(match.heard);
  }
  std::ranges::sort(out, {}, &Heard::first);
  return out;
}

std::optional<std::size_t> Glossary::apart(std::string_view term, std::span<const std::string_view> written) const {
  if (terms_.empty() || written.empty() || written.size() > kMostWords || !is_one_phrase(written) || is_locked(written, *language_)) return {};
  const std::string said = joined(written);
  const auto sounds = sounds_of(said, *language_);
  for (const Term& one : terms_)
    if (one.written == term && written.size() <= one.words + 1 && (one.joined == said || near(sounds, one.sounds)))
      return edit_distance(said, one.joined);
  return {};
}

}  // namespace demarc::speech
