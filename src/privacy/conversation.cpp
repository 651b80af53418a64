#include "privacy/conversation.hpp"

#include <openssl/crypto.h>

#include <vector>

#include "base/check.hpp"
#include "base/encode.hpp"
#include "core/hmac.hpp"
#include "privacy/placeholder.hpp"
#include "privacy/vault.hpp"

namespace demarc::privacy::internal {
namespace {

constexpr unsigned kDraws = 48;  // then a placeholder: all names may be taken

bool is_title(std::string_view word) {
  constexpr std::string_view kTitles[] = {"Mr",   "Mrs", "Ms", "Miss", "Mx",     "Dr", "Prof", "Sir", "Herr",
                                          "Frau", "Mme", "Sr", "Sra",  "Signor", "Jr", "von",  "van", "de"};
  if (word.ends_with('.')) word.remove_suffix(1);
  for (std::string_view title : kTitles)
    if (word == title) return true;
  return false;
}

}  // namespace

Conversation::Conversation(const Digest& key, const VaultLimits& limits, Membership membership)
    : key_(key),
      subject_(membership.subject),
      most_values_(limits.values),
      most_value_bytes_(limits.value_bytes),
      shift_(shift_of(Draw(keyed(key, {"shift"})))),
      membership_(membership) {}

Conversation::~Conversation() { OPENSSL_cleanse(key_.data(), key_.size()); }

Conversation::Made Conversation::placeholder(std::string_view type, std::string_view value) {
  MutexLock lock(mutex_);
  return placeholder_locked(type, value);
}

Conversation::Made Conversation::placeholder_locked(std::string_view type, std::string_view value) {
  if (value.size() > most_value_bytes_) return fail(VaultError::full);
  for (char again = 0;; ++again) {  // once more only if another value has this very digest
    const std::string word =
        placeholder_word(type) + "X" + placeholder_digits(keyed(key_, {"placeholder", type, value, std::string_view(&again, 1)}));
    const auto found = by_word_.find(word);
    if (found == by_word_.end()) return add(word, type, value, Style::placeholder);
    if (found->second->type == type && found->second->value->view() == value) return word;
    CHECK(again < 100);
  }
}

Conversation::Made Conversation::surrogate(std::string_view type, std::string_view value, const WordsOf* avoid) {
  if (value.size() > most_value_bytes_) return fail(VaultError::full);
  MutexLock lock(mutex_);
  if (const Token* known = stand_in_of(type, value)) return known->word;
  if (type == "PERSON") return person(value, avoid);
  for (unsigned attempt = 0; attempt < kDraws; ++attempt) {
    Draw choice = draw(type, value, attempt);
    auto candidate = privacy::surrogate(type, value, choice, shift_);
    if (!candidate) break;
    if (is_free(*candidate, value, avoid)) return add(std::move(*candidate), type, value, Style::surrogate);
  }
  return placeholder_locked(type, value);
}

// Word by word: who shares a first name goes on sharing it, and a first name alone is known too. Titles stay; an initial becomes one.
Conversation::Made Conversation::person(std::string_view value, const WordsOf* avoid) {
  std::string whole;
  std::size_t names = 0;
  bool first = true;
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t begin = at;
    while (at < value.size() && !is_blank(value[at]) && value[at] != ',') ++at;
    const std::string_view word = value.substr(begin, at - begin);
    if (word.empty()) {
      whole += value[at++];
    } else if (is_title(word)) {
      whole += word;
      first = false;  // "Dr. Lovelace": what follows a title is a surname
    } else {
      const bool last = value.find_first_not_of(" ,\t\r\n", at) == std::string_view::npos;
      const NamePart part = last && !(first && names == 0) ? NamePart::surname : NamePart::given;
      const std::string made = TRY(name_word(part, word, avoid));
      whole += made;
      ++names;
    }
  }
  if (names == 0) return placeholder_locked("PERSON", value);
  const auto same = by_word_.find(whole);
  if (same != by_word_.end()) return same->second->value->view() == value ? Made(whole) : placeholder_locked("PERSON", value);
  return add(std::move(whole), "PERSON", value, Style::surrogate);
}

