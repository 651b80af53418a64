#include "privacy/mail.hpp"

#include <algorithm>
#include <array>

#include "base/strings.hpp"
#include "privacy/chars.hpp"
#include "privacy/file_text.hpp"
#include "privacy/mail_words.hpp"
#include "privacy/text_list.hpp"

namespace demarc::privacy {
namespace {

constexpr std::array<std::string_view, 12> kMailHeaders = {"from",         "to",       "subject",     "date",         "received",     "message-id",
                                                           "mime-version", "reply-to", "return-path", "content-type", "delivered-to", "cc"};
constexpr std::size_t kHeaders = 1000;
constexpr std::size_t kParameterName = 200;  // bytes, with the white space around it
constexpr std::size_t kBoundary = 70;        // RFC 2046

struct Header {
  std::string_view name;
  Span line;          // without its end
  std::string whole;  // "Name: value", unfolded
  [[nodiscard]] std::string_view value() const { return trim(std::string_view(whole).substr(name.size() + 1)); }
};

struct Entity {
  std::vector<Header> headers;
  std::size_t body = 0;
  [[nodiscard]] std::string_view find(std::string_view name) const {
    const auto found = std::ranges::find_if(headers, [&](const Header& header) { return equals_ignoring_case(header.name, name); });
    return found == headers.end() ? std::string_view{} : found->value();
  }
};

bool is_header_name(std::string_view name) {
  return !name.empty() && name.size() < 80 && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7F && c != ':'; });
}

std::string unfolded(std::string_view lines) {
  std::string out;
  for (const char c : lines)
    if (c != '\r' && c != '\n') out += c == '\t' ? ' ' : c;
  return out;
}

// The headers from `at` on. nullopt: something stands there that is none.
std::optional<Entity> read_headers(std::string_view mail, Span span) {
  Entity entity;
  std::size_t at = span.begin;
  while (at < span.end) {
    const std::size_t newline = std::min(mail.find('\n', at), span.end);
    std::string_view line = mail.substr(at, newline - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t next = std::min(newline + 1, span.end);
    if (line.empty()) {
      entity.body = next;
      return entity;
    }
    if (is_blank(line[0]) && !entity.headers.empty()) {
      entity.headers.back().line.end = at + line.size();
    } else {
      const std::size_t colon = line.find(':');
      if (colon == std::string_view::npos || !is_header_name(line.substr(0, colon)) || entity.headers.size() >= kHeaders) return std::nullopt;
      entity.headers.push_back({line.substr(0, colon), {at, at + line.size()}, {}});
    }
    at = next;
  }
  entity.body = span.end;
  return entity;
}

// charset of `text/plain; charset="utf-8"`; "" if it is not there.
std::string parameter(std::string_view value, std::string_view name) {
  for (std::size_t at = value.find(';'); at != std::string_view::npos; at = value.find(';', at + 1)) {
    const std::string_view near = value.substr(at + 1, kParameterName);
    const std::size_t equals = near.find('=');
    if (equals == std::string_view::npos || !equals_ignoring_case(trim(near.substr(0, equals)), name)) continue;
    const std::string_view given = trim(value.substr(at + 1 + equals + 1));
    if (given.starts_with('"')) return std::string(given.substr(1, given.find('"', 1) - 1));
    return std::string(given.substr(0, given.find_first_of("; \t")));
  }
  return {};
}

class Reader {
 public:
  Reader(std::string_view mail, int depth) : mail_(mail), depth_(depth) {}

  bool entity(Span span, std::size_t nesting) {
    if (nesting > Mail::kNesting || ++parts_ > Mail::kParts) return false;
    auto read = read_headers(mail_, span);
    if (!read) return false;
    for (Header& header : read->headers) {
      header.whole = unfolded(mail_.substr(header.line.begin, header.line.size()));
      auto text = decode_header(header.whole);
      if (!text || !is_utf8(*text)) return false;
      pieces.push_back({.span = header.line, .text = *std::move(text), .place = "headers/" + std::string(header.name)});
    }
    const Span body{read->body, span.end};
    const std::string type = to_lower(read->find("content-type"));
    if (type.starts_with("multipart/")) return multipart(body, parameter(read->find("content-type"), "boundary"), nesting);
    if (type.starts_with("message/rfc822")) return entity(body, nesting + 1);
    const std::string charset = parameter(type, "charset");
    if (!charset.empty() && !is_known_charset(charset)) return false;
    return leaf(body, to_lower(read->find("content-transfer-encoding")));
  }

  std::vector<Mail::Piece> pieces;

 private:
  bool leaf(Span body, std::string_view transfer) {
    const std::string_view written = mail_.substr(body.begin, body.size());
    if (transfer.empty() || transfer == "7bit" || transfer == "8bit" || transfer == "binary")
      return part(body, std::string(written), Mail::Transfer::none);
    if (transfer == "quoted-printable") return part(body, decode_quoted_printable(written), Mail::Transfer::quoted_printable);
    if (transfer != "base64") return false;
    auto bytes = decode_wrapped_base64(written);
    return bytes && part(body, *std::move(bytes), Mail::Transfer::base64);
  }

  bool part(Span body, const std::string& bytes, Mail::Transfer transfer) {
    if (trim(bytes).empty()) return true;
    if (depth_ <= 0) return false;
    auto file = FileText::read(bytes, depth_ - 1);
    if (!file) return false;
    std::string text = file->text();
    pieces.push_back({body, std::move(text), "parts/" + std::to_string(++texts_), transfer, std::make_shared<const FileText>(*std::move(file))});
    return true;
  }

  // "--boundary" at a line's beginning opens a part and ends the one before; "--boundary--" ends the last.
  bool multipart(Span body, const std::string& boundary, std::size_t nesting) {
    if (boundary.empty() || boundary.size() > kBoundary) return false;
    const std::string mark = "--" + boundary, last_mark = mark + "--";
    std::size_t from = body.begin;
    bool inside = false;
    for (std::size_t at = body.begin; at < body.end;) {
      const std::size_t next = std::min(mail_.find('\n', at), body.end - 1) + 1;
      const std::string_view line = trim(mail_.substr(at, next - at));
      const bool last = line == last_mark;
      if (line == mark || last) {
        if (!between({from, before_line(from, at)}, inside, nesting)) return false;
        inside = !last, from = next;
      }
      at = next;
    }
    return between({from, body.end}, inside, nesting);
  }

  // The line's end before a boundary is the boundary's.
  [[nodiscard]] std::size_t before_line(std::size_t from, std::size_t at) const {
    if (at > from && mail_[at - 1] == '\n') --at;
    if (at > from && mail_[at - 1] == '\r') --at;
    return at;
  }

  bool between(Span span, bool inside, std::size_t nesting) {
    return inside ? entity(span, nesting + 1) : part(span, std::string(mail_.substr(span.begin, span.size())), Mail::Transfer::none);
  }

  std::string_view mail_;
  int depth_;
  std::size_t parts_ = 0, texts_ = 0;
};

std::string written(const Mail::Piece& piece, std::string bytes, std::string_view line_end) {
  switch (piece.transfer) {
    case Mail::Transfer::none: return bytes;
    case Mail::Transfer::quoted_printable: return encode_quoted_printable(bytes);
    case Mail::Transfer::base64: return encode_wrapped_base64(bytes, line_end);
  }
  return bytes;
}

}  // namespace

