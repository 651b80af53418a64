// National numbers, papers and other identifiers of data/identifiers.yaml, with the birth dates, crypto addresses and machine-readable zones that
// stand among words with digits too: each word that has a digit in it is tried as the first of each of them.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <bitset>
#include <optional>

#include "base/check.hpp"
#include "privacy/all.hpp"
#include "privacy/chars.hpp"
#include "privacy/context.hpp"
#include "privacy/digits.hpp"
#include "privacy/identifier_table.hpp"
#include "privacy/nearby.hpp"
#include "privacy/number_rules.hpp"
#include "privacy/tables.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kLongestWord = 128;  // longer words with digits are hashes and encodings
constexpr std::size_t kPrefix = 3;         // letters that may stand before the digits as a word of their own: "AB 12 34 56 C"
constexpr std::size_t kHyphened = 8;       // the same before a hyphen: "ALPHA-442021"

bool is_joint(char c) { return c == ' ' || c == '-' || c == '.' || c == '/'; }

enum class Stands : std::uint8_t { alone, beside };  // a word that names it
bool is_more(char c, Stands stands) { return stands == Stands::beside ? is_digit(c) : is_alnum(c); }

// Whether it is a piece of something longer: "-12-3456", "10.1145/3411764".
bool goes_on_before(std::string_view text, std::size_t begin, Stands stands) {
  const char left = before(text, begin);
  if (left == '_') return true;
  if ((left == '-' || left == '.' || left == '/' || left == '+') && begin >= 2 && is_more(text[begin - 2], stands)) return true;
  const bool grouped = left == ' ' && begin >= 2 && is_digit(text[begin - 2]) && is_digit(text[begin]);
  return stands == Stands::alone && (left == '#' || grouped);
}
bool goes_on_behind(std::string_view text, std::size_t begin, std::size_t end, Stands stands) {  // "12-3456-", "3.14159"
  const char right = after(text, end), next = after(text, end + 1);
  if (stands == Stands::alone && right == ' ' && is_digit(next) && is_digit(text[begin])) return true;
  return (right == '-' || right == '.' || right == '/') && is_more(next, stands);
}

