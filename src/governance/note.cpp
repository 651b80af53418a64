#include "governance/note.hpp"

#include <openssl/evp.h>

#include <memory>

#include "base/check.hpp"
#include "base/encode.hpp"
#include "base/strings.hpp"
#include "governance/merkle.hpp"

namespace demarc::governance {
namespace {

constexpr char kEd25519 = 0x01;
constexpr std::size_t kKeyBytes = 32, kSignatureBytes = 64;
constexpr std::string_view kDash = "\xe2\x80\x94 ";  // U+2014, space
constexpr std::string_view kPrivate = "PRIVATE+KEY+";

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeKey>;

const unsigned char* unsigned_bytes(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

std::string u32_bytes(std::uint32_t n) { return {char(n >> 24), char(n >> 16), char(n >> 8), char(n)}; }

std::uint32_t read_u32(std::string_view bytes) {
  std::uint32_t n = 0;
  for (std::size_t i = 0; i < 4; ++i) n = n << 8 | static_cast<unsigned char>(bytes[i]);
  return n;
}

std::uint32_t key_id_of(std::string_view name, std::string_view typed_key) {
  const Hash hash = sha256(std::string(name) + '\n' + std::string(typed_key));
  return read_u32(as_bytes(hash));
}

struct KeyText {
  std::string name, key;  // key without its type
};

// name+hash+base64(type || key), split on the first two plus signs.
std::optional<KeyText> parse_key_text(std::string_view text) {
  const auto first = text.find('+');
  const auto second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return {};
  const std::string_view name = text.substr(0, first), id = text.substr(first + 1, second - first - 1);
  const auto typed = from_base64(text.substr(second + 1));
  if (!is_note_name(name) || id.size() != 8 || to_lower(id) != id || !from_hex(id)) return {};
  if (!typed || typed->size() != 1 + kKeyBytes || typed->front() != kEd25519) return {};
  return KeyText{std::string(name), typed->substr(1)};
}

std::string print_key_text(std::string_view name, std::uint32_t id, std::string_view key) {
  return std::string(name) + '+' + to_hex(u32_bytes(id)) + '+' + to_base64(kEd25519 + std::string(key));
}

// The UTF-8 forms of what Unicode calls white space (property White_Space, Unicode 15).
bool has_white_space(std::string_view name) {
  for (const char c : name)
    if (c == ' ' || (c >= 0x09 && c <= 0x0d)) return true;
  for (const std::string_view space : {"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83",
                                       "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
                                       "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"})
    if (name.find(space) != std::string_view::npos) return true;
  return false;
}

bool is_note_text(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return false;
  return is_utf8(text);
}

struct SignatureLine {
  std::string_view name;
  std::uint32_t key_id = 0;
  std::string signature;
};

std::optional<SignatureLine> parse_signature_line(std::string_view line) {
  if (!line.starts_with(kDash)) return {};
  line.remove_prefix(kDash.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos || !is_note_name(line.substr(0, space))) return {};
  const auto bytes = from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() < 5) return {};
  return SignatureLine{line.substr(0, space), read_u32(*bytes), bytes->substr(4)};
}

}  // namespace

std::string_view to_string(NoteError error) {
  switch (error) {
    case NoteError::malformed: return "not a signed note";
    case NoteError::no_known_signature: return "not signed by a known key";
    case NoteError::false_signature: return "false signature";
  }
  return "not a signed note";
}

bool is_note_name(std::string_view name) {
  return !name.empty() && is_note_text(name) && name.find('+') == std::string_view::npos && !has_white_space(name);
}

NoteVerifier::NoteVerifier(std::string name, std::string public_key)
    : name_(std::move(name)), public_key_(std::move(public_key)), key_id_(key_id_of(name_, kEd25519 + public_key_)) {}

std::optional<NoteVerifier> NoteVerifier::parse(std::string_view vkey) {
  auto parts = parse_key_text(vkey);
  if (!parts) return {};
  NoteVerifier verifier(std::move(parts->name), std::move(parts->key));
  if (verifier.vkey() != vkey) return {};  // the key id is that of the key
  return verifier;
}

std::string NoteVerifier::vkey() const { return print_key_text(name_, key_id_, public_key_); }

bool NoteVerifier::verify(std::string_view text, std::string_view signature) const {
  if (signature.size() != kSignatureBytes) return false;
  const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, unsigned_bytes(public_key_), kKeyBytes));
  const Context context(EVP_MD_CTX_new());
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), unsigned_bytes(signature), signature.size(), unsigned_bytes(text), text.size()) == 1;
}

NoteSigner::NoteSigner(std::string name, std::string seed)
    : seed_(std::move(seed)), verifier_(std::move(name), [this] {
        std::string public_key(kKeyBytes, '\0');
        std::size_t size_bytes = public_key.size();
        const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, unsigned_bytes(seed_), kKeyBytes));
        CHECK(key && EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(public_key.data()), &size_bytes) == 1);
        return public_key;
      }()) {}

NoteSigner NoteSigner::create(std::string name, Random& random) {
  CHECK(is_note_name(name));
  std::string seed(kKeyBytes, '\0');
  random.fill(seed.data(), seed.size());
  return NoteSigner(std::move(name), std::move(seed));
}

std::optional<NoteSigner> NoteSigner::parse(std::string_view text) {
  if (!text.starts_with(kPrivate)) return {};
  auto parts = parse_key_text(text.substr(kPrivate.size()));
  if (!parts) return {};
  NoteSigner signer(std::move(parts->name), std::move(parts->key));
  if (signer.print() != text) return {};
  return signer;
}

std::string NoteSigner::print() const { return std::string(kPrivate) + print_key_text(name(), verifier_.key_id(), seed_); }

std::string NoteSigner::sign(std::string_view text) const {
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, unsigned_bytes(seed_), kKeyBytes));
  const Context context(EVP_MD_CTX_new());
  std::string signature(kSignatureBytes, '\0');
  std::size_t size_bytes = signature.size();
  CHECK(key && context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size_bytes, unsigned_bytes(text), text.size()) == 1);
  return signature;
}

std::string sign_note(std::string_view text, const NoteSigner& signer) {
  CHECK(text.ends_with('\n') && is_note_text(text));
  std::string note(text);
  note.append("\n").append(kDash).append(signer.name()).append(" ");
  note.append(to_base64(u32_bytes(signer.verifier().key_id()) + signer.sign(text))).append("\n");
  return note;
}

Result<std::string, NoteError> open_note(std::string_view note, std::span<const NoteVerifier> known) {
  if (note.size() > kMaxNoteBytes || !is_note_text(note)) return fail(NoteError::malformed);
  const auto blank = note.rfind("\n\n");
  if (blank == std::string_view::npos || !note.ends_with('\n')) return fail(NoteError::malformed);
  const std::string_view text = note.substr(0, blank + 1);
  std::string_view rest = note.substr(blank + 2);
  std::size_t lines = 0, verified = 0;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = parse_signature_line(rest.substr(0, end));
    if (!line || ++lines > kMaxNoteSignatures) return fail(NoteError::malformed);
    rest.remove_prefix(end + 1);
    for (const NoteVerifier& verifier : known) {
      if (verifier.name() != line->name || verifier.key_id() != line->key_id) continue;
      if (!verifier.verify(text, line->signature)) return fail(NoteError::false_signature);
      ++verified;
    }
  }
  if (verified == 0) return fail(NoteError::no_known_signature);
  return std::string(text);
}

}  // namespace demarc::governance
