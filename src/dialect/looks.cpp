#include "dialect/looks.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace demarc::dialect {
namespace {

constexpr std::size_t kIdentifier_bytes = 64;
constexpr std::size_t kNumber_digits = 9;
constexpr std::size_t kDataUriHead_bytes = 256;  // of "data:image/png;base64,"

}  // namespace

Role role_of(std::string_view word) {
  if (word == "user") return Role::user;
  if (word == "assistant") return Role::assistant;
  if (word == "system" || word == "developer") return Role::system;
  if (word == "tool" || word == "function") return Role::tool;
  return Role::none;
}

std::string_view identifier_prefix(std::string_view text) {
  constexpr std::array<std::string_view, 6> kPrefixes = {"call_", "toolu_", "chatcmpl-tool-", "fc_", "srvtoolu_", "msg_"};
  const auto* prefix = std::ranges::find_if(kPrefixes, [&](std::string_view p) { return text.starts_with(p); });
  return prefix == kPrefixes.end() ? std::string_view{} : *prefix;
}

bool is_identifier(std::string_view text) {
  if (text.size() > kIdentifier_bytes || identifier_prefix(text).empty()) return false;
  std::size_t digits = 0;
  return std::ranges::all_of(text, [&](unsigned char c) {
    if (c == '_' || c == '-') return true;
    digits = std::isdigit(c) != 0 ? digits + 1 : 0;
    return std::isalnum(c) != 0 && digits < kNumber_digits;
  });
}

bool is_base64(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '/' || c == '=' || c == '-' || c == '_'; });
}

PartKind kind_of_media(std::string_view media_type) {
  return media_type.starts_with("image/") ? PartKind::image : media_type.starts_with("audio/") ? PartKind::audio : PartKind::file;
}

std::optional<DataUri> parse_data_uri(std::string_view text) {
  constexpr std::string_view kBase64 = ";base64";
  if (!text.starts_with("data:")) return {};
  const std::size_t comma = text.substr(0, kDataUriHead_bytes).find(',');
  if (comma == std::string_view::npos) return {};
  std::string_view type = text.substr(5, comma - 5);
  if (!type.ends_with(kBase64)) return {};
  type.remove_suffix(kBase64.size());
  type = type.substr(0, type.find(';'));
  return DataUri{kind_of_media(type), type, text.substr(comma + 1)};
}

}  // namespace demarc::dialect
