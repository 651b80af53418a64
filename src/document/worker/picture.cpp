#include "document/worker/picture.hpp"

#include <leptonica/allheaders.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "document/worker/limits.hpp"
#include "document/worker/recognise.hpp"

namespace demarc::document::worker {
namespace {

constexpr int kLeastDpi = 150, kMostDpi = 300;  // Tesseract reads best between them
constexpr double kTurnBelow = 0.70;             // of confidence: a page that is read worse may lie on its side
constexpr double kSweepDegrees = 20, kLeastSkewDegrees = 0.15, kSureOfSkew = 3;
constexpr double kRadians = 3.14159265358979 / 180;

const l_uint8* data_of(std::string_view bytes) { return reinterpret_cast<const l_uint8*>(bytes.data()); }

Failure<Refusal> damaged() { return fail(Refusal{"invalid_document", "The picture is damaged or of a kind that cannot be read."}); }

Result<void, Refusal> check_size(l_int32 width, l_int32 height) {
  if (width <= 0 || height <= 0) return damaged();
  if (is_too_large(width, height))
    return fail(Refusal{"document_too_large",
                        "A picture has " + std::to_string(width) + " × " + std::to_string(height) + " pixels; " + pixel_limits() + " are read."});
  return {};
}

// Which way is up, by the JPEG's EXIF block: 1 to 8, 1 where it says nothing.
int exif_orientation(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(i < bytes.size() ? bytes[i] : 0)); };
  std::size_t i = 2;
  while (i + 4 < bytes.size() && at(i) == 0xff && at(i + 1) != 0xda) {
    const std::size_t length = at(i + 2) << 8U | at(i + 3);
    if (at(i + 1) == 0xe1 && bytes.substr(i + 4, 6) == std::string_view("Exif\0\0", 6)) {
      const std::size_t tiff = i + 10;
      const bool little = at(tiff) == 'I';
      const auto two = [&](std::size_t p) { return little ? at(p) | at(p + 1) << 8U : at(p) << 8U | at(p + 1); };
      const auto four = [&](std::size_t p) { return little ? two(p) | two(p + 2) << 16U : two(p) << 16U | two(p + 2); };
      const std::size_t directory = tiff + four(tiff + 4);
      const unsigned entries = directory < bytes.size() ? std::min(two(directory), 200U) : 0;
      for (unsigned e = 0; e < entries; ++e)
        if (two(directory + 2 + std::size_t{12} * e) == 0x0112) {
          const unsigned value = two(directory + 2 + std::size_t{12} * e + 8);
          return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
        }
      return 1;
    }
    i += 2 + std::max<std::size_t>(length, 2);
  }
  return 1;
}

PixPtr upright_by_exif(PixPtr pix, int orientation) {
  const auto rotate = [](PixPtr from, int quarters) { return PixPtr(pixRotateOrth(from.get(), quarters)); };
  const auto flip = [](PixPtr from) { return PixPtr(pixFlipLR(nullptr, from.get())); };
  switch (orientation) {
    case 2: return flip(std::move(pix));
    case 3: return rotate(std::move(pix), 2);
    case 4: return flip(rotate(std::move(pix), 2));
    case 5: return flip(rotate(std::move(pix), 1));
    case 6: return rotate(std::move(pix), 1);
    case 7: return flip(rotate(std::move(pix), 3));
    case 8: return rotate(std::move(pix), 3);
    default: return pix;
  }
}

