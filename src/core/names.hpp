// NamesSettings: the detector of names as demarc.yaml configures it (detectors.names). Config makes it, the gateway starts its engine, privacy
// follows it. Immutable; any thread may read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace demarc {

// What a text in a language that is not declared means: findings nobody can know, or texts that nobody looks into for names.
enum class OtherLanguage : std::uint8_t { unknown, uncovered };

struct NamesSettings {
  std::string model;                   // in models.lock
  std::vector<std::string> languages;  // codes: "en"
  OtherLanguage other_language = OtherLanguage::unknown;
  std::uint32_t slots = 2;               // requests at once
  std::uint32_t threads = 0;             // 0: by the machine
  std::uint64_t memory_limit_bytes = 0;  // 0: by the model's size
  friend bool operator==(const NamesSettings&, const NamesSettings&) = default;
};

}  // namespace demarc
