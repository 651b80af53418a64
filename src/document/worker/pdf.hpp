// Pdf: a PDF file's pages: what text they hold in themselves, whether it can be trusted, and what they look like. PDFium reads and draws.
//
//   Pdf::prepare();                                  // once, before readers are forked
//   Pdf pdf = TRY(Pdf::open(bytes));                 // encrypted, damaged: an error that says so
//   PdfPage page = TRY(pdf.page(0));
//   const TextLayer layer = page.text_layer();       // words at kPdfDpi
//   PixPtr picture = page.draw(kPdfDpi);
//
// One thread of a process: PDFium has one for all.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "document/worker/order.hpp"
#include "document/worker/picture.hpp"
#include "document/worker/words.hpp"

struct fpdf_document_t__;
struct fpdf_page_t__;

namespace demarc::document::worker {

inline constexpr int kPdfDpi = 200;  // of boxes and drawn pages; as Mistral's

enum class LayerVerdict : std::uint8_t {
  good,
  none,     // the page has no text, and something is drawn
  blank,    // it has nothing at all
  broken,   // its letters have no meaning: no way from glyph to character, or nonsense
  partial,  // a picture fills the page, and the text is little beside it
};
std::string_view reason_of(LayerVerdict verdict);  // in a few words

struct TextLayer {
  LayerVerdict verdict = LayerVerdict::none;
  bool hidden = false;  // written invisibly behind a picture of the page: somebody else's recognition
  PageContent content;
};

class PdfPage {
 public:
  PdfPage() = default;
  [[nodiscard]] TextLayer text_layer() const;
  [[nodiscard]] Result<PixPtr, Refusal> draw(int dpi) const;
  [[nodiscard]] std::vector<DocumentBox> pictures() const;  // at kPdfDpi, larger than three quarters of an inch on a side
  [[nodiscard]] bool has_pictures() const;                  // of whatever size: a stamp, a signature
  [[nodiscard]] bool has_notes() const;                     // annotations and forms, which are drawn and in no text layer
  [[nodiscard]] bool draws_lines() const;                   // anything beside text and pictures
  [[nodiscard]] int width() const { return width_; }        // at kPdfDpi
  [[nodiscard]] int height() const { return height_; }

 private:
  friend class Pdf;
  struct Close {
    void operator()(fpdf_page_t__* page) const;
  };
  std::unique_ptr<fpdf_page_t__, Close> page_;
  int width_ = 0, height_ = 0;
};

class Pdf {
 public:
  static void prepare();
  static bool looks_like_one(std::string_view bytes);
  static Result<Pdf, Refusal> open(std::string_view bytes);  // a view: the bytes stay the caller's
  [[nodiscard]] int pages() const;
  [[nodiscard]] Result<PdfPage, Refusal> page(int index) const;

 private:
  struct Close {
    void operator()(fpdf_document_t__* document) const;
  };
  std::unique_ptr<fpdf_document_t__, Close> document_;
};

// Whether words look like those of a language with letters as ours: 0 to 1; nullopt: too few of them to tell.
std::optional<double> plausibility(const std::vector<Word>& words);

}  // namespace demarc::document::worker
