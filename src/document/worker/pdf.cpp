#include "document/worker/pdf.hpp"

#include <fpdf_annot.h>
#include <fpdf_edit.h>
#include <fpdf_text.h>
#include <fpdfview.h>
#include <leptonica/allheaders.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>

#include "base/strings.hpp"
#include "document/worker/limits.hpp"

namespace demarc::document::worker {
namespace {

constexpr double kPointsPerInch = 72;
constexpr double kMostInches = 200;       // of a page's side; PDF's own limit
constexpr int kMostObjects = 200'000;     // of a page that are looked at
constexpr double kBrokenLetters = 0.08;   // of all that mean nothing
constexpr double kLeastPlausible = 0.45;  // of words
constexpr std::size_t kEnoughWords = 12;  // to judge by
constexpr double kMostlyPicture = 0.6;    // of the page
constexpr std::size_t kLittleText = 250;  // letters, beside such a picture
constexpr int kBoldWeight = 600;
constexpr double kLeastPictureInches = 0.75;

struct ClosedText {
  void operator()(fpdf_textpage_t__* text) const { FPDFText_ClosePage(text); }
};
using TextPage = std::unique_ptr<fpdf_textpage_t__, ClosedText>;

void append_utf8(std::string& out, unsigned c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0U | c >> 6U), out += static_cast<char>(0x80U | (c & 0x3fU));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0U | c >> 12U), out += static_cast<char>(0x80U | (c >> 6U & 0x3fU)), out += static_cast<char>(0x80U | (c & 0x3fU));
  } else {
    out += static_cast<char>(0xf0U | c >> 18U), out += static_cast<char>(0x80U | (c >> 12U & 0x3fU)),
        out += static_cast<char>(0x80U | (c >> 6U & 0x3fU)), out += static_cast<char>(0x80U | (c & 0x3fU));
  }
}

bool is_space(unsigned c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0xa0 || (c >= 0x2000 && c <= 0x200b) || c == 0x3000 || c == 0xfeff;
}
bool means_nothing(unsigned c) {
  return c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0) || c == 0xfffd || (c >= 0xe000 && c <= 0xf8ff && c != 0xf0b7 && c != 0xf0a7);
}

// Letters of a text layer, become words.
class WordReader {
 public:
  WordReader(FPDF_PAGE page, FPDF_TEXTPAGE text, int width, int height) : page_(page), text_(text), width_(width), height_(height) {}

  void run(TextLayer& layer) {
    const int count = FPDFText_CountChars(text_);
    const auto most = static_cast<std::size_t>(limits().document_words);
    int i = 0;
    for (; i < count && layer.content.words.size() < most; ++i) take(i, count, layer);
    left_out().too_many_words = left_out().too_many_words || i < count;
    flush(layer);
  }
  [[nodiscard]] std::size_t letters() const { return letters_; }
  [[nodiscard]] std::size_t broken() const { return broken_; }
  [[nodiscard]] std::size_t hidden() const { return hidden_; }

 private:
  void take(int& i, int count, TextLayer& layer) {
    unsigned c = FPDFText_GetUnicode(text_, i);
    const int at = i;
    if (c >= 0xd800 && c < 0xdc00 && i + 1 < count) {
      const unsigned low = FPDFText_GetUnicode(text_, i + 1);
      if (low >= 0xdc00 && low < 0xe000) c = 0x10000 + ((c - 0xd800) << 10U) + (low - 0xdc00), ++i;
    }
    if (c >= 0xd800 && c < 0xe000) c = 0xfffd;
    if (c == 0x02) c = '-';  // PDFium's mark for a hyphen at a line's end
    if (is_space(c) || c == 0) return flush(layer);
    if (c == 0xad) c = '-';
    ++letters_;
    const bool is_broken = means_nothing(c) || FPDFText_HasUnicodeMapError(text_, at) == 1;
    broken_ += is_broken ? 1U : 0U;
    if (FPDF_PAGEOBJECT object = FPDFText_GetTextObject(text_, at); object != nullptr)
      hidden_ += FPDFTextObj_GetTextRenderMode(object) == FPDF_TEXTRENDERMODE_INVISIBLE ? 1U : 0U;
    const auto box = box_of(at);
    if (!box) return;
    if (!word_.text.empty() && stands_apart(*box)) flush(layer);
    if (word_.text.empty()) {
      word_.size = FPDFText_GetFontSize(text_, at) * kPdfDpi / kPointsPerInch;
      word_.bold = is_bold(at);
    }
    if (is_broken) c = 0xfffd;
    append_utf8(word_.text, c);
    word_.box.unite(*box);
    last_ = *box;
  }

