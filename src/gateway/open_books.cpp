#include "gateway/open_books.hpp"

#include <unistd.h>

#include <array>

#include "governance/keys.hpp"
#include "store/sqlite_store.hpp"

namespace demarc::gateway {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "localhost";
}

Result<void, std::string> open_log(const Books& books, Services& services) {
  const bool named = !books.origin.empty();
  auto keys = governance::load_or_create_keys(books.disk, books.data + "/secret",
                                              named ? books.origin : governance::default_origin(host_name(), books.random),
                                              named ? governance::OriginRule::required : governance::OriginRule::suggested, books.random);
  if (!keys) return fail(keys.error().message);
  services.pepper = keys->pepper;
  governance::LogOptions options{.build = books.version, .boot_id = governance::read_boot_id()};
  options.charge_of_crashed = [](const IntentRecord&) { return Charge{}; };  // our counts of it are lost: unpriced
  options.clock = books.clock;
  auto log = governance::AuditLog::open(books.disk, books.lock, books.data + "/audit", keys->signer, options);
  if (!log) return fail(log.error().message);
  services.log = std::move(*log);
  const governance::Recovery& recovery = services.log->recovery();
  if (recovery.cut_bytes > 0)
    books.say("audit log: a torn tail of " + std::to_string(recovery.cut_bytes) + " bytes was cut; nothing acknowledged was in it");
  if (!recovery.crashed_intents.empty())
    books.say("audit log: " + std::to_string(recovery.crashed_intents.size()) +
              " attempts had no outcome when the last process ended; recorded as unknown_crash");
  return {};
}

Result<void, std::string> open_projection(const Books& books, Services& services) {
  auto store = store::SqliteStore::open(books.database.empty() ? books.data + "/db.sqlite" : books.database);
  if (!store) return fail(store.error().message);
  services.store = std::move(*store);
  auto projection = ledger::Projection::open(*services.store, services.log->origin(), services.log->size());
  if (!projection) return fail(projection.error().message);
  services.projection = std::move(*projection);
  std::string trouble;
  auto replayed = services.log->replay(services.projection->next(), [&](std::uint64_t index, governance::StoredRecord&& stored) {
    const auto applied = services.projection->replay(index, stored.record);
    if (!applied) trouble = applied.error().message;
    return applied ? governance::AuditLog::Replay::go_on : governance::AuditLog::Replay::stop;
  });
  if (!replayed) return fail(replayed.error().message);
  if (auto flushed = services.projection->flush(); !flushed) trouble = flushed.error().message;
  if (!trouble.empty()) return fail(std::move(trouble));
  services.projection->start();
  return {};
}

}  // namespace

Result<void, std::string> open_books(const Books& books, Services& services) {
  TRY(open_log(books, services));
  TRY(open_projection(books, services));
  services.budgets = std::make_unique<ledger::Budgets>(*services.store);
  auto commitments = governance::Commitments::open(books.disk, books.data + "/secret/subjects", books.random);
  if (!commitments) return fail(books.data + "/secret/subjects: " + std::string(to_string(commitments.error())));
  services.commitments = std::move(*commitments);
  auto api_keys = services.store->keys();
  if (!api_keys) return fail(api_keys.error().message);
  TRY(ensure_subjects(services, *api_keys));
  services.keyring = std::make_unique<access::Keyring>(access::make_key_set(std::move(*api_keys), services.pepper));
  return {};
}

Result<void, std::string> ensure_subjects(Services& services, const std::vector<KeyRecord>& keys) {
  auto ensured = services.commitments->ensure("");
  for (const KeyRecord& key : keys)
    if (ensured) ensured = services.commitments->ensure(key.id);
  if (!ensured) return fail("the subjects of commitments cannot be kept: " + std::string(to_string(ensured.error())));
  return {};
}

}  // namespace demarc::gateway
