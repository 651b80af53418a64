// What the readers of picture containers share: bytes taken off the front with their bounds checked, numbers, and the two things that are made of
// metadata: texts for the examination, and the orientation. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "privacy/picture.hpp"

namespace demarc::privacy {

class Bytes {  // a cursor
 public:
  explicit Bytes(std::string_view all) : rest_(all) {}
  [[nodiscard]] std::optional<std::string_view> take(std::size_t size) {
    if (size > rest_.size()) return std::nullopt;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

enum class Endian : std::uint8_t { little, big };
std::uint32_t number_of(std::string_view bytes, Endian endian);  // at most 4 bytes
std::string bytes_of(std::uint32_t number, std::size_t size, Endian endian);

// Runs of at least four printable characters, also of UTF-16: what strings(1) shows.
void add_texts(std::string_view metadata, std::vector<std::string>& texts);

// Of a TIFF block (what EXIF is): 2 to 8; nullopt: upright, or not said.
std::optional<std::uint16_t> orientation_of(std::string_view tiff);
std::string tiff_with_orientation(std::uint16_t orientation);

std::optional<Picture> read_jpeg(std::string_view bytes);  // picture_jpeg.cpp
std::optional<Picture> read_png(std::string_view bytes);   // picture_png.cpp
std::optional<Picture> read_webp(std::string_view bytes);  // picture_webp.cpp
std::optional<Picture> read_gif(std::string_view bytes);   // picture_gif.cpp

}  // namespace demarc::privacy