  [[nodiscard]] std::optional<DocumentBox> box_of(int at) const {
    FS_RECTF loose{};  // the line's height: letters of one word have the same
    if (!FPDFText_GetLooseCharBox(text_, at, &loose)) return {};
    int x1 = 0, y1 = 0, x2 = 0, y2 = 0;
    FPDF_PageToDevice(page_, 0, 0, width_, height_, 0, static_cast<double>(loose.left), static_cast<double>(loose.top), &x1, &y1);
    FPDF_PageToDevice(page_, 0, 0, width_, height_, 0, static_cast<double>(loose.right), static_cast<double>(loose.bottom), &x2, &y2);
    DocumentBox box{std::min(x1, x2), std::min(y1, y2), std::max(x1, x2), std::max(y1, y2)};
    if (box.right == box.left) ++box.right;
    if (box.bottom == box.top) ++box.bottom;
    if (box.right <= 0 || box.bottom <= 0 || box.left >= width_ || box.top >= height_) return {};  // beside the page: nobody sees it
    return box;
  }

  [[nodiscard]] bool stands_apart(const DocumentBox& box) const {
    const int height = std::max(last_.height(), box.height());
    const int shared = std::min(last_.bottom, box.bottom) - std::max(last_.top, box.top);
    return shared < height / 3 || box.left > last_.right + height / 2 || box.right < last_.left - height;
  }

  [[nodiscard]] bool is_bold(int at) const {
    if (FPDFText_GetFontWeight(text_, at) >= kBoldWeight) return true;
    std::string name(128, '\0');
    int flags = 0;
    const unsigned long length = FPDFText_GetFontInfo(text_, at, name.data(), name.size(), &flags);
    name.resize(length > 0 ? std::min<std::size_t>(length - 1, name.size()) : 0);
    const std::string lower = to_lower(name);
    return lower.find("bold") != std::string::npos || lower.find("black") != std::string::npos || lower.find("heavy") != std::string::npos;
  }

  void flush(TextLayer& layer) {
    if (!word_.text.empty()) {
      word_.size = std::clamp(word_.size, 1.0, std::max(1.0, 2.0 * word_.box.height()));  // a matrix may make much of a font of size 1
      if (word_.size < 0.4 * word_.box.height()) word_.size = word_.box.height() * 0.8;
      layer.content.words.push_back(std::move(word_));
    }
    word_ = {};
  }

  FPDF_PAGE page_;
  FPDF_TEXTPAGE text_;
  int width_, height_;
  Word word_;
  DocumentBox last_;
  std::size_t letters_ = 0, broken_ = 0, hidden_ = 0;
};

std::optional<DocumentBox> box_of(FPDF_PAGE page, FPDF_PAGEOBJECT object, int width, int height) {
  float left = 0, bottom = 0, right = 0, top = 0;
  if (!FPDFPageObj_GetBounds(object, &left, &bottom, &right, &top)) return {};
  int x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  FPDF_PageToDevice(page, 0, 0, width, height, 0, static_cast<double>(left), static_cast<double>(top), &x1, &y1);
  FPDF_PageToDevice(page, 0, 0, width, height, 0, static_cast<double>(right), static_cast<double>(bottom), &x2, &y2);
  const DocumentBox box{std::clamp(std::min(x1, x2), 0, width), std::clamp(std::min(y1, y2), 0, height), std::clamp(std::max(x1, x2), 0, width),
                        std::clamp(std::max(y1, y2), 0, height)};
  return box.empty() ? std::nullopt : std::optional(box);
}

Refusal open_error() {
  switch (FPDF_GetLastError()) {
    case FPDF_ERR_PASSWORD: return {"document_encrypted", "The PDF is encrypted and needs a password; save it without one."};
    case FPDF_ERR_SECURITY: return {"document_encrypted", "The PDF is protected by a method that cannot be read here; save it without protection."};
    default: return {"invalid_document", "The PDF is damaged and cannot be opened."};
  }
}

}  // namespace

std::string_view reason_of(LayerVerdict verdict) {
  switch (verdict) {
    case LayerVerdict::good: return "the text layer is good";
    case LayerVerdict::none: return "no text layer";
    case LayerVerdict::blank: return "nothing stands on the page";
    case LayerVerdict::broken: return "the text layer's letters make no sense";
    case LayerVerdict::partial: return "a picture fills the page";
  }
  return "";
}

