// The check digits and ranges of identifiers, by the name under which data/identifiers.yaml asks for them.
//
//   const Check* check = find_check("nhs");
//   check->passes({.compact = "9434765919"});    // true; check->says is "mod 11", for Finding::reason
//
// Each rule states what the issuer publishes; the sources stand beside the type in the table. Pure; any thread.
#pragma once

#include <string_view>

namespace demarc::privacy {

struct Candidate {
  std::string_view compact;  // letters and digits only, in capitals
  std::string_view raw{};    // as it stands in the text
};

struct Check {
  std::string_view name, says;
  bool (*passes)(const Candidate&);
};

const Check* find_check(std::string_view name);  // nullptr: there is none of that name

// What the rules are made of.
bool is_date_yymmdd(std::string_view six);  // month 01 to 12, day 01 to 31; the year is free
bool is_all_one_digit(std::string_view digits);
int weighted_sum(std::string_view digits, const int* weights);  // one weight for each digit
int modulo(std::string_view digits, int divisor);

}  // namespace demarc::privacy
