#include "document/worker/charset.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <map>

#include "base/strings.hpp"
#include "document/worker/limits.hpp"

namespace demarc::document::worker {
namespace {

// Those that documents are found in; glibc loads most of them from files, which a reader may not open.
constexpr auto kKnown = std::to_array<std::string_view>(
    {"utf-8",        "utf-16le",     "utf-16be",     "utf-32le",     "utf-32be",     "us-ascii",     "windows-1250", "windows-1251", "windows-1252",
     "windows-1253", "windows-1254", "windows-1255", "windows-1256", "windows-1257", "windows-1258", "iso-8859-1",   "iso-8859-2",   "iso-8859-3",
     "iso-8859-4",   "iso-8859-5",   "iso-8859-6",   "iso-8859-7",   "iso-8859-8",   "iso-8859-9",   "iso-8859-10",  "iso-8859-13",  "iso-8859-15",
     "iso-8859-16",  "koi8-r",       "koi8-u",       "ibm850",       "ibm852",       "ibm866",       "macintosh",    "shift_jis",    "cp932",
     "euc-jp",       "iso-2022-jp",  "gb18030",      "gbk",          "gb2312",       "big5",         "euc-kr",       "cp949",        "tis-620"});
constexpr std::size_t kLookedAt = 64U << 10;

std::map<std::string, iconv_t, std::less<>>& converters() {
  static std::map<std::string, iconv_t, std::less<>> all;
  return all;
}

std::optional<std::string> convert(std::string_view bytes, std::string_view from) {
  const auto found = converters().find(to_lower(from));
  if (found == converters().end()) return {};
  iconv(found->second, nullptr, nullptr, nullptr, nullptr);
  std::string out;
  std::array<char, 16 << 10> piece;
  char* in = const_cast<char*>(bytes.data());
  std::size_t left = bytes.size();
  while (left > 0) {
    char* to = piece.data();
    std::size_t room = piece.size();
    const std::size_t done = iconv(found->second, &in, &left, &to, &room);
    out.append(piece.data(), piece.size() - room);
    if (out.size() > most_text_bytes()) return {};
    if (done == static_cast<std::size_t>(-1) && room == piece.size() && left > 0) return {};  // not of this encoding
    if (done == static_cast<std::size_t>(-1) && errno != E2BIG) return {};
  }
  return out;
}

bool has_controls(std::string_view text) {
  return std::ranges::any_of(text.substr(0, kLookedAt),
                             [](unsigned char c) { return c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b; });
}

// How a text reads, if letters of an alphabet beyond ASCII are in it: the share of those that are small, and stand beside their like.
double score_of(std::string_view utf8) {
  double letters = 0, good = 0;
  unsigned before = 0;
  for (std::size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    unsigned c = size == 1 ? lead : lead & (0xffU >> (size + 1));
    for (std::size_t k = 1; k < size && i + k < utf8.size(); ++k) c = c << 6U | (static_cast<unsigned char>(utf8[i + k]) & 0x3fU);
    i += size;
    if (c < 0x80) {
      before = c;
      continue;
    }
    letters += 1;
    const bool small_cyrillic = c >= 0x430 && c <= 0x45f, kana = c >= 0x3040 && c <= 0x30ff, han = c >= 0x4e00 && c <= 0x9fff,
               hangul = c >= 0xac00 && c <= 0xd7a3;
    const bool latin_small = (c >= 0xdf && c <= 0xff && c != 0xf7) || (c >= 0x100 && c <= 0x17f && (c & 1U) != 0);
    const bool punctuation =
        (c >= 0x2010 && c <= 0x203a) || c == 0x20ac || c == 0xa7 || c == 0xb0 || c == 0xa9 || c == 0xab || c == 0xbb || (c >= 0x3000 && c <= 0x303f);
    const bool after_ascii_letter = before < 0x80 && std::isalpha(static_cast<int>(before)) != 0;
    if (small_cyrillic)
      good += after_ascii_letter ? 0.1 : 1;
    else if (kana || hangul || punctuation)
      good += 1;
    else if (han)
      good += before >= 0x3000 ? 0.9 : 0.6;
    else if (latin_small)
      good += before < 0x80 ? 0.95 : 0.2;  // an accent stands among plain letters
    else
      good += 0.1;
    before = c;
  }
  return letters == 0 ? 1 : good / letters;
}

std::optional<std::string> guess(std::string_view bytes) {
  std::optional<std::string> best;
  double best_score = -1;
  for (const char* name : {"windows-1252", "windows-1250", "windows-1251", "koi8-r", "cp932", "euc-jp", "gb18030", "euc-kr", "big5"}) {
    auto text = convert(bytes.substr(0, bytes.size() > kLookedAt ? kLookedAt : bytes.size()), name);
    if (!text || has_controls(*text)) continue;
    const double score = score_of(*text);
    if (score <= best_score + 0.02) continue;  // the commoner one stands first
    auto whole = bytes.size() > kLookedAt ? convert(bytes, name) : std::move(text);
    if (whole) best = std::move(whole), best_score = score;
  }
  return best;
}

std::optional<std::string_view> wide_without_mark(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, 4096);
  std::size_t even = 0, odd = 0;
  for (std::size_t i = 0; i < start.size(); ++i) (i % 2 == 0 ? even : odd) += start[i] == '\0' ? 1U : 0U;
  if (start.size() < 4 || start.size() % 2 != 0) return {};
  if (odd * 4 > start.size() && even * 20 < start.size()) return "utf-16le";
  if (even * 4 > start.size() && odd * 20 < start.size()) return "utf-16be";
  return {};
}

}  // namespace

