// Placeholder: the word that stands for a value while it is away: type, "X", eight characters of Crockford's base 32 and a check: EMAILX7Q2K9M4TC.
//
//   placeholder_word("EMAIL_ADDRESS") + "X" + placeholder_digits(digest)
//
// Plain capitals and digits, because models keep an opaque word verbatim far more often than anything in brackets or braces. The eight characters are
// 40 bits of a keyed digest (vault.hpp). The check is a sum over GF(32) with a weight of its own for every place, so that no placeholder becomes
// another one by one wrong character or by two that changed places: what a model mistyped is never restored as somebody else's value.
// Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace demarc::privacy {

inline constexpr std::size_t kPlaceholderDigits = 9;  // the check included
inline constexpr std::size_t kPlaceholderWord = 24;   // longest type word

std::string placeholder_word(std::string_view type);  // "EMAIL_ADDRESS" → "EMAIL", "MEDICAL_RECORD_NUMBER" → "MEDICALRECORDNUMBER"
std::string placeholder_digits(const std::array<std::uint8_t, 32>& digest);
bool check_holds(std::string_view digits);  // of nine characters as they were made

// Capitals, and the look-alikes O/0 and I/L/1 as one.
char fold_placeholder(char c);
std::string fold_placeholder(std::string_view text);

}  // namespace demarc::privacy
