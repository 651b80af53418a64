// Vectors: which of many embeddings are nearest to one, exactly, by hnswlib's brute force over its SIMD inner product. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace demarc::retrieval {

class Vectors {
 public:
  Vectors(std::size_t dimensions, std::size_t count);
  ~Vectors();
  Vectors(const Vectors&) = delete;
  Vectors& operator=(const Vectors&) = delete;

  void add(std::int64_t id, const float* vector);  // `count` of them at most
  // (id, cosine), the nearest first; of vectors of length 1.
  [[nodiscard]] std::vector<std::pair<std::int64_t, double>> nearest(const float* vector, std::size_t most) const;

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

}  // namespace demarc::retrieval