std::optional<double> plausibility(const std::vector<Word>& words) {
  std::size_t judged = 0, fine = 0;
  for (const Word& word : words) {
    std::string letters;
    bool other = false;
    for (const char c : word.text) {
      if (std::isalpha(static_cast<unsigned char>(c)) != 0)
        letters += ascii_lower(c);
      else if ((static_cast<unsigned char>(c) & 0x80U) != 0)
        other = true;
    }
    if (other || letters.size() < 3) continue;
    ++judged;
    int run = 0, longest = 0;
    bool vowel = false;
    for (const char c : letters) {
      const bool is_vowel = std::string_view("aeiouy").find(c) != std::string_view::npos;
      vowel = vowel || is_vowel;
      run = is_vowel ? 0 : run + 1, longest = std::max(longest, run);
    }
    const bool shouted = std::ranges::all_of(word.text, [](char c) { return std::islower(static_cast<unsigned char>(c)) == 0; });  // abbreviations
    fine += shouted || (vowel && longest <= 5) ? 1U : 0U;
  }
  if (judged < kEnoughWords) return {};
  return static_cast<double>(fine) / static_cast<double>(judged);
}

void PdfPage::Close::operator()(fpdf_page_t__* page) const { FPDF_ClosePage(page); }
void Pdf::Close::operator()(fpdf_document_t__* document) const { FPDF_CloseDocument(document); }

TextLayer PdfPage::text_layer() const {
  TextLayer layer;
  layer.content.width = width_, layer.content.height = height_, layer.content.dpi = kPdfDpi;
  const int objects = std::min(FPDFPage_CountObjects(page_.get()), kMostObjects);
  double pictured = 0;
  bool drawn = false;
  for (int i = 0; i < objects; ++i) {
    FPDF_PAGEOBJECT object = FPDFPage_GetObject(page_.get(), i);
    const int type = FPDFPageObj_GetType(object);
    drawn = drawn || (type != FPDF_PAGEOBJ_TEXT && type != FPDF_PAGEOBJ_UNKNOWN);
    if (type != FPDF_PAGEOBJ_IMAGE) continue;
    if (const auto box = box_of(page_.get(), object, width_, height_)) pictured += static_cast<double>(box->width()) * box->height();
  }
  pictured /= static_cast<double>(width_) * height_;
  const TextPage text(FPDFText_LoadPage(page_.get()));
  if (text == nullptr) {
    layer.verdict = drawn ? LayerVerdict::none : LayerVerdict::blank;
    return layer;
  }
  WordReader reader(page_.get(), text.get(), width_, height_);
  reader.run(layer);
  layer.hidden = reader.hidden() * 2 > reader.letters();
  const auto plausible = plausibility(layer.content.words);
  if (layer.content.words.empty())
    layer.verdict = drawn ? LayerVerdict::none : LayerVerdict::blank;
  else if (static_cast<double>(reader.broken()) > kBrokenLetters * static_cast<double>(reader.letters()) ||
           (plausible && *plausible < kLeastPlausible))
    layer.verdict = LayerVerdict::broken;
  else if (pictured > kMostlyPicture && !layer.hidden && reader.letters() < kLittleText)
    layer.verdict = LayerVerdict::partial;
  else
    layer.verdict = LayerVerdict::good;
  return layer;
}

Result<PixPtr, Refusal> PdfPage::draw(int dpi) const {
  const auto scaled = [&](int value) { return std::max(1, static_cast<int>(std::lround(static_cast<double>(value) * dpi / kPdfDpi))); };
  const int width = scaled(width_), height = scaled(height_);
  if (is_too_large(width, height))
    return fail(Refusal{"document_too_large", "A page is so large that its picture would have " + std::to_string(width) + " × " +
                                                  std::to_string(height) + " pixels; " + pixel_limits() + " are drawn."});
  PixPtr pix(pixCreate(width, height, 32));
  if (pix == nullptr) return fail(Refusal{"document_too_large", "There is not memory enough to draw a page."});
  const int stride = pixGetWpl(pix.get()) * 4;
  FPDF_BITMAP bitmap = FPDFBitmap_CreateEx(width, height, FPDFBitmap_BGRx, pixGetData(pix.get()), stride);
  if (bitmap == nullptr) return fail(Refusal{"document_too_large", "There is not memory enough to draw a page."});
  FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xffffffff);
  FPDF_RenderPageBitmap(bitmap, page_.get(), 0, 0, width, height, 0, FPDF_ANNOT);
  FPDFBitmap_Destroy(bitmap);
  // PDFium writes bytes B, G, R, x; Leptonica reads a word R, G, B, A from its highest byte.
  l_uint32* data = pixGetData(pix.get());
  const std::size_t words = static_cast<std::size_t>(pixGetWpl(pix.get())) * static_cast<std::size_t>(height);
  for (std::size_t i = 0; i < words; ++i) data[i] = data[i] << 8U;
  pixSetResolution(pix.get(), dpi, dpi);
  return pix;
}

