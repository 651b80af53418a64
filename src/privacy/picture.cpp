#include "privacy/picture.hpp"

#include "privacy/picture_parts.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kText = 4;               // characters that make a run of metadata a text
constexpr std::uint32_t kOrientation = 0x112;  // TIFF 6.0, section 8
constexpr std::size_t kEntry = 12;             // bytes of a directory's entry

bool is_printable(char c) { return (c >= ' ' && c < 0x7F) || static_cast<unsigned char>(c) >= 0x80; }

void add_runs(std::string_view bytes, std::size_t step, std::vector<std::string>& texts) {
  std::string run;
  for (std::size_t at = 0; at <= bytes.size(); at += step) {
    const bool in_run = at + step <= bytes.size() && is_printable(bytes[at]) && (step == 1 || bytes[at + 1] == '\0');
    if (in_run) {
      run += bytes[at];
      continue;
    }
    if (run.size() >= kText) texts.push_back(run);
    run.clear();
  }
}

bool is_webp(std::string_view bytes) { return bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP"); }
bool is_png(std::string_view bytes) { return bytes.starts_with("\x89PNG"); }
bool is_jpeg(std::string_view bytes) { return bytes.starts_with("\xFF\xD8\xFF"); }
bool is_gif(std::string_view bytes) { return bytes.starts_with("GIF8"); }

}  // namespace

std::uint32_t number_of(std::string_view bytes, Endian endian) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    value = value << 8U | static_cast<unsigned char>(bytes[endian == Endian::big ? i : bytes.size() - 1 - i]);
  return value;
}

std::string bytes_of(std::uint32_t number, std::size_t size, Endian endian) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(number >> 8U * (endian == Endian::little ? i : size - 1 - i) & 0xFFU);
  return out;
}

void add_texts(std::string_view metadata, std::vector<std::string>& texts) {
  add_runs(metadata, 1, texts);
  add_runs(metadata, 2, texts);
  if (!metadata.empty()) add_runs(metadata.substr(1), 2, texts);
}

std::optional<std::uint16_t> orientation_of(std::string_view tiff) {
  if (!tiff.starts_with("II*") && !tiff.starts_with("MM")) return std::nullopt;
  const Endian endian = tiff[0] == 'I' ? Endian::little : Endian::big;
  if (tiff.size() < 8) return std::nullopt;
  const std::size_t directory = number_of(tiff.substr(4, 4), endian);
  if (directory > tiff.size() || tiff.size() - directory < 2) return std::nullopt;
  std::string_view entries = tiff.substr(directory + 2);
  for (std::uint32_t left = number_of(tiff.substr(directory, 2), endian); left > 0 && entries.size() >= kEntry; --left) {
    if (number_of(entries.substr(0, 2), endian) == kOrientation) {
      const std::uint32_t value = number_of(entries.substr(8, 2), endian);
      return value >= 2 && value <= 8 ? std::optional(static_cast<std::uint16_t>(value)) : std::nullopt;
    }
    entries.remove_prefix(kEntry);
  }
  return std::nullopt;
}

std::string tiff_with_orientation(std::uint16_t orientation) {
  const auto number = [](std::uint32_t value, std::size_t size) { return bytes_of(value, size, Endian::big); };
  return "MM" + number(42, 2) + number(8, 4) + number(1, 2) +                                             // one entry, at 8
         number(kOrientation, 2) + number(3, 2) + number(1, 4) + number(orientation, 2) + number(0, 2) +  // a SHORT
         number(0, 4);                                                                                    // no other directory
}

bool is_picture(std::string_view bytes) { return is_jpeg(bytes) || is_png(bytes) || is_webp(bytes) || is_gif(bytes); }

std::optional<Picture> read_picture(std::string_view bytes) {
  if (is_jpeg(bytes)) return read_jpeg(bytes);
  if (is_png(bytes)) return read_png(bytes);
  if (is_webp(bytes)) return read_webp(bytes);
  if (is_gif(bytes)) return read_gif(bytes);
  return std::nullopt;
}

}  // namespace demarc::privacy
