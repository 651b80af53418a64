// The table of data/identifiers.yaml, read. The detector (identifiers.cpp) is built on it; the tests walk its examples.
#pragma once

#include <string>
#include <vector>

#include "privacy/checks.hpp"
#include "privacy/shape.hpp"

namespace demarc::privacy {

struct IdentifierRow {
  std::string type;
  std::vector<Shape> alone, beside;       // forms that are proof enough by themselves, or only beside one of the words
  const Check* check = nullptr;           // nullptr: the form is all there is
  std::vector<std::string> words;         // the first names the list, in reason_beside
  std::string reason{}, reason_beside{};  // Finding::reason; the same beside one of the words
  float score = 0;                        // of what stands alone; beside a word it is surer
  std::string source;
  std::vector<std::string> examples, counter_examples;  // "[…]" marks the finding
};

std::vector<IdentifierRow> read_identifiers();

}  // namespace demarc::privacy
