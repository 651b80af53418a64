#include "core/json/writer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/strings.hpp"

namespace demarc {
namespace {

// The length of the well-formed UTF-8 sequence at the start of `rest`, 0 if there is none.
std::size_t sequence_length(std::string_view rest) {
  const auto lead = static_cast<unsigned char>(rest[0]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  return length != 0 && length <= rest.size() && (length == 1 || is_utf8(rest.substr(0, length))) ? length : 0;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;  // start of the run that needs no escape
  const auto flush = [&](std::size_t to) { out.append(text, plain, to - plain); };
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++i;
      continue;
    }
    if (c >= 0x80) {
      const std::size_t length = sequence_length(text.substr(i));
      if (length > 0) {
        i += length;
        continue;
      }
      flush(i);
      out += "\xef\xbf\xbd";
      plain = ++i;
      continue;
    }
    flush(i);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: {
        std::array<char, 8> escape{};
        std::snprintf(escape.data(), escape.size(), "\\u%04x", c);
        out += escape.data();
      }
    }
    plain = ++i;
  }
  flush(text.size());
  out += '"';
}

std::string json_string(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_json_string(out, text);
  return out;
}

void JsonWriter::name(std::string_view key) {
  separate();
  append_json_string(out_, key);
  out_ += ':';
  needs_comma_ = false;
}

void JsonWriter::value(double number) {
  separate();
  if (!std::isfinite(number)) {
    out_ += "null";
    return;
  }
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number == 0 ? 0 : number).ptr;  // -0 is 0 (RFC 8785, 3.2.2.3)
  out_.append(text.data(), end);
}

}  // namespace demarc
