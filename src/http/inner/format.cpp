#include "http/inner/format.hpp"

#include <llhttp.h>

#include <algorithm>
#include <charconv>

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

std::string_view reason_phrase(int status) {
  switch (status) {
#define XX(number, name, text) \
  case number: return #text;
    HTTP_STATUS_MAP(XX)
#undef XX
    default: return "Unknown";  // an int from outside, not an enum of ours
  }
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
