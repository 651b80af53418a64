#include "fuzz.hpp"

#include <algorithm>
#include <array>

namespace demarc::fuzz {
namespace {

// Indexed by the control character; those that JSON and text need stay themselves.
constexpr std::array<std::string_view, 32> kValues = {
    "ada@example.org",
    "4111 1111 1111 1111",
    "521-44-9382",
    "+49 30 901820",
    "GB29 NWBK 6016 1331 9268 19",
    "203.0.113.7",
    "00:1b:63:84:45:e6",
    "AKIA"
    "IOSFODNN7EXAMPLE",
    "4111111111111111",
    "\t",
    "\n",
    "-----BEGIN PRIVATE"
    " KEY-----\nMC4CAQAwBQYDK2VwBCIE\n-----END PRIVATE KEY-----",
    "2001:db8::7",
    "\r",
    "password = 'Tr0ub4dor&3xyz'",
    " card ",
    " phone ",
    " ssn ",
    "\xE2\x80\x8B",
    "\xEF\xBC\x94",
    "https://x.example/",
    "](",
    "EMAILX",
    "\\u0040",
    "&#64;",
    "%40",
    "YWRhQGV4YW1wbGUub3Jn",
    "416 60 039",
    "{\"a\":\"",
    "\"}",
    "\xF0\x9F\x99\x82",
    "\xC3\xA9",
};

}  // namespace

std::vector<Target>& targets() {
  static std::vector<Target> all;
  return all;
}

std::string with_values(std::string_view bytes) {
  std::string out;
  for (char c : bytes) {
    const auto code = static_cast<unsigned char>(c);
    if (code < kValues.size())
      out += kValues[code];
    else
      out += c;
  }
  return out;
}

std::vector<std::string_view> cut(std::string_view text, Choices& choices) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const std::size_t want = choices.empty() ? text.size() : choices.below(16) + 1;
    const std::size_t size = std::min(text.size(), want > 12 ? want * want : want);
    pieces.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return pieces;
}

const privacy::Detectors& detectors() {
  static const privacy::Detectors all = privacy::Detectors::structured();
  return all;
}

void InputsRandom::fill(void* into, std::size_t size_bytes) {
  auto* bytes = static_cast<std::uint8_t*>(into);
  std::generate(bytes, bytes + size_bytes, [this] {
    state_ ^= state_ << 13U, state_ ^= state_ >> 7U, state_ ^= state_ << 17U;  // xorshift64
    return static_cast<std::uint8_t>(state_ >> 24U);
  });
}

}  // namespace demarc::fuzz
