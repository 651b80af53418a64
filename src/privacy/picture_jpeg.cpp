// JPEG (ITU-T T.81, annex B): markers with segments, and between them the coded scans.
#include "privacy/picture_parts.hpp"

namespace demarc::privacy {
namespace {

constexpr unsigned kStartOfScan = 0xDA, kEnd = 0xD9, kApp0 = 0xE0, kApp1 = 0xE1, kApp2 = 0xE2, kApp14 = 0xEE, kApp15 = 0xEF, kComment = 0xFE;
constexpr std::size_t kJfif = 14;  // bytes of a JFIF segment without its thumbnail
using namespace std::string_view_literals;
constexpr std::string_view kExif = "Exif\0\0"sv;

bool is_bare(unsigned marker) { return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8); }  // has no segment
bool is_restart(unsigned char c) { return c >= 0xD0 && c <= 0xD7; }

std::string segment(unsigned marker, std::string_view content) {
  return "\xFF" + std::string(1, static_cast<char>(marker)) + bytes_of(static_cast<std::uint32_t>(content.size() + 2), 2, Endian::big) +
         std::string(content);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::optional<Picture> read() {
    static_cast<void>(bytes_.take(2));
    for (;;) {
      const auto marker = next_marker();
      if (!marker) return std::nullopt;
      if (*marker == kEnd) break;
      if (is_bare(*marker)) return std::nullopt;  // not outside a scan
      const auto content = next_segment();
      if (!content) return std::nullopt;
      take(*marker, *content);
      if (*marker == kStartOfScan) copy_scan();
    }
    if (!has_scan_) return std::nullopt;
    std::string start = "\xFF\xD8";
    if (orientation_) start += segment(kApp1, std::string(kExif) + tiff_with_orientation(*orientation_));
    picture_.bare = start + out_ + "\xFF\xD9";
    return std::move(picture_);
  }

 private:
  std::optional<unsigned> next_marker() {
    auto byte = bytes_.take(1);
    if (!byte || (*byte)[0] != '\xFF') return std::nullopt;
    do byte = bytes_.take(1);
    while (byte && (*byte)[0] == '\xFF');  // fill bytes
    if (!byte) return std::nullopt;
    return static_cast<unsigned char>((*byte)[0]);
  }

  std::optional<std::string_view> next_segment() {
    const auto length = bytes_.take(2);
    if (!length || number_of(*length, Endian::big) < 2) return std::nullopt;
    return bytes_.take(number_of(*length, Endian::big) - 2);
  }

  void take(unsigned marker, std::string_view content) {
    if (marker == kApp0 && content.starts_with("JFIF\0"sv) && content.size() >= kJfif) {
      out_ += segment(marker, std::string(content.substr(0, kJfif - 2)) + std::string(2, '\0'));  // no thumbnail
      return;
    }
    const bool about_colours = (marker == kApp2 && content.starts_with("ICC_PROFILE\0"sv)) || (marker == kApp14 && content.starts_with("Adobe"));
    if ((marker < kApp0 || marker > kApp15 || about_colours) && marker != kComment) {
      out_ += segment(marker, content);
      return;
    }
    if (marker == kApp1 && content.starts_with(kExif) && !orientation_) orientation_ = orientation_of(content.substr(kExif.size()));
    add_texts(content, picture_.texts);
  }

  // Up to the next marker that is neither a stuffed zero nor a restart.
  void copy_scan() {
    has_scan_ = true;
    const std::string_view rest = bytes_.rest();
    std::size_t end = rest.size();
    for (std::size_t at = rest.find('\xFF'); at != std::string_view::npos && at + 1 < rest.size(); at = rest.find('\xFF', at + 1)) {
      const auto next = static_cast<unsigned char>(rest[at + 1]);
      if (next == 0 || next == 0xFF || is_restart(next)) continue;
      end = at;
      break;
    }
    out_ += *bytes_.take(end);
  }

  Bytes bytes_;
  std::string out_;
  bool has_scan_ = false;
  std::optional<std::uint16_t> orientation_;
  Picture picture_;
};

}  // namespace

std::optional<Picture> read_jpeg(std::string_view bytes) { return Reader(bytes).read(); }

}  // namespace demarc::privacy
