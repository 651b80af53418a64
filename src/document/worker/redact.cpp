#include "document/worker/redact.hpp"

#include <fcntl.h>
#include <fpdf_edit.h>
#include <fpdf_save.h>
#include <leptonica/allheaders.h>
#include <simdjson.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <new>
#include <vector>

#include "base/strings.hpp"
#include "document/worker/limits.hpp"
#include "document/worker/pdf.hpp"
#include "document/worker/picture.hpp"
#include "document/worker/readers.hpp"
#include "workers/protocol/settings.hpp"

namespace demarc::document::worker {
namespace {

namespace dom = simdjson::dom;

constexpr int kMargin_px = 4;  // around a word: letters reach a little beyond their box
constexpr int kJpegQuality = 80;
constexpr double kPointsPerInch = 72;

Failure<Refusal> unfit() { return fail(Refusal{"invalid_request", "The answer is not of this document, or does not say where its words stand."}); }

std::int64_t whole(const simdjson::simdjson_result<dom::element>& element) {
  std::int64_t value = 0;
  return element.get(value) == simdjson::SUCCESS ? value : 0;
}
std::string_view text_of(const simdjson::simdjson_result<dom::element>& element) {
  std::string_view text;
  return element.get(text) == simdjson::SUCCESS ? text : std::string_view();
}
std::optional<DocumentBox> box_of(const simdjson::simdjson_result<dom::element>& element) {
  dom::array sides;
  if (element.get(sides) != simdjson::SUCCESS || sides.size() != 4) return {};
  DocumentBox box{static_cast<int>(whole(sides.at(0))), static_cast<int>(whole(sides.at(1))), static_cast<int>(whole(sides.at(2))),
                  static_cast<int>(whole(sides.at(3)))};
  return box.empty() ? std::nullopt : std::optional(box);
}

struct ShownWord {
  std::string text;
  DocumentBox box;
};

void add_words(const dom::element& holder, std::vector<ShownWord>& words) {
  const std::string_view text = text_of(holder["text"]);
  dom::array list;
  if (holder["words"].get(list) != simdjson::SUCCESS) return;
  for (const dom::element word : list) {
    const auto begin = static_cast<std::size_t>(whole(word["begin"])), end = static_cast<std::size_t>(whole(word["end"]));
    const auto box = box_of(word["box"]);
    if (box && begin < end && end <= text.size()) words.push_back({std::string(text.substr(begin, end - begin)), *box});
  }
}

// The pages of a document, drawn as the boxes of an answer see them.
class Drawn {
 public:
  static Result<Drawn, Refusal> open(std::string_view bytes) {
    Drawn drawn;
    if (Pictures::looks_like_one(bytes)) {
      drawn.pictures_ = TRY(Pictures::open(bytes));
    } else if (Pdf::looks_like_one(bytes)) {
      drawn.pdf_ = TRY(Pdf::open(bytes));
    } else {
      return fail(
          Refusal{"unsupported_document", "Only PDF and pictures have places that can be painted over; `demarc redact` hides values in texts."});
    }
    return drawn;
  }
  Result<PixPtr, Refusal> page(int index, int turned_degrees, double straightened_degrees) {
    PixPtr pix = pdf_ ? TRY(TRY(pdf_->page(index)).draw(kPdfDpi)) : TRY(pictures_->page(index)).pix;
    if (pixGetDepth(pix.get()) != 32) pix.reset(pixConvertTo32(pix.get()));
    if (pix == nullptr) return unfit();
    return turned(pix.get(), turned_degrees, straightened_degrees);
  }

 private:
  std::optional<Pdf> pdf_;
  std::optional<Pictures> pictures_;
};

void paint_over(Pix* pix, const DocumentBox& box) {
  Box* part =
      boxCreate(std::max(0, box.left - kMargin_px), std::max(0, box.top - kMargin_px), box.width() + 2 * kMargin_px, box.height() + 2 * kMargin_px);
  if (part != nullptr) pixClearInRect(pix, part);  // black
  boxDestroy(&part);
}

class NewPdf {
 public:
  NewPdf() : document_(FPDF_CreateNewDocument()), font_(FPDFText_LoadStandardFont(document_, "Helvetica")) {}
  ~NewPdf() {
    FPDFFont_Close(font_);
    FPDF_CloseDocument(document_);
  }
  NewPdf(const NewPdf&) = delete;
  NewPdf& operator=(const NewPdf&) = delete;

