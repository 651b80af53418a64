// Pictures, well-formed, damaged or any bytes: what comes out is a picture that comes out of itself again, without a byte of what was written beside
// the pixels.
#include "privacy/picture.hpp"

#include <array>

#include "base/strings.hpp"
#include "fuzz.hpp"
#include "privacy/picture_parts.hpp"

namespace demarc::fuzz {
namespace {

using namespace std::string_literals;
using privacy::bytes_of;
using privacy::Endian;

constexpr std::string_view kPrivate = "written by nobody";

std::string number(std::size_t n, std::size_t size, Endian endian) { return bytes_of(static_cast<std::uint32_t>(n), size, endian); }

// One piece of a container, rightly framed. `what`: 0 to 3 metadata, else pixels, tables, or of a kind that no reader knows.
struct Piece {
  std::size_t what = 0;
  std::string content;
};

std::string jpeg(const std::vector<Piece>& pieces) {
  constexpr std::array<std::string_view, 8> kMarkers = {"\xE1", "\xED", "\xFE", "\xE5", "\xDB", "\xE2", "\xC4", "\xDA"};
  constexpr std::array<std::string_view, 4> kNames = {std::string_view("Exif\0\0", 6), std::string_view("Photoshop 3.0\0", 14), "", ""};
  std::string out = "\xFF\xD8";
  for (const auto& [what, content] : pieces) {
    const std::string inside = (what < kNames.size() ? std::string(kNames[what]) : "") + content;
    out += "\xFF" + std::string(kMarkers[what]) + number(inside.size() + 2, 2, Endian::big) + inside;
    if (what == 7) out += "pixels\xFF\0pixels"s;
  }
  return out + "\xFF\xD9";
}

std::string png(const std::vector<Piece>& pieces) {
  constexpr std::array<std::string_view, 8> kTypes = {"tEXt", "zTXt", "eXIf", "tIME", "IDAT", "PLTE", "gAMA", "IDAT"};
  std::string out = "\x89PNG\r\n\x1A\n" + number(13, 4, Endian::big) + "IHDR" + std::string(13, 'i') + "CRC!";
  for (const auto& [what, content] : pieces) out += number(content.size(), 4, Endian::big) + std::string(kTypes[what]) + content + "CRC!";
  return out + number(0, 4, Endian::big) + "IEND" + "CRC!";
}

std::string webp(const std::vector<Piece>& pieces) {
  constexpr std::array<std::string_view, 8> kTypes = {"EXIF", "XMP ", "META", "XMP ", "VP8 ", "ICCP", "ALPH", "ANMF"};
  std::string inside = "WEBPVP8X" + number(10, 4, Endian::little) + "\x0C\0\0\0wwwhhh"s;
  for (const auto& [what, content] : pieces)
    inside += std::string(kTypes[what]) + number(content.size(), 4, Endian::little) + content + std::string(content.size() % 2, '\0');
  return "RIFF" + number(inside.size(), 4, Endian::little) + inside;
}

std::string blocks_of(std::string_view content) {
  std::string out;
  for (; !content.empty(); content.remove_prefix(std::min<std::size_t>(content.size(), 255))) {
    const std::string_view block = content.substr(0, 255);
    out += number(block.size(), 1, Endian::big) + std::string(block);
  }
  return out + '\0';
}

std::string gif(const std::vector<Piece>& pieces) {
  std::string out = "GIF89a\1\0\1\0\x80\0\0rgbRGB"s;
  for (const auto& [what, content] : pieces) {
    if (what < 2)
      out += "\x21\xFE" + blocks_of(content);
    else if (what < 4)
      out += "\x21\xFF\x0BXMP DataXMP" + blocks_of(content);
    else
      out += "\x2C\0\0\0\0\1\0\1\0\0\x02"s + blocks_of(content);
  }
  return out + "\x3B";
}

bool holds(const std::vector<std::string>& texts, std::string_view words) {
  return std::ranges::any_of(texts, [&](const std::string& text) { return text.find(words) != std::string::npos; });
}

void comes_out_of_itself(std::string_view bytes) {
  if (!privacy::is_picture(bytes)) return;
  const auto picture = privacy::read_picture(bytes);
  if (!picture) return;
  const auto again = privacy::read_picture(picture->bare);
  CHECK(again && again->bare == picture->bare);
}

}  // namespace
}  // namespace demarc::fuzz

FUZZ(picture) {
  comes_out_of_itself(bytes);
  Choices choices(bytes);
  const std::size_t container = choices.below(4), damage = choices.byte(), at = choices.byte() * 3U;
  std::vector<Piece> pieces;
  bool is_private = false;
  for (const std::string_view piece : split(bytes, '|')) {
    if (piece.empty() || piece.find(kPrivate) != std::string_view::npos) continue;
    const std::size_t what = static_cast<unsigned char>(piece[0]) % 8U;
    pieces.push_back({what, std::string(piece.substr(1)) + (what < 4 ? std::string(kPrivate) : "")});
    is_private = is_private || (what < 4 && !(container == 1 && what == 1));  // zTXt is packed: nothing to read, and gone all the same
  }
  std::string made = container == 0 ? jpeg(pieces) : container == 1 ? png(pieces) : container == 2 ? webp(pieces) : gif(pieces);
  if (damage == 0) {
    const auto picture = privacy::read_picture(made);
    if (picture) CHECK(picture->bare.find(kPrivate) == std::string::npos);
    if (picture && is_private) CHECK(holds(picture->texts, kPrivate));
  } else if (damage < 128) {
    made.resize(std::min(made.size(), at));
  } else {
    made[at % made.size()] = static_cast<char>(damage);
  }
  comes_out_of_itself(made);
}
