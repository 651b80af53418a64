// Pictures (JPEG, PNG, WebP, GIF): what stands in them beside the pixels, and the picture without it.
//
//   if (is_picture(bytes))
//     if (const std::optional<Picture> picture = read_picture(bytes))     // nullopt: damaged, or made to look like one; do not let it out
//       search(picture->texts); send(picture->bare);
//
// `bare` keeps everything that decides what is seen: the pixels as they are coded, palettes, colour profiles, animation, and how the picture is to be
// turned (an EXIF block with this one value). It loses what a camera or program wrote about place, time, device and people: EXIF, XMP, IPTC,
// comments, text chunks, thumbnails, and whatever stands behind the picture's end. The containers are walked, nothing is decoded; linear in the size.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::privacy {

struct Picture {
  std::string bare;
  std::vector<std::string> texts;  // what can be read in what was taken out
};

bool is_picture(std::string_view bytes);  // by its first bytes
std::optional<Picture> read_picture(std::string_view bytes);

}  // namespace demarc::privacy
