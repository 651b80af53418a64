// GIF (GIF89a specification): a screen with its colours, then blocks, each a list of sub-blocks.
#include "privacy/picture_parts.hpp"

namespace demarc::privacy {
namespace {

constexpr unsigned char kImage = 0x2C, kExtension = 0x21, kTrailer = 0x3B, kControl = 0xF9, kApplication = 0xFF;

std::size_t table_bytes(char packed) {
  const auto flags = static_cast<unsigned char>(packed);
  return (flags & 0x80U) != 0 ? std::size_t{3} << ((flags & 7U) + 1U) : 0;
}

// Sub-blocks up to the empty one; `text` gets what they hold.
bool take_blocks(Bytes& bytes, std::string& text) {
  for (;;) {
    const auto size = bytes.take(1);
    if (!size) return false;
    const auto data = bytes.take(static_cast<unsigned char>((*size)[0]));
    if (!data) return false;
    if (data->empty()) return true;
    text += *data;
  }
}

bool is_animation(std::string_view text) { return text.starts_with("NETSCAPE2.0") || text.starts_with("ANIMEXTS1.0"); }

}  // namespace

std::optional<Picture> read_gif(std::string_view whole) {
  Bytes bytes(whole);
  const auto screen = bytes.take(13);
  if (!screen || !bytes.take(table_bytes((*screen)[10]))) return std::nullopt;
  Picture picture{.bare = std::string(whole.substr(0, whole.size() - bytes.rest().size())), .texts = {}};
  bool has_image = false;
  for (;;) {
    const std::string_view start = bytes.rest();
    const auto kind = bytes.take(1);
    if (!kind) return std::nullopt;
    std::string text;
    bool kept = true;
    const auto byte = static_cast<unsigned char>((*kind)[0]);
    if (byte == kTrailer) break;
    if (byte == kImage) {
      const auto place = bytes.take(9);
      if (!place || !bytes.take(table_bytes((*place)[8]) + 1) || !take_blocks(bytes, text)) return std::nullopt;  // 1: the code size
      has_image = true;
    } else if (byte == kExtension) {
      const auto label = bytes.take(1);
      if (!label || !take_blocks(bytes, text)) return std::nullopt;
      const auto which = static_cast<unsigned char>((*label)[0]);
      kept = which == kControl || (which == kApplication && is_animation(text) && text.size() <= 16);
    } else {
      return std::nullopt;
    }
    if (kept)
      picture.bare += start.substr(0, start.size() - bytes.rest().size());
    else
      add_texts(text, picture.texts);
  }
  if (!has_image) return std::nullopt;
  picture.bare += static_cast<char>(kTrailer);
  return picture;
}

}  // namespace demarc::privacy
