#include "access/keys.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/hmac.hpp"

namespace demarc::access {
namespace {

constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kPrefix = "dmc_";
constexpr std::size_t kIdDigits = 8, kSecretDigits = 43, kCrcDigits = 6, kMaxEnv = 16;
constexpr std::size_t kMaxName = 128, kMaxWord = 64, kMaxWorkloads = 256, kHashBytes = 32;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kNsPerDay = 86'400 * kNsPerSecond;

constexpr std::array kScopes = {
    ScopeSpec{"inference", "ask for model work: every endpoint under /v1 that takes a request to a model, and its jobs, files and batches"},
    ScopeSpec{"receipts:read", "read receipts of other keys; those of its own every key reads"},
    ScopeSpec{"usage:read", "read usage, costs and budgets of everybody"},
    ScopeSpec{"audit:read", "read and verify the audit log, make proofs and evidence"},
    ScopeSpec{"admin", "keys, models, reload, everything of /admin/v1; includes all other scopes"},
};

bool is_base62(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return kBase62.find(c) != std::string_view::npos; });
}

bool is_env(std::string_view env) {
  return !env.empty() && env.size() <= kMaxEnv && env.front() >= 'a' && env.front() <= 'z' &&
         std::ranges::all_of(env, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

// CRC-32/ISO-HDLC: reflected polynomial 0xEDB88320, start and final inversion (as in zlib, PNG); 62^6 > 2^32, so six digits hold it.
std::string crc_digits(std::string_view text) {
  std::uint32_t crc = 0xffffffff;
  for (const unsigned char byte : text) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320U : 0U);
  }
  crc = ~crc;
  std::string out(kCrcDigits, '0');
  for (std::size_t i = kCrcDigits; i > 0; --i, crc /= 62) out[i - 1] = kBase62[crc % 62];
  return out;
}

// Bytes of 248 and above are thrown away: 248 = 4 × 62, so every digit is equally likely.
std::string random_digits(Random& random, std::size_t count) {
  std::string out;
  while (out.size() < count)
    for (const std::uint8_t byte : random.bytes<64>())
      if (byte < 248 && out.size() < count) out += kBase62[byte % 62];
  return out;
}

using Hash = std::array<unsigned char, kHashBytes>;
Hash hash_of(std::string_view pepper, std::string_view key) { return hmac_sha256(pepper, key); }

// A word that stands in headers, records and policies: visible ASCII.
bool is_word(std::string_view text, std::size_t longest) {
  return text.size() <= longest && std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

bool is_title(std::string_view text) {
  return !trim(text).empty() && text.size() <= kMaxName && is_utf8(text) &&
         std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
}

Result<void, KeyError> check_order(const KeyOrder& order) {
  if (!is_env(order.env)) return fail(KeyError::bad_env);
  if (!is_title(order.name)) return fail(KeyError::bad_name);
  if (!is_word(order.team, kMaxWord)) return fail(KeyError::bad_team);
  if (!is_word(order.role, kMaxWord)) return fail(KeyError::bad_role);
  if (order.scopes.empty()) return fail(KeyError::no_scope);
  for (const std::string& scope : order.scopes)
    if (std::ranges::find(kScopes, scope, &ScopeSpec::name) == kScopes.end()) return fail(KeyError::unknown_scope);
  if (order.workloads.size() > kMaxWorkloads) return fail(KeyError::bad_workload);
  for (const std::string& workload : order.workloads)
    if (workload.empty() || !is_word(workload, kMaxWord)) return fail(KeyError::bad_workload);
  if (order.days < 1 || order.days > kMaxDays) return fail(KeyError::bad_lifetime);
  return {};
}

}  // namespace

std::optional<KeyText> parse_key(std::string_view text) {
  constexpr std::size_t kTail = 1 + kIdDigits + 1 + kSecretDigits + kCrcDigits;
  if (text.size() <= kPrefix.size() + kTail || text.size() > kPrefix.size() + kMaxEnv + kTail || !text.starts_with(kPrefix)) return {};
  const std::size_t id_size = text.size() - 1 - kSecretDigits - kCrcDigits;
  const std::string_view id = text.substr(0, id_size), rest = text.substr(id_size);
  if (!is_key_id(id) || rest.front() != '_' || !is_base62(rest.substr(1))) return {};
  if (crc_digits(text.substr(0, text.size() - kCrcDigits)) != text.substr(text.size() - kCrcDigits)) return {};
  return KeyText{id, id.substr(kPrefix.size(), id_size - kPrefix.size() - 1 - kIdDigits)};
}

bool is_key_id(std::string_view text) {
  if (!text.starts_with(kPrefix) || text.size() <= kPrefix.size() + 1 + kIdDigits) return false;
  const std::string_view env = text.substr(kPrefix.size(), text.size() - kPrefix.size() - 1 - kIdDigits);
  const std::string_view digits = text.substr(text.size() - kIdDigits);
  return is_env(env) && text[text.size() - kIdDigits - 1] == '_' && is_base62(digits);
}

