// What a page holds before anybody has said what belongs together: words with their places, whether read from the file or from a picture, lines that
// are drawn, pictures. Layout (layout.hpp) makes blocks of it. Pure values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/document.hpp"

namespace demarc::document::worker {

struct Word {
  std::string text;
  DocumentBox box;
  double size = 0;  // of its letters: the height of a line of them, in pixels
  bool bold = false;
  std::optional<double> confidence{};
};

struct Rule {  // a drawn line, level or upright
  DocumentBox box;
  [[nodiscard]] bool is_level() const { return box.width() >= box.height(); }
};

struct PageContent {
  int width = 0, height = 0, dpi = 0;
  std::vector<Word> words;
  std::vector<Rule> rules;
  std::vector<DocumentBox> pictures;
};

}  // namespace demarc::document::worker
