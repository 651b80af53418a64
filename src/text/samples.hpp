// Samples: vectors with the labels they have. What training, calibration and reports work on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace demarc::text {

struct Samples {
  std::size_t width = 0;
  std::vector<float> vectors;                      // [size][width], each of length 1
  std::vector<std::vector<std::uint32_t>> labels;  // of each, in rising order; one where each text has one label

  [[nodiscard]] std::size_t size() const { return labels.size(); }
  [[nodiscard]] std::span<const float> vector(std::size_t sample) const { return std::span(vectors).subspan(sample * width, width); }
};

// Whether a sample's labels exclude each other.
enum class Labels : std::uint8_t { one, several };

// Numbers of labels, [samples][count].
struct Scores {
  std::size_t count = 0;
  std::vector<float> values;
  [[nodiscard]] std::span<const float> of(std::size_t sample) const { return std::span(values).subspan(sample * count, count); }
  [[nodiscard]] std::span<float> of(std::size_t sample) { return std::span(values).subspan(sample * count, count); }
};

}  // namespace demarc::text