class IdentifierScanner final : public DigitScanner {
 public:
  IdentifierScanner() : rows_(read_identifiers()) {
    CHECK(rows_.size() < NearbyWords::kLists);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      for (const std::string& word : rows_[i].words) words_.add(word, i);
    }
    for (const auto& word : YAML::Load(kNumbersYaml)["birth_words"]) words_.add(word.as<std::string>(), birth_list());
    for (const IdentifierRow& row : rows_) {
      for (const Shape& shape : row.alone) list_shape(row, shape, Stands::alone);
      for (const Shape& shape : row.beside) list_shape(row, shape, Stands::beside);
    }
  }

  [[nodiscard]] std::vector<std::string_view> covers() const override {
    std::vector<std::string_view> types = {"DATE_OF_BIRTH", "CRYPTO", "PASSPORT"};
    for (const IdentifierRow& row : rows_) types.push_back(row.type);
    return types;
  }

  void find(const Text& input, const Digits& digits, std::vector<Finding>& out) const override {
    const std::string_view text = input.text;
    for (std::size_t at = digits.next(0); at < text.size(); at = digits.next(at)) {
      std::size_t begin = at, end = at + 1;
      while (begin > 0 && is_alnum(text[begin - 1]) && at - begin < kLongestWord) --begin;
      while (end < text.size() && is_alnum(text[end]) && end - begin < kLongestWord) ++end;
      if (end - begin >= kLongestWord) {
        while (end < text.size() && is_alnum(text[end])) ++end;
        at = end;
        continue;
      }
      at = end;
      if (before(text, begin) != '_' || end - begin > 20) try_word(input, begin, end, out);
    }
  }

 private:
  static constexpr std::size_t kManyForms = 12;  // that many cost more than to see first which words are near
  [[nodiscard]] std::size_t birth_list() const { return rows_.size(); }
  [[nodiscard]] std::size_t number_of(const IdentifierRow& row) const { return static_cast<std::size_t>(&row - rows_.data()); }

  struct Form {
    const IdentifierRow* row;
    const Shape* shape;
    Stands stands;
  };
  using Forms = std::vector<Form>;

  void list_shape(const IdentifierRow& row, const Shape& shape, Stands stands) {
    for (std::size_t c = 0; c < joints_.size(); ++c)
      if (shape.has_joint(static_cast<char>(c))) joints_.set(c);
    for (std::size_t size = 0; size < Shape::kLongest; ++size) {
      for (const Shape::Follow follow : {Shape::Follow::nothing, Shape::Follow::digit, Shape::Follow::letter}) {
        for (const bool digit_first : {false, true}) {
          if (shape.may_begin(size, digit_first, follow))
            forms_[static_cast<std::size_t>(follow)][digit_first ? 1 : 0][size].push_back({&row, &shape, stands});
        }
      }
    }
  }

  struct Word {
    const Text& input;
    std::size_t begin, end;
    const NearbyWords& words;
    std::optional<std::vector<NearbyWords::Near>> near{};
    NearbyWords::Lists lists{};  // of all that is near
    const std::vector<NearbyWords::Near>& around() {
      if (!near) {
        near = words.around(input, begin, end);
        for (const NearbyWords::Near& one : *near) lists |= one.lists;
      }
      return *near;
    }
    [[nodiscard]] bool may_have(std::size_t list) const { return !near || lists.test(list); }
  };

  void try_word(const Text& input, std::size_t begin, std::size_t end, std::vector<Finding>& out) const {
    const std::string_view text = input.text;
    if (auto found = match_crypto(text, begin, end)) out.push_back(std::move(*found));
    if (auto found = match_machine_readable(text, begin, end)) out.push_back(std::move(*found));
    Word word{input, begin, end, words_};
    if (const auto date = read_date(text, begin)) {
      Word whole{input, date->begin, date->end, words_};
      const bool named = std::ranges::any_of(whole.around(), [&](const auto& near) { return near.lists.test(birth_list()); });
      if (named)
        out.push_back({.type = "DATE_OF_BIRTH", .begin = date->begin, .end = date->end, .score = 0.9F, .reason = "date; word beside it: birth"});
    }
    if (before(text, begin) == '_') return;
    try_rows(word, out);
    std::size_t prefix = begin;
    if (begin >= 2 && is_joint(text[begin - 1])) {
      --prefix;
      const std::size_t most = text[prefix] == '-' ? kHyphened : kPrefix;
      while (prefix > 0 && begin - 1 - prefix <= most && is_letter(text[prefix - 1])) --prefix;
      const std::size_t letters = begin - 1 - prefix;
      if (letters >= 1 && letters <= most && !is_alnum(before(text, prefix))) {
        Word longer{input, prefix, prefix + letters, words_};
        try_rows(longer, out);
      }
    }
  }

  [[nodiscard]] Shape::Follow follow_of(std::string_view text, std::size_t end) const {
    const char next = after(text, end + 1);
    if (end + 1 >= text.size() || !joints_.test(static_cast<unsigned char>(text[end]))) return Shape::Follow::nothing;
    return is_digit(next) ? Shape::Follow::digit : is_letter(next) ? Shape::Follow::letter : Shape::Follow::nothing;
  }

  void try_rows(Word& word, std::vector<Finding>& out) const {
    const std::string_view text = word.input.text;
    const std::size_t size = word.end - word.begin;
    if (size >= Shape::kLongest) return;
    const bool alone = !goes_on_before(text, word.begin, Stands::alone), beside = !goes_on_before(text, word.begin, Stands::beside);
    if (!alone && !beside) return;
    const IdentifierRow* found_row = nullptr;
    const Forms& forms = forms_[static_cast<std::size_t>(follow_of(text, word.end))][is_digit(text[word.begin]) ? 1 : 0][size];
    if (forms.size() >= kManyForms) word.around();
    for (const Form& form : forms) {
      if (form.row == found_row || !(form.stands == Stands::alone ? alone : beside && word.may_have(number_of(*form.row)))) continue;
      auto found = match(form, word);
      if (!found) continue;
      out.push_back(std::move(*found));
      found_row = form.row;
    }
  }

  std::optional<Finding> match(const Form& form, Word& word) const {
    const std::string_view text = word.input.text;
    const IdentifierRow& row = *form.row;
    Shape::Match match;
    if (!form.shape->match(text, word.begin, match) || goes_on_behind(text, word.begin, match.end, form.stands)) return std::nullopt;
    if (row.check != nullptr && !row.check->passes({match.compact, text.substr(word.begin, match.end - word.begin)})) return std::nullopt;
    const std::optional<std::size_t> distance = words_to(number_of(row), word);
    if (!distance && form.stands == Stands::beside) return std::nullopt;
    if (!distance && is_digit(text[word.begin]) && Context::instance().nearest(word.input, word.begin, match.end, Topic::other) == Topic::other)
      return std::nullopt;
    // of two types that the same digits could be, the one whose word stands nearer
    const float score = !distance ? row.score : form.stands == Stands::alone ? 1.0F : row.score - 0.03F * static_cast<float>(*distance);
    return Finding{.type = row.type, .begin = word.begin, .end = match.end, .score = score, .reason = distance ? row.reason_beside : row.reason};
  }

  static std::optional<std::size_t> words_to(std::size_t list, Word& word) {  // words between it and its nearest word of the list
    std::optional<std::size_t> least;
    for (const NearbyWords::Near& near : word.around()) {
      if (near.lists.test(list) && (!least || near.words_between < *least)) least = near.words_between;
    }
    return least;
  }

  const std::vector<IdentifierRow> rows_;
  NearbyWords words_;
  std::bitset<256> joints_;  // what may stand behind the first word of any
  std::array<std::array<std::array<Forms, Shape::kLongest>, 2>, 3>
      forms_;  // by: what follows the first word, whether it begins with a digit, its size
};

std::vector<Shape> read_shapes(const YAML::Node& list) {
  std::vector<Shape> out;
  for (const auto& one : list) out.emplace_back(one.as<std::string>());
  return out;
}

}  // namespace

std::vector<IdentifierRow> read_identifiers() {
  std::vector<IdentifierRow> out;
  for (const auto& row : YAML::Load(kIdentifiersYaml)["identifiers"]) {
    const auto check = row["check"].as<std::string>("");
    out.push_back({.type = row["type"].as<std::string>(),
                   .alone = read_shapes(row["alone"]),
                   .beside = read_shapes(row["beside"]),
                   .check = find_check(check),
                   .words = row["words"].as<std::vector<std::string>>(),
                   .score = row["score"].as<float>(),
                   .source = row["source"].as<std::string>(),
                   .examples = row["examples"].as<std::vector<std::string>>(),
                   .counter_examples = row["not"].as<std::vector<std::string>>()});
    IdentifierRow& read = out.back();
    CHECK(check.empty() || read.check != nullptr);
    CHECK(!read.words.empty());
    read.reason = read.check == nullptr ? "form" : read.check->says;
    read.reason_beside = read.reason + "; word beside it: " + read.words.front();
  }
  return out;
}

std::unique_ptr<const DigitScanner> make_identifier_scanner() { return std::make_unique<IdentifierScanner>(); }

}  // namespace demarc::privacy
