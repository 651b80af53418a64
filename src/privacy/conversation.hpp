// Conversation: the tokens of one conversation, made as values come and the same whenever they come again. What a VaultSession points to; of the
// vault only. Guarded by itself, since requests of one conversation may run side by side.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "base/strings.hpp"
#include "privacy/keyed.hpp"
#include "privacy/surrogate.hpp"
#include "privacy/token.hpp"
#include "privacy/words_of.hpp"

namespace demarc::privacy {

struct VaultLimits;
enum class VaultError : std::uint8_t;
class VaultKeeper;

namespace internal {

// What it is to the vault that keeps it; nothing of it for a request that stands alone.
struct Membership {
  Digest id{}, subject{};
  std::atomic<std::size_t>* total_bytes = nullptr;
  VaultKeeper* keeper = nullptr;
};

class Conversation {
 public:
  Conversation(const Digest& key, const VaultLimits& limits, Membership membership);
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  Result<std::string, VaultError> placeholder(std::string_view type, std::string_view value);
  // A surrogate whose words do not all stand in `avoid` (may be null); a placeholder where the type has none.
  Result<std::string, VaultError> surrogate(std::string_view type, std::string_view value, const WordsOf* avoid);
  [[nodiscard]] std::string digest(std::string_view type, std::string_view value) const;
  std::shared_ptr<const Tokens> tokens();

  void adopt(std::shared_ptr<const Token> token);  // made before, read back from where it was kept
  Tokens::List all();
  void leave_vault();  // who still holds a session may go on; the vault counts it no more, and nobody keeps what comes
  [[nodiscard]] Digest subject() const { return subject_; }

 private:
  using Made = Result<std::string, VaultError>;
  Made placeholder_locked(std::string_view type, std::string_view value) REQUIRES(mutex_);
  Made person(std::string_view value, const WordsOf* avoid) REQUIRES(mutex_);
  Made name_word(NamePart part, std::string_view word, const WordsOf* avoid) REQUIRES(mutex_);
  Made add(std::string word, std::string_view type, std::string_view value, Style style) REQUIRES(mutex_);
  void enter(std::shared_ptr<const Token> token) REQUIRES(mutex_);
  [[nodiscard]] const Token* stand_in_of(std::string_view type, std::string_view value) const REQUIRES(mutex_);
  [[nodiscard]] bool is_free(std::string_view candidate, std::string_view value, const WordsOf* avoid) const REQUIRES(mutex_);
  Draw draw(std::string_view type, std::string_view value, unsigned attempt) const;

  Digest key_;
  const Digest subject_;
  const std::size_t most_values_, most_value_bytes_;
  const Shift shift_;
  mutable Mutex mutex_;
  Membership membership_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::shared_ptr<const Token>, TransparentHash, std::equal_to<>> by_word_ GUARDED_BY(mutex_);
  std::map<Digest, std::shared_ptr<const Token>> surrogate_of_ GUARDED_BY(mutex_);              // by keyed digest of type and value
  std::unordered_map<std::string, std::shared_ptr<const Token>> by_folded_ GUARDED_BY(mutex_);  // surrogates
  std::shared_ptr<const Tokens> tokens_ GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace internal
}  // namespace demarc::privacy
