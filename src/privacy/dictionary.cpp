#include "privacy/dictionary.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.hpp"
#include "base/strings.hpp"
#include "privacy/chars.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kSlotsPerTerm2 = 3;      // halves: 1.5 slots a term
constexpr std::size_t kBitsPerBeginning = 16;  // of known_

constexpr auto kWordBytes = [] {  // letters beyond ASCII too
  std::array<bool, 256> out{};
  for (std::size_t i = 0; i < 256; ++i) out[i] = is_alnum(static_cast<char>(i)) || i == '_' || i >= 0x80;
  return out;
}();

// Quotation marks, dashes, Latin-1 and ideographic signs: E2 80, C2, E3 80 in UTF-8. How many bytes; 0: it is none.
std::size_t sign_size(std::string_view text, std::size_t at) {
  const char next = after(text, at + 1);
  if (text[at] == '\xC2') return std::min<std::size_t>(2, text.size() - at);
  return (text[at] == '\xE2' || text[at] == '\xE3') && next == '\x80' ? std::min<std::size_t>(3, text.size() - at) : 0;
}

// A step through a text: one word, or one other character; blanks are a step of their own, and all alike.
std::size_t step_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && kWordBytes[static_cast<unsigned char>(text[end])]) {
    if (text[end] < 0 && sign_size(text, end) != 0) break;
    ++end;
  }
  if (end > at) return end;
  if (text[at] < 0) return at + sign_size(text, at);
  end = at + 1;
  if (is_blank(text[at]))
    while (end < text.size() && is_blank(text[end])) ++end;
  return end;
}

char folded(char c, char left) {
  const auto byte = static_cast<unsigned char>(c);
  return left == '\xC3' && byte >= 0x80 && byte <= 0x9E ? static_cast<char>(byte + 0x20) : ascii_lower(c);
}

std::uint64_t mixed(std::uint64_t hash, std::uint64_t eight) {
  hash = (hash ^ eight) * 0x9E3779B97F4A7C15ULL;
  return hash ^ hash >> 29U;
}

// Small letters of eight bytes at once: ASCII only, which the caller has made sure of.
std::uint64_t small(std::uint64_t eight) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  const std::uint64_t above = eight + kOnes * (0x80 - 'A'), beyond = eight + kOnes * (0x7F - 'Z');
  return eight | ((above & ~beyond & kOnes * 0x80) >> 2U);
}

// The first `size` bytes, at most eight, of a text that goes on to `end`, as a number.
std::uint64_t load(const char* bytes, std::size_t size, const char* end) {
  std::uint64_t eight = 0;
  if (size >= 8 || end - bytes >= 8) {
    std::memcpy(&eight, bytes, 8);
    return size >= 8 ? eight : eight & ((1ULL << (8 * size)) - 1);  // the order of bytes does not matter, as long as it stays the same
  }
  for (std::size_t i = 0; i < size; ++i) eight |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return eight;
}

std::uint64_t hash_folded(std::uint64_t hash, std::string_view step) {
  std::string copy;
  char left = 0;
  for (const char c : step) copy += folded(c, left), left = c;
  for (std::size_t at = 0; at < copy.size(); at += 8) hash = mixed(hash, load(copy.data() + at, copy.size() - at, copy.data() + copy.size()));
  return mixed(hash, copy.size());
}

// Of text[begin, end), one step.
std::uint64_t hash_step(std::uint64_t before, std::string_view text, std::size_t begin, std::size_t end, LetterCase letter_case) {
  if (is_blank(text[begin])) return mixed(before, ' ');
  std::uint64_t hash = before;
  for (std::size_t at = begin; at < end; at += 8) {
    std::uint64_t eight = load(text.data() + at, end - at, text.data() + text.size());
    if (letter_case == LetterCase::any) {
      if ((eight & 0x8080808080808080ULL) != 0) return hash_folded(before, text.substr(begin, end - begin));
      eight = small(eight);
    }
    hash = mixed(hash, eight);
  }
  return mixed(hash, end - begin);
}

// The text up to `end` without its accidents: letter case, kinds of blanks.
std::string normal(std::string_view text, LetterCase letter_case) {
  std::string out;
  char left = 0;
  for (const char c : text) {
    if (!is_blank(c))
      out += letter_case == LetterCase::any ? folded(c, left) : c;
    else if (!is_blank(left))
      out += ' ';
    left = c;
  }
  return out;
}

