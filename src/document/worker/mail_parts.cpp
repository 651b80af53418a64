#include "document/worker/mail_parts.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/encode.hpp"
#include "base/strings.hpp"
#include "document/worker/charset.hpp"
#include "document/worker/limits.hpp"

namespace demarc::document::worker {
namespace {

constexpr std::size_t kMaxHeaders = 500;
constexpr auto kShown = std::to_array<std::string_view>({"From", "To", "Cc", "Date", "Subject"});

int hex_of(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

std::string from_quoted_printable(std::string_view text, bool in_header) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_header && text[i] == '_') {
      out += ' ';
    } else if (text[i] == '=' && i + 2 < text.size() && hex_of(text[i + 1]) >= 0 && hex_of(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_of(text[i + 1]) * 16 + hex_of(text[i + 2]));
      i += 2;
    } else if (text[i] == '=' && !in_header) {  // a line that goes on
      while (i + 1 < text.size() && (text[i + 1] == ' ' || text[i + 1] == '\t')) ++i;
      if (i + 1 < text.size() && text[i + 1] == '\r') ++i;
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string from_loose_base64(std::string_view text) {  // with line ends in it, and whatever does not belong there
  std::string out;
  unsigned bits = 0, have = 0;
  for (const char c : text) {
    int value = -1;
    if (c >= 'A' && c <= 'Z')
      value = c - 'A';
    else if (c >= 'a' && c <= 'z')
      value = c - 'a' + 26;
    else if (c >= '0' && c <= '9')
      value = c - '0' + 52;
    else if (c == '+' || c == '-')
      value = 62;
    else if (c == '/' || c == '_')
      value = 63;
    if (value < 0) continue;
    bits = bits << 6U | static_cast<unsigned>(value), have += 6;
    if (have >= 8) have -= 8, out += static_cast<char>(bits >> have & 0xffU);
  }
  return out;
}

struct Entity {
  std::map<std::string, std::string> headers;  // by lower-case name; the first of each
  std::string_view body;
};

Entity entity_of(std::string_view bytes) {
  Entity entity;
  std::string name, value;
  const auto keep = [&] {
    if (!name.empty() && entity.headers.size() < kMaxHeaders) entity.headers.emplace(to_lower(name), std::string(trim(value)));
    name.clear(), value.clear();
  };
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    std::string_view line = bytes.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    at = std::min(end + 1, bytes.size());
    if (line.empty()) break;
    if ((line[0] == ' ' || line[0] == '\t') && !name.empty()) {
      (value += ' ') += trim(line);
      continue;
    }
    keep();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    name = trim(line.substr(0, colon)), value = line.substr(colon + 1);
  }
  keep();
  entity.body = bytes.substr(at);
  return entity;
}

struct Field {  // "text/plain; charset=utf-8"
  std::string value;
  std::map<std::string, std::string> parameters;
};
Field field_of(const Entity& entity, const std::string& name) {
  Field field;
  const auto found = entity.headers.find(name);
  if (found == entity.headers.end()) return field;
  const std::string& text = found->second;
  std::size_t at = std::min(text.find(';'), text.size());
  field.value = to_lower(trim(std::string_view(text).substr(0, at)));
  while (at < text.size() && field.parameters.size() < 50) {
    ++at;
    const std::size_t equals = text.find('=', at);
    if (equals == std::string::npos) break;
    std::string key = to_lower(trim(std::string_view(text).substr(at, equals - at))), value;
    at = equals + 1;
    while (at < text.size() && text[at] == ' ') ++at;
    if (at < text.size() && text[at] == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        value += text[at];
      }
      at = std::min(text.find(';', at), text.size());
    } else {
      const std::size_t end = std::min(text.find(';', at), text.size());
      value = trim(std::string_view(text).substr(at, end - at));
      at = end;
    }
    field.parameters.emplace(std::move(key), std::move(value));
  }
  return field;
}

// name="…", or RFC 2231's name*=utf-8''… and name*0=… name*1=…
std::string parameter(const Field& field, const std::string& name) {
  const auto get = [&](const std::string& key) -> std::optional<std::string> {
    const auto found = field.parameters.find(key);
    return found == field.parameters.end() ? std::nullopt : std::optional(found->second);
  };
  const auto percent = [](std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '%' && i + 2 < text.size() && hex_of(text[i + 1]) >= 0 && hex_of(text[i + 2]) >= 0)
        out += static_cast<char>(hex_of(text[i + 1]) * 16 + hex_of(text[i + 2])), i += 2;
      else
        out += text[i];
    }
    return out;
  };
  const auto extended = [&](const std::string& text) {
    const std::size_t first = text.find('\''), second = first == std::string::npos ? first : text.find('\'', first + 1);
    if (second == std::string::npos) return percent(text);
    return to_utf8(percent(std::string_view(text).substr(second + 1)), text.substr(0, first)).value_or("");
  };
  if (const auto plain = get(name)) return decoded_words(*plain);
  if (const auto one = get(name + "*")) return extended(*one);
  std::string joined;
  for (int i = 0; i < 50; ++i) {
    if (const auto piece = get(name + "*" + std::to_string(i)))
      joined += *piece;
    else if (const auto coded = get(name + "*" + std::to_string(i) + "*"))
      joined += i == 0 ? *coded : percent(*coded);
    else
      break;
  }
  return joined.find('\'') == std::string::npos ? joined : extended(joined);
}

