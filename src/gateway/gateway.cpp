#include "gateway/gateway.hpp"

#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <thread>

#include "dialect/errors.hpp"
#include "gateway/context.hpp"
#include "gateway/vault_key.hpp"
#include "governance/keys.hpp"
#include "http/client.hpp"
#include "http/loops.hpp"
#include "http/server.hpp"
#include "http/tls.hpp"
#include "store/sqlite_store.hpp"

namespace demarc::gateway {
namespace {

std::pair<Headers, std::string> transport_error(const ApiError& error, std::string_view path, const Headers& headers) {
  const dialect::Family family = dialect::family_of(path, headers);
  return {dialect::error_headers(family, error, ""), dialect::error_body(family, error, "")};
}

http::ServerLimits server_limits(const config::Limits& limits) {
  using std::chrono::milliseconds;
  return {.header_bytes = static_cast<std::size_t>(limits.header_kib) * 1024,
          .body_bytes = static_cast<std::size_t>(limits.body_mib) << 20,
          .upload_bytes = static_cast<std::size_t>(limits.audio_mib) << 20,
          .buffered_bytes = static_cast<std::size_t>(limits.buffered_mib) << 20,
          .connections = static_cast<std::size_t>(limits.connections),
          .header_timeout = milliseconds(limits.header_timeout_ms),
          .body_idle = milliseconds(limits.body_idle_ms),
          .keep_alive_idle = milliseconds(limits.keep_alive_ms)};
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "localhost";
}

}  // namespace

struct Gateway::Inner {
  explicit Inner(GatewayOptions options_in) : options(std::move(options_in)), router(services) {}

  GatewayOptions options;
  std::unique_ptr<DiskLock> lock;
  Services services;
  Router router;
  std::unique_ptr<http::Loops> loops;
  std::unique_ptr<http::Server> server, admin_server;
  Mutex reload_mutex;  // one reload at a time
  std::mutex signal_mutex;
  std::condition_variable signalled;
  bool stop_asked = false, reload_asked = false, stopped = false;

  void say(const std::string& line) const {
    if (options.log) options.log(line);
  }

