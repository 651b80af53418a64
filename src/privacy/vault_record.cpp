#include "privacy/vault_record.hpp"

#include <openssl/crypto.h>

#include <algorithm>

#include "core/hmac.hpp"
#include "privacy/placeholder.hpp"

namespace demarc::privacy {
namespace {

constexpr std::size_t kLength = 4, kAssociated = 32 + 8, kMost = std::size_t{1} << 20;  // a value has at most 64 KiB

void put(std::string& out, std::uint64_t number, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out += static_cast<char>(number >> 8 * i & 0xFFU);
}
void put_text(std::string& out, std::string_view text) { put(out, text.size(), 4), out += text; }

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t number(unsigned bytes) {
    std::uint64_t out = 0;
    const std::string_view taken = take(bytes);
    for (std::size_t i = 0; i < taken.size(); ++i) out |= std::uint64_t{static_cast<unsigned char>(taken[i])} << 8 * i;
    return out;
  }
  Digest digest() {
    Digest out{};
    const std::string_view taken = take(out.size());
    std::copy(taken.begin(), taken.end(), out.begin());
    return out;
  }
  std::string_view text() { return take(number(4)); }
  [[nodiscard]] bool ended_well() const { return whole_ && rest_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    whole_ = whole_ && size <= rest_.size();
    if (!whole_) return {};
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  std::string_view rest_;
  bool whole_ = true;
};

std::optional<VaultRecord> parse(std::string_view plain) {
  Reader reader(plain);
  VaultRecord record;
  const std::uint64_t kind = reader.number(1);
  if (kind < 1 || kind > 3) return {};
  record.kind = static_cast<VaultRecord::Kind>(kind);
  record.unix_ms = static_cast<std::int64_t>(reader.number(8));
  record.subject = reader.digest();
  if (record.kind == VaultRecord::Kind::value) {
    Token token;
    token.style = reader.number(1) == 0 ? Style::placeholder : Style::surrogate;
    token.type = reader.text(), token.word = reader.text();
    token.value = std::make_shared<const Wiped>(reader.text());
    token.folded = token.style == Style::surrogate ? fold_surrogate(token.word) : fold_placeholder(token.word);
    token.restorable = token.type == "SECRET" ? Restorable::never : Restorable::yes;
    record.token = std::make_shared<const Token>(std::move(token));
  }
  return reader.ended_well() ? std::optional(std::move(record)) : std::nullopt;
}

}  // namespace

Result<VaultFrame, FrameError> read_frame(std::string_view bytes) {
  if (bytes.size() < kLength) return fail(FrameError::incomplete);
  const std::size_t length = Reader(bytes.substr(0, kLength)).number(4);
  if (length < kAssociated + kSealBytes || length > kMost) return fail(FrameError::damaged);
  if (bytes.size() < kLength + length) return fail(FrameError::incomplete);
  Reader reader(bytes.substr(kLength, kAssociated));
  VaultFrame frame;
  frame.conversation = reader.digest(), frame.sequence = reader.number(8);
  frame.associated = bytes.substr(kLength, kAssociated);
  frame.sealed = bytes.substr(kLength + kAssociated, length - kAssociated);
  frame.size = kLength + length;
  return frame;
}

void append_frame(std::string& out, const VaultRecord& record, std::uint64_t sequence, const Digest& key, Random& random) {
  std::string plain;
  const std::size_t values = record.token ? record.token->value->view().size() + record.token->word.size() + record.token->type.size() : 0;
  plain.reserve(64 + values);  // so that no copy is left behind by growing
  put(plain, static_cast<std::uint8_t>(record.kind), 1);
  put(plain, static_cast<std::uint64_t>(record.unix_ms), 8);
  plain += bytes_of(record.subject);
  if (record.token) {
    put(plain, record.token->style == Style::surrogate ? 1 : 0, 1);
    put_text(plain, record.token->type), put_text(plain, record.token->word), put_text(plain, record.token->value->view());
  }
  std::string associated(bytes_of(record.conversation));
  put(associated, sequence, 8);
  const std::string sealed = seal(key, associated, plain, random);
  OPENSSL_cleanse(plain.data(), plain.size());
  put(out, associated.size() + sealed.size(), kLength);
  (out += associated) += sealed;
}

std::optional<VaultRecord> open_frame(const VaultFrame& frame, const Digest& key) {
  std::optional<std::string> plain = unseal(key, frame.associated, frame.sealed);
  if (!plain) return {};
  std::optional<VaultRecord> record = parse(*plain);
  OPENSSL_cleanse(plain->data(), plain->size());
  if (record) record->conversation = frame.conversation;
  return record;
}

}  // namespace demarc::privacy
