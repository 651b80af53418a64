#include "models/format/tesseract.hpp"

namespace demarc::models::format {

Checked<void> check_tesseract(std::string_view bytes) {
  constexpr std::uint32_t kMostEntries = 64;  // Tesseract 5.3 knows 24
  Reader in(bytes);
  const auto entries = TRY(in.number<std::uint32_t>("the number of entries"));
  if (entries == 0 || entries > kMostEntries)
    return fail("it says that it has " + std::to_string(entries) + " entries, where Tesseract's files have at most 64");
  std::uint64_t last = std::uint64_t{sizeof entries} + std::uint64_t{entries} * sizeof(std::int64_t);
  bool any = false;
  for (std::uint32_t i = 0; i < entries; ++i) {
    const auto offset = TRY(in.number<std::int64_t>("an entry's offset"));
    if (offset == -1) continue;
    if (offset < 0 || static_cast<std::uint64_t>(offset) < last || static_cast<std::uint64_t>(offset) > bytes.size())
      return fail("entry " + std::to_string(i) + " begins at byte " + std::to_string(offset) +
                  ", which is in the one before it or behind the file's end");
    last = static_cast<std::uint64_t>(offset);
    any = true;
  }
  if (!any) return fail(std::string("none of its entries is there"));
  return {};
}

}  // namespace demarc::models::format
