#include "document/worker/pages.hpp"

#include <leptonica/allheaders.h>

#include <algorithm>

#include "base/encode.hpp"
#include "document/worker/layout.hpp"
#include "document/worker/limits.hpp"
#include "document/worker/pdf.hpp"
#include "document/worker/picture.hpp"
#include "document/worker/recognise.hpp"

namespace demarc::document::worker {
namespace {

constexpr int kOcrDpi = kPdfDpi;  // a page is drawn for recognition as boxes are told: 150 dpi read as well, 300 no better (docs/measured.md)
constexpr int kRuleDpi = 100;     // and for its lines alone
constexpr int kJpegQuality = 80;
constexpr double kTrustOcr = 0.55;  // of a page whose own text is doubtful: less, and the text is kept after all

std::optional<double> least_of(const std::vector<Word>& words) {
  std::optional<double> least;
  for (const Word& word : words)
    if (word.confidence) least = std::min(least.value_or(1), *word.confidence);
  return least;
}

// What is common to all pages that are looked at: where their blocks, figures and pictures go.
class PageMaker {
 public:
  PageMaker(const Order& order, Document& document) : order_(order), document_(document), figures_(order.first_figure) {}

  void add(DocumentPage page, PageContent content, Pix* shown, const std::vector<DocumentBox>& pictures) {
    page.width = content.width, page.height = content.height, page.dpi = content.dpi;
    if (page.route == Route::ocr && !content.words.empty())
      page.confidence = mean_confidence(content.words), page.minimum_confidence = least_of(content.words);
    LaidPage laid = lay_out(content);
    for (const DocumentBox& box : pictures) add_figure(page, laid, box, shown);
    if (order_.page_images && shown != nullptr) page.page_image = to_base64(jpeg_of(shown, kJpegQuality));
    document_.pages.push_back(std::move(page));
    laid_.push_back(std::move(laid));
  }

  void finish() {
    rank_headings(laid_);
    for (std::size_t i = 0; i < laid_.size(); ++i)
      for (Laid& laid : laid_[i].blocks) document_.pages[i].blocks.push_back(std::move(laid.block));
  }

 private:
  void add_figure(DocumentPage& page, LaidPage& laid, const DocumentBox& box, Pix* shown) {
    if (figures_ >= order_.most_figures || std::min(box.width(), box.height()) < order_.smallest_figure_px) return;
    DocumentImage image{.id = "img-" + std::to_string(figures_++) + ".jpeg", .box = box};
    if (order_.figures && shown != nullptr)
      if (const PixPtr part = cut_out(shown, box)) image.base64 = to_base64(jpeg_of(part.get(), kJpegQuality));
    // Before the first block that begins below it in the same stretch of the page.
    const auto below = std::ranges::find_if(laid.blocks, [&](const Laid& other) {
      return other.block.box.top >= box.top && other.block.box.left < box.right && other.block.box.right > box.left;
    });
    laid.blocks.insert(below, {.block = {.kind = DocumentBlockKind::figure, .marker = {}, .text = {}, .box = box, .image_id = image.id}});
    page.images.push_back(std::move(image));
  }

