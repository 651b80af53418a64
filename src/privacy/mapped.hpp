// Mapped: a text made from another one, which knows of each of its bytes which bytes of the other it stands for.
//
//   Mapped out;
//   out.copy(text, {0, 5});               // as it is, byte for byte
//   out.put("@", {5, 8});                 // "%40"
//   Span there = out.original({0, 6});    // {0, 8}
//
// Made from left to right. What was put stands for its whole source: a span that touches it covers all of that. Pure; any thread.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.hpp"

namespace demarc::privacy {

class Mapped {
 public:
  Mapped() = default;
  explicit Mapped(std::size_t size) { text_.reserve(size); }  // bytes that it will have, about
  void copy(std::string_view source, Span from) {
    if (from.begin == from.end) return;
    steps_.push_back({text_.size(), from.begin, 0});
    text_.append(source, from.begin, from.size());
  }
  void put(std::string_view made, Span from) {
    if (made.empty()) return;
    steps_.push_back({text_.size(), from.begin, from.end});
    text_ += made;
  }
  // In place of what is left out: no word beside a number is looked for that far, and what a pattern reads across it is no finding.
  void part(Span left_out) { put(kApart, left_out); }
  static bool is_parted(std::string_view made) { return made.size() > kApart.size() && made.find(kApart) != std::string_view::npos; }
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] Span original(Span span) const;  // span.begin < span.end <= text().size()

 private:
  // More than the reach of context.cpp and nearby.cpp. A value may have line breaks in it, as a key has, but no NUL.
  static constexpr std::array<char, 97> kApartBytes = [] {
    std::array<char, 97> out{};
    out.fill('\n');
    out[out.size() / 2] = '\0';
    return out;
  }();
  static constexpr std::string_view kApart{kApartBytes.data(), kApartBytes.size()};
  struct Step {                  // from byte `at` on
    std::size_t at, begin, end;  // end 0: byte for byte from `begin` on; else all of it stands for [begin, end)
  };
  [[nodiscard]] Span source_of(std::size_t at) const;

  std::string text_;
  std::vector<Step> steps_;
};

}  // namespace demarc::privacy
