#include "retrieval/vectors.hpp"

#include <hnswlib/hnswlib.h>

#include <algorithm>

#include "base/check.hpp"

namespace demarc::retrieval {

struct Vectors::Inner {
  Inner(std::size_t dimensions, std::size_t count) : space(dimensions), all(&space, count) {}
  hnswlib::InnerProductSpace space;
  hnswlib::BruteforceSearch<float> all;
};

Vectors::Vectors(std::size_t dimensions, std::size_t count) : inner_(std::make_unique<Inner>(dimensions, std::max<std::size_t>(count, 1))) {}
Vectors::~Vectors() = default;

void Vectors::add(std::int64_t id, const float* vector) { inner_->all.addPoint(vector, static_cast<hnswlib::labeltype>(id)); }

std::vector<std::pair<std::int64_t, double>> Vectors::nearest(const float* vector, std::size_t most) const {
  auto found = inner_->all.searchKnn(vector, std::min(most, inner_->all.cur_element_count));
  std::vector<std::pair<std::int64_t, double>> out;
  for (; !found.empty(); found.pop()) out.emplace_back(static_cast<std::int64_t>(found.top().second), 1.0 - found.top().first);
  std::ranges::reverse(out);
  return out;
}

}  // namespace demarc::retrieval
