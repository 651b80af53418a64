#include "tensor/worker/orientation.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace demarc::tensor::worker {
namespace {

std::string tiff(bool big, char orientation) {
  using namespace std::string_literals;
  return big ? "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"s + orientation + "\0\0\0\0\0\0"s
             : "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"s + orientation + "\0\0\0\0\0\0\0"s;
}
std::string jpeg(const std::string& exif) {
  const std::string body = std::string("Exif\0\0", 6) + exif;
  const auto size = body.size() + 2;
  return "\xff\xd8\xff\xe1" + std::string{static_cast<char>(size >> 8), static_cast<char>(size & 0xff)} + body + "\xff\xda";
}

TEST(Orientation, IsReadInBothByteOrders) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(orientation_of(tiff(true, static_cast<char>(orientation))), orientation);
    EXPECT_EQ(orientation_of(tiff(false, static_cast<char>(orientation))), orientation);
    EXPECT_EQ(orientation_of(jpeg(tiff(true, static_cast<char>(orientation)))), orientation);
  }
}

TEST(Orientation, IsUprightWhereANumberMakesNoSense) {
  EXPECT_EQ(orientation_of(tiff(true, 9)), 1);
  EXPECT_EQ(orientation_of(tiff(true, 0)), 1);
  EXPECT_EQ(orientation_of(""), 1);
}

// Under the address sanitizer a read outside would end it.
TEST(Orientation, OfAnyBytesIsOneOfEight) {
  std::mt19937 random(7);
  const std::string whole[] = {tiff(true, 6), tiff(false, 6), jpeg(tiff(true, 6)),
                               std::string("\x89PNG\r\n\x1a\n\0\0\0\x1a", 12) + "eXIf" + tiff(true, 6) + "crc!",
                               std::string("RIFF\x40\0\0\0WEBPEXIF\x1a\0\0\0", 20) + tiff(false, 6)};
  for (int i = 0; i < 200'000; ++i) {
    std::string bytes = whole[random() % 5];
    for (unsigned change = 0; change < 1 + random() % 4; ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes.resize(random() % (bytes.size() + 1));
    const int orientation = orientation_of(std::string(bytes.begin(), bytes.end()));
    ASSERT_TRUE(orientation >= 1 && orientation <= 8);
  }
}

}  // namespace
}  // namespace demarc::tensor::worker
