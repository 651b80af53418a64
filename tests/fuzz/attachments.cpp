// Files in a request, by what they are: a text in any encoding, a mail with parts, anything else. What nobody changes comes back byte for byte, and
// what leaves after redaction holds nothing direct when it is read again.
#include "privacy/attachments.hpp"

#include <array>

#include "base/encode.hpp"
#include "base/strings.hpp"
#include "core/json/writer.hpp"
#include "dialect/dialect.hpp"
#include "fuzz.hpp"
#include "privacy/file_text.hpp"
#include "privacy/redact.hpp"

namespace demarc::fuzz {
namespace {

using privacy::Charset;
using privacy::FileText;

std::string quoted_printable(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code >= 0x7F || c == '=')
      out += '=', out += kHex[code >> 4U], out += kHex[code & 15U];
    else
      out += c;
  }
  return out;
}

// '|' parts its headers and parts.
std::string mail(std::size_t shape, std::string_view bytes) {
  std::vector<std::string> texts;
  for (const std::string_view part : split(bytes, '|')) texts.push_back(with_values(part));
  texts.resize(std::max<std::size_t>(texts.size(), 4));
  std::string out = "From: " + texts[0] + "\r\nSubject: " + texts[1] + "\r\n";
  if (shape == 0) return out + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + texts[2];
  if (shape == 1) return out + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + quoted_printable(texts[2]);
  if (shape == 2) return out + "Content-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\n\r\n" + to_base64(texts[2]) + "\r\n";
  out += "Content-Type: multipart/mixed; boundary=b1\r\n\r\n";
  for (std::size_t i = 2; i < texts.size(); ++i) out += "--b1\r\nContent-Type: text/plain\r\nX-Note: n\r\n\r\n" + texts[i] + "\r\n";
  return out + "--b1--\r\n";
}

std::string file_of(std::size_t shape, std::string_view bytes) {
  constexpr std::array<Charset::Form, 6> kForms = {Charset::Form::utf8,     Charset::Form::utf16_le, Charset::Form::utf16_be,
                                                   Charset::Form::utf32_le, Charset::Form::utf32_be, Charset::Form::windows_1252};
  if (shape == 0) return std::string(bytes);
  if (shape < 5) return mail(shape - 1, bytes);
  const std::string text = with_values(bytes);
  if (!is_utf8(text)) return text;
  return privacy::encode_text({.form = kForms[shape % kForms.size()], .has_mark = shape > 10}, text);
}

std::unique_ptr<Request> request_with(std::string_view data, const dialect::Dialect& chat) {
  std::string body = R"({"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"filename":"f","file_data":")";
  body += std::string(data) + R"("}}]}]})";
  body.reserve(body.size() + 64);
  auto request = dialect::parse(chat, {.method = "POST", .target = std::string(chat.path), .headers = {}, .body = std::move(body)});
  CHECK(request.ok());
  privacy::look_into_attachments(**request, std::size_t{1} << 20U);
  return std::move(request).value();
}

}  // namespace
}  // namespace demarc::fuzz

FUZZ(attachments) {
  Choices choices(bytes);
  const std::string file = file_of(choices.below(17), bytes);
  if (const auto text = FileText::read(file)) {
    CHECK(is_utf8(text->text()));
    CHECK(text->with(text->text()) == file);
  }
  const dialect::Dialect& chat = *dialect::dialect_named("openai.chat");
  const auto request = request_with("data:text/plain;base64," + to_base64(file), chat);
  InputsRandom random(bytes);
  privacy::Vault vault(random);
  privacy::VaultSession session = vault.open({"key", "c"}, {1});
  const privacy::RedactTypes types;
  const privacy::Redaction redaction = privacy::redact(*request, privacy::examine(*request, detectors()), session, types, detectors());
  if (!redaction.clean) return;
  const std::size_t from = redaction.body.find("base64,") + 7;
  const auto again = request_with("data:text/plain;base64," + redaction.body.substr(from, redaction.body.find('"', from) - from), chat);
  for (const Part& part : again->parts) CHECK(privacy::scans_clean("[" + json_string(part.text) + "]", session, types, detectors()));
}