std::string decoded_body(const Entity& entity) {
  const auto found = entity.headers.find("content-transfer-encoding");
  const std::string how = found == entity.headers.end() ? std::string() : to_lower(found->second);
  if (how == "base64") return from_loose_base64(entity.body);
  if (how == "quoted-printable") return from_quoted_printable(entity.body, false);
  return std::string(entity.body);
}

std::vector<std::string_view> parts_between(std::string_view body, const std::string& boundary) {
  std::vector<std::string_view> parts;
  const std::string mark = "--" + boundary;
  std::size_t begin = std::string_view::npos;
  for (std::size_t at = 0; at < body.size() && static_cast<std::int64_t>(parts.size()) <= limits().document_mail_parts;) {
    const std::size_t end = std::min(body.find('\n', at), body.size());
    const std::string_view line = body.substr(at, end - at);
    if (line.starts_with(mark)) {
      const std::string_view rest = trim(line.substr(mark.size()));
      if (rest.empty() || rest == "--") {
        if (begin != std::string_view::npos) parts.push_back(body.substr(begin, at > begin ? at - begin : 0));
        begin = rest == "--" ? std::string_view::npos : std::min(end + 1, body.size());
        if (rest == "--") return parts;
      }
    }
    at = end + 1;
  }
  if (begin != std::string_view::npos && begin <= body.size()) parts.push_back(body.substr(begin));  // the last mark is missing
  return parts;
}

class TakingApart {
 public:
  explicit TakingApart(MailParts& out) : out_(out) {}

  void take(const Entity& entity, int depth) {
    if (++count_ > limits().document_mail_parts || depth > kMaxMailNesting) {
      ++out_.left_out;
      return;
    }
    const Field type = field_of(entity, "content-type"), disposition = field_of(entity, "content-disposition");
    if (type.value.starts_with("multipart/")) return several(entity, type, depth);
    std::string name = parameter(disposition, "filename");
    if (name.empty()) name = parameter(type, "name");
    const bool is_text = (type.value.empty() || type.value == "text/plain" || type.value == "text/html") && disposition.value != "attachment";
    if (is_text) {
      auto text = to_utf8(decoded_body(entity), parameter(type, "charset"));
      if (text) return out_.texts.push_back({*std::move(text), type.value == "text/html"});
      ++out_.left_out;
      return;
    }
    out_.files.push_back({.name = collapsed(name), .bytes = decoded_body(entity), .mail = type.value == "message/rfc822"});
  }

 private:
  void several(const Entity& entity, const Field& type, int depth) {
    const std::string boundary = parameter(type, "boundary");
    if (boundary.empty()) {
      ++out_.left_out;
      return;
    }
    const auto parts = parts_between(entity.body, boundary);
    if (type.value != "multipart/alternative") {
      for (const std::string_view part : parts) take(entity_of(part), depth + 1);
      return;
    }
    // One message in several forms: what has structure, if it can be read, else what comes first.
    MailParts best;
    bool any = false;
    for (const std::string_view part : parts) {
      MailParts one;
      TakingApart inner(one);
      inner.count_ = count_;
      inner.take(entity_of(part), depth + 1);
      count_ = inner.count_;
      const bool has_html = std::ranges::any_of(one.texts, &MailText::html);
      if (!any || (!one.texts.empty() && (best.texts.empty() || has_html))) best = std::move(one), any = true;
    }
    std::ranges::move(best.texts, std::back_inserter(out_.texts));
    std::ranges::move(best.files, std::back_inserter(out_.files));
    out_.left_out += best.left_out;
  }

  MailParts& out_;
  std::int64_t count_ = 0;
};

}  // namespace

std::string decoded_words(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  bool after_word = false;
  while (at < text.size()) {
    const std::size_t begin = text.find("=?", at);
    const std::size_t charset_end = begin == std::string_view::npos ? begin : text.find('?', begin + 2);
    const std::size_t kind_end = charset_end == std::string_view::npos ? charset_end : text.find('?', charset_end + 1);
    const std::size_t end = kind_end == std::string_view::npos ? kind_end : text.find("?=", kind_end + 1);
    if (end == std::string_view::npos || kind_end != charset_end + 2) {
      out += text.substr(at);
      break;
    }
    const std::string_view between = text.substr(at, begin - at);
    if (!after_word || !trim(between).empty()) out += between;  // spaces between two words are none
    const std::string_view charset = text.substr(begin + 2, charset_end - begin - 2), content = text.substr(kind_end + 1, end - kind_end - 1);
    const bool base64 = text[charset_end + 1] == 'B' || text[charset_end + 1] == 'b';
    const std::string bytes = base64 ? from_loose_base64(content) : from_quoted_printable(content, true);
    out += to_utf8(bytes, charset.substr(0, charset.find('*'))).value_or("?");
    at = end + 2, after_word = true;
  }
  return out;
}

MailParts take_apart(std::string_view bytes) {
  MailParts parts;
  const Entity entity = entity_of(bytes);
  for (const std::string_view name : kShown)
    if (const auto found = entity.headers.find(to_lower(name)); found != entity.headers.end()) {
      const std::string raw = to_utf8(found->second).value_or("");
      parts.headers.emplace_back(name, collapsed(decoded_words(raw)));
    }
  TakingApart(parts).take(entity, 0);
  return parts;
}

}  // namespace demarc::document::worker
