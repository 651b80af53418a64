// Conversations opened, used, dropped and left to age in any order: a value keeps its placeholder while its conversation lives, no other
// conversation restores it, and the vault stays within its limits.
#include "privacy/vault.hpp"

#include <map>

#include "fuzz.hpp"
#include "privacy/restore.hpp"

FUZZ(vault) {
  constexpr privacy::VaultLimits kLimits{.conversations = 3, .values = 5, .value_bytes = 64, .total_bytes = 4'000, .life = std::chrono::seconds(100)};
  InputsRandom random(bytes);
  privacy::Vault vault(random, kLimits);
  std::map<std::string, privacy::VaultSession> held;
  Monotonic now{1};
  while (!bytes.empty()) {
    Choices choices(bytes);
    const std::string caller(1, static_cast<char>('a' + choices.below(2))), conversation(1, static_cast<char>('0' + choices.below(4)));
    const std::string value(1 + choices.below(70), static_cast<char>('a' + choices.below(8)));
    const std::string_view type = choices.below(4) == 0 ? "SECRET" : "PERSON";
    switch (choices.below(5)) {
      case 0: vault.drop({caller, conversation}); break;
      case 1: now = now + std::chrono::seconds(choices.byte()); break;
      case 2: vault.expire(now); break;
      default: {
        privacy::VaultSession session = vault.open({caller, conversation}, now);
        const auto word = session.placeholder(type, value);
        if (!word) {
          CHECK(value.size() > kLimits.value_bytes || session.tokens()->size() == kLimits.values);
          break;
        }
        CHECK(*session.placeholder(type, value) == *word);
        CHECK(privacy::restore(session.tokens(), *word) == (type == "SECRET" ? *word : value));
        CHECK(privacy::restore(vault.open({caller + "x", conversation}, now).tokens(), *word) == *word);
        CHECK(privacy::restore(vault.open({caller, conversation + "x"}, now).tokens(), *word) == *word);
      }
    }
    vault.expire(now);
    CHECK(vault.conversations() <= kLimits.conversations && vault.bytes() <= kLimits.total_bytes);
  }
  vault.expire({now.ns + 200'000'000'000});
  CHECK(vault.conversations() == 0 && vault.bytes() == 0);
}
