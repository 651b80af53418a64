#include "speech/edit_guard.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "speech/said.hpp"
#include "speech/sounds.hpp"

namespace demarc::speech {
namespace {

constexpr std::size_t kMostAnswer = 500;    // words of an answer that are read
constexpr std::size_t kLongestShown = 200;  // bytes of what was proposed and not done

// A word cut into what is said of it and the marks around.
struct Cut {
  std::string_view before, core, behind;
  explicit Cut(std::string_view word) {
    const Core at = core_of(word);
    before = word.substr(0, at.begin), core = word.substr(at.begin, at.end - at.begin), behind = word.substr(at.end);
  }
};

std::string shortened(std::string_view text) {
  if (text.size() <= kLongestShown) return std::string(text);
  std::size_t end = kLongestShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

// For each kept word the answer's word that is the same word, or -1; a longest common subsequence.
std::vector<int> align(const std::vector<KeptWord>& kept, const std::vector<WordAt>& answer) {
  const std::size_t n = kept.size(), m = answer.size();
  std::vector<std::uint16_t> best((n + 1) * (m + 1), 0);
  const auto cell = [&](std::size_t i, std::size_t j) -> std::uint16_t& { return best[i * (m + 1) + j]; };
  for (std::size_t i = n; i-- > 0;)
    for (std::size_t j = m; j-- > 0;)
      cell(i, j) = kept[i].said == answer[j].said ? static_cast<std::uint16_t>(cell(i + 1, j + 1) + 1) : std::max(cell(i + 1, j), cell(i, j + 1));
  std::vector<int> match(n, -1);
  for (std::size_t i = 0, j = 0; i < n && j < m;) {
    if (kept[i].said == answer[j].said)
      match[i++] = static_cast<int>(j++);
    else if (cell(i + 1, j) >= cell(i, j + 1))
      ++i;
    else
      ++j;
  }
  return match;
}

class Judgement {
 public:
  Judgement(const std::vector<KeptWord>& kept, std::string_view answer, GuardFacts facts)
      : kept_(kept), text_(answer), answer_(words_at(answer)), language_(facts.language), glossary_(facts.glossary) {
    if (answer_.size() > kMostAnswer) answer_.resize(kMostAnswer);
  }

  std::vector<Proposal> run() {
    const std::vector<int> match = align(kept_, answer_);
    const auto matched = static_cast<std::size_t>(std::ranges::count_if(match, [](int j) { return j >= 0; }));
    if (matched * 2 < kept_.size()) {  // it answers something else: not even its punctuation is worth having
      refuse(0, kept_.size(), text_, "another_text");
      return std::move(out_);
    }
    std::size_t j = 0;
    for (std::size_t i = 0; i <= kept_.size();) {
      std::size_t next = i;
      while (next < kept_.size() && match[next] < 0) ++next;
      const std::size_t next_j = next < kept_.size() ? static_cast<std::size_t>(match[next]) : answer_.size();
      if (next > i || next_j > j) unmatched(i, next, j, next_j);
      if (next == kept_.size()) break;
      same_word(next, next_j);
      i = next + 1, j = next_j + 1;
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string_view offered(std::size_t j) const {
    return std::string_view(text_).substr(answer_[j].begin, answer_[j].end - answer_[j].begin);
  }
  [[nodiscard]] std::string_view offered(std::size_t from, std::size_t to) const {
    return from == to ? std::string_view() : std::string_view(text_).substr(answer_[from].begin, answer_[to - 1].end - answer_[from].begin);
  }
  [[nodiscard]] bool is_last(std::size_t i) const { return i + 1 == kept_.size(); }
  [[nodiscard]] bool is_grammar(std::string_view said) const { return language_.stutters.contains(said) && said != "i" && !said.starts_with("i'"); }

  void refuse(std::size_t first, std::size_t count, std::string_view with, std::string_view why) {
    out_.push_back({.first = first, .count = count, .with = shortened(with), .why_not = std::string(why)});
  }
  void take(std::size_t first, std::size_t count, std::string with, EditKind kind) {
    out_.push_back({.first = first, .count = count, .with = std::move(with), .accepted = true, .kind = kind});
  }

  // Only marks and case may differ. `ended_` is whether a sentence ends before this word by what was accepted, `wants_end_` by what the model wrote.
  void same_word(std::size_t i, std::size_t j) {
    const KeptWord& word = kept_[i];
    const std::string_view now = offered(j);
    const Cut was(word.written), is(now);
    const bool after_new_end = std::exchange(ended_, false), after_refused_end = std::exchange(wants_end_, false) && !after_new_end;
    std::string core(was.core), behind(was.behind), before(was.before);
    std::string_view why;
    if (is.core != was.core) {
      if (!same_letters(is.core, was.core) && glossary_.apart(is.core, std::array{was.core}))
        core = is.core;
      else if (const std::string_view against = against_case(i, was.core, is.core, after_new_end, after_refused_end); against.empty())
        core = is.core;
      else
        why = against;
    }
    if (is.behind != was.behind || is.before != was.before) {
      if (const std::string_view against = against_marks(i, was, is); against.empty())
        behind = is.behind, before = is.before;
      else
        why = against;
    }
    if (after_new_end && core == was.core) core = capitalised(core);  // a sentence begins here now
    const std::string result = before + core + behind;
    ended_ = ends_sentence(result) && !ends_sentence(word.written);
    wants_end_ = ends_sentence(now);
    if (!why.empty()) refuse(i, 1, now, why);
    if (result == word.written) return;
    const bool only_case = behind == was.behind && before == was.before;
    take(i, 1, result, !only_case ? EditKind::punctuation : same_letters(core, was.core) ? EditKind::letter_case : EditKind::glossary);
  }

  // "" if the letters may be written so. A capital may be set: on what begins a sentence, on what may be a name. None is taken away.
  [[nodiscard]] std::string_view against_case(std::size_t i, std::string_view was, std::string_view is, bool after_new_end,
                                              bool after_refused_end) const {
    const KeptWord& word = kept_[i];
    if (!same_letters(was, is)) return word.lock != Lock::none ? to_string(word.lock) : "another_word";
    if (capitalised(was) != is) return glossary_.apart(is, std::array{was}) ? "" : word.lock != Lock::none ? to_string(word.lock) : "case";
    if (word.lock == Lock::digits) return to_string(word.lock);
    if (word.starts_sentence || after_new_end) return "";
    if (word.lock != Lock::none && word.lock != Lock::date) return to_string(word.lock);
    return is_grammar(word.said) || after_refused_end ? "case" : "";
  }

  [[nodiscard]] std::string_view against_marks(std::size_t i, const Cut& was, const Cut& is) const {
    const KeptWord& word = kept_[i];
    const bool opens = language_.code == "es" && was.before.empty() && (is.before == "¿" || is.before == "¡");
    if ((is.before != was.before && !opens) || !has_only_marks(was.behind) || !has_only_marks(is.behind)) return "mark";
    if (is.behind == was.behind) return "";
    if (keeps_marks(kept_, i, language_)) return word.lock != Lock::none ? to_string(word.lock) : "mark";
    const bool ended = ends_sentence(word.written), ends = ends_sentence(is.behind);
    if (ended && !ends && (is_last(i) || starts_upper(kept_[i + 1].written))) return "mark";
    if (!ended && ends && !is_last(i) && language_.joined.contains(word.said)) return "mark";  // "the. House"
    return "";
  }

  void unmatched(std::size_t from, std::size_t to, std::size_t from_j, std::size_t to_j) {
    const std::string_view with = offered(from_j, to_j);
    if (from == to) return refuse(from, 0, with, "added_word");
    if (from_j == to_j) {
      for (std::size_t i = from; i < to; ++i) left_out(i);
      return;
    }
    ended_ = wants_end_ = false;
    if (takes_term(from, to, with)) return;
    if (to - from == to_j - from_j) {
      for (std::size_t i = from; i < to; ++i) another_word(i, offered(from_j + (i - from)));
      return;
    }
    const auto locked = std::find_if(kept_.begin() + static_cast<std::ptrdiff_t>(from), kept_.begin() + static_cast<std::ptrdiff_t>(to),
                                     [](const KeptWord& word) { return word.lock != Lock::none; });
    refuse(from, to - from, with, locked != kept_.begin() + static_cast<std::ptrdiff_t>(to) ? to_string(locked->lock) : "another_word");
  }

  // The words of [from, to) that the term is likest to; those beside them were left out.
  bool takes_term(std::size_t from, std::size_t to, std::string_view with) {
    std::vector<std::string_view> heard;
    for (std::size_t i = from; i < to; ++i) heard.push_back(kept_[i].written);
    if (heard.size() > Glossary::kMostWords + 2) return false;
    while (!with.empty()) {
      std::size_t first = 0, count = 0, least = 0;
      for (std::size_t at = 0; at < heard.size(); ++at)
        for (std::size_t size = 1; size <= heard.size() - at; ++size)
          if (const auto apart = glossary_.apart(with, std::span(heard).subspan(at, size)); apart && (count == 0 || *apart < least))
            first = at, count = size, least = *apart;
      if (count > 0) {
        for (std::size_t i = from; i < from + first; ++i) left_out(i);
        take(from + first, count, std::string(with) + std::string(Cut(heard[first + count - 1]).behind), EditKind::glossary);
        for (std::size_t i = from + first + count; i < to; ++i) left_out(i);
        return true;
      }
      if (kMarks.find(with.back()) == std::string_view::npos) return false;
      with.remove_suffix(1);
    }
    return false;
  }

  void left_out(std::size_t i) {
    const KeptWord& word = kept_[i];
    const Cut was(word.written);
    const bool is_alone = word.starts_sentence && (is_last(i) || ends_sentence(word.written));
    const bool pauses = was.before.empty() && (was.behind.empty() || was.behind == ",");
    const auto is_said_at = [&](std::size_t at) { return kept_[at].said == word.said && !is_gone(at); };
    const bool repeats = (!is_last(i) && is_said_at(i + 1)) || (i > 0 && is_said_at(i - 1));
    if (word.lock != Lock::none) return refuse(i, 1, "", to_string(word.lock));
    if (pauses && !is_alone && (language_.is_filler(word.said) || language_.is_perhaps_filler(word.said))) return take(i, 1, "", EditKind::filler);
    if (pauses && repeats && !word.said.empty() && !language_.twice.contains(word.said)) return take(i, 1, "", EditKind::repeat);
    refuse(i, 1, "", "dropped_word");
  }

  [[nodiscard]] bool is_gone(std::size_t at) const {
    return std::ranges::any_of(out_, [&](const Proposal& one) { return one.accepted && one.with.empty() && one.first == at; });
  }

  // Another word in this place: only one that sounds alike, where the speech model was not sure.
  void another_word(std::size_t i, std::string_view now) {
    const KeptWord& word = kept_[i];
    const Cut was(word.written), is(now);
    const std::string other = said(now);
    const auto known = language_.alike.find(word.said);
    const bool listed = known != language_.alike.end() && std::ranges::find(known->second, other) != known->second.end();
    const Lock new_lock = language_.lock_of(other);
    if (word.lock != Lock::none) return refuse(i, 1, now, to_string(word.lock));
    if (new_lock != Lock::none) return refuse(i, 1, now, to_string(new_lock));
    if (word.starts_sentence && starts_upper(word.written) && known == language_.alike.end()) return refuse(i, 1, now, "name");  // it may be one
    const bool is_word =
        !other.empty() && is.core.find_first_of(" \t<>{}[]()") == std::string_view::npos && has_only_marks(is.behind) && is.before.empty();
    const bool fits = is_word && (listed || alike(sound_of(word.said, language_.code), sound_of(other, language_.code), Likeness::same));
    if (!fits) return refuse(i, 1, now, "another_word");
    if (word.confidence >= kLowConfidence) return refuse(i, 1, now, "sure_word");
    if (starts_upper(is.core) && !starts_upper(was.core)) return refuse(i, 1, now, "case");
    const std::string core = starts_upper(was.core) ? capitalised(is.core) : std::string(is.core);
    take(i, 1, std::string(was.before) + core + std::string(was.behind), EditKind::homophone);
  }

  const std::vector<KeptWord>& kept_;
  const std::string text_;
  std::vector<WordAt> answer_;
  const Language& language_;
  const Glossary& glossary_;
  bool ended_ = false, wants_end_ = false;
  std::vector<Proposal> out_;
};

}  // namespace

std::string_view to_string(EditKind kind) {
  switch (kind) {
    case EditKind::punctuation: return "punctuation";
    case EditKind::letter_case: return "case";
    case EditKind::filler: return "filler";
    case EditKind::repeat: return "repeat";
    case EditKind::glossary: return "glossary";
    case EditKind::homophone: return "homophone";
  }
  return "punctuation";
}

bool has_only_marks(std::string_view behind) {
  if (behind == "…") return true;
  return behind.size() <= 3 && behind.find_first_not_of(kMarks) == std::string_view::npos;
}

bool keeps_marks(const std::vector<KeptWord>& words, std::size_t at, const Language& language) {
  const auto counts = [](Lock lock) { return lock == Lock::digits || lock == Lock::number; };
  const Lock lock = words[at].lock, next = at + 1 < words.size() ? words[at + 1].lock : Lock::none;
  if (counts(lock) && (counts(next) || next == Lock::unit)) return true;
  if (lock == Lock::unit && counts(next)) return true;  // "$ 5", "five foot two"
  const bool is_last = at + 1 == words.size();
  if (lock == Lock::negation && !is_last && !words[at].starts_sentence) return true;                       // "there were no, complaints"
  return lock == Lock::digits && (language.code == "de" || words[at].written.ends_with('.')) && !is_last;  // "am 5. März": an ordinal
}

std::vector<Proposal> judge(const std::vector<KeptWord>& kept, std::string_view answer, GuardFacts facts) {
  return Judgement(kept, answer, facts).run();
}

}  // namespace demarc::speech
