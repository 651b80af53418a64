// PNG (W3C PNG third edition, section 5): a signature, then chunks of length, type, data, CRC. APNG's chunks are among those kept.
#include <algorithm>
#include <array>

#include "privacy/picture_parts.hpp"

namespace demarc::privacy {
namespace {

constexpr std::string_view kSignature = "\x89PNG\r\n\x1A\n";
constexpr std::array<std::string_view, 17> kKept = {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT",
                                                    "sRGB", "cICP", "bKGD", "pHYs", "hIST", "acTL", "fcTL", "fdAT"};

std::uint32_t crc_of(std::string_view bytes) {  // section D: CRC-32
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? 0xEDB88320U ^ crc >> 1U : crc >> 1U;
  }
  return ~crc;
}

std::string chunk(const std::string& type, const std::string& data) {
  return bytes_of(static_cast<std::uint32_t>(data.size()), 4, Endian::big) + type + data + bytes_of(crc_of(type + data), 4, Endian::big);
}

}  // namespace

std::optional<Picture> read_png(std::string_view whole) {
  Bytes bytes(whole);
  if (bytes.take(kSignature.size()) != kSignature) return std::nullopt;
  Picture picture{.bare = std::string(kSignature), .texts = {}};
  std::size_t header_end = 0;
  std::optional<std::uint16_t> orientation;
  for (;;) {
    const std::string_view start = bytes.rest();
    const auto length = bytes.take(4), type = bytes.take(4);
    if (!length || !type) return std::nullopt;
    const auto data = bytes.take(number_of(*length, Endian::big));
    if (!data || !bytes.take(4)) return std::nullopt;
    if (header_end == 0 && *type != "IHDR") return std::nullopt;
    if (std::ranges::find(kKept, *type) != kKept.end()) {
      picture.bare.append(start.substr(0, 12 + data->size()));
    } else {
      if (*type == "eXIf") orientation = orientation_of(*data);
      add_texts(*data, picture.texts);
    }
    if (*type == "IHDR") header_end = picture.bare.size();
    if (*type == "IEND") break;
  }
  if (orientation) picture.bare.insert(header_end, chunk("eXIf", tiff_with_orientation(*orientation)));
  return picture;
}

}  // namespace demarc::privacy
