// Pictures of pages: decoding what strangers sent, and making it as a recogniser wants it.
//
//   Pictures pictures = TRY(Pictures::open(bytes));               // PNG, JPEG, TIFF (of many pages), GIF, WebP, BMP, PNM
//   Picture page = TRY(pictures.page(0));                         // upright by what its file says of itself
//   Scan scan = recognise(page);                                  // turned and straightened by what is seen; its words
//
// Sizes are looked at before anything is decoded. Throws nothing of its own.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "document/worker/order.hpp"
#include "document/worker/words.hpp"

struct Pix;

namespace demarc::document::worker {

struct PixFree {
  void operator()(Pix* pix) const;
};
using PixPtr = std::unique_ptr<Pix, PixFree>;

struct Picture {
  PixPtr pix;   // as it came
  int dpi = 0;  // as the file says, or guessed
};

class Pictures {
 public:
  static bool looks_like_one(std::string_view bytes);
  static Result<Pictures, Refusal> open(std::string_view bytes);  // a view: the bytes stay the caller's
  [[nodiscard]] int pages() const { return pages_; }
  [[nodiscard]] const std::string& format() const { return format_; }
  [[nodiscard]] Result<Picture, Refusal> page(int index) const;

 private:
  std::string_view bytes_;
  std::string format_;
  int pages_ = 1;
};

struct Scan {
  PixPtr shown;  // the picture as the boxes see it
  int dpi = 0;
  int turned_degrees = 0;
  double straightened_degrees = 0;
  std::vector<Word> words;
  std::vector<Rule> rules;
  double confidence = 0;
};

Scan recognise(const Picture& picture);
std::vector<Rule> find_rules(Pix* grey, int dpi);  // lines drawn level or upright, longer than a third of an inch

// What picture it would be after these: for who must see the same as an earlier run.
PixPtr turned(Pix* pix, int degrees, double straighten);

// Whether a picture of that size is more than limits allow, and what they allow, for an error.
bool is_too_large(int width, int height);
std::string pixel_limits();

Result<PixPtr, Refusal> grey_of(Pix* pix);
std::string jpeg_of(Pix* pix, int quality);  // "": it cannot be written
PixPtr cut_out(Pix* pix, const DocumentBox& box);

}  // namespace demarc::document::worker
