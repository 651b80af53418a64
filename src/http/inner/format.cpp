#include "http/inner/format.hpp"

#include <llhttp.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <unordered_map>

#include "base/strings.hpp"

namespace demarc::http {
namespace {
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

template <int Base>
void append_integer(std::string& out, std::size_t number) {
  char digits[20];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number, Base).ptr;
  out.append(digits, end);
}
}  // namespace

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  const std::size_t from = out.size();
  out += value;
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(from), out.end(), is_control, ' ');
  out += "\r\n";
}

void append_number(std::string& out, std::size_t number) { append_integer<10>(out, number); }
void append_hex(std::string& out, std::size_t number) { append_integer<16>(out, number); }

// llhttp has the names as identifiers: NOT_FOUND. People and RFC 9110 write "Not Found".
std::string_view reason_phrase(int status) {
  static const std::unordered_map<int, std::string> phrases = [] {
    std::unordered_map<int, std::string> all;
#define XX(number, name, text) all.emplace(number, #text);
    HTTP_STATUS_MAP(XX)
#undef XX
    for (auto& [number, phrase] : all)
      for (std::size_t i = 0; i < phrase.size(); ++i) {
        const bool starts_word = i == 0 || phrase[i - 1] == ' ';
        phrase[i] = phrase[i] == '_' ? ' ' : starts_word ? phrase[i] : ascii_lower(phrase[i]);
      }
    all[200] = "OK";
    return all;
  }();
  const auto known = phrases.find(status);
  return known == phrases.end() ? "Unknown" : std::string_view(known->second);
}

bool is_safe_target(std::string_view target) {
  return !target.empty() && std::none_of(target.begin(), target.end(), [](char c) { return is_control(c) || c == ' '; });
}

bool is_token(std::string_view name) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kMarks.find(c) != std::string_view::npos;
  });
}

}  // namespace demarc::http
