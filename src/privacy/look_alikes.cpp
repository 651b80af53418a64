#include "privacy/look_alikes.hpp"

#include <yaml-cpp/yaml.h>

#include <string>
#include <unordered_map>

#include "base/check.hpp"
#include "privacy/chars.hpp"
#include "privacy/fold.hpp"
#include "privacy/tables.hpp"
#include "privacy/utf8.hpp"

namespace demarc::privacy {
namespace {

const std::unordered_map<char32_t, char>& table() {
  static const auto all = [] {
    std::unordered_map<char32_t, char> read;
    for (const auto& row : YAML::Load(kConfusablesYaml)["confusables"]) {
      const std::string as = row.first.as<std::string>();
      CHECK(as.size() == 1);
      for (const auto& code : row.second) read.emplace(code.as<std::uint32_t>(), as[0]);
    }
    return read;
  }();
  return all;
}

bool ends_word(char c) { return is_blank(c) || c == ',' || c == ';' || c == '"' || c == '<' || c == '>' || c == '(' || c == ')'; }

// The word that holds the byte at `at`, no more than kLongest bytes of it.
Span word_at(std::string_view text, std::size_t at) {
  constexpr std::size_t kLongest = 256;
  std::size_t begin = at, end = at;
  while (begin > 0 && at - begin < kLongest && !ends_word(text[begin - 1])) --begin;
  while (end < text.size() && end - at < kLongest && !ends_word(text[end])) ++end;
  return {begin, end};
}

bool has_ascii(std::string_view word) {
  for (const char c : word)
    if (is_alnum(c) || c == '@') return true;
  return false;
}

}  // namespace

std::optional<Mapped> look_alikes(std::string_view text) {
  std::optional<Mapped> out;
  std::size_t kept = 0;
  for (std::size_t at = first_non_ascii(text, 0); at < text.size(); at = first_non_ascii(text, at)) {
    const Span word = word_at(text, at);
    const std::size_t end = std::max(word.end, at + 1);
    if (!has_ascii(text.substr(word.begin, word.size()))) {
      at = end;
      continue;
    }
    while (at < end) {
      const Utf8Char c = next_utf8(text, at);
      const auto as = c.valid && c.code >= 0x80 ? table().find(c.code) : table().end();
      if (as != table().end()) {
        if (!out) out.emplace(text.size());
        out->copy(text, {kept, at});
        kept = at + c.size;
        out->put({&as->second, 1}, {at, kept});
      }
      at += c.size;
    }
  }
  if (out) out->copy(text, {kept, text.size()});
  return out;
}

}  // namespace demarc::privacy