std::vector<DocumentBox> PdfPage::pictures() const {
  std::vector<DocumentBox> out;
  const int objects = std::min(FPDFPage_CountObjects(page_.get()), kMostObjects);
  for (int i = 0; i < objects && out.size() < 1'000; ++i) {
    FPDF_PAGEOBJECT object = FPDFPage_GetObject(page_.get(), i);
    if (FPDFPageObj_GetType(object) != FPDF_PAGEOBJ_IMAGE) continue;
    const auto box = box_of(page_.get(), object, width_, height_);
    if (box && box->width() >= kLeastPictureInches * kPdfDpi && box->height() >= kLeastPictureInches * kPdfDpi) out.push_back(*box);
  }
  return out;
}

bool PdfPage::has_notes() const { return FPDFPage_GetAnnotCount(page_.get()) > 0; }

bool PdfPage::has_pictures() const {
  const int objects = std::min(FPDFPage_CountObjects(page_.get()), kMostObjects);
  for (int i = 0; i < objects; ++i)
    if (FPDFPageObj_GetType(FPDFPage_GetObject(page_.get(), i)) == FPDF_PAGEOBJ_IMAGE) return true;
  return false;
}

bool PdfPage::draws_lines() const {
  const int objects = std::min(FPDFPage_CountObjects(page_.get()), kMostObjects);
  for (int i = 0; i < objects; ++i) {
    const int type = FPDFPageObj_GetType(FPDFPage_GetObject(page_.get(), i));
    if (type == FPDF_PAGEOBJ_PATH || type == FPDF_PAGEOBJ_FORM) return true;
  }
  return false;
}

void Pdf::prepare() {
  const FPDF_LIBRARY_CONFIG config{.version = 2, .m_pUserFontPaths = nullptr, .m_pIsolate = nullptr, .m_v8EmbedderSlot = 0, .m_pPlatform = nullptr};
  FPDF_InitLibraryWithConfig(&config);
}

bool Pdf::looks_like_one(std::string_view bytes) { return bytes.substr(0, 1024).find("%PDF-") != std::string_view::npos; }

Result<Pdf, Refusal> Pdf::open(std::string_view bytes) {
  Pdf pdf;
  pdf.document_.reset(FPDF_LoadMemDocument64(bytes.data(), bytes.size(), nullptr));
  if (pdf.document_ == nullptr) return fail(open_error());
  if (pdf.pages() <= 0) return fail(Refusal{"invalid_document", "The PDF has no pages."});
  return pdf;
}

int Pdf::pages() const { return FPDF_GetPageCount(document_.get()); }

Result<PdfPage, Refusal> Pdf::page(int index) const {
  PdfPage page;
  page.page_.reset(FPDF_LoadPage(document_.get(), index));
  if (page.page_ == nullptr) return fail(Refusal{"invalid_document", "Page " + std::to_string(index + 1) + " of the PDF is damaged."});
  const double wide_pt = FPDF_GetPageWidth(page.page_.get()), high_pt = FPDF_GetPageHeight(page.page_.get());
  const double most_pt = kMostInches * kPointsPerInch;
  if (!(wide_pt > 0 && wide_pt <= most_pt && high_pt > 0 && high_pt <= most_pt))
    return fail(Refusal{"invalid_document", "Page " + std::to_string(index + 1) + " of the PDF has no possible size."});
  page.width_ = std::max(1, static_cast<int>(std::lround(wide_pt * kPdfDpi / kPointsPerInch)));
  page.height_ = std::max(1, static_cast<int>(std::lround(high_pt * kPdfDpi / kPointsPerInch)));
  return page;
}

}  // namespace demarc::document::worker