Conversation::Made Conversation::name_word(NamePart part, std::string_view word, const WordsOf* avoid) {
  if (const Token* known = stand_in_of("PERSON", word)) return known->word;
  const bool initial = word.size() <= 2 && word.ends_with('.');
  for (unsigned attempt = 0; attempt < kDraws && !initial; ++attempt) {
    Draw choice = draw("PERSON", Wiped(to_lower(word)).view(), attempt);  // "ADA" and "Ada" are the same
    std::string candidate = name_surrogate(part, word, choice, attempt >= kDraws / 2);
    if (is_free(candidate, word, avoid)) return add(std::move(candidate), "PERSON", word, Style::surrogate);
  }
  if (!initial) return placeholder_locked("PERSON", word);
  Draw choice = draw("PERSON", word, 0);
  return std::string{choice.capital(), '.'};  // no token of its own: one letter would stand everywhere
}

Draw Conversation::draw(std::string_view type, std::string_view value, unsigned attempt) const {
  const char number = static_cast<char>(attempt);
  return Draw(keyed(key_, {"surrogate", type, value, {&number, 1}}));
}

const Token* Conversation::stand_in_of(std::string_view type, std::string_view value) const {
  const auto found = surrogate_of_.find(keyed(key_, {"value", type, value}));
  return found == surrogate_of_.end() ? nullptr : found->second.get();
}

// Neither in the text, nor the value itself, nor already somebody else's, but for capitals.
bool Conversation::is_free(std::string_view candidate, std::string_view value, const WordsOf* avoid) const {
  if (by_word_.contains(candidate) || (avoid != nullptr && avoid->has_all(candidate))) return false;
  const std::string folded = fold_surrogate(candidate);
  if (folded == Wiped(fold_surrogate(value)).view()) return false;
  const auto taken = by_folded_.find(folded);
  return taken == by_folded_.end() || equals_ignoring_case(taken->second->value->view(), value);
}

std::string Conversation::digest(std::string_view type, std::string_view value) const {
  return to_hex(bytes_of(keyed(key_, {"digest", type, value})).substr(0, 8));
}

std::shared_ptr<const Tokens> Conversation::tokens() {
  MutexLock lock(mutex_);
  if (!tokens_) {
    Tokens::List all;
    all.reserve(by_word_.size());
    for (const auto& [word, token] : by_word_) all.push_back(token);
    tokens_ = std::make_shared<const Tokens>(std::move(all));
  }
  return tokens_;
}

Tokens::List Conversation::all() {
  MutexLock lock(mutex_);
  Tokens::List all;
  for (const auto& [word, token] : by_word_) all.push_back(token);
  return all;
}

void Conversation::leave_vault() {
  MutexLock lock(mutex_);
  if (membership_.total_bytes != nullptr) *membership_.total_bytes -= bytes_;
  membership_.total_bytes = nullptr, membership_.keeper = nullptr;
}

Conversation::Made Conversation::add(std::string word, std::string_view type, std::string_view value, Style style) {
  if (by_word_.size() >= most_values_) return fail(VaultError::full);
  Token token{.word = std::move(word), .folded = {}, .type = std::string(type), .value = std::make_shared<const Wiped>(value), .style = style};
  token.restorable = type == "SECRET" ? Restorable::never : Restorable::yes;
  token.folded = style == Style::surrogate ? fold_surrogate(token.word) : fold_placeholder(token.word);
  const auto made = std::make_shared<const Token>(std::move(token));
  enter(made);
  if (membership_.keeper != nullptr) membership_.keeper->added(membership_.id, membership_.subject, made);
  return made->word;
}

void Conversation::adopt(std::shared_ptr<const Token> token) {
  MutexLock lock(mutex_);
  if (!by_word_.contains(token->word)) enter(std::move(token));
}

void Conversation::enter(std::shared_ptr<const Token> token) {
  if (token->style == Style::surrogate) {
    surrogate_of_.emplace(keyed(key_, {"value", token->type, token->value->view()}), token);
    by_folded_.emplace(token->folded, token);
  }
  const std::size_t size = token->value->view().size() + 2 * token->word.size() + 256;  // about what an entry costs
  bytes_ += size;
  if (membership_.total_bytes != nullptr) *membership_.total_bytes += size;
  tokens_.reset();
  const std::string& word = token->word;
  by_word_.emplace(word, std::move(token));
}

}  // namespace demarc::privacy::internal