  bool add(Pix* pix, int dpi, const std::vector<ShownWord>& words) {
    const double scale = kPointsPerInch / dpi, wide = pixGetWidth(pix) * scale, high = pixGetHeight(pix) * scale;
    FPDF_PAGE page = FPDFPage_New(document_, count_++, wide, high);
    if (page == nullptr) return false;
    bool fine = add_picture(page, pix, wide, high);
    for (const ShownWord& word : words) add_word(page, word, scale, high);
    fine = fine && FPDFPage_GenerateContent(page) != 0;
    FPDF_ClosePage(page);
    return fine;
  }

  std::string bytes() {
    struct Writer : FPDF_FILEWRITE {
      std::string out;
    } writer;
    writer.version = 1;
    writer.WriteBlock = [](FPDF_FILEWRITE* self, const void* data, unsigned long size) {
      static_cast<Writer*>(self)->out.append(static_cast<const char*>(data), size);
      return 1;
    };
    return FPDF_SaveAsCopy(document_, &writer, FPDF_NO_INCREMENTAL) != 0 ? std::move(writer.out) : std::string();
  }

 private:
  bool add_picture(FPDF_PAGE page, Pix* pix, double wide, double high) {
    const std::string jpeg = jpeg_of(pix, kJpegQuality);
    FPDF_PAGEOBJECT picture = jpeg.empty() ? nullptr : FPDFPageObj_NewImageObj(document_);
    if (picture == nullptr) return false;
    FPDF_FILEACCESS access{.m_FileLen = jpeg.size(),
                           .m_GetBlock =
                               [](void* from, unsigned long at, unsigned char* to, unsigned long size) {
                                 const auto& all = *static_cast<const std::string*>(from);
                                 if (at > all.size() || size > all.size() - at) return 0;
                                 std::memcpy(to, all.data() + at, size);
                                 return 1;
                               },
                           .m_Param = const_cast<std::string*>(&jpeg)};
    const bool loaded =
        FPDFImageObj_LoadJpegFileInline(&page, 1, picture, &access) != 0 && FPDFImageObj_SetMatrix(picture, wide, 0, 0, high, 0, 0) != 0;
    FPDFPage_InsertObject(page, picture);
    return loaded;
  }

  // Invisible, where it stands in the picture: found and copied as text.
  void add_word(FPDF_PAGE page, const ShownWord& word, double scale, double page_high) {
    const auto size = static_cast<float>(std::max(1.0, word.box.height() * scale * 0.8));
    FPDF_PAGEOBJECT text = FPDFPageObj_CreateTextObj(document_, font_, size);
    if (text == nullptr) return;
    std::vector<FPDF_WCHAR> wide;
    for (std::size_t i = 0; i < word.text.size();) {
      const auto lead = static_cast<unsigned char>(word.text[i]);
      const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      unsigned c = length == 1 ? lead : lead & (0xffU >> (length + 1));
      for (std::size_t k = 1; k < length && i + k < word.text.size(); ++k) c = c << 6U | (static_cast<unsigned char>(word.text[i + k]) & 0x3fU);
      i += length;
      if (c < 0x10000) wide.push_back(static_cast<FPDF_WCHAR>(c));
    }
    wide.push_back(0);
    float left = 0, bottom = 0, right = 0, top = 0;
    const bool written = FPDFText_SetText(text, wide.data()) != 0 && FPDFTextObj_SetTextRenderMode(text, FPDF_TEXTRENDERMODE_INVISIBLE) != 0 &&
                         FPDFPageObj_GetBounds(text, &left, &bottom, &right, &top) != 0 && right > left;
    if (!written) return FPDFPageObj_Destroy(text);
    const double stretch = word.box.width() * scale / static_cast<double>(right - left);
    FPDFPageObj_Transform(text, stretch, 0, 0, 1, word.box.left * scale - static_cast<double>(left) * stretch,
                          page_high - word.box.bottom * scale + word.box.height() * scale * 0.2);
    FPDFPage_InsertObject(page, text);
  }