std::size_t place(std::uint64_t hash, std::size_t places) {
  return static_cast<std::size_t>((static_cast<unsigned __int128>(hash * 0xD6E8FEB86659FD93ULL) * places) >> 64U);
}

}  // namespace

DictionaryBuilder::Added DictionaryBuilder::add(std::string_view given) {
  const std::string_view term = trim(given);
  if (term.empty()) return Added::empty;
  const std::string text = normal(term, made_.letter_case_);
  if (text.size() > Dictionary::kLongestTerm) return Added::too_long;
  if (made_.terms_.size() + text.size() + 1 >= UINT32_MAX) return Added::too_many;
  made_.starts_[static_cast<unsigned char>(text[0])] = true;
  if (made_.letter_case_ == LetterCase::any && is_letter(text[0])) made_.starts_[static_cast<unsigned char>(text[0] - 32)] = true;
  std::uint64_t hash = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = step_end(text, at);
    hash = hash_step(hash, text, at, end, LetterCase::exact);
    if (text[at] != ' ') beginnings_.push_back(hash);
    at = end;
  }
  made_.terms_ += static_cast<char>(text.size());
  made_.terms_ += text;
  ++made_.size_;
  return Added::yes;
}

Dictionary DictionaryBuilder::build() && {
  made_.terms_.shrink_to_fit();
  made_.known_.resize(std::max<std::size_t>(1, (beginnings_.size() * kBitsPerBeginning + 63) / 64));
  const std::size_t bits = made_.known_.size() * 64;
  for (const std::uint64_t hash : beginnings_) made_.known_[place(hash, bits) / 64] |= 1ULL << (place(hash, bits) % 64);
  std::vector<std::uint64_t>().swap(beginnings_);
  made_.slots_.assign(made_.size_ * kSlotsPerTerm2 / 2 + 1, 0);
  for (std::size_t at = 0; at < made_.terms_.size();) {
    const auto size = static_cast<unsigned char>(made_.terms_[at]);
    const std::string_view term = std::string_view(made_.terms_).substr(at + 1, size);
    std::uint64_t hash = 0;
    for (std::size_t step = 0; step < term.size();) {
      const std::size_t end = step_end(term, step);
      hash = hash_step(hash, term, step, end, LetterCase::exact);
      step = end;
    }
    std::size_t slot = place(hash, made_.slots_.size());
    while (made_.slots_[slot] != 0) slot = slot + 1 == made_.slots_.size() ? 0 : slot + 1;
    made_.slots_[slot] = static_cast<std::uint32_t>(at + 1);
    at += 1 + size;
  }
  return std::move(made_);
}

bool Dictionary::holds(std::uint64_t hash, std::string_view piece) const {
  std::string text;  // made only if something stands in the slot
  for (std::size_t slot = place(hash, slots_.size()); slots_[slot] != 0; slot = slot + 1 == slots_.size() ? 0 : slot + 1) {
    if (text.empty()) text = normal(piece, letter_case_);
    const std::size_t at = slots_[slot] - 1;
    const auto size = static_cast<unsigned char>(terms_[at]);
    if (size == text.size() && terms_.compare(at + 1, size, text) == 0) return true;
  }
  return false;
}

std::size_t Dictionary::longest_at(std::string_view text, std::size_t begin) const {
  std::size_t longest = 0, bits = known_.size() * 64;
  std::uint64_t hash = 0;
  for (std::size_t at = begin; at < text.size() && at - begin <= 2 * kLongestTerm;) {
    const std::size_t end = step_end(text, at);
    hash = hash_step(hash, text, at, end, letter_case_);
    if (!is_blank(text[at])) {
      const std::size_t bit = place(hash, bits);
      if ((known_[bit / 64] >> (bit % 64) & 1U) == 0) break;
      if (holds(hash, text.substr(begin, end - begin))) longest = end;
    }
    at = end;
  }
  return longest;
}

void Dictionary::each(std::string_view text, const Visit& visit) const {
  if (size_ == 0) return;
  for (std::size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    const std::size_t end = step_end(text, at);
    if (starts_[first]) {
      if (const std::size_t longest = longest_at(text, at); longest != 0) {
        visit(at, longest);
        at = longest;
        continue;
      }
    }
    at = end;
  }
}

std::size_t Dictionary::memory_bytes() const {
  return terms_.capacity() + slots_.capacity() * sizeof(std::uint32_t) + known_.capacity() * sizeof(std::uint64_t) + sizeof *this;
}

}  // namespace demarc::privacy
