// WebP (RFC 9649): RIFF with chunks of type, length, data, padded to even.
#include <algorithm>
#include <array>

#include "privacy/picture_parts.hpp"

namespace demarc::privacy {
namespace {

constexpr std::array<std::string_view, 7> kKept = {"VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP"};
constexpr unsigned kExifFlag = 0x08, kXmpFlag = 0x04;  // in the first byte of VP8X

std::string chunk(std::string_view type, std::string_view data) {
  std::string out = std::string(type) + bytes_of(static_cast<std::uint32_t>(data.size()), 4, Endian::little) + std::string(data);
  if (data.size() % 2 != 0) out += '\0';
  return out;
}

}  // namespace

std::optional<Picture> read_webp(std::string_view whole) {
  Bytes bytes(whole);
  const auto head = bytes.take(12);
  if (!head) return std::nullopt;
  const auto inside = bytes.take(std::max(number_of(head->substr(4, 4), Endian::little), 4U) - 4);  // the size counts "WEBP"
  if (!inside) return std::nullopt;
  Bytes rest(*inside);
  std::string out = "WEBP";
  std::size_t flags = 0;  // where they stand in `out`; 0: the simple form, which has no metadata
  bool has_pixels = false;
  std::optional<std::uint16_t> orientation;
  Picture picture;
  while (!rest.rest().empty()) {
    const auto type = rest.take(4), length = rest.take(4);
    if (!type || !length) return std::nullopt;
    const auto data = rest.take(number_of(*length, Endian::little));
    if (!data || (data->size() % 2 != 0 && !rest.take(1))) return std::nullopt;
    if (*type == "VP8X" && data->size() >= 10) flags = out.size() + 8;
    has_pixels = has_pixels || *type == "VP8 " || *type == "VP8L" || *type == "ANMF";
    if (std::ranges::find(kKept, *type) != kKept.end()) {
      out += chunk(*type, *data);
      continue;
    }
    if (*type == "EXIF") orientation = orientation_of(data->starts_with("Exif") ? data->substr(std::min<std::size_t>(6, data->size())) : *data);
    add_texts(*data, picture.texts);
  }
  if (!has_pixels) return std::nullopt;
  if (flags != 0) {
    unsigned set = static_cast<unsigned char>(out[flags]) & ~(kExifFlag | kXmpFlag);
    if (orientation) out += chunk("EXIF", tiff_with_orientation(*orientation)), set |= kExifFlag;
    out[flags] = static_cast<char>(set);
  }
  picture.bare = "RIFF" + bytes_of(static_cast<std::uint32_t>(out.size()), 4, Endian::little) + out;
  return picture;
}

}  // namespace demarc::privacy