// What the file says is believed where it could be true; else the picture is taken for a page of letter paper.
int dpi_of(Pix* pix) {
  const int said = pixGetXRes(pix);
  if (said >= 70 && said <= 1'200) return said;
  const int shorter = std::min(pixGetWidth(pix), pixGetHeight(pix));
  return std::clamp(static_cast<int>(shorter / 8.27), 72, 600);
}

// Even paper: shadows and vignettes of a photo are gone, letters stay grey.
PixPtr even_paper(Pix* grey) {
  PixPtr even(pixBackgroundNormSimple(grey, nullptr, nullptr));
  return even != nullptr ? std::move(even) : PixPtr(pixClone(grey));
}

double skew_of(Pix* grey, int dpi) {
  PixPtr black(pixThresholdToBinary(grey, 160));
  if (black == nullptr) return 0;
  const int factor = dpi >= 250 ? 4 : dpi >= 140 ? 2 : 1;
  l_float32 degrees = 0, sure = 0;
  if (pixFindSkewSweepAndSearch(black.get(), &degrees, &sure, factor, std::max(1, factor / 2), static_cast<l_float32>(kSweepDegrees), 1.0F, 0.01F) !=
      0)
    return 0;
  return static_cast<double>(sure) >= kSureOfSkew && std::abs(static_cast<double>(degrees)) >= kLeastSkewDegrees ? static_cast<double>(degrees) : 0;
}

void scale_back(Scan& scan, double by) {
  const auto back = [&](int value) { return static_cast<int>(std::lround(value / by)); };
  const auto box_back = [&](DocumentBox& box) { box = {back(box.left), back(box.top), back(box.right), back(box.bottom)}; };
  for (Word& word : scan.words) box_back(word.box), word.size /= by;
  for (Rule& rule : scan.rules) box_back(rule.box);
}

// Lines are wiped out before the words are read, or they are read as letters.
void read_words(Pix* even, int dpi, Scan& scan) {
  scan.rules = find_rules(even, dpi);
  PixPtr without(scan.rules.empty() ? pixClone(even) : pixCopy(nullptr, even));
  if (without == nullptr) return;
  for (const Rule& rule : scan.rules) {
    Box* line = boxCreate(std::max(0, rule.box.left - 1), std::max(0, rule.box.top - 1), rule.box.width() + 3, rule.box.height() + 3);
    if (line != nullptr) pixSetInRect(without.get(), line);
    boxDestroy(&line);
  }
  scan.words = Recogniser::get().read(without.get(), dpi);
}

bool lies_on_its_side(const std::vector<Word>& words) {
  std::size_t judged = 0, upright = 0;
  for (const Word& word : words) {
    if (word.text.size() < 4) continue;
    ++judged;
    upright += word.box.width() > word.box.height() ? 1U : 0U;
  }
  return judged >= 4 && upright * 2 < judged;
}

// One try, as the picture stands.
Scan read_as_it_stands(Pix* shown, int dpi) {
  Scan scan{.shown = PixPtr(pixClone(shown)), .dpi = dpi};
  auto grey = grey_of(shown);
  if (!grey) return scan;
  PixPtr even = even_paper(grey->get());
  scan.straightened_degrees = skew_of(even.get(), dpi);
  if (scan.straightened_degrees != 0) {
    even = turned(even.get(), 0, scan.straightened_degrees);
    scan.shown = turned(shown, 0, scan.straightened_degrees);
  }
  const double wanted = dpi < kLeastDpi ? kLeastDpi : dpi > kMostDpi ? kMostDpi : dpi;
  const double by = wanted / dpi;
  if (by != 1 && !is_too_large(static_cast<int>(pixGetWidth(even.get()) * by), static_cast<int>(pixGetHeight(even.get()) * by))) {
    even.reset(pixScale(even.get(), static_cast<l_float32>(by), static_cast<l_float32>(by)));
    if (even == nullptr) return scan;
    read_words(even.get(), static_cast<int>(wanted), scan);
    scale_back(scan, by);
  } else {
    read_words(even.get(), dpi, scan);
  }
  // Words of a page on its side are columns of letters: whoever reads them reads the page in the wrong order.
  scan.confidence = lies_on_its_side(scan.words) ? 0 : mean_confidence(scan.words);
  return scan;
}

}  // namespace

bool is_too_large(int width, int height) {
  return std::max(width, height) > limits().document_side_px || std::int64_t{width} * height > limits().document_mpixels * 1'000'000;
}

