// The patterns of data/patterns.yaml, read. The tests walk them; the scanner (make_secret_scanner) is built on them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace demarc::privacy {

struct SecretPattern {
  std::string kind;
  std::vector<std::string> literals;
  std::string regex;
  std::string source;
  double entropy = 0;  // bits per character
  bool needs_digit = false;
  bool any_case = false;                                // of the literals
  bool guess = false;                                   // told by the words around it; stand-ins are none
  bool loose = false;                                   // the literal may stand inside a word
  std::string extend;                                   // characters besides letters and digits over which the secret goes on
  std::size_t back = 0;                                 // the match begins that many bytes before the literal
  std::vector<std::string> examples, counter_examples;  // the mark is out already
};

std::vector<SecretPattern> read_secret_patterns();
double entropy_bits(std::string_view text);  // Shannon, per byte

}  // namespace demarc::privacy
