// Every reading of a text maps back, each of its characters, to whole characters of the text as it came, and is not much longer than that. The
// decoders that make them stand for the bytes they say.
#include "privacy/readings.hpp"

#include "base/strings.hpp"
#include "fuzz.hpp"
#include "privacy/decode.hpp"
#include "privacy/utf8.hpp"

namespace demarc::fuzz {
namespace {

constexpr std::string_view kEscapes = "%&\\=";

void check_decoders(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const auto as : {privacy::Encodings::likely, privacy::Encodings::possible})
      for (const auto& run : {privacy::decode_base64_run(text, at, privacy::Lines::one, as),
                              privacy::decode_base64_run(text, at, privacy::Lines::wrapped, as), privacy::decode_hex_run(text, at, as)})
        CHECK(run.size <= text.size() - at && run.text.size() <= run.size + run.size / 4 + 1);  // some characters are three bytes in UTF-8
    if (kEscapes.find(text[at]) == std::string_view::npos) continue;
    const privacy::Decoded escape = privacy::decode_escape(text, at);
    CHECK(escape.size <= text.size() - at && escape.text.size() <= escape.size);
  }
}

}  // namespace
}  // namespace demarc::fuzz

FUZZ(readings) {
  const std::string text = with_values(bytes);
  const privacy::Readings readings(text);
  const bool valid = is_utf8(text);
  CHECK(readings.size() >= 1);
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const std::string_view read = readings[i].text;
    CHECK(readings[i].disguise.empty() == (i == 0));
    CHECK(read.size() <= 12 * text.size() + 1024);  // what can be read in several ways is said in each
    for (std::size_t at = 0; at < read.size();) {
      const std::size_t size = privacy::next_utf8(read, at).size;
      const Span span = readings.original(i, {at, at + size});
      const bool between = read[at] == '\n' || read[at] == '\0';  // what parts two stretches stands for nothing
      CHECK((span.begin < span.end || between) && span.end <= text.size());
      if (valid) CHECK(!privacy::is_utf8_tail(text[span.begin]) && (span.end == text.size() || !privacy::is_utf8_tail(text[span.end])));
      at += size;
    }
  }
  check_decoders(text);
}
