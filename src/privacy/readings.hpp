// Readings: a text in every way that somebody could read it: as it is folded (fold.hpp); with its encodings undone layer by layer (decode.hpp); with
// look-alike letters as what they look like (look_alikes.hpp); with what was spelled or broken joined (spelled.hpp).
//
//   const Readings readings(text);
//   for (std::size_t i = 0; i < readings.size(); ++i) {
//     search(readings[i].text);
//     Span there = readings.original(i, {begin, end});      // of the text as given
//   }
//
// Made only where there is something to undo: an ordinary text has one. All together are once or twice as long as the text, some forty times at most
// if it is made for that, and are made in time that grows with its length only (readings_hostile_test.cpp). The text must outlive it. Pure; any
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "privacy/fold.hpp"
#include "privacy/mapped.hpp"
#include "privacy/signs.hpp"

namespace demarc::privacy {

inline constexpr std::string_view kLookAlikes = "look-alike letters";  // a Reading::disguise

class Readings {
 public:
  static constexpr int kLayers = 3;  // of runs, and of escapes around and inside each

  struct Reading {
    std::string_view text;
    std::string_view disguise;           // what was undone, for people; "" for the first
    std::vector<const Mapped*> steps{};  // that lead to it, each of what the one before made
  };

  enum class Until : std::uint8_t { all, folded };
  explicit Readings(std::string_view text, Until until = Until::all);
  Readings(const Readings&) = delete;
  Readings& operator=(const Readings&) = delete;
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] const Reading& operator[](std::size_t i) const { return all_[i]; }
  [[nodiscard]] Span original(std::size_t i, Span span) const;  // span.begin < span.end

 private:
  bool step(Reading& from, std::optional<Mapped> made);
  void add_decoded(Reading reading, const Signs& plain);
  void add_variants(const Reading& from, const Signs& signs);

  std::vector<std::unique_ptr<const Mapped>> steps_;
  std::vector<Reading> all_;
};

}  // namespace demarc::privacy