Result<NewKey, KeyError> create_key(const KeyOrder& order, std::string_view pepper, Random& random, Instant now) {
  if (pepper.size() != kPepperBytes) return fail(KeyError::bad_pepper);
  TRY(check_order(order));
  NewKey made;
  made.record.id = std::string(kPrefix) + order.env + "_" + random_digits(random, kIdDigits);
  made.secret = made.record.id + "_" + random_digits(random, kSecretDigits);
  made.secret += crc_digits(made.secret);
  const Hash hash = hash_of(pepper, made.secret);
  made.record.hash.assign(hash.begin(), hash.end());
  made.record.name = trim(order.name), made.record.team = order.team, made.record.role = order.role;
  made.record.scopes = order.scopes, made.record.workloads = order.workloads, made.record.sensitivity = order.sensitivity;
  made.record.created = now, made.record.expires = Instant{now.unix_ns + order.days * kNsPerDay};
  return made;
}

Result<Rotation, KeyError> rotate_key(const KeyRecord& old, std::chrono::seconds overlap, std::string_view pepper, Random& random, Instant now) {
  if (state_of(old, now) != KeyState::active || old.revoked) return fail(KeyError::not_active);
  if (overlap.count() < 0 || overlap > std::chrono::days(kMaxDays)) return fail(KeyError::bad_lifetime);
  if (!is_key_id(old.id)) return fail(KeyError::bad_env);
  const std::int64_t days = std::clamp<std::int64_t>((old.expires.unix_ns - old.created.unix_ns + kNsPerDay - 1) / kNsPerDay, 1, kMaxDays);
  const std::string env = old.id.substr(kPrefix.size(), old.id.size() - kPrefix.size() - 1 - kIdDigits);
  const KeyOrder order{env, old.name, old.team, old.role, old.scopes, old.workloads, old.sensitivity, days};
  Rotation out{TRY(create_key(order, pepper, random, now)), old};
  out.old.revoked = std::min(old.expires, Instant{now.unix_ns + overlap.count() * kNsPerSecond});
  return out;
}

KeyState state_of(const KeyRecord& record, Instant now) {
  if (record.revoked && now >= *record.revoked) return KeyState::revoked;
  if (now >= record.expires) return KeyState::expired;
  return KeyState::active;
}

std::string_view to_string(KeyState state) {
  switch (state) {
    case KeyState::active: return "active";
    case KeyState::expired: return "expired";
    case KeyState::revoked: return "revoked";
  }
  return "revoked";
}

std::string_view to_string(KeyError error) {
  switch (error) {
    case KeyError::bad_env: return "an environment is 1 to 16 lower-case letters and digits, beginning with a letter";
    case KeyError::bad_name: return "a key needs a name of at most 128 bytes";
    case KeyError::bad_team: return "a team is a word of at most 64 visible ASCII characters";
    case KeyError::bad_role: return "a role is a word of at most 64 visible ASCII characters";
    case KeyError::unknown_scope: return "unknown scope; there are inference, receipts:read, usage:read, audit:read, admin";
    case KeyError::no_scope: return "a key needs at least one scope";
    case KeyError::bad_workload: return "a workload is a word of at most 64 visible ASCII characters; a key lists at most 256";
    case KeyError::bad_lifetime: return "a key lives 1 to 365 days, and an overlap lasts no longer";
    case KeyError::not_active: return "only a key in force, not yet replaced, can be rotated";
    case KeyError::bad_pepper: return "the pepper of the data folder is damaged: it has 32 bytes";
  }
  return "";
}

std::span<const ScopeSpec> scopes() { return kScopes; }

KeySet::KeySet(std::vector<KeyRecord> records, std::string pepper) : pepper_(std::move(pepper)) {
  CHECK(pepper_.size() == kPepperBytes);
  for (KeyRecord& record : records) {
    if (record.hash.size() != kHashBytes || by_id_.size() >= kMaxKeys) continue;  // such a key opens nothing
    std::string id = record.id;
    by_id_.insert_or_assign(std::move(id), std::move(record));
  }
}

bool KeySet::any_active(Instant now) const {
  return std::ranges::any_of(by_id_, [&](const auto& entry) { return state_of(entry.second, now) == KeyState::active; });
}

const KeyRecord* KeySet::record(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

const KeyRecord* KeySet::find(std::string_view key) const {
  const auto text = parse_key(key);
  if (!text) return nullptr;
  static constexpr Hash kNobody{};
  const auto found = by_id_.find(text->id);
  const Hash hash = hash_of(pepper_, key);
  const void* expected = found == by_id_.end() ? static_cast<const void*>(kNobody.data()) : found->second.hash.data();
  const bool same = CRYPTO_memcmp(hash.data(), expected, kHashBytes) == 0;  // constant time, also for an id that does not exist
  return same && found != by_id_.end() ? &found->second : nullptr;
}

std::shared_ptr<const KeySet> make_key_set(std::vector<KeyRecord> records, std::string pepper) {
  return std::make_shared<const KeySet>(std::move(records), std::move(pepper));
}

std::shared_ptr<const KeySet> Keyring::current() const {
  MutexLock lock(mutex_);
  return keys_;
}

void Keyring::replace(std::shared_ptr<const KeySet> keys) {
  CHECK(keys != nullptr);
  MutexLock lock(mutex_);
  keys_.swap(keys);  // the old set dies outside of the lock, if nobody holds it
}

}  // namespace demarc::access
