#include "privacy/unread_file.hpp"

#include <algorithm>
#include <array>

#include "privacy/charset.hpp"
#include "privacy/mail.hpp"
#include "privacy/picture.hpp"

namespace demarc::privacy {
namespace {

constexpr std::string_view kToText = "turn it into a text first, by pdftotext for one";
constexpr std::string_view kSaveAs = "save it as text, CSV or HTML first";
constexpr std::string_view kUnpack = "unpack it first, then redact the folder";
constexpr std::string_view kPicture = "save it as PNG or JPEG; what can be read in its pixels stays, whatever the format";
constexpr std::string_view kSound = "demarc transcribe makes a text of what is said";
constexpr std::size_t kHead_bytes = std::size_t{64} << 10U;  // in which a container names its parts

struct Sign {
  std::size_t at;
  std::string_view bytes;
  UnreadFile is;
};

constexpr std::array<Sign, 27> kSigns = {{
    {0, "%!PS", {"PostScript", kToText}},
    {0, "{\\rtf", {"an RTF file", kSaveAs}},
    {0, {"\xD0\xCF\x11\xE0", 4}, {"an Office file of the old kind", kSaveAs}},
    {0, {"\x1F\x8B", 2}, {"a compressed file (gzip)", kUnpack}},
    {0, "BZh", {"a compressed file (bzip2)", kUnpack}},
    {0,
     {"\xFD"
      "7zXZ",
      5},
     {"a compressed file (xz)", kUnpack}},
    {0, {"\x28\xB5\x2F\xFD", 4}, {"a compressed file (zstd)", kUnpack}},
    {0, {"7z\xBC\xAF", 4}, {"an archive (7z)", kUnpack}},
    {0, "Rar!", {"an archive (rar)", kUnpack}},
    {257, "ustar", {"an archive (tar)", kUnpack}},
    {0, "SQLite format 3", {"a database (SQLite)", "export its tables as CSV"}},
    {0, "PAR1", {"a table in Parquet", "export it as CSV"}},
    {0,
     {"\x7F"
      "ELF",
      4},
     {"a program", "leave it out"}},
    {0, {"MZ\x90\0", 4}, {"a program", "leave it out"}},
    {0, {"II*\0", 4}, {"a picture (TIFF)", kPicture}},
    {0, {"MM\0*", 4}, {"a picture (TIFF)", kPicture}},
    {4, "ftyphei", {"a picture (HEIC)", kPicture}},
    {4, "ftypmif1", {"a picture (HEIF)", kPicture}},
    {4, "ftypavif", {"a picture (AVIF)", kPicture}},
    {0, {"BM", 2}, {"a picture (BMP)", kPicture}},
    {8, "WAVE", {"sound", kSound}},
    {0, "ID3", {"sound", kSound}},
    {0, "OggS", {"sound", kSound}},
    {0, "fLaC", {"sound", kSound}},
    {4, "ftyp", {"sound or film", kSound}},
    {0, {"\x1A\x45\xDF\xA3", 4}, {"sound or film", kSound}},
    {0, "begin 6", {"a file in uuencode", "decode it first"}},
}};

UnreadFile zip(std::string_view head) {
  if (head.find("[Content_Types].xml") != std::string_view::npos) return {"an Office file", kSaveAs};
  if (head.find("mimetypeapplication/vnd.oasis") != std::string_view::npos) return {"an OpenDocument file", kSaveAs};
  return {"an archive (zip)", kUnpack};
}

}  // namespace

UnreadFile unread_file(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, kHead_bytes);
  if (is_picture(bytes)) return {"a picture that is damaged, or looks like one only", "open it and save it anew"};
  if (head.substr(0, 1024).find("%PDF-") != std::string_view::npos) return {"a PDF", kToText};
  if (head.starts_with("PK\x03\x04")) return zip(head);
  if (Mail::looks_like_one(bytes))
    return {"an e-mail with a part that is no text", "save its attachments, redact each, and the message without them"};
  const auto decoded = decode_text(bytes);  // before the signs: a text may begin with any letters
  if (decoded && decoded->utf8.find(";base64,") != std::string::npos)
    return {"a text with media inlined (data:)", "take these out, redact them by themselves"};
  const auto* const sign =
      std::ranges::find_if(kSigns, [&](const Sign& one) { return bytes.size() > one.at && bytes.substr(one.at).starts_with(one.bytes); });
  if (sign != kSigns.end()) return sign->is;
  if (bytes.find('\0') == std::string_view::npos)
    return {"neither a text in a known encoding nor an e-mail or picture", "convert it to UTF-8 (iconv -t UTF-8), or leave it out"};
  return {"neither a text, an e-mail nor a picture", "turn it into a text first, or leave it out"};
}

}  // namespace demarc::privacy
