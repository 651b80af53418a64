// Gateway: the running program. Opens the data folder (one process per folder), recovers the log, replays the projections, starts engines, listens.
//
//   auto gateway = TRY(Gateway::start(options));
//   gateway->addresses();            // where it listens
//   gateway->reload();               // the next Snapshot, whole or not at all; the text says what was wrong
//   gateway->run_until_signalled();  // SIGTERM, SIGINT end it; SIGHUP reloads
//
// Owned and called by the main thread, but reload(), which any thread may call (one at a time inside).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/make_snapshot.hpp"
#include "gateway/router.hpp"

namespace demarc::gateway {

struct GatewayOptions {
  std::string data;      // absolute
  std::string programs;  // folder of the worker programs
  std::string version;
  std::function<Result<config::Config, std::string>()> load_config;
  ModelResolver resolve_model;
  SnapshotPins pinned_snapshots;                            // none: nothing of the cloud is pinned
  ProfileSource profile_of;                                 // none: nothing is known before it was seen
  std::size_t loops = 0;                                    // 0: one per core
  std::function<void(const std::string&)> log;              // one line for people; any thread
  std::function<void(Router&, class Gateway&)> add_routes;  // of admin/
  enum class Listen : std::uint8_t { configured, admin_only } listen = Listen::configured;
};

class Gateway {
 public:
  static Result<std::unique_ptr<Gateway>, std::string> start(GatewayOptions options);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  [[nodiscard]] Services& services();
  [[nodiscard]] const GatewayOptions& options() const;
  [[nodiscard]] std::vector<std::string> addresses() const;
  [[nodiscard]] std::string admin_socket() const;  // DATA/run/admin.sock
  Result<void, std::string> reload();
  void refresh_keys();  // after a change of keys in the store
  // Until SIGTERM or SIGINT; then stops accepting, lets requests end within limits.drain_ms, seals the log.
  void run_until_signalled();
  void stop();

 private:
  struct Inner;
  explicit Gateway(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

}  // namespace demarc::gateway
