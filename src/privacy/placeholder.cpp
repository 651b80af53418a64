#include "privacy/placeholder.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "base/strings.hpp"
#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

char fold(char c) {
  c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  if (c == 'O') return '0';
  if (c == 'I' || c == 'L') return '1';
  return c;
}

bool is_forgiven(char c) { return c == ' ' || c == '-' || c == '_' || c == '\\'; }

}  // namespace

Wiped::~Wiped() { OPENSSL_cleanse(value_.data(), value_.size()); }

std::string placeholder_word(std::string_view type) {
  struct Word {
    std::string_view type, word;
  };
  constexpr std::array kShort = {Word{"EMAIL_ADDRESS", "EMAIL"}, Word{"PHONE_NUMBER", "PHONE"}, Word{"CREDIT_CARD", "CARD"},
                                 Word{"IBAN_CODE", "IBAN"},      Word{"US_SSN", "SSN"},         Word{"IP_ADDRESS", "IP"},
                                 Word{"MAC_ADDRESS", "MAC"}};
  for (const Word& word : kShort) {
    if (word.type == type) return std::string(word.word);
  }
  std::string out;
  for (char c : type) {
    if (is_letter(c) && out.size() < kPlaceholderWord) out += c >= 'a' ? static_cast<char>(c - 32) : c;
  }
  return out;
}

std::string fold_placeholder(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), fold);
  return out;
}

Tokens::Tokens(std::vector<std::shared_ptr<const Token>> tokens) : sorted_(std::move(tokens)) {
  std::sort(sorted_.begin(), sorted_.end(), [](const auto& a, const auto& b) { return a->folded < b->folded; });
  for (int c = 0; c < 256; ++c) {
    first_[c] = std::any_of(sorted_.begin(), sorted_.end(), [&](const auto& token) { return token->folded[0] == fold(static_cast<char>(c)); });
  }
}

// Walks down the sorted tokens, narrowing to those that agree so far. No token is the beginning of another: the last nine characters differ.
TokenMatch Tokens::match(std::string_view text) const {
  auto low = sorted_.begin(), high = sorted_.end();
  std::size_t depth = 0;
  bool forgave = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (depth > 0 && !forgave && is_forgiven(text[at])) {
      forgave = true;
      continue;
    }
    forgave = false;
    const char c = fold(text[at]);
    const auto less = [&](const auto& token, char want) { return depth < token->folded.size() && token->folded[depth] < want; };
    const auto greater = [&](char want, const auto& token) { return depth < token->folded.size() && want < token->folded[depth]; };
    low = std::lower_bound(low, high, c, less);
    high = std::upper_bound(low, high, c, greater);
    if (low == high) return {};
    if (++depth == (*low)->folded.size()) return {MatchKind::full, at + 1, low->get()};
  }
  return {low == high ? MatchKind::none : MatchKind::partial};
}

}  // namespace demarc::privacy
