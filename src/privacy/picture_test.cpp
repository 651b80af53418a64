#include "privacy/picture.hpp"

#include <gtest/gtest.h>

#include "privacy/picture_parts.hpp"

namespace demarc::privacy {
namespace {

using namespace std::string_literals;

const std::string kTiff = tiff_with_orientation(6) + "GPS 59.33,18.06 ada@example.org";

std::string jpeg_segment(char marker, const std::string& content) {
  return "\xFF"s + marker + bytes_of(static_cast<std::uint32_t>(content.size() + 2), 2, Endian::big) + content;
}
std::string png_chunk(const std::string& type, const std::string& data) {
  return bytes_of(static_cast<std::uint32_t>(data.size()), 4, Endian::big) + type + data + "CRC!";
}
std::string riff_chunk(const std::string& type, const std::string& data) {
  return type + bytes_of(static_cast<std::uint32_t>(data.size()), 4, Endian::little) + data + std::string(data.size() % 2, '\0');
}

const std::string kTables = jpeg_segment('\xDB', "tables"), kScan = jpeg_segment('\xDA', "scan") + "pixels\xFF\0\xFF\xD0pixels"s;
const std::string kJpeg = "\xFF\xD8" + jpeg_segment('\xE0', "JFIF\0\1\2\0\0\1\0\1\1\1rgb"s) + jpeg_segment('\xE1', "Exif\0\0"s + kTiff) +
                          jpeg_segment('\xE1', "http://ns.adobe.com/xap/1.0/\0<x>Ada</x>"s) + jpeg_segment('\xE2', "ICC_PROFILE\0\1\1icc"s) +
                          jpeg_segment('\xED', "Photoshop 3.0\0"s) + kTables + jpeg_segment('\xFE', "by Ada") + kScan + kScan +
                          "\xFF\xD9trailing ada";
const std::string kPng = "\x89PNG\r\n\x1A\n" + png_chunk("IHDR", "13 bytes here") + png_chunk("tEXt", "Author\0Ada Lovelace"s) +
                         png_chunk("eXIf", kTiff) + png_chunk("IDAT", "pixels") + png_chunk("zTXt", "x\0\0packed"s) + png_chunk("IEND", "") +
                         "behind";
const std::string kWebpInside =
    "WEBP" + riff_chunk("VP8X", "\x0C\0\0\0wwwhhh"s) + riff_chunk("VP8 ", "pixel") + riff_chunk("EXIF", kTiff) + riff_chunk("XMP ", "<x>Ada L</x>");
const std::string kWebp = "RIFF" + bytes_of(static_cast<std::uint32_t>(kWebpInside.size()), 4, Endian::little) + kWebpInside + "behind";
const std::string kGif = "GIF89a\1\0\1\0\x80\0\0rgbRGB"s + "\x21\xFF\x0BNETSCAPE2.0\x03\1\0\0\0"s +
                         "\x21\xFE\x06"
                         "by Ada\0"s +
                         "\x21\xFF\x0BXMP DataXMP\x04"
                         "ada.\0"s +
                         "\x21\xF9\x04\0\0\0\0\0"s + "\x2C\0\0\0\0\1\0\1\0\0\x02\x02pp\0"s + "\x3Btrail";

bool has(const Picture& picture, std::string_view words) {
  return std::any_of(picture.texts.begin(), picture.texts.end(), [&](const std::string& text) { return text.find(words) != std::string::npos; });
}

TEST(Picture, TakesFromAJpegAllButWhatIsSeenAndHowItIsTurned) {
  const auto picture = read_picture(kJpeg);
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->bare, "\xFF\xD8" + jpeg_segment('\xE1', "Exif\0\0"s + tiff_with_orientation(6)) +
                               jpeg_segment('\xE0', "JFIF\0\1\2\0\0\1\0\1\0\0"s) + jpeg_segment('\xE2', "ICC_PROFILE\0\1\1icc"s) + kTables + kScan +
                               kScan + "\xFF\xD9");
  EXPECT_TRUE(has(*picture, "GPS 59.33,18.06 ada@example.org"));
  EXPECT_TRUE(has(*picture, "by Ada"));
}

TEST(Picture, TakesTextChunksFromAPng) {
  const auto picture = read_picture(kPng);
  ASSERT_TRUE(picture);
  for (const std::string_view gone : {"Ada", "GPS", "packed", "behind"}) EXPECT_EQ(picture->bare.find(gone), std::string::npos) << gone;
  EXPECT_NE(picture->bare.find("\0\0\0\x06IDATpixelsCRC!"s), std::string::npos);
  EXPECT_TRUE(has(*picture, "Ada Lovelace"));
  const std::size_t exif = picture->bare.find("eXIf");
  ASSERT_NE(exif, std::string::npos);
  EXPECT_EQ(orientation_of(std::string_view(picture->bare).substr(exif + 4)), 6);
}

TEST(Picture, TakesMetadataFromAWebpAndSaysSoInItsFlags) {
  const auto picture = read_picture(kWebp);
  ASSERT_TRUE(picture);
  const std::string inside =
      "WEBP" + riff_chunk("VP8X", "\x08\0\0\0wwwhhh"s) + riff_chunk("VP8 ", "pixel") + riff_chunk("EXIF", tiff_with_orientation(6));
  EXPECT_EQ(picture->bare, "RIFF" + bytes_of(static_cast<std::uint32_t>(inside.size()), 4, Endian::little) + inside);
  EXPECT_TRUE(has(*picture, "Ada L"));
}

TEST(Picture, TakesCommentsFromAGifAndKeepsItsAnimation) {
  const auto picture = read_picture(kGif);
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->bare, "GIF89a\1\0\1\0\x80\0\0rgbRGB"s + "\x21\xFF\x0BNETSCAPE2.0\x03\1\0\0\0"s + "\x21\xF9\x04\0\0\0\0\0"s +
                               "\x2C\0\0\0\0\1\0\1\0\0\x02\x02pp\0"s + "\x3B");
  EXPECT_TRUE(has(*picture, "by Ada"));
}

TEST(Picture, IsTheSameWhenDoneTwice) {
  for (const std::string& bytes : {kJpeg, kPng, kWebp, kGif}) {
    const auto once = read_picture(bytes);
    ASSERT_TRUE(once);
    const auto twice = read_picture(once->bare);
    ASSERT_TRUE(twice);
    EXPECT_EQ(twice->bare, once->bare);
  }
}

TEST(Picture, IsNoPictureIfCut) {
  for (const std::string& bytes : {kJpeg, kPng, kWebp, kGif}) {
    const std::size_t whole = read_picture(bytes)->bare.size();
    ASSERT_GT(whole, 0U);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto cut = read_picture(std::string_view(bytes).substr(0, size));
      if (cut) EXPECT_EQ(cut->bare.size(), whole) << size;  // only what stood behind its end is gone
    }
  }
}

TEST(Picture, TakesAnyByteForAnyOther) {
  for (const std::string& bytes : {kJpeg, kPng, kWebp, kGif})
    for (std::size_t at = 0; at < bytes.size(); ++at)
      for (const char c : {'\0', '\x7F', '\xFF'}) {
        std::string changed = bytes;
        changed[at] = c;
        if (const auto picture = read_picture(changed)) EXPECT_LE(picture->bare.size(), changed.size() + 64);
      }
}

TEST(Picture, ReadsTextsOfTwoBytesACharacter) {
  std::vector<std::string> texts;
  add_texts("\1\0A\0d\0a\0 \0L\0\0\0"s, texts);
  EXPECT_EQ(texts, std::vector<std::string>{"Ada L"});
}

}  // namespace
}  // namespace demarc::privacy