  const Order& order_;
  Document& document_;
  std::vector<LaidPage> laid_;
  int figures_;
};

void add_scan(PageMaker& maker, DocumentPage page, Scan scan, std::string reason, const std::vector<DocumentBox>& pictures = {}) {
  page.route = scan.words.empty() ? Route::blank : Route::ocr;
  page.reason = scan.words.empty() ? "no words were found in the picture" : std::move(reason);
  page.turned_degrees = scan.turned_degrees, page.straightened_degrees = scan.straightened_degrees;
  PageContent content{.width = pixGetWidth(scan.shown.get()),
                      .height = pixGetHeight(scan.shown.get()),
                      .dpi = scan.dpi,
                      .words = std::move(scan.words),
                      .rules = std::move(scan.rules),
                      .pictures = {}};
  const bool moved = scan.turned_degrees != 0 || scan.straightened_degrees != 0;
  maker.add(std::move(page), std::move(content), scan.shown.get(), moved ? std::vector<DocumentBox>{} : pictures);
}

// Whether lines may be drawn on it: only then it is worth drawing.
bool may_have_rules(const PdfPage& page, const PageContent& content) { return page.draws_lines() && content.words.size() >= 4; }

// What stands on a page of text beside its text layer: in pictures, in notes, as drawn letters. Words that the layer has too are left out.
void add_words_of_pictures(Pix* shown, PageContent& content) {
  const auto grey = grey_of(shown);
  if (!grey) return;
  std::vector<Word> extra = Recogniser::get().read(grey->get(), kPdfDpi);
  const std::size_t known = content.words.size();
  std::erase_if(extra, [&](const Word& word) {
    std::int64_t covered = 0;
    for (std::size_t i = 0; i < known; ++i) {
      const DocumentBox& box = content.words[i].box;
      const int wide = std::min(box.right, word.box.right) - std::max(box.left, word.box.left),
                high = std::min(box.bottom, word.box.bottom) - std::max(box.top, word.box.top);
      if (wide > 0 && high > 0) covered += std::int64_t{wide} * high;
    }
    return covered * 10 > std::int64_t{3} * word.box.width() * word.box.height();
  });
  content.words.insert(content.words.end(), std::make_move_iterator(extra.begin()), std::make_move_iterator(extra.end()));
}

Result<void, Refusal> add_pdf_page(const Pdf& pdf, int index, const Order& order, PageMaker& maker) {
  const PdfPage page = TRY(pdf.page(index));
  TextLayer layer = page.text_layer();
  DocumentPage out{.index = index, .name = {}};
  std::vector<DocumentBox> pictures = page.pictures();
  std::optional<Scan> scan;
  if (layer.verdict != LayerVerdict::good && layer.verdict != LayerVerdict::blank) scan = recognise({TRY(page.draw(kOcrDpi)), kOcrDpi});
  const bool keeps_doubtful = layer.verdict == LayerVerdict::broken && scan->confidence < kTrustOcr;
  if (!scan || keeps_doubtful) {
    out.route = layer.verdict == LayerVerdict::blank ? Route::blank : Route::text_layer;
    out.reason = keeps_doubtful ? "the text layer is doubtful, but the page's picture reads no better"
                 : layer.hidden ? "the text layer behind the scan is good"
                                : reason_of(layer.verdict);
    if (layer.hidden)
      std::erase_if(pictures, [&](const DocumentBox& box) {
        return std::int64_t{2} * box.width() * box.height() > std::int64_t{page.width()} * page.height();
      });
    PixPtr shown;
    if (order.page_images || (order.figures && !pictures.empty())) shown = TRY(page.draw(kPdfDpi));
    if (order.read_pictures && (page.has_pictures() || page.has_notes() || page.draws_lines() || layer.hidden)) {
      if (shown == nullptr) shown = TRY(page.draw(kPdfDpi));
      add_words_of_pictures(shown.get(), layer.content);
    }
    if (may_have_rules(page, layer.content)) {
      const PixPtr small = shown != nullptr ? PixPtr(pixScale(shown.get(), 0.5F, 0.5F)) : TRY(page.draw(kRuleDpi));
      const PixPtr grey = TRY(grey_of(small.get()));
      for (const Rule& rule : find_rules(grey.get(), kRuleDpi)) {
        const int by = kPdfDpi / kRuleDpi;
        layer.content.rules.push_back({{rule.box.left * by, rule.box.top * by, rule.box.right * by, rule.box.bottom * by}});
      }
    }
    maker.add(std::move(out), std::move(layer.content), shown.get(), pictures);
    return {};
  }
  // Most of the page is its picture: what is drawn on it beside is no figure of its own.
  std::erase_if(pictures,
                [&](const DocumentBox& box) { return std::int64_t{2} * box.width() * box.height() > std::int64_t{page.width()} * page.height(); });
  add_scan(maker, std::move(out), *std::move(scan), std::string(reason_of(layer.verdict)), pictures);
  return {};
}

}  // namespace

Result<Document, Refusal> read_pdf(const Order& order, const OnStep& on_step) {
  const Pdf pdf = TRY(Pdf::open(order.bytes));
  Document document{.format = "pdf", .pages_total = pdf.pages(), .pages = {}};
  const std::vector<int> wanted = TRY(pages_to_read(order, pdf.pages()));
  PageMaker maker(order, document);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    on_step(static_cast<int>(i) + 1, static_cast<int>(wanted.size()));
    TRY(add_pdf_page(pdf, wanted[i], order, maker));
  }
  maker.finish();
  return document;
}

Result<Document, Refusal> read_pictures(const Order& order, const OnStep& on_step) {
  const Pictures pictures = TRY(Pictures::open(order.bytes));
  Document document{.format = pictures.format(), .pages_total = pictures.pages(), .pages = {}};
  const std::vector<int> wanted = TRY(pages_to_read(order, pictures.pages()));
  PageMaker maker(order, document);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    on_step(static_cast<int>(i) + 1, static_cast<int>(wanted.size()));
    const Picture picture = TRY(pictures.page(wanted[i]));
    add_scan(maker, {.index = wanted[i], .name = {}}, recognise(picture), "a picture");
  }
  maker.finish();
  return document;
}

}  // namespace demarc::document::worker
