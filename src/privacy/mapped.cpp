#include "privacy/mapped.hpp"

#include <algorithm>

namespace demarc::privacy {

Span Mapped::source_of(std::size_t at) const {
  const auto after = std::upper_bound(steps_.begin(), steps_.end(), at, [](std::size_t value, const Step& step) { return value < step.at; });
  const Step& step = *(after - 1);
  if (step.end != 0) return {step.begin, step.end};
  const std::size_t byte = step.begin + (at - step.at);
  return {byte, byte + 1};
}

Span Mapped::original(Span span) const { return {source_of(span.begin).begin, source_of(span.end - 1).end}; }

}  // namespace demarc::privacy
