// Covers: what is hidden of a document, in its texts and as places on its pages.
//
//   std::vector<Reading> readings = readings_of(document);                   // a page's texts as one: look for values in each
//   std::vector<Cover> covers = covers_of(readings[i], findings);             // each value once
//   for (Cover& cover : covers) cover.with = "[" + cover.type + "]";
//   document.redactions = redactions_of(document.pages[i], readings[i], covers);   // first: it needs the words
//   apply_covers(document.pages[i], readings[i], covers);
//
// A value that goes on from one block or cell to the next is covered in both. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/document.hpp"
#include "core/finding.hpp"

namespace demarc::document {

struct Reading {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Piece {
    std::size_t begin = 0, end = 0;           // bytes of `text`
    std::size_t block = kNone, cell = kNone;  // whose text it is; no block: the page's name
  };
  std::string text;
  std::vector<Piece> pieces;  // in order; between two stands a line's end
};

struct Cover {
  std::size_t begin = 0, end = 0;  // bytes of Reading::text, end exclusive
  std::string type{};
  std::string value{};
  std::string with{};  // what stands there instead; the caller's choice
};

std::vector<Reading> readings_of(const Document& document);                               // one for each page
std::vector<Cover> covers_of(const Reading& reading, std::span<const Finding> findings);  // sorted, none touching another
std::vector<DocumentRedaction> redactions_of(const DocumentPage& page, const Reading& reading, std::span<const Cover> covers);
void apply_covers(DocumentPage& page, const Reading& reading, std::span<const Cover> covers);

}  // namespace demarc::document
