// KnownNames: names that were found somewhere in a request, looked for in all its texts, since a model that sees "Holloway" without its "Margaret"
// often passes it by.
//
//   known.add("Margaret Holloway", finding);
//   known.find("Tell Holloway.") …                  // PERSON, 5 to 13
//
// Whole words, letters as they were. Of a person's full name the last word counts by itself as well. What a model was not sure of is not looked for
// elsewhere, so that one mistake stays one. Not for several threads at once.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/strings.hpp"
#include "core/finding.hpp"

namespace demarc::privacy {

class KnownNames {
 public:
  // The text of a finding; only those of people and organisations are kept.
  void add(std::string_view text, const Finding& finding);
  [[nodiscard]] bool empty() const { return by_first_word_.empty(); }
  [[nodiscard]] std::vector<Finding> find(std::string_view text) const;

 private:
  struct Name {
    std::string text;
    std::string type;
    float score;
  };
  void keep(std::string_view text, const Finding& finding);

  std::unordered_map<std::string, std::vector<Name>, TransparentHash, std::equal_to<>> by_first_word_;
  std::size_t names_ = 0;
};

}  // namespace demarc::privacy
