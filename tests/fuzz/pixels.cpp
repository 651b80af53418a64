// Any bytes as a picture for a network that looks at it, and as one that a document is read from: pixels of the size that was asked for, or a
// sentence that says why not. The heads of the kinds stand for their first bytes, so that decoders are reached.
#include "base/strings.hpp"
#include "fuzz.hpp"
#include "tensor/worker/picture.hpp"
#ifdef DEMARC_DOCUMENT_WORKER
#include "document/worker/limits.hpp"
#include "document/worker/picture.hpp"
#endif

namespace demarc::fuzz {
namespace {

constexpr std::array<std::string_view, 8> kHeads = {
    std::string_view("\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0", 20),
    std::string_view("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16),
    "GIF89a",
    "BM",
    std::string_view("II*\0\x08\0\0\0", 8),
    std::string_view("MM\0*\0\0\0\x08", 8),
    std::string_view("RIFF\x40\0\0\0WEBPVP8 \x34\0\0\0", 20),
    "",
};

constexpr std::uint64_t kMostPixels = 1U << 16U;  // an empty picture of millions takes a millisecond to clear, and that is all that happens to it

void look_at(std::string_view bytes) {
  using namespace tensor::worker;
  for (const Fit fit : {Fit::cover, Fit::stretch}) {
    const auto picture = read_picture(bytes, {.width = 8, .height = 6, .fit = fit, .most_pixels = kMostPixels});
    if (picture)
      CHECK(picture->width == 8 && picture->height == 6 && picture->rgb.size() == 8U * 6U * 3U);
    else
      CHECK(!picture.error().empty() && is_utf8(picture.error()));
  }
}

#ifdef DEMARC_DOCUMENT_WORKER
void read_from(std::string_view bytes) {
  using namespace document::worker;
  static const bool small = [] {
    DocumentLimits limits;
    limits.document_mpixels = 1, limits.document_side_px = 256;
    return set_limits(limits), true;
  }();
  CHECK(small);
  const auto pictures = Pictures::open(bytes);
  if (!pictures) {
    CHECK(!pictures.error().code.empty());
    return;
  }
  CHECK(pictures->pages() > 0);
  const auto page = pictures->page(0);
  CHECK(page ? page->pix != nullptr && page->dpi > 0 : !page.error().message.empty());
}
#endif

}  // namespace
}  // namespace demarc::fuzz

FUZZ(pixels) {
  Choices choices(bytes);
  const std::string whole = std::string(kHeads.at(choices.below(kHeads.size()))) + std::string(bytes);
  look_at(whole);
#ifdef DEMARC_DOCUMENT_WORKER
  read_from(whole);
#endif
}
