// The structured detectors, one constructor each. Parsing data/*.yaml happens here once; a mistake in those tables stops the program.
#pragma once

#include <memory>

#include "privacy/detector.hpp"
#include "privacy/digits.hpp"
#include "privacy/literal_search.hpp"

namespace demarc::privacy {

std::unique_ptr<const Detector> make_email_detector();    // email.cpp
std::unique_ptr<const Detector> make_network_detector();  // network.cpp: IPv6 and MAC addresses
std::unique_ptr<const Detector> make_literal_detector(SearchBy by);

// What begins at a digit: one look for digits serves all of them.
class DigitScanner {
 public:
  virtual ~DigitScanner() = default;
  [[nodiscard]] virtual std::vector<std::string_view> covers() const = 0;
  virtual void find(const Text& text, const Digits& digits, std::vector<Finding>& out) const = 0;
};
std::unique_ptr<const DigitScanner> make_number_scanner();      // numbers.cpp: cards, US SSN, phone numbers
std::unique_ptr<const DigitScanner> make_iban_scanner();        // iban.cpp
std::unique_ptr<const DigitScanner> make_ipv4_scanner();        // network.cpp
std::unique_ptr<const DigitScanner> make_identifier_scanner();  // identifiers.cpp: national numbers, papers, birth dates, crypto addresses

// What begins with a literal: one search finds the literals of all of them.
class LiteralScanner {
 public:
  virtual ~LiteralScanner() = default;
  [[nodiscard]] virtual std::vector<std::string_view> covers() const = 0;
  [[nodiscard]] virtual const std::vector<Literal>& literals() const = 0;
  // literals()[literal] stands at `at`.
  virtual void look(std::string_view text, std::size_t literal, std::size_t at, std::vector<Finding>& out) const = 0;
};
std::unique_ptr<const LiteralScanner> make_secret_scanner();   // secrets.cpp: keys, tokens, PEM
std::unique_ptr<const LiteralScanner> make_medical_scanner();  // medical.cpp: conditions, drugs, procedures

}  // namespace demarc::privacy
