#include "speech/worker/tokens.hpp"

#include <re2/re2.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

namespace demarc::speech::worker {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxTokens = 1'000'000;
constexpr std::size_t kMaxPromptBytes = 2'048;

// A vocabulary writes bytes as printable characters: those that print as themselves, the other 68 from U+0100 on (GPT-2's bytes_to_unicode).
std::array<int, 324> byte_of_character() {
  std::array<int, 324> bytes;
  bytes.fill(-1);
  int next = 256;
  for (int byte = 0; byte < 256; ++byte) {
    const bool prints = (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    bytes[prints ? byte : next++] = byte;
  }
  return bytes;
}

std::optional<std::string> to_bytes(std::string_view written) {
  static const std::array<int, 324> kBytes = byte_of_character();
  std::string bytes;
  for (std::size_t i = 0; i < written.size(); ++i) {
    unsigned character = static_cast<unsigned char>(written[i]);
    if (character >= 0xc0 && i + 1 < written.size()) character = (character & 0x1fU) << 6U | (static_cast<unsigned char>(written[++i]) & 0x3fU);
    if (character >= kBytes.size() || kBytes[character] < 0) return {};
    bytes += static_cast<char>(kBytes[character]);
  }
  return bytes;
}

std::string pair_key(std::string_view left, std::string_view right) {
  std::string key(left);
  key += '\0';
  return key += right;
}

// One rule of "merges": "left right", in newer files ["left", "right"].
std::optional<std::string> merge_key(simdjson::dom::element rule) {
  std::string_view left, right;
  if (std::string_view both; rule.get(both) == simdjson::SUCCESS) {
    const std::size_t space = both.find(' ');
    if (space == std::string_view::npos) return {};
    left = both.substr(0, space), right = both.substr(space + 1);
  } else if (rule.at(0).get(left) != simdjson::SUCCESS || rule.at(1).get(right) != simdjson::SUCCESS) {
    return {};
  }
  const std::optional<std::string> left_bytes = to_bytes(left), right_bytes = to_bytes(right);
  if (!left_bytes || !right_bytes) return {};
  return pair_key(*left_bytes, *right_bytes);
}

bool is_language(std::string_view mark) {  // <|en|>, <|haw|>
  return mark.size() >= 6 && mark.size() <= 7 && mark.starts_with("<|") && mark.ends_with("|>") &&
         std::ranges::all_of(mark.substr(2, mark.size() - 4), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

Result<Tokens, std::string> Tokens::read(const std::string& path) {
  simdjson::padded_string file;
  if (simdjson::padded_string::load(path).get(file) != simdjson::SUCCESS) return fail(path + ": cannot be read");
  return parse(std::string_view(file)).map_error([&](std::string&& error) { return path + ": " + error; });
}

Result<Tokens, std::string> Tokens::parse(std::string_view json) {
  if (json.size() > kMaxFileBytes) return fail(std::string("larger than 64 MiB"));
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::object vocabulary;
  simdjson::dom::array added, merges;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return fail(std::string("not JSON"));
  if (root["model"]["vocab"].get(vocabulary) != simdjson::SUCCESS || root["added_tokens"].get(added) != simdjson::SUCCESS)
    return fail(std::string("not a tokenizer of byte-level BPE"));

  Tokens tokens;
  for (const auto& [written, number] : vocabulary) {
    std::uint64_t id = 0;
    if (number.get(id) != simdjson::SUCCESS || id >= kMaxTokens) return fail(std::string("a token without a number"));
    if (id >= tokens.bytes_.size()) tokens.bytes_.resize(id + 1);
    const std::optional<std::string> bytes = to_bytes(written);
    if (!bytes) continue;  // a mark, such as <|endoftext|>, that stands among the words
    tokens.bytes_[id] = *bytes;
    tokens.ids_.emplace(*bytes, id);
  }
  std::map<std::string, std::size_t, std::less<>> marks;
  for (const simdjson::dom::element mark : added) {
    std::uint64_t id = 0;
    std::string_view name;
    if (mark["id"].get(id) != simdjson::SUCCESS || mark["content"].get(name) != simdjson::SUCCESS || id >= kMaxTokens)
      return fail(std::string("a mark without name or number"));
    marks.emplace(name, id);
    if (is_language(name)) tokens.languages_.emplace(name.substr(2, name.size() - 4), id);
  }
  for (const auto& [name, place] : {std::pair{"<|endoftext|>", &tokens.end_of_text},
                                    {"<|startoftranscript|>", &tokens.start_of_transcript},
                                    {"<|transcribe|>", &tokens.transcribe},
                                    {"<|startofprev|>", &tokens.start_of_previous},
                                    {"<|notimestamps|>", &tokens.first_timestamp}}) {
    const auto found = marks.find(name);
    if (found == marks.end()) return fail(std::string("not Whisper's: ") + name + " is missing");
    *place = found->second;
  }
  ++tokens.first_timestamp;  // 0.00 s follows <|notimestamps|>

  if (root["model"]["merges"].get(merges) == simdjson::SUCCESS)
    for (const simdjson::dom::element rule : merges)
      if (std::optional<std::string> key = merge_key(rule)) tokens.ranks_.emplace(std::move(*key), tokens.ranks_.size());
  return tokens;
}

std::string Tokens::text(std::span<const std::size_t> tokens) const {
  std::string text;
  for (const std::size_t token : tokens)
    if (token < end_of_text && token < bytes_.size()) text += bytes_[token];
  return text;
}

std::optional<std::size_t> Tokens::language(std::string_view code) const {
  const auto found = languages_.find(code);
  return found == languages_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::size_t> Tokens::encode(std::string_view text, std::size_t limit) const {
  // GPT-2's split into words; runs of white space are one space first, so that its rules about them are not needed
  static const re2::RE2 kWord(R"(('s|'t|'re|'ve|'m|'ll|'d| ?\pL+| ?\pN+| ?[^\s\pL\pN]+))");
  std::string spaced;
  for (const char c : trim(text.substr(0, kMaxPromptBytes))) {
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    if (spaced.empty() || (space && spaced.back() != ' ')) spaced += ' ';
    if (!space) spaced += c;
  }
  std::vector<std::size_t> tokens;
  re2::StringPiece rest(spaced), word;
  while (re2::RE2::FindAndConsume(&rest, kWord, &word)) {
    const std::vector<std::size_t> merged = merge({word.data(), word.size()});
    tokens.insert(tokens.end(), merged.begin(), merged.end());
  }
  if (tokens.size() > limit) tokens.erase(tokens.begin(), tokens.end() - static_cast<std::ptrdiff_t>(limit));
  return tokens;
}

// Joins the pair of lowest rank until none is left. A word is short (kMaxPromptBytes at worst), so the simple loop will do.
std::vector<std::size_t> Tokens::merge(std::string_view word) const {
  std::vector<std::string> parts;
  for (const char byte : word) parts.emplace_back(1, byte);
  while (parts.size() > 1) {
    std::size_t best = std::numeric_limits<std::size_t>::max(), where = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i)
      if (const auto rank = ranks_.find(pair_key(parts[i], parts[i + 1])); rank != ranks_.end() && rank->second < best)
        best = rank->second, where = i;
    if (best == std::numeric_limits<std::size_t>::max()) break;
    parts[where] += parts[where + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(where) + 1);
  }
  std::vector<std::size_t> tokens;
  for (const std::string& part : parts)
    if (const auto id = ids_.find(part); id != ids_.end()) tokens.push_back(id->second);
  return tokens;
}

}  // namespace demarc::speech::worker
