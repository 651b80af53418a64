// Signed notes (c2sp.org/signed-note, 1.0): text with signature lines below it; the form of our checkpoints and of witnesses' answers.
//
//   NoteSigner signer = NoteSigner::create("example.com/log", system_random());
//   std::string note = sign_note("example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", signer);
//   auto verifier = NoteVerifier::parse(signer.vkey());            // name+hash+base64, from trusted media
//   auto text = open_note(note, std::span(&*verifier, 1));         // the text, if at least one known key signed it and no known key's line is false
//
// Ed25519 only (type 01); lines of unknown keys are skipped. Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/io/loop.hpp"

namespace demarc::governance {

inline constexpr std::size_t kMaxNoteBytes = 64 * 1024;
inline constexpr std::size_t kMaxNoteSignatures = 100;  // the convention asks for 16 or more

enum class NoteError : std::uint8_t { malformed, no_known_signature, false_signature };
std::string_view to_string(NoteError);

class NoteVerifier {
 public:
  static std::optional<NoteVerifier> parse(std::string_view vkey);  // nullopt: not of the form, wrong key id, or not Ed25519
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint32_t key_id() const { return key_id_; }
  [[nodiscard]] std::string vkey() const;
  [[nodiscard]] bool verify(std::string_view text, std::string_view signature) const;

 private:
  friend class NoteSigner;
  NoteVerifier(std::string name, std::string public_key);
  std::string name_, public_key_;  // 32 bytes
  std::uint32_t key_id_ = 0;
};

class NoteSigner {
 public:
  static NoteSigner create(std::string name, Random& random);     // `name` must be a valid one
  static std::optional<NoteSigner> parse(std::string_view text);  // PRIVATE+KEY+name+hash+base64(01 || seed), as Go's note package writes it
  [[nodiscard]] std::string print() const;                        // a secret
  [[nodiscard]] const std::string& name() const { return verifier_.name(); }
  [[nodiscard]] const NoteVerifier& verifier() const { return verifier_; }
  [[nodiscard]] std::string vkey() const { return verifier_.vkey(); }
  [[nodiscard]] std::string sign(std::string_view text) const;  // 64 bytes

 private:
  NoteSigner(std::string name, std::string seed);
  std::string seed_;
  NoteVerifier verifier_;
};

bool is_note_name(std::string_view name);                                // not empty, UTF-8, no white space, no plus
std::string sign_note(std::string_view text, const NoteSigner& signer);  // text must end in a newline
Result<std::string, NoteError> open_note(std::string_view note, std::span<const NoteVerifier> known);

}  // namespace demarc::governance