void prepare_charsets() {
  for (const std::string_view name : kKnown) {
    const iconv_t made = iconv_open("UTF-8", std::string(name).c_str());
    if (made == reinterpret_cast<iconv_t>(-1)) continue;  // NOLINT(performance-no-int-to-ptr): POSIX says it so
    converters().emplace(std::string(name), made);
    std::array<char, 8> in{'a'}, out{};  // the first use loads the rest
    char *from = in.data(), *to = out.data();
    std::size_t left = 1, room = out.size();
    iconv(made, &from, &left, &to, &room);
  }
}

std::optional<std::string> to_utf8(std::string_view bytes, std::string_view said) {
  if (bytes.size() > most_text_bytes()) return {};
  const auto begins = [&](std::string_view mark) { return bytes.starts_with(mark); };
  std::optional<std::string> text;
  if (begins("\xef\xbb\xbf"))
    text = std::string(bytes.substr(3));
  else if (begins(std::string_view("\xff\xfe\0\0", 4)))
    text = convert(bytes.substr(4), "utf-32le");
  else if (begins(std::string_view("\0\0\xfe\xff", 4)))
    text = convert(bytes.substr(4), "utf-32be");
  else if (begins("\xff\xfe"))
    text = convert(bytes.substr(2, (bytes.size() - 2) / 2 * 2), "utf-16le");
  else if (begins("\xfe\xff"))
    text = convert(bytes.substr(2, (bytes.size() - 2) / 2 * 2), "utf-16be");
  if (text) return is_utf8(*text) && !has_controls(*text) ? std::move(text) : std::nullopt;
  if (const auto wide = wide_without_mark(bytes)) {
    text = convert(bytes, *wide);
    if (text && !has_controls(*text)) return text;
  }
  if (!said.empty() && to_lower(said) != "us-ascii" && to_lower(said) != "utf-8") {
    text = convert(bytes, said);
    if (text && !has_controls(*text)) return text;
  }
  if (has_controls(bytes)) return {};
  if (is_utf8(bytes)) return std::string(bytes);
  return guess(bytes);
}

std::string collapsed(std::string_view text) {
  std::string out;
  bool space = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hard = text.substr(i, 2) == "\xc2\xa0";
    if (hard || text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r' || text[i] == '\f') {
      space = !out.empty();
      i += hard ? 1 : 0;
      continue;
    }
    if (space) out += ' ';
    space = false;
    out += text[i];
  }
  return out;
}

}  // namespace demarc::document::worker
