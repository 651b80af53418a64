// Any bytes as a classifier's file: refused, or read; what is read says the same when it is written and read again, and judges without fail.
#include "text/classifier.hpp"

#include <cmath>

#include "fuzz.hpp"

FUZZ(classifier) {
  const auto read = text::Classifier::read(bytes);
  if (!read) return;
  const std::string written = read->print();
  const auto again = text::Classifier::read(written);
  CHECK(again.ok() && again->print() == written);
  const std::vector<float> vector(read->weights.width, 0.1F);
  const text::Verdict verdict = read->judge(vector);
  CHECK(verdict.confidences.size() == read->labels.size() && verdict.chosen.size() <= read->labels.size());
}
