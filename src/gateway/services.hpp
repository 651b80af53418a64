// Services: what lives as long as the program and serves every request, whatever the Snapshot. Built once by Gateway, handed to each request by
// reference. Each member says in its own header which threads may call it.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "access/identify.hpp"
#include "access/keys.hpp"
#include "core/io/http.hpp"
#include "gateway/code_contexts.hpp"
#include "gateway/conversation_levels.hpp"
#include "gateway/fleet.hpp"
#include "gateway/jobs/keeper.hpp"
#include "gateway/metrics.hpp"
#include "gateway/side_threads.hpp"
#include "gateway/snapshot.hpp"
#include "gateway/superseding.hpp"
#include "governance/audit_log.hpp"
#include "governance/commitment.hpp"
#include "ledger/budgets.hpp"
#include "ledger/local_speed.hpp"
#include "ledger/projection.hpp"
#include "privacy/vault.hpp"
#include "privacy/vault_file.hpp"

namespace demarc::gateway {

struct Services {
  SnapshotHolder snapshots;
  std::unique_ptr<governance::AuditLog> log;
  std::unique_ptr<governance::Commitments> commitments;
  std::unique_ptr<Store> store;
  std::unique_ptr<ledger::Projection> projection;
  std::unique_ptr<ledger::Budgets> budgets;
  ledger::LocalSpeeds speeds;
  std::unique_ptr<access::Keyring> keyring;
  std::string pepper;  // secret; keys the digests of conversations
  std::unique_ptr<privacy::Vault> vault;
  std::unique_ptr<privacy::VaultFile> vault_file;  // null: kept in memory only; ends before the vault
  ConversationLevels conversations;
  Superseding superseding;
  std::unique_ptr<Keeper> jobs;          // stopped before the loops are
  std::unique_ptr<CodeContexts> code;    // likewise; null: nobody's repository is looked into
  std::unique_ptr<SideThreads> readers;  // of long texts, beside the loops; likewise
  std::unique_ptr<Metrics> metrics;
  std::unique_ptr<Fleet> fleet;
  std::vector<std::unique_ptr<HttpClient>> clients;  // by Loop::index()
  std::atomic<bool> draining{false};
  std::atomic<std::int64_t> in_flight{0};  // requests of dialects, over all loops
  std::atomic<std::int64_t> streams{0};    // open now, over all loops
  std::atomic<std::int64_t> shadows{0};    // under way, over all loops (shadow.hpp)
};

}  // namespace demarc::gateway
