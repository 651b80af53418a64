// The rules by which a run of digits is taken for something. Each is tried at one group of the run and says how many groups it takes.
//
//   match_card: issuer's range and length (data/numbers.yaml), Luhn's check digit (ISO/IEC 7812-1), groups as they are printed; what the digits alone
//   do
//     not prove (Maestro of 12 digits, odd groups) needs a word such as "card" near it.
//   match_us_ssn: AAA-GG-SSSS; no area 000, 666 or 9xx, no group 00, no serial 0000 (SSA). With hyphens it stands alone, else it needs its word.
//   match_phone: +CC with an assigned code; North American 3-3-4; French pairs; British mobiles; any other form of 7 to 13 digits only beside a word
//     such as "phone".
// Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "core/finding.hpp"
#include "core/request.hpp"
#include "privacy/detector.hpp"
#include "privacy/digits.hpp"

namespace demarc::privacy {

struct NumberMatch {
  Finding finding;
  std::size_t last_group = 0;
};

std::optional<NumberMatch> match_card(const Text& text, const DigitRun& run, std::size_t first);
std::optional<NumberMatch> match_us_ssn(const Text& text, const DigitRun& run, std::size_t first);
std::optional<NumberMatch> match_phone(const Text& text, const DigitRun& run, std::size_t first);

bool passes_luhn(std::string_view digits);

// What stands among words with digits and needs no table (identifiers.cpp asks at each of them).
std::optional<Finding> match_crypto(std::string_view text, std::size_t begin, std::size_t end);            // crypto.cpp; [begin, end) is the word
std::optional<Finding> match_machine_readable(std::string_view text, std::size_t begin, std::size_t end);  // machine_readable.cpp: ICAO 9303
bool is_month_name(std::string_view word);  // in any letter case, of the languages of data/numbers.yaml
std::optional<Span> read_date(std::string_view text,
                              std::size_t begin);  // date.cpp: a whole date with a year of 1900 or later, `begin` at its first digit

}  // namespace demarc::privacy
