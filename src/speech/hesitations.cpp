#include "speech/hesitations.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace demarc::speech {
namespace {

constexpr std::size_t kLongestRestart = 4;  // words
constexpr std::array<std::string_view, 3> kHyphens = {"-", "–", "—"};

class Search {
 public:
  Search(std::span<const WordAt> words, std::string_view text, const Language& language, bool begins_sentence)
      : words_(words), text_(text), language_(language), begins_sentence_(begins_sentence) {
    for (std::size_t i = 0; i < words.size(); ++i) left_.push_back(i);
  }

  std::vector<Hesitation> run() {
    leave_out([&](std::size_t k) { return is_filler(left_[k]) ? 1 : 0; }, true);
    while (leave_out([&](std::size_t k) { return repeated(k); }, false)) {
    }
    for (const std::size_t word : left_)
      if (auto rest = without_stammer(word)) found_.push_back({word, false, std::move(*rest)});
    std::ranges::sort(found_, {}, &Hesitation::word);
    return std::move(found_);
  }

 private:
  [[nodiscard]] std::string_view written(std::size_t word) const { return text_.substr(words_[word].begin, words_[word].end - words_[word].begin); }
  [[nodiscard]] const std::string& said_at(std::size_t k) const { return words_[left_[k]].said; }
  [[nodiscard]] bool starts_sentence(std::size_t word) const { return word == 0 ? begins_sentence_ : ends_sentence(written(word - 1)); }
  [[nodiscard]] std::string_view marks_behind(std::size_t word) const {
    const std::string_view all = written(word);
    return all.substr(core_of(all).end);
  }
  [[nodiscard]] bool has_no_marks_before(std::size_t word) const { return core_of(written(word)).begin == 0; }

  // What stands in the text of `count(k)` words from the k-th that is left goes.
  template <class Count>
  bool leave_out(Count count, bool as_filler) {
    std::vector<std::size_t> rest;
    bool any = false;
    for (std::size_t k = 0; k < left_.size();) {
      const std::size_t gone = count(k);
      for (std::size_t i = 0; i < gone; ++i) found_.push_back({left_[k + i], as_filler, {}});
      if (gone == 0) rest.push_back(left_[k]);
      any = any || gone > 0;
      k += std::max<std::size_t>(gone, 1);
    }
    left_ = std::move(rest);
    return any;
  }

  // "ER" and a capital inside a sentence may be a name; brackets and quotation marks would be left half.
  [[nodiscard]] bool is_filler(std::size_t word) const {
    if (!language_.is_filler(words_[word].said)) return false;
    const std::string_view all = written(word);
    const Core core = core_of(all);
    const bool only_pauses = core.begin == 0 && all.substr(core.end).find_first_of("\"')]}") == std::string_view::npos;
    const bool is_shouted = core.end - core.begin > 1 && starts_upper(all.substr(core.begin + 1));
    return only_pauses && !is_shouted && (!starts_upper(all) || starts_sentence(word));
  }

  [[nodiscard]] std::size_t repeated(std::size_t k) const {
    if (k + 1 < left_.size() && (is_false_start(k) || is_stutter(k))) return 1;
    if (!language_.restarts.contains(said_at(k)) || !has_no_marks_before(left_[k])) return 0;
    for (std::size_t size = 2; size <= kLongestRestart && k + 2 * size <= left_.size(); ++size)
      if (is_restart(k, size)) return size;
    return 0;
  }

  // "I- I think", "th- the", "we- we": the beginning of the next word, broken off.
  [[nodiscard]] bool is_false_start(std::size_t k) const {
    const std::string_view all = written(left_[k]);
    const bool breaks_off = std::ranges::any_of(kHyphens, [&](std::string_view hyphen) { return all.ends_with(hyphen); });
    const std::string &begun = said_at(k), &next = said_at(k + 1);
    if (!breaks_off || begun.empty() || !has_no_marks_before(left_[k]) || !next.starts_with(begun)) return false;
    return is_free(left_[k]) && (begun.size() < next.size() || is_free(left_[k + 1]));
  }

  [[nodiscard]] bool is_stutter(std::size_t k) const {
    const std::string& word = said_at(k);
    if (word != said_at(k + 1) || !language_.stutters.contains(word) || !has_no_marks_before(left_[k]) || !is_free(left_[k])) return false;
    const std::string_view behind = marks_behind(left_[k]);
    if (behind.empty()) return true;
    const bool is_pause = behind == "," || behind == "..." || behind == "…" || std::ranges::find(kHyphens, behind) != kHyphens.end();
    return is_pause && (language_.joined.contains(word) || starts_sentence(left_[k]));  // "for you, you know" is no stutter
  }

  [[nodiscard]] bool is_restart(std::size_t k, std::size_t size) const {
    for (std::size_t i = 0; i < size; ++i) {
      const bool is_last = i + 1 == size;
      const std::string_view behind = marks_behind(left_[k + i]);
      if (said_at(k + i).empty() || said_at(k + i) != said_at(k + size + i) || !is_free(left_[k + i]) || !is_free(left_[k + size + i])) return false;
      if (!behind.empty() && !(is_last && (behind == "," || behind == "…" || behind == "..." || behind == "-") && starts_sentence(left_[k])))
        return false;
    }
    return true;
  }

  // "b-b-but", "th-th-the", "I-I": what is left is the last of it. "t-test", "re-read", "bye-bye" stay.
  [[nodiscard]] std::optional<std::string> without_stammer(std::size_t word) const {
    const std::string_view all = written(word);
    const Core core = core_of(all);
    std::vector<std::string_view> parts = split(all.substr(core.begin, core.end - core.begin), '-');
    if (parts.size() < 2 || parts.size() > 8 || core.begin != 0) return {};
    const std::string last = said(parts.back());
    const bool is_double = parts.size() == 2 && said(parts[0]) == last && language_.stutters.contains(last);
    const bool is_stammer =
        parts.size() > 2 && std::ranges::all_of(parts.begin(), parts.end() - 1, [&](std::string_view part) {
          const std::string begun = said(part);
          return !begun.empty() && begun.size() <= 2 && begun.size() < last.size() && begun == said(parts[0]) && last.starts_with(begun);
        });
    if ((!is_double && !is_stammer) || language_.lock_of(last) != Lock::none || !is_free(word)) return {};
    const std::string rest = std::string(parts.back()) + std::string(all.substr(core.end));
    return starts_upper(all) ? capitalised(rest) : rest;
  }

  [[nodiscard]] bool is_free(std::size_t word) const {
    return lock_of(language_, written(word), words_[word].said, starts_sentence(word)) == Lock::none;
  }

  const std::span<const WordAt> words_;
  const std::string_view text_;
  const Language& language_;
  const bool begins_sentence_;
  std::vector<std::size_t> left_;  // words, in order
  std::vector<Hesitation> found_;
};

}  // namespace

std::vector<Hesitation> hesitations(std::span<const WordAt> words, std::string_view text, const Language& language, bool begins_sentence) {
  return Search(words, text, language, begins_sentence).run();
}

Lock lock_of(const Language& language, std::string_view written, std::string_view said, bool starts_sentence) {
  const Lock lock = language.lock_of(said);
  if (lock != Lock::none || starts_sentence || !starts_upper(written)) return lock;
  const bool is_i = said == "i" || said.starts_with("i'") || (said == "ii" && written.starts_with("I-I"));
  return language.code == "en" && is_i ? Lock::none : Lock::name;
}

}  // namespace demarc::speech
