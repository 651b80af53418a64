// Whether a text may leave does not depend on how JSON spells it: bare, quoted, every character escaped, or JSON within JSON.
#include "base/strings.hpp"
#include "core/finding.hpp"
#include "core/json/writer.hpp"
#include "fuzz.hpp"
#include "privacy/json_leaves.hpp"
#include "privacy/redact.hpp"

namespace demarc::fuzz {
namespace {

// "a\u0062": every ASCII character as its code.
std::string spelled_out(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (char c : text) {
    if (static_cast<signed char>(c) < 0) {
      out += c;
      continue;
    }
    out += "\\u00";
    out += kHex[static_cast<unsigned char>(c) >> 4U];
    out += kHex[static_cast<unsigned char>(c) & 15U];
  }
  return out + "\"";
}

}  // namespace
}  // namespace demarc::fuzz

FUZZ(scans_clean) {
  const std::string text = with_values(bytes);
  if (!is_utf8(text)) return;
  InputsRandom random(bytes);
  privacy::Vault vault(random);
  const privacy::VaultSession session = vault.open({"key", "c"}, {1});
  const auto clean = [&](std::string_view body) { return privacy::scans_clean(body, session, privacy::RedactTypes(), detectors()); };
  if (privacy::is_json_document(text)) {
    (void)clean(text);
    return;
  }
  bool found = false;
  for (const Finding& finding : detectors().find(text)) found = found || is_direct(finding.type);
  CHECK(clean("[" + json_string(text) + "]") == !found);
  CHECK(clean("{\"text\":" + spelled_out(text) + "}") == !found);
  CHECK(clean("[" + spelled_out("{\"content\":" + json_string(text) + "}") + "]") == !found);
}