  FPDF_DOCUMENT document_;
  FPDF_FONT font_;
  int count_ = 0;
};

std::string_view map_file(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat found{};
  if (fd < 0 || fstat(fd, &found) != 0 || found.st_size <= 0) return {};
  const auto size_bytes = static_cast<std::size_t>(found.st_size);
  const void* at = mmap(nullptr, size_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  return at == MAP_FAILED ? std::string_view() : std::string_view(static_cast<const char*>(at), size_bytes);
}

[[noreturn]] void say(const std::string& line, int status) {
  [[maybe_unused]] const ssize_t written = write(STDOUT_FILENO, line.data(), line.size());
  _exit(status);
}

}  // namespace

Result<std::string, Refusal> redacted_pdf(std::string_view bytes, std::string_view answer) {
  dom::parser parser(most_result_bytes());
  dom::element root;
  dom::array pages, redactions;
  if (parser.parse(answer.data(), answer.size()).get(root) != simdjson::SUCCESS || root["pages"].get(pages) != simdjson::SUCCESS ||
      root["redactions"].get(redactions) != simdjson::SUCCESS)
    return unfit();
  std::map<std::int64_t, std::vector<DocumentBox>> boxes;
  for (const dom::element redaction : redactions) {
    dom::array places;
    if (redaction["boxes"].get(places) != simdjson::SUCCESS || places.size() == 0) return unfit();  // hidden, and nobody knows where
    for (const dom::element place : places) {
      const auto box = box_of(simdjson::simdjson_result<dom::element>(dom::element(place)));
      if (!box) return unfit();
      boxes[whole(redaction["page"])].push_back(*box);
    }
  }
  Drawn drawn = TRY(Drawn::open(bytes));
  NewPdf out;
  for (const dom::element page : pages) {
    const std::int64_t index = whole(page["index"]);
    double straightened = 0;
    static_cast<void>(page["straightened_degrees"].get(straightened));
    const PixPtr pix = TRY(drawn.page(static_cast<int>(index), static_cast<int>(whole(page["turned_degrees"])), straightened));
    const auto dpi = static_cast<int>(whole(page["dimensions"]["dpi"]));
    if (pixGetWidth(pix.get()) != whole(page["dimensions"]["width"]) || pixGetHeight(pix.get()) != whole(page["dimensions"]["height"]) || dpi <= 0)
      return unfit();
    for (const DocumentBox& box : boxes[index]) paint_over(pix.get(), box);
    std::vector<ShownWord> words;
    dom::array blocks, cells;
    if (page["blocks"].get(blocks) != simdjson::SUCCESS) return unfit();
    for (const dom::element block : blocks) {
      add_words(block, words);
      if (block["cells"].get(cells) == simdjson::SUCCESS)
        for (const dom::element cell : cells) add_words(cell, words);
    }
    if (!out.add(pix.get(), dpi, words)) return fail(Refusal{"document_too_complex", "A page could not be written."});
  }
  std::string made = out.bytes();
  if (made.empty()) return fail(Refusal{"document_too_complex", "The new PDF could not be written."});
  return made;
}

int run_redact(int argc, char** argv) {
  if (argc != 6) say("usage: demarc-document --redact IN OUT ANSWER.json LIMITS.json\n", 2);
  const auto named = workers::read_limits(argv[5]);
  if (!named) say(named.error() + "\n", 2);
  set_limits(limits_of(*named));
  const std::string_view bytes = map_file(argv[2]), answer = map_file(argv[4]);
  const int to = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (bytes.empty() || answer.empty() || to < 0) say("a file could not be opened\n", 2);
  setMsgSeverity(L_SEVERITY_NONE);
  Pdf::prepare();
  restrict_self({.memory_bytes = reader_memory_bytes(), .cpu_s = static_cast<int>(limits().document_s), .file_bytes = most_result_bytes()});
  try {
    const auto made = redacted_pdf(bytes, answer);
    if (!made) say(made.error().message + "\n", 1);
    for (std::string_view left = *made; !left.empty();) {
      const ssize_t wrote = write(to, left.data(), left.size());
      if (wrote <= 0) say("the new PDF could not be written\n", 1);
      left.remove_prefix(static_cast<std::size_t>(wrote));
    }
  } catch (const std::bad_alloc&) {
    say("the document takes more memory than " + limit_words("document_memory_mib", limits().document_memory_mib) + " MiB\n", 1);
  }
  _exit(0);
}

}  // namespace demarc::document::worker