bool Mail::looks_like_one(std::string_view bytes) {
  const std::size_t head = std::min({bytes.find("\n\n"), bytes.find("\n\r\n"), bytes.size()});
  if (head == bytes.size()) return false;
  const auto entity = read_headers(bytes, {0, head + 1});
  if (!entity) return false;
  const auto known = std::ranges::count_if(kMailHeaders, [&](std::string_view name) {
    return std::ranges::any_of(entity->headers, [&](const Header& h) { return equals_ignoring_case(h.name, name); });
  });
  return known >= 2;
}

std::optional<Mail> Mail::read(std::string_view bytes, int depth) {
  Reader reader(bytes, depth);
  if (!reader.entity({0, bytes.size()}, 0)) return std::nullopt;
  Mail mail;
  mail.bytes_ = bytes;
  mail.pieces_ = std::move(reader.pieces);
  return mail;
}

std::string Mail::text() const {
  std::vector<std::string> texts;
  for (const Piece& piece : pieces_) texts.push_back(piece.text);
  return list_of(texts);
}

std::optional<std::string> Mail::with(std::string_view text) const {
  const auto news = texts_of(text);
  if (!news || news->size() != pieces_.size()) return std::nullopt;
  const std::string_view line_end = bytes_.find("\r\n") == std::string::npos ? "\n" : "\r\n";
  Edits edits;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    if ((*news)[i] == piece.text) continue;
    auto bytes = piece.file ? piece.file->with((*news)[i]) : (*news)[i];
    if (!bytes) return std::nullopt;
    edits.push_back({piece.span, written(piece, *std::move(bytes), line_end)});
  }
  return demarc::apply(bytes_, std::move(edits));
}

}  // namespace demarc::privacy
