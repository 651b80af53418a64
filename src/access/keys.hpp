// Keys: who is calling. A key is shown once, when it is made; what is kept is its HMAC under the pepper of the data folder.
//
//   key    = "dmc_" env "_" id8 "_" secret43 crc6        dmc_live_ab12CD34_…
//   env    = [a-z] [a-z0-9]{0,15}
//   id8    = 8 base62 digits; "dmc_" env "_" id8 is the key's id, not secret
//   secret = 43 base62 digits, 256 bits
//   crc    = CRC-32 (ISO-HDLC) of all before it, 6 base62 digits: a typing error costs no lookup, and scanners for leaked keys can tell a real one
//
//   auto made = TRY(create_key(order, pepper, random, now));   // made.secret for the person, made.record for the store
//   keyring.replace(make_keyring(records, pepper));
//   const Caller caller = TRY(identify(headers, remote, *keyring.current(), now, rule));
//
// make_keyring's result is immutable and read by any thread; identify() costs one hash and one lookup, and reads no store.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "base/strings.hpp"
#include "base/time.hpp"
#include "core/caller.hpp"
#include "core/error.hpp"
#include "core/io/http.hpp"
#include "core/io/loop.hpp"
#include "core/key_record.hpp"

namespace demarc::access {

inline constexpr std::size_t kPepperBytes = 32;
inline constexpr std::int64_t kDefaultDays = 90;
inline constexpr std::int64_t kMaxDays = 365;
inline constexpr std::size_t kMaxKeys = 100'000;

// The parts of a well-formed key: right alphabet, right lengths, right checksum. Views into the text.
struct KeyText {
  std::string_view id;   // "dmc_live_ab12cd34"
  std::string_view env;  // "live"
};
std::optional<KeyText> parse_key(std::string_view text);
bool is_key_id(std::string_view text);

enum class KeyError : std::uint8_t {
  bad_env,
  bad_name,
  bad_team,
  bad_role,
  unknown_scope,
  no_scope,
  bad_workload,
  bad_lifetime,
  not_active,
  bad_pepper
};
std::string_view to_string(KeyError);  // a sentence for people

struct KeyOrder {  // what a person asks for
  std::string env = "live";
  std::string name;
  std::string team{}, role{};
  std::set<std::string, std::less<>> scopes = {"inference"};
  std::vector<std::string> workloads{};
  std::optional<Sensitivity> sensitivity{};
  std::int64_t days = kDefaultDays;  // 1 … kMaxDays
};

struct NewKey {
  std::string secret;  // the whole key; shown once, kept nowhere
  KeyRecord record;
};
Result<NewKey, KeyError> create_key(const KeyOrder& order, std::string_view pepper, Random& random, Instant now);

// A successor with the same rights and lifetime; the old key stays good for `overlap`, at most until it expires anyway.
struct Rotation {
  NewKey fresh;
  KeyRecord old;  // with `revoked` set
};
Result<Rotation, KeyError> rotate_key(const KeyRecord& old, std::chrono::seconds overlap, std::string_view pepper, Random& random, Instant now);

enum class KeyState : std::uint8_t { active, expired, revoked };
KeyState state_of(const KeyRecord& record, Instant now);
std::string_view to_string(KeyState);

// Every scope there is, with its meaning (docs/reference/keys.md). "admin" includes all others.
struct ScopeSpec {
  std::string_view name, meaning;
};
std::span<const ScopeSpec> scopes();

class KeySet {  // immutable
 public:
  KeySet(std::vector<KeyRecord> records, std::string pepper);
  [[nodiscard]] bool empty() const { return by_id_.empty(); }
  [[nodiscard]] std::size_t size() const { return by_id_.size(); }
  [[nodiscard]] bool any_active(Instant now) const;
  // The record whose hash the key has; whether its id exists makes no difference to the work done.
  [[nodiscard]] const KeyRecord* find(std::string_view key) const;
  [[nodiscard]] const KeyRecord* record(std::string_view id) const;  // of somebody who was identified before; null: there is none

 private:
  std::unordered_map<std::string, KeyRecord, TransparentHash, std::equal_to<>> by_id_;
  std::string pepper_;
};
std::shared_ptr<const KeySet> make_key_set(std::vector<KeyRecord> records, std::string pepper);

// The keys in force. A change (create, revoke, rotate) makes a new set and swaps it in; who holds the old one finishes with it.
class Keyring {
 public:
  explicit Keyring(std::shared_ptr<const KeySet> keys) : keys_(std::move(keys)) {}
  [[nodiscard]] std::shared_ptr<const KeySet> current() const EXCLUDES(mutex_);
  void replace(std::shared_ptr<const KeySet> keys) EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const KeySet> keys_ GUARDED_BY(mutex_);
};

}  // namespace demarc::access
