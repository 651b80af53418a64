// surrogate(): a value of the same form that is nobody's: a card number with a right check digit from a test range, a date some weeks off.
//
//   Draw draw(keyed(conversation_key, {"surrogate", type, value, attempt}));
//   surrogate("CREDIT_CARD", "4111-1111-1111-1111", draw, shift)   // "4000-0073-1902-4456"
//   surrogate("PASSPORT", "C01X00T47", draw, shift)                // nullopt: no number of that kind is set aside for nobody
//
// Ranges, names and their sources: data/surrogates.yaml. Names of people are made word by word (name_surrogate), so that who is called the same is
// called the same. Whether a stand-in is free in the conversation is for the caller (conversation.hpp), who draws again if not. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "privacy/keyed.hpp"

namespace demarc::privacy {

struct Shift {  // of one conversation
  std::int32_t days = 7;
  std::int32_t years = 1;
};
Shift shift_of(Draw draw);  // whole weeks, so that weekdays stay; never zero

std::optional<std::string> surrogate(std::string_view type, std::string_view value, Draw& draw, Shift shift);

enum class NamePart : std::uint8_t { given, surname };
std::string name_surrogate(NamePart part, std::string_view word, Draw& draw, bool doubled);  // in the case of `word`; doubled: two, with a hyphen

// "12.03.1980", "1980-03-12", "March 12, 1980", … moved by so many days and written the same way; nullopt if it is no full date.
std::optional<std::string> shifted_date(std::string_view value, std::int32_t days);

}  // namespace demarc::privacy
