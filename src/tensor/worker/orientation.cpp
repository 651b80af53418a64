#include "tensor/worker/orientation.hpp"

#include <cstdint>
#include <optional>

namespace demarc::tensor::worker {
namespace {

enum class Order : std::uint8_t { little, big };

std::optional<std::uint32_t> number(std::string_view bytes, std::size_t at, std::size_t size, Order order) {
  if (at > bytes.size() || bytes.size() - at < size) return {};
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t from = order == Order::big ? at + i : at + size - 1 - i;
    value = value << 8U | static_cast<unsigned char>(bytes[from]);
  }
  return value;
}

// The first directory of a TIFF structure, which is also what EXIF is.
int in_tiff(std::string_view tiff) {
  constexpr std::uint32_t kTag = 0x0112, kShort = 3;
  if (!tiff.starts_with("II*") && !tiff.starts_with(std::string_view("MM\0*", 4))) return 1;
  const Order order = tiff[0] == 'I' ? Order::little : Order::big;
  const auto directory = number(tiff, 4, 4, order);
  const auto count = directory ? number(tiff, *directory, 2, order) : std::nullopt;
  if (!count) return 1;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const std::size_t entry = std::size_t{*directory} + 2 + 12UL * i;
    const auto tag = number(tiff, entry, 2, order), type = number(tiff, entry + 2, 2, order), value = number(tiff, entry + 8, 2, order);
    if (!tag || !type || !value) return 1;
    if (*tag == kTag && *type == kShort && *value >= 1 && *value <= 8) return static_cast<int>(*value);
  }
  return 1;
}

int in_jpeg(std::string_view jpeg) {
  constexpr std::string_view kExif("Exif\0\0", 6);
  for (std::size_t at = 2; at + 4 <= jpeg.size();) {
    if (jpeg[at] != '\xff') return 1;
    const auto marker = static_cast<unsigned char>(jpeg[at + 1]);
    if (marker == 0xff) {
      ++at;
      continue;
    }
    if (marker == 0xda || marker == 0xd9) return 1;  // the picture itself
    const auto length = number(jpeg, at + 2, 2, Order::big);
    if (!length || *length < 2) return 1;
    const std::string_view segment = jpeg.substr(at + 4, *length - 2);
    if (marker == 0xe1 && segment.starts_with(kExif)) return in_tiff(segment.substr(kExif.size()));
    at += 2 + *length;
  }
  return 1;
}

int in_png(std::string_view png) {
  for (std::size_t at = 8; at + 12 <= png.size();) {
    const auto length = number(png, at, 4, Order::big);
    if (!length || *length > png.size() - at - 12) return 1;
    if (png.substr(at + 4, 4) == "eXIf") return in_tiff(png.substr(at + 8, *length));
    at += 12 + std::size_t{*length};
  }
  return 1;
}

int in_webp(std::string_view webp) {
  for (std::size_t at = 12; at + 8 <= webp.size();) {
    const auto length = number(webp, at + 4, 4, Order::little);
    if (!length || *length > webp.size() - at - 8) return 1;
    if (webp.substr(at, 4) == "EXIF") {
      std::string_view exif = webp.substr(at + 8, *length);
      if (exif.starts_with("Exif")) exif.remove_prefix(exif.size() < 6 ? exif.size() : 6);  // some writers put JPEG's mark there too
      return in_tiff(exif);
    }
    at += 8 + std::size_t{*length} + *length % 2;
  }
  return 1;
}

}  // namespace

int orientation_of(std::string_view picture) {
  if (picture.starts_with("\xff\xd8")) return in_jpeg(picture);
  if (picture.starts_with("\x89PNG")) return in_png(picture);
  if (picture.starts_with("RIFF")) return in_webp(picture);
  return in_tiff(picture);
}

}  // namespace demarc::tensor::worker
