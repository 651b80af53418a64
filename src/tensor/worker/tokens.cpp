#include "tensor/worker/tokens.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>

namespace demarc::tensor::worker {
namespace {

constexpr std::size_t kLongestWord = 100;        // characters; a longer one is unknown as a whole, as in BERT's own tokenizer
constexpr std::size_t kMostEntries = 1'000'000;  // of a vocabulary
constexpr std::string_view kContinues = "##";

bool is_cjk(utf8proc_int32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B820 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

bool is_punctuation(utf8proc_int32_t c) {
  if ((c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126)) return true;
  const utf8proc_category_t category = utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_PC && category <= UTF8PROC_CATEGORY_PO;
}

bool is_space(utf8proc_int32_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || utf8proc_category(c) == UTF8PROC_CATEGORY_ZS; }

bool is_dropped(utf8proc_int32_t c) {
  if (c == 0 || c == 0xFFFD) return true;
  const utf8proc_category_t category = utf8proc_category(c);
  return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_CN ||
         category == UTF8PROC_CATEGORY_CO || category == UTF8PROC_CATEGORY_CS;
}

}  // namespace

// A word as the vocabulary would spell it, and for each of its characters where it stood in the text.
struct WordPiece::Word {
  struct Character {
    std::uint32_t at;          // in `spelling`
    std::uint32_t begin, end;  // in the text
  };
  std::string spelling;
  std::vector<Character> characters;

  void add(utf8proc_int32_t c, std::uint32_t begin, std::uint32_t end) {
    characters.push_back({static_cast<std::uint32_t>(spelling.size()), begin, end});
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto size = utf8proc_encode_char(c, bytes.data());
    spelling.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
  }
  void add_folded(utf8proc_int32_t c, std::uint32_t begin, std::uint32_t end) {
    std::array<utf8proc_int32_t, 32> parts{};
    int boundary = 0;
    const auto count = utf8proc_decompose_char(c, parts.data(), parts.size(), UTF8PROC_DECOMPOSE, &boundary);
    if (count <= 0 || static_cast<std::size_t>(count) > parts.size()) return add(c, begin, end);
    for (utf8proc_ssize_t i = 0; i < count; ++i) {
      const utf8proc_int32_t part = parts[static_cast<std::size_t>(i)];
      if (utf8proc_category(part) != UTF8PROC_CATEGORY_MN) add(utf8proc_tolower(part), begin, end);
    }
  }
};

Result<WordPiece, std::string> WordPiece::read(const std::string& path, Letters letters) {
  std::ifstream file(path);
  std::vector<std::string> vocabulary;
  for (std::string line; vocabulary.size() < kMostEntries && std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    vocabulary.push_back(std::move(line));
  }
  auto made = make(vocabulary, letters);
  if (!made) return fail(path + ": " + made.error());
  return made;
}

Result<WordPiece, std::string> WordPiece::make(const std::vector<std::string>& vocabulary, Letters letters) {
  WordPiece out;
  out.letters_ = letters;
  out.ids_.reserve(vocabulary.size());
  for (std::size_t i = 0; i < vocabulary.size(); ++i) out.ids_.emplace(vocabulary[i], static_cast<std::int64_t>(i));
  const auto is_word = [](const std::string& entry) {
    return entry.size() > 1 && std::ranges::all_of(entry, [](unsigned char c) { return c >= 'a' && c <= 'z'; });
  };
  out.first_word_ = std::ranges::find_if(vocabulary, is_word) - vocabulary.begin();
  const auto special = [&](std::string_view name, std::int64_t& id) {
    const auto found = out.ids_.find(name);
    if (found != out.ids_.end()) id = found->second;
    return found != out.ids_.end();
  };
  if (!special("[CLS]", out.begin_) || !special("[SEP]", out.end_) || !special("[UNK]", out.unknown_) || !special("[PAD]", out.padding_))
    return fail(std::string("no vocabulary of a BERT model: [CLS], [SEP], [UNK] and [PAD] are not all in it"));
  return out;
}

std::vector<Token> WordPiece::tokenize(std::string_view utf8) const {
  std::vector<Token> out;
  Word word;
  std::uint32_t index = 0;
  const auto end_word = [&] {
    if (!word.characters.empty()) add_pieces(word, index++, out);
    word.spelling.clear(), word.characters.clear();
  };
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(utf8.data());
  for (std::size_t at = 0; at < utf8.size();) {
    utf8proc_int32_t c = 0;
    const auto read = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(utf8.size() - at), &c);
    const auto begin = static_cast<std::uint32_t>(at);
    at += read > 0 ? static_cast<std::size_t>(read) : 1;
    const auto end = static_cast<std::uint32_t>(at);
    if (read <= 0) continue;  // not UTF-8: dropped, as a control character is
    if (is_space(c)) {
      end_word();
    } else if (is_dropped(c)) {
      continue;
    } else if (is_punctuation(c) || is_cjk(c)) {
      end_word();
      word.add(c, begin, end);
      end_word();
    } else if (letters_ == Letters::lower) {
      word.add_folded(c, begin, end);
    } else {
      word.add(c, begin, end);
    }
  }
  end_word();
  return out;
}

// The longest piece that the vocabulary knows, then the longest of the rest; a word with a rest that has none is unknown as a whole.
void WordPiece::add_pieces(const Word& word, std::uint32_t index, std::vector<Token>& out) const {
  const std::size_t count = word.characters.size(), first = out.size();
  const auto at = [&](std::size_t i) { return i < count ? word.characters[i].at : word.spelling.size(); };
  const auto unknown = [&] {
    out.resize(first);
    out.push_back({unknown_, word.characters.front().begin, word.characters.back().end, index});
  };
  if (count > kLongestWord) return unknown();
  std::string piece;
  for (std::size_t from = 0; from < count;) {
    std::optional<std::int64_t> id;
    std::size_t to = count;
    for (; to > from && !id; --to) {
      piece.assign(from > 0 ? kContinues : "").append(word.spelling, at(from), at(to) - at(from));
      if (const auto found = ids_.find(piece); found != ids_.end()) id = found->second;
    }
    if (!id) return unknown();
    ++to;  // the loop went one further
    out.push_back({*id, word.characters[from].begin, word.characters[to - 1].end, index});
    from = to;
  }
}

}  // namespace demarc::tensor::worker
