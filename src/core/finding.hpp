// Finding: one piece of personal data or a secret that a detector saw in one text. Counts of them are what policy decides on and records keep;
// the text itself never leaves the request. Types carry Presidio's names (EMAIL_ADDRESS, CREDIT_CARD, …); secrets are SECRET with a kind.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace demarc {

enum class DetectorTier : std::uint8_t { structured, model, reviewed };

struct Finding {
  std::string type;       // "CREDIT_CARD"
  std::string kind{};     // for SECRET: "openai_key", "pem_private_key", …
  std::size_t begin = 0;  // bytes of the decoded text, end exclusive
  std::size_t end = 0;
  float score = 1.0F;  // 0..1
  DetectorTier tier = DetectorTier::structured;
  std::string reason{};  // what spoke for it, for people: "Luhn; visa", "word beside it: phone", "in base64: …". Never a piece of the text itself
};

using FindingCounts = std::map<std::string, std::uint32_t, std::less<>>;  // type → how many

// The group `direct` of config.md: identifiers, contact data, PERSON, SECRET. All others count only where a rule names them.
bool is_direct(std::string_view type);

}  // namespace demarc
