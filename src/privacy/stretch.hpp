// Stretch: a part of a text in which somebody wrote a value apart, and how it reads; what spelled.cpp is made of, one finder a file.
//
//   std::vector<Stretch> out;
//   find_chains(text, signs, out);                // of "no 4 1 1 1 …": {3, …} with the blanks as pieces that read as nothing
//
// Every finder appends in the order of the text, in time that grows with its length only, and lets few of its stretches overlap. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/request.hpp"
#include "privacy/chars.hpp"
#include "privacy/signs.hpp"

namespace demarc::privacy {

// Bytes [from] of the text read as `as`.
struct Piece {
  Span from;
  std::string_view as;
  bool operator==(const Piece& other) const { return from.begin == other.from.begin && from.end == other.from.end && as == other.as; }
};
struct Stretch {
  Span whole;
  std::vector<Piece> pieces;                                           // in order; what lies between two is copied
  enum class Beside : std::uint8_t { any, own } beside = Beside::any;  // of which finders stretches may be said in the same go: a guess spoils theirs
};

inline constexpr std::size_t kFewest = 7;        // single characters or digit words in a row
inline constexpr std::size_t kLongestGap = 3;    // characters between two of a chain
inline constexpr std::size_t kMostJoined = 512;  // characters of one chain

void find_chains(std::string_view text, const Signs& signs, std::vector<Stretch>& out);       // "4 1 1 1", "a-d-a-@-…", "5 2 1 - 4 4 - 9 3 8 2"
void find_digit_gaps(std::string_view text, const Signs& signs, std::vector<Stretch>& out);   // "DE8 9 3 7", "fe8.0::6eda:7.4ff"
void find_digit_words(std::string_view text, const Signs& signs, std::vector<Stretch>& out);  // "four one one one", "double seven"
void find_addresses(std::string_view text, const Signs& signs, std::vector<Stretch>& out);    // "ada (at) example (dot) org", "ada @ example . org"
void find_breaks(std::string_view text, const Signs& signs, std::vector<Stretch>& out);       // "4111 1111\n1111 1111", "ada@exam\nple.org"
void find_pluses(std::string_view text, const Signs& signs, std::vector<Stretch>& out);       // "4111+1111+1111+1111"
void find_tags(std::string_view text, const Signs& signs, std::vector<Stretch>& out);         // "ada@<wbr>example.org"

constexpr bool is_gap(char c) { return is_blank(c) || std::string_view("-._/,*|;:~+").find(c) != std::string_view::npos; }

}  // namespace demarc::privacy
