// What a caller asks for, out of the JSON of Mistral's POST /v1/ocr.
//
//   Result<Order, Refusal> order = read_order(body);        // the error is a sentence for the caller
//
// The document must be in the request: a data: URL. Unknown fields are passed over. Runs in a reader, pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace demarc::document::worker {

struct Refusal {
  std::string code, message;
};

struct Order {
  std::string bytes;           // of the file
  std::string name;            // as the caller calls it; "" if it does not
  std::vector<int> pages;      // from 0, rising; empty: all
  int from_page = 0;           // demarc_from_page
  int part_pages = 0;          // demarc_pages: no more than so many, of a format with pages; 0: all
  int first_figure = 0;        // demarc_first_image: how many those before them had
  bool figures = false;        // include_image_base64
  int most_figures = 1'000;    // image_limit
  int smallest_figure_px = 0;  // image_min_size: of either side
  bool page_images = false;    // page_images
  bool read_pictures = false;  // read_pictures: words in pictures and notes on a page of text too
  bool words = false;          // include_words, or confidence_scores_granularity "word"
};

Result<Order, Refusal> read_order(std::string_view body);

// "0-3,7" as numbers, rising and each once; nullopt: it is no such list, or has more than limits.document_pages.
std::optional<std::vector<int>> parse_pages(std::string_view text);

}  // namespace demarc::document::worker
