// The structured detectors, one constructor each. Parsing data/*.yaml happens here once; a mistake in those tables stops the program.
#pragma once

#include <memory>

#include "privacy/detector.hpp"

namespace demarc::privacy {

std::unique_ptr<const Detector> make_email_detector();       // email.cpp
std::unique_ptr<const Detector> make_number_detector();      // numbers.cpp: cards, US SSN, phone numbers
std::unique_ptr<const Detector> make_iban_detector();        // iban.cpp
std::unique_ptr<const Detector> make_network_detector();     // network.cpp: IP and MAC addresses
std::unique_ptr<const Detector> make_secret_detector();      // secrets.cpp: keys, tokens, PEM
std::unique_ptr<const Detector> make_identifier_detector();  // identifiers.cpp: national numbers, papers, birth dates, crypto addresses

}  // namespace demarc::privacy