std::string pixel_limits() {
  return "at most " + std::to_string(limits().document_mpixels) + " million (limits.document_mpixels) and " +
         std::to_string(limits().document_side_px) + " on a side (limits.document_side_px)";
}

void PixFree::operator()(Pix* pix) const { pixDestroy(&pix); }

bool Pictures::looks_like_one(std::string_view bytes) {
  l_int32 format = IFF_UNKNOWN;
  std::string head(bytes.substr(0, 64));
  head.resize(64);
  if (findFileFormatBuffer(data_of(head), &format) != 0) return false;
  switch (format) {
    case IFF_BMP:
    case IFF_JFIF_JPEG:
    case IFF_PNG:
    case IFF_TIFF:
    case IFF_TIFF_PACKBITS:
    case IFF_TIFF_RLE:
    case IFF_TIFF_G3:
    case IFF_TIFF_G4:
    case IFF_TIFF_LZW:
    case IFF_TIFF_ZIP:
    case IFF_TIFF_JPEG:
    case IFF_PNM:
    case IFF_GIF:
    case IFF_WEBP: return true;
    default: return false;
  }
}

Result<Pictures, Refusal> Pictures::open(std::string_view bytes) {
  l_int32 format = IFF_UNKNOWN, width = 0, height = 0, bits = 0, samples = 0, has_map = 0;
  if (bytes.size() < 64 || findFileFormatBuffer(data_of(bytes), &format) != 0) return damaged();
  if (pixReadHeaderMem(data_of(bytes), bytes.size(), &format, &width, &height, &bits, &samples, &has_map) != 0) return damaged();
  TRY(check_size(width, height));
  Pictures pictures;
  pictures.bytes_ = bytes;
  switch (format) {
    case IFF_PNG: pictures.format_ = "png"; break;
    case IFF_JFIF_JPEG: pictures.format_ = "jpeg"; break;
    case IFF_GIF: pictures.format_ = "gif"; break;
    case IFF_WEBP: pictures.format_ = "webp"; break;
    case IFF_BMP: pictures.format_ = "bmp"; break;
    case IFF_PNM: pictures.format_ = "pnm"; break;
    default: pictures.format_ = "tiff"; break;
  }
  if (pictures.format_ != "tiff") return pictures;
  l_int32 pages = 0;
  FILE* file = fopenReadFromMemory(data_of(bytes), bytes.size());
  if (file == nullptr) return damaged();
  const bool counted = tiffGetCount(file, &pages) == 0;
  std::fclose(file);
  if (!counted || pages <= 0) return damaged();
  pictures.pages_ = pages;
  return pictures;
}

Result<Picture, Refusal> Pictures::page(int index) const {
  PixPtr pix;
  if (format_ == "tiff") {
    l_int32 width = 0, height = 0, bits = 0, samples = 0, resolution = 0, has_map = 0, format = 0;
    if (readHeaderMemTiff(data_of(bytes_), bytes_.size(), index, &width, &height, &bits, &samples, &resolution, &has_map, &format) != 0)
      return damaged();
    TRY(check_size(width, height));
    pix.reset(pixReadMemTiff(data_of(bytes_), bytes_.size(), index));
  } else {
    pix.reset(pixReadMem(data_of(bytes_), bytes_.size()));
  }
  if (pix == nullptr) return damaged();
  TRY(check_size(pixGetWidth(pix.get()), pixGetHeight(pix.get())));
  const int dpi = dpi_of(pix.get());
  if (format_ == "jpeg") pix = upright_by_exif(std::move(pix), exif_orientation(bytes_));
  if (pixGetSpp(pix.get()) == 4) pix.reset(pixAlphaBlendUniform(pix.get(), 0xffffff00));  // what shines through is paper
  if (pix == nullptr) return damaged();
  return Picture{std::move(pix), dpi};
}

Result<PixPtr, Refusal> grey_of(Pix* pix) {
  PixPtr grey(pixConvertTo8(pix, 0));
  if (grey == nullptr) return damaged();
  return grey;
}

