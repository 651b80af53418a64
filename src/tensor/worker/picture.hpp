// read_picture(): a picture of whatever kind as upright RGB of the size that a network wants, or why not.
//
//   const auto picture = read_picture(bytes, {.width = 224, .height = 224, .fit = Fit::cover});
//
// JPEG (also CMYK), PNG (also 16 bits), GIF, WebP, BMP, TIFF; of an animation the first frame. Turned as EXIF says; what is transparent becomes
// white. Refused with a reason: other kinds, damaged and cut-off ones, more than `most_pixels`, animated WebP. A JPEG far larger than wanted is
// decoded at a half, a quarter or an eighth. Decoded by FFmpeg, only in the worker's sandbox. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace demarc::tensor::worker {

inline constexpr std::uint64_t kMaxPixels = 64'000'000;
inline constexpr std::size_t kMaxPictureBytes = std::size_t{24} << 20;

enum class Fit : std::uint8_t {
  stretch,  // to the size, whatever its shape
  cover,    // its middle, as much of it as has the shape
};

struct PictureSize {
  std::size_t width = 0, height = 0;
  Fit fit = Fit::cover;
  std::uint64_t most_pixels = kMaxPixels;  // of what is decoded
};

struct Picture {
  std::size_t width = 0, height = 0;
  std::vector<std::uint8_t> rgb;  // row after row
};

Result<Picture, std::string> read_picture(std::string_view bytes, const PictureSize& size);

}  // namespace demarc::tensor::worker
