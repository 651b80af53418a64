// VaultRecord: one line of a vault's file, and the frame it is sealed in (docs/adr/0013).
//
//   frame  = length:u32 conversation:32 sequence:u64 sealed        little-endian; length counts what follows it
//   sealed = AES-256-GCM(record), associated data: conversation sequence
//   record = kind:u8 unix_ms:u64 subject:32 [style:u8 type word value]        the bracket for `value` only; each text with its length:u32 before it
//
// Pure; any thread. What was plain is overwritten.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "privacy/sealed.hpp"
#include "privacy/token.hpp"

namespace demarc::privacy {

struct VaultRecord {
  enum class Kind : std::uint8_t { value = 1, used = 2, dropped = 3 };
  Kind kind = Kind::value;
  Digest conversation{}, subject{};
  std::int64_t unix_ms = 0;
  std::shared_ptr<const Token> token{};  // kind value
};

// A frame that begins the bytes, as far as it can be told without the key.
struct VaultFrame {
  Digest conversation{};
  std::uint64_t sequence = 0;
  std::string_view associated, sealed;
  std::size_t size = 0;  // with its length
};
enum class FrameError : std::uint8_t { incomplete, damaged };
Result<VaultFrame, FrameError> read_frame(std::string_view bytes);

void append_frame(std::string& out, const VaultRecord& record, std::uint64_t sequence, const Digest& key, Random& random);
std::optional<VaultRecord> open_frame(const VaultFrame& frame, const Digest& key);  // nullopt: was tampered with

}  // namespace demarc::privacy