PixPtr turned(Pix* pix, int degrees, double straighten) {
  PixPtr out(pixClone(pix));
  if (degrees % 360 != 0) out.reset(pixRotateOrth(out.get(), degrees / 90 % 4));
  if (straighten == 0 || out == nullptr) return out;
  if (pixGetDepth(out.get()) == 1) out.reset(pixConvertTo8(out.get(), 0));
  if (PixPtr plain(pixRemoveColormap(out.get(), REMOVE_CMAP_BASED_ON_SRC)); plain != nullptr) out = std::move(plain);
  PixPtr straight(pixRotate(out.get(), static_cast<l_float32>(straighten * kRadians), L_ROTATE_AREA_MAP, L_BRING_IN_WHITE, 0, 0));
  return straight != nullptr ? std::move(straight) : std::move(out);
}

Scan recognise(const Picture& picture) {
  Scan first = read_as_it_stands(picture.pix.get(), picture.dpi);
  if (first.confidence >= kTurnBelow && !first.words.empty()) return first;
  auto grey = grey_of(picture.pix.get());
  if (!grey) return first;
  const PixPtr even = even_paper(grey->get());
  int degrees = Recogniser::get().upright(even.get(), picture.dpi);
  if (degrees == 0 && lies_on_its_side(first.words)) degrees = 90;
  if (degrees == 0) return first;
  const PixPtr upright = turned(picture.pix.get(), degrees, 0);
  Scan second = read_as_it_stands(upright.get(), picture.dpi);
  if (second.confidence <= first.confidence) return first;
  second.turned_degrees = degrees;
  return second;
}

std::vector<Rule> find_rules(Pix* grey, int dpi) {
  std::vector<Rule> rules;
  PixPtr black(pixThresholdToBinary(grey, 170));
  if (black == nullptr) return rules;
  const int least = std::max(20, dpi / 3), thickest = std::max(3, dpi / 25);
  for (const bool level : {true, false}) {
    PixPtr lines(level ? pixOpenBrick(nullptr, black.get(), least, 1) : pixOpenBrick(nullptr, black.get(), 1, least));
    if (lines == nullptr) continue;
    lines.reset(level ? pixCloseBrick(nullptr, lines.get(), 3, 3) : pixCloseBrick(nullptr, lines.get(), 3, 3));
    Boxa* boxes = lines == nullptr ? nullptr : pixConnCompBB(lines.get(), 8);
    const l_int32 count = std::min(boxaGetCount(boxes), 5'000);
    for (l_int32 i = 0; i < count; ++i) {
      l_int32 x = 0, y = 0, w = 0, h = 0;
      if (boxaGetBoxGeometry(boxes, i, &x, &y, &w, &h) != 0 || (level ? h : w) > thickest) continue;
      rules.push_back({{x, y, x + w, y + h}});
    }
    boxaDestroy(&boxes);
  }
  return rules;
}

std::string jpeg_of(Pix* pix, int quality) {
  PixPtr plain(pixGetDepth(pix) == 32 || (pixGetDepth(pix) == 8 && pixGetColormap(pix) == nullptr) ? pixClone(pix)
                                                                                                   : pixConvertTo8Or32(pix, L_COPY, 0));
  l_uint8* data = nullptr;
  size_t size_bytes = 0;
  if (plain == nullptr || pixWriteMemJpeg(&data, &size_bytes, plain.get(), quality, 0) != 0) return {};
  std::string out(reinterpret_cast<const char*>(data), size_bytes);
  lept_free(data);
  return out;
}

PixPtr cut_out(Pix* pix, const DocumentBox& box) {
  Box* part = boxCreate(box.left, box.top, box.width(), box.height());
  PixPtr out(part == nullptr ? nullptr : pixClipRectangle(pix, part, nullptr));
  boxDestroy(&part);
  return out;
}

}  // namespace demarc::document::worker