  Result<void, std::string> open_data();
  Result<void, std::string> open_books();
  Result<void, std::string> open_vault(const config::VaultSettings& settings);
  Result<void, std::string> ensure_subjects(const std::vector<KeyRecord>& keys);
  void listen_to_signals();
  void open_doors();
  Result<void, std::string> install_snapshot();
  void engine_event(const std::string& upstream, const engine::EngineEvent& event);
  SnapshotSources sources() const {
    return {options.load_config, options.resolve_model, options.pinned_snapshots, options.profile_of, options.data + "/run", options.programs};
  }
};

Result<void, std::string> Gateway::Inner::open_data() {
  Disk& disk = real_disk();
  for (const char* folder : {"", "/run", "/audit", "/secret"}) {
    const std::string path = options.data + folder;
    if (auto made = make_directories(disk, path, 0700); !made && made.error() != DiskError::exists)
      return fail(path + ": cannot be made: " + std::string(to_string(made.error())));
  }
  chmod((options.data + "/run").c_str(), 0700);
  auto locked = disk.lock(options.data + "/lock");
  if (!locked)
    return fail(locked.error() == DiskError::locked
                    ? options.data + " is served by another process (it holds " + options.data + "/lock). Stop it, or choose another --data."
                    : options.data + "/lock: " + std::string(to_string(locked.error())));
  lock = std::move(*locked);
  return {};
}

// The log first: it is the truth. Then what follows from it.
Result<void, std::string> Gateway::Inner::open_books() {
  Disk& disk = real_disk();
  const auto config = TRY(options.load_config());
  Random& random = system_random();
  const bool named = !config.audit.origin.empty();
  auto keys =
      governance::load_or_create_keys(disk, options.data + "/secret", named ? config.audit.origin : governance::default_origin(host_name(), random),
                                      named ? governance::OriginRule::required : governance::OriginRule::suggested, random);
  if (!keys) return fail(keys.error().message);
  services.pepper = keys->pepper;
  governance::LogOptions log_options{.build = options.version, .boot_id = governance::read_boot_id()};
  log_options.charge_of_crashed = [](const IntentRecord&) { return Charge{}; };  // our counts of it are lost: unpriced
  auto log = governance::AuditLog::open(disk, *lock, options.data + "/audit", keys->signer, log_options);
  if (!log) return fail(log.error().message);
  services.log = std::move(*log);
  const governance::Recovery& recovery = services.log->recovery();
  if (recovery.cut_bytes > 0)
    say("audit log: a torn tail of " + std::to_string(recovery.cut_bytes) + " bytes was cut; nothing acknowledged was in it");
  if (!recovery.crashed_intents.empty())
    say("audit log: " + std::to_string(recovery.crashed_intents.size()) +
        " attempts had no outcome when the last process ended; recorded as unknown_crash");

  auto store = store::SqliteStore::open(options.data + "/db.sqlite");
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
  services.budgets = std::make_unique<ledger::Budgets>(*services.store);
  auto commitments = governance::Commitments::open(disk, options.data + "/secret/subjects", random);
  if (!commitments) return fail(options.data + "/secret/subjects: " + std::string(to_string(commitments.error())));
  services.commitments = std::move(*commitments);
  auto api_keys = services.store->keys();
  if (!api_keys) return fail(api_keys.error().message);
  TRY(ensure_subjects(*api_keys));
  services.keyring = std::make_unique<access::Keyring>(access::make_key_set(std::move(*api_keys), services.pepper));
  return {};
}

Result<void, std::string> Gateway::Inner::open_vault(const config::VaultSettings& settings) {
  const privacy::VaultLimits limits{.conversations = static_cast<std::size_t>(settings.conversations),
                                    .total_bytes = static_cast<std::size_t>(settings.mib) << 20,
                                    .life = std::chrono::hours(settings.life_hours)};
  if (settings.keep == config::VaultKeep::memory) {
    services.vault = std::make_unique<privacy::Vault>(system_random(), limits);
    return {};
  }
  privacy::Digest key = TRY(read_vault_key(settings));
  auto file = privacy::VaultFile::open(real_disk(), options.data + "/vault", key, system_random(), system_clock());
  OPENSSL_cleanse(key.data(), key.size());
  services.vault_file = TRY(std::move(file));
  services.vault = std::make_unique<privacy::Vault>(services.vault_file->secret(), system_random(), limits, services.vault_file.get());
  const privacy::VaultFile::Loaded loaded = TRY(services.vault_file->attach(*services.vault, limits.life));
  if (loaded.values > 0) say("vault: " + std::to_string(loaded.values) + " values of " + std::to_string(loaded.conversations) + " conversations");
  if (loaded.dropped_records > 0 || loaded.cut_bytes > 0)
    say("vault: " + std::to_string(loaded.dropped_records) + " records did not open and were dropped, " + std::to_string(loaded.cut_bytes) +
        " bytes of a torn end were cut; placeholders of those stay in answers");
  return {};
}

// Every caller is a subject, and so is the owner who comes without a key; no request has to wait for the file.
Result<void, std::string> Gateway::Inner::ensure_subjects(const std::vector<KeyRecord>& keys) {
  auto ensured = services.commitments->ensure("");
  for (const KeyRecord& key : keys)
    if (ensured) ensured = services.commitments->ensure(key.id);
  if (!ensured) return fail(options.data + "/secret/subjects: " + std::string(to_string(ensured.error())));
  return {};
}

void Gateway::Inner::engine_event(const std::string& upstream, const engine::EngineEvent& event) {
  switch (event.kind) {
    case engine::EngineEventKind::output: return say(upstream + ": " + event.text);
    case engine::EngineEventKind::ready: say("engine " + upstream + ": " + event.text); break;
    case engine::EngineEventKind::down: say("engine " + upstream + " is down: " + event.text); break;
  }
  const auto snapshot = services.snapshots.current();
  if (!snapshot) return;  // at the first start: install_snapshot() looks again
  for (std::size_t u = 0; u < snapshot->upstreams.size(); ++u)
    if (snapshot->upstreams[u].engine && snapshot->routing().upstreams[u].name == upstream) {
      const bool ready = snapshot->upstreams[u].engine->engine.status().state == engine::EngineState::ready;
      snapshot->states->set_engine(u, ready ? upstream::EngineHealth::up : upstream::EngineHealth::down);
    }
}

Result<void, std::string> Gateway::Inner::install_snapshot() {
  MutexLock one_at_a_time(reload_mutex);
  const auto next = TRY(make_snapshot(sources(), services));
  services.snapshots.replace(next);
  for (std::size_t u = 0; u < next->upstreams.size(); ++u)  // an engine may have become ready before anybody could be told
    if (next->upstreams[u].engine && next->upstreams[u].engine->engine.status().state == engine::EngineState::ready)
      next->states->set_engine(u, upstream::EngineHealth::up);
  const Record record = EventRecord{
      .kind = "POLICY", .actor = "local:" + std::to_string(getuid()), .details = {{"digest", next->policy.digest}, {"config", next->config.file}}};
  const auto index = services.log->append_blocking(record);
  if (!index) return fail("the audit log cannot be written: " + services.log->failure());
  static_cast<void>(services.projection->apply(*index, record));
  return {};
}

// Before anything that takes time: an end asked for during a long start is still a clean one.
void Gateway::Inner::listen_to_signals() {
  const std::size_t count = options.loops != 0 ? options.loops : std::clamp(usable_cores(), 1U, 64U);
  loops = std::make_unique<http::Loops>(count);
  const auto woken = [this](int signal) {
    const std::lock_guard guard(signal_mutex);
    (signal == SIGHUP ? reload_asked : stop_asked) = true;
    signalled.notify_all();
  };
  // One that a command started for itself ends as that command does: Ctrl-C is not for us to take.
  if (options.listen == GatewayOptions::Listen::configured) loops->on_signals({SIGTERM, SIGINT, SIGHUP}, woken);
  loops->start();
}

void Gateway::Inner::open_doors() {
  services.metrics = std::make_unique<Metrics>(loops->size());
  for (std::size_t i = 0; i < loops->size(); ++i) services.clients.push_back(http::make_client(loops->at(i), {}));
  add_own_routes(router, services);
}

Gateway::Gateway(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) {}
Gateway::~Gateway() { stop(); }

Result<std::unique_ptr<Gateway>, std::string> Gateway::start(GatewayOptions options) {
  std::unique_ptr<Gateway> gateway(new Gateway(std::make_unique<Inner>(std::move(options))));
  Inner& inner = *gateway->inner_;
  inner.listen_to_signals();
  TRY(inner.open_data());
  TRY(inner.open_books());
  inner.services.fleet =
      std::make_unique<Fleet>([&inner](const std::string& upstream, const engine::EngineEvent& event) { inner.engine_event(upstream, event); });
  const auto config = TRY(inner.options.load_config());
  TRY(inner.open_vault(config.vault));
  inner.open_doors();
  TRY(inner.install_snapshot());
  if (inner.options.add_routes) inner.options.add_routes(inner.router, *gateway);

  const Handler handler = [&inner](Exchange& exchange) { return inner.router.serve(exchange); };
  const Handler admin_handler = [&inner](Exchange& exchange) {
    exchange.request().remote = kAdminPeer;
    return inner.router.serve(exchange);
  };
  inner.admin_server = std::make_unique<http::Server>(
      *inner.loops,
      http::ServerOptions{.listeners = {{.address = "unix:" + gateway->admin_socket(), .tls = nullptr}}, .limits = server_limits(config.limits)},
      admin_handler, transport_error);
  TRY(inner.admin_server->listen());
  if (inner.options.listen == GatewayOptions::Listen::admin_only) return gateway;

  std::shared_ptr<http::ServerTls> tls;
  if (config.tls) {
    auto made = http::ServerTls::load({.certificate = config.tls->cert, .key = config.tls->key, .client_ca = config.tls->client_ca});
    if (!made) return fail("tls: " + made.error());
    tls = std::move(*made);
  }
  const auto keys = inner.services.keyring->current();
  if (config::listens_beyond_loopback(config) && !keys->any_active(system_clock().now()))
    return fail(std::string("listen: addresses beyond loopback need at least one key. Make one: demarc keys create --name NAME"));
  http::ServerOptions server_options{.limits = server_limits(config.limits)};
  for (const config::ListenAddress& address : config.listen)
    server_options.listeners.push_back({.address = address.print(), .tls = address.unix_path.empty() ? tls : nullptr});
  inner.server = std::make_unique<http::Server>(*inner.loops, server_options, handler, transport_error);
  TRY(inner.server->listen());
  return gateway;
}

Services& Gateway::services() { return inner_->services; }
const GatewayOptions& Gateway::options() const { return inner_->options; }
std::vector<std::string> Gateway::addresses() const { return inner_->server ? inner_->server->addresses() : std::vector<std::string>{}; }
std::string Gateway::admin_socket() const { return inner_->options.data + "/run/admin.sock"; }

Result<void, std::string> Gateway::reload() {
  auto installed = inner_->install_snapshot();
  inner_->say(installed ? "reloaded" : "reload refused, the former configuration stays:\n" + installed.error());
  return installed;
}

void Gateway::refresh_keys() {
  auto keys = inner_->services.store->keys();
  if (keys) static_cast<void>(inner_->ensure_subjects(*keys));  // a failure leaves commitments that nobody can open: safe
  if (keys) inner_->services.keyring->replace(access::make_key_set(std::move(*keys), inner_->services.pepper));
}

void Gateway::run_until_signalled() {
  std::unique_lock guard(inner_->signal_mutex);
  while (!inner_->stop_asked) {
    inner_->signalled.wait_for(guard, std::chrono::seconds(1), [this] { return inner_->stop_asked || inner_->reload_asked; });
    const bool reload_now = std::exchange(inner_->reload_asked, false);
    guard.unlock();
    if (reload_now) static_cast<void>(reload());
    inner_->services.fleet->sweep();  // engines that the last requests of a former snapshot have let go
    guard.lock();
  }
  guard.unlock();
  stop();
}

void Gateway::stop() {
  Inner& inner = *inner_;
  if (std::exchange(inner.stopped, true)) return;
  inner.services.draining = true;
  std::chrono::milliseconds grace(0);  // no Snapshot is held here: the last one must go before the Fleet
  if (const auto snapshot = inner.services.snapshots.current()) grace = std::chrono::milliseconds(snapshot->config.limits.drain_ms);
  if (inner.server) inner.server->drain(grace);
  if (inner.admin_server) inner.admin_server->drain(grace);
  inner.server.reset(), inner.admin_server.reset();
  if (inner.loops) inner.loops->stop(), inner.loops->join();
  inner.services.clients.clear();
  if (inner.services.projection) static_cast<void>(inner.services.projection->flush());
  if (inner.services.vault_file) inner.services.vault_file->close();
  if (inner.services.log) inner.services.log->close();  // signs the last checkpoint
  inner.services.snapshots.replace(nullptr);
  inner.services.fleet.reset();                    // ends the engines
  if (inner.lock) unlink(admin_socket().c_str());  // without the lock it is another process's
}

}  // namespace demarc::gateway
