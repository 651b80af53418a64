// For tests: a detector as a user may describe one.
//
//   detectors.add(std::make_unique<UpTo>("URL", "https:", ' '));      // each time from "https:" up to the next space
#pragma once

#include <algorithm>
#include <string>

#include "privacy/detector.hpp"

namespace demarc::privacy {

class UpTo final : public Detector {
 public:
  UpTo(std::string type, std::string from, char to) : type_(std::move(type)), from_(std::move(from)), to_(to) {}
  [[nodiscard]] std::string_view name() const override { return "up to"; }
  [[nodiscard]] std::vector<std::string_view> covers() const override { return {type_}; }
  void find(const Text& text, std::vector<Finding>& out) const override {
    for (std::size_t at = 0; (at = text.text.find(from_, at)) != std::string_view::npos;) {
      const std::size_t end = std::min(text.text.find(to_, at), text.text.size());
      out.push_back({.type = type_, .begin = at, .end = end});
      at = end;
    }
  }

 private:
  std::string type_, from_;
  char to_;
};

}  // namespace demarc::privacy
