// Context: the words around a number that say what it is, from the table `context` of data/numbers.yaml.
//
//   const std::optional<Topic> topic = context.nearest(text, begin, end);    // Topic::phone for "call me on 9472 7916"
//
// Whole words, at most five before and two after; the nearest one decides, those before count first. The label (a JSON key) is read as words before
// the text: "phone_number", "phoneNumber". Built once; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/strings.hpp"
#include "privacy/detector.hpp"

namespace demarc::privacy {

enum class Topic : std::uint8_t { phone, card, ssn, ip, other, version };

std::string word_beside(Topic topic);  // "word beside it: phone", for Finding::reason

class Context {
 public:
  static const Context& instance();

  // The topic of the nearest word that has one of `topics`; Topic::other competes always. Only `topics` and `other` are ever returned.
  [[nodiscard]] std::optional<Topic> nearest(const Text& text, std::size_t begin, std::size_t end, Topic wanted) const;

 private:
  Context();
  [[nodiscard]] bool has(std::string_view word, Topic topic) const;
  [[nodiscard]] std::optional<Topic> of_word(std::string_view word, Topic wanted) const;

  std::unordered_map<std::string, std::uint8_t, TransparentHash, std::equal_to<>> topics_;  // word → bits
};

}  // namespace demarc::privacy
