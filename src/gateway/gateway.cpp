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
#include "gateway/jobs/sweep.hpp"
#include "gateway/jobs/watch.hpp"
#include "gateway/open_books.hpp"
#include "gateway/vault_key.hpp"
#include "http/client.hpp"
#include "http/loops.hpp"
#include "http/server.hpp"
#include "http/tls.hpp"

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

constexpr int kSweepEvery = 60;                          // turns of the main thread, of a second each at most
constexpr std::chrono::milliseconds kLeastGrace{2'000};  // for jobs to put down what they hold

// The GPUs that engines can use: those that the driver tells, if llama-server was built for them.
std::unique_ptr<engine::Nvml> usable_gpus(const std::string& programs) {
  auto nvml = engine::Nvml::open();
  return nvml && engine::count_cuda_devices(programs + "/llama-server") >= nvml->gpus().size() ? std::move(nvml) : nullptr;
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
  std::unique_ptr<Watch> watch;  // null: nothing is watched
  Mutex reload_mutex;            // one reload at a time
  std::mutex signal_mutex;
  std::condition_variable signalled;
  bool stop_asked = false, reload_asked = false, stopped = false;
  std::vector<std::function<void(Result<void, std::string>)>> reloads;  // who waits for the next reload

  void say(const std::string& line) const {
    if (options.log) options.log(line);
  }

  Result<void, std::string> open_data();
  Result<void, std::string> open_jobs();
  void start_jobs();
  Result<void, std::string> open_vault(const config::VaultSettings& settings);
  void listen_to_signals();
  void open_doors();
  Result<void, std::string> install_snapshot();
  Result<void, std::string> bring_up_replacements(const Snapshot& next);
  void engine_event(EngineUnit& unit, const engine::EngineEvent& event);
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

Result<void, std::string> Gateway::Inner::open_jobs() {
  services.jobs = TRY(Keeper::open(real_disk(), options.data, services, [this](const std::string& line) { say(line); }));
  services.readers = std::make_unique<SideThreads>(usable_cores());
  services.code = std::make_unique<CodeContexts>(options.data + "/code", [this](const std::string& line) { say(line); });
  return {};
}

// What was not over goes on: behind the doors, for its pieces are requests like any other.
void Gateway::Inner::start_jobs() {
  std::vector<Loop*> all;
  for (std::size_t i = 0; i < loops->size(); ++i) all.push_back(&loops->at(i));
  services.jobs->start(std::move(all));
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
  services.vault_file->start();
  if (loaded.values > 0) say("vault: " + std::to_string(loaded.values) + " values of " + std::to_string(loaded.conversations) + " conversations");
  if (loaded.dropped_records > 0 || loaded.cut_bytes > 0)
    say("vault: " + std::to_string(loaded.dropped_records) + " records did not open and were dropped, " + std::to_string(loaded.cut_bytes) +
        " bytes of a torn end were cut; placeholders of those stay in answers");
  return {};
}

void Gateway::Inner::engine_event(EngineUnit& unit, const engine::EngineEvent& event) {
  const std::string& upstream = unit.plan.upstream.name;
  switch (event.kind) {
    case engine::EngineEventKind::output: say(upstream + ": " + event.text); break;
    case engine::EngineEventKind::ready: say("engine " + upstream + ": " + event.text); break;
    case engine::EngineEventKind::down: say("engine " + upstream + " is down: " + event.text); break;
    case engine::EngineEventKind::unloaded: say("engine " + upstream + ": its memory is free"); break;
    case engine::EngineEventKind::well: break;
  }
  const auto snapshot = services.snapshots.current();
  if (!snapshot) return;  // at the first start: install_snapshot() looks again
  for (std::size_t u = 0; u < snapshot->upstreams.size(); ++u)
    if (snapshot->upstreams[u].engine.get() == &unit) snapshot->states->set_engine(u, unit.health());
}

// An engine whose model or settings changed: the new one starts beside the one in service, which goes on serving until the new one is ready. One that
// does not start leaves everything as it was.
Result<void, std::string> Gateway::Inner::bring_up_replacements(const Snapshot& next) {
  const auto former = services.snapshots.current();
  if (!former) return {};
  std::vector<std::shared_ptr<EngineUnit>> fresh;
  for (const UpstreamRuntime& runtime : next.upstreams) {
    if (!runtime.engine || runtime.engine->engine.status().state == engine::EngineState::ready) continue;
    const bool replaces = std::ranges::any_of(former->upstreams, [&](const UpstreamRuntime& old) {
      return old.engine && old.engine != runtime.engine && old.engine->plan.upstream.name == runtime.engine->plan.upstream.name &&
             old.engine->engine.status().state == engine::EngineState::ready;
    });
    if (replaces) fresh.push_back(runtime.engine);
  }
  if (fresh.empty()) return {};
  return services.fleet->bring_up(fresh, [this] {
    const std::lock_guard guard(signal_mutex);
    return stop_asked;
  });
}

Result<void, std::string> Gateway::Inner::install_snapshot() {
  MutexLock one_at_a_time(reload_mutex);
  const auto next = TRY(make_snapshot(sources(), services));
  TRY(bring_up_replacements(*next));
  services.snapshots.replace(next);
  for (std::size_t u = 0; u < next->upstreams.size(); ++u)  // an engine may have changed before anybody could be told
    if (next->upstreams[u].engine) next->states->set_engine(u, next->upstreams[u].engine->health());
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
  const auto config = TRY(inner.options.load_config());
  TRY(open_books({.disk = real_disk(),
                  .lock = *inner.lock,
                  .random = system_random(),
                  .data = inner.options.data,
                  .version = inner.options.version,
                  .origin = config.audit.origin,
                  .say = [&inner](const std::string& line) { inner.say(line); }},
                 inner.services));
  inner.services.fleet = std::make_unique<Fleet>([&inner](EngineUnit& unit, const engine::EngineEvent& event) { inner.engine_event(unit, event); },
                                                 inner.options.data, usable_gpus(inner.options.programs));
  TRY(inner.open_vault(config.vault));
  TRY(inner.open_jobs());
  inner.open_doors();
  TRY(inner.install_snapshot());
  inner.start_jobs();
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
  if (!config.watch.empty())
    inner.watch = std::make_unique<Watch>(config.watch, inner.router, inner.services, inner.loops->at(0),
                                          [&inner](const std::string& line) { inner.say(line); });
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
  if (keys) static_cast<void>(ensure_subjects(inner_->services, *keys));  // a failure leaves commitments that nobody can open: safe
  if (keys) inner_->services.keyring->replace(access::make_key_set(std::move(*keys), inner_->services.pepper));
}

void Gateway::run_until_signalled() {
  std::unique_lock guard(inner_->signal_mutex);
  for (int turn = 0; !inner_->stop_asked; ++turn) {
    inner_->signalled.wait_for(guard, std::chrono::seconds(1), [this] { return inner_->stop_asked || inner_->reload_asked; });
    const bool reload_now = std::exchange(inner_->reload_asked, false);
    const auto waiting = std::exchange(inner_->reloads, {});
    guard.unlock();
    if (reload_now) {
      const auto reloaded = reload();
      for (const auto& done : waiting) done(reloaded);
    }
    inner_->services.fleet->sweep();  // engines that the last requests of a former snapshot have let go
    if (turn % kSweepEvery == 0) sweep_jobs(*inner_->services.jobs, inner_->services.snapshots.current()->config.files.keep_days);
    guard.lock();
  }
  guard.unlock();
  stop();
}

void Gateway::reload_soon(std::function<void(Result<void, std::string>)> done) {
  {
    const std::lock_guard guard(inner_->signal_mutex);
    inner_->reloads.push_back(std::move(done));
    inner_->reload_asked = true;
  }
  inner_->signalled.notify_all();
}

void Gateway::stop() {
  Inner& inner = *inner_;
  if (std::exchange(inner.stopped, true)) return;
  inner.services.draining = true;
  std::unique_lock guard(inner.signal_mutex);
  const auto waiting = std::exchange(inner.reloads, {});
  guard.unlock();
  for (const auto& done : waiting) done(fail(std::string("the gateway is to stop")));
  std::chrono::milliseconds grace(0);  // no Snapshot is held here: the last one must go before the Fleet
  if (const auto snapshot = inner.services.snapshots.current()) grace = std::chrono::milliseconds(snapshot->config.limits.drain_ms);
  if (inner.watch) inner.watch->stop();
  if (inner.server) inner.server->drain(grace);
  if (inner.admin_server) inner.admin_server->drain(grace);
  inner.server.reset(), inner.admin_server.reset();
  if (inner.services.jobs) inner.services.jobs->stop(std::max(grace, kLeastGrace));
  if (inner.services.code) inner.services.code->stop();
  if (inner.services.readers) inner.services.readers->stop();
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
