#include "privacy/unread_file.hpp"

#include <gtest/gtest.h>

#include <string>

namespace demarc::privacy {
namespace {

using namespace std::string_literals;

TEST(UnreadFile, IsNamedByItsBytes) {
  EXPECT_EQ(unread_file("%PDF-1.7\n").what, "a PDF");
  EXPECT_EQ(unread_file("\n\n%PDF-1.7\n").what, "a PDF");
  EXPECT_EQ(unread_file("PK\x03\x04 … [Content_Types].xml").what, "an Office file");
  EXPECT_EQ(unread_file("PK\x03\x04 … a.txt").what, "an archive (zip)");
  EXPECT_EQ(unread_file("\x1F\x8B\x08\0\0"s).what, "a compressed file (gzip)");
  EXPECT_EQ(unread_file("\0\0\0\x18"
                        "ftypheic"s)
                .what,
            "a picture (HEIC)");
  EXPECT_EQ(unread_file("RIFF\0\0\0\0WAVEfmt "s).what, "sound");
  EXPECT_EQ(unread_file(std::string(257, 'a') + "ustar\0\0"s).what, "an archive (tar)");
}

TEST(UnreadFile, ThatIsADamagedPictureSaysSo) { EXPECT_TRUE(unread_file("\xFF\xD8\xFF\xE1 broken").what.starts_with("a picture that is damaged")); }

TEST(UnreadFile, WithMediaInlinedIsNoUnknown) {
  EXPECT_EQ(unread_file("<img src=\"data:image/png;base64,AAAA\">").what, "a text with media inlined (data:)");
}

TEST(UnreadFile, OfWhateverBytesHasANextStep) {
  for (const std::string& bytes : {""s, "\0"s, "\x81\x8D\x8F"s, "BM"s, std::string(300, '\xC3')}) EXPECT_FALSE(unread_file(bytes).next.empty());
}

}  // namespace
}  // namespace demarc::privacy
