#include "world.hpp"

#include "config/config.hpp"
#include "config/fake_environment.hpp"
#include "core/json/writer.hpp"
#include "gateway/make_snapshot.hpp"
#include "gateway/open_books.hpp"

namespace demarc::sim {
namespace {

constexpr std::string_view kConfig = R"(upstreams:
  - {name: home, tier: local, base_url: "http://127.0.0.1:9000/v1", dialect: openai, serves: [chat, embedding], models: [small]}
  - {name: cloud, tier: cloud, base_url: "https://cloud.example/v1", dialect: openai, key: k1, region: us, no_store: true, serves: [chat], models: [large]}
  - {name: other, tier: cloud, base_url: "https://other.example", dialect: anthropic, key: k2, region: eu, no_store: true, serves: [chat], models: [grand]}
aliases: {fast: [home, cloud/large]}
substitutes: {large: [other/grand, home/small]}
vault: {life_hours: 1}
limits: {first_byte_ms: 20000, idle_ms: 10000, total_ms: 120000LIMITS}
)";

constexpr std::string_view kPolicy = R"(version: 1
labels:
  - {id: health-data, sensitivity: restricted, when: {findings: [US_SSN]}}
  - {id: personal, sensitivity: confidential, when: {findings: any}}
rules:
  - {id: local-is-ours, permit: local}
  - {id: open-data-out, permit: cloud, when: {sensitivity: {at_most: internal}}}
  - {id: personal-out-redacted, permit: cloud, require: [redact, no_store], when: {sensitivity: confidential, operation: chat}}
  - {id: restricted-stays, forbid: cloud, when: {sensitivity: restricted}}
  - {id: chats-on-frontier, prefer: cloud, when: {operation: chat}}
invariants:
  - {id: restricted-home, never: cloud, when: {sensitivity: restricted}}
)";

config::Config configuration(const WorldOptions& options) {
  std::string text(kConfig);
  text.replace(text.find("LIMITS"), 6, options.limits.empty() ? "" : ", " + options.limits);
  auto config = config::load(text, "/etc/demarc/demarc.yaml", config::FakeEnvironment(), config::LoadMode::serve);
  if (!config) check_failed(config::to_string(config.error()).c_str(), __FILE__, __LINE__);
  config->policy_path.clear(), config->policy_text = kPolicy;
  return std::move(config).value();
}

}  // namespace

// The client's side of one request, and the server's view of it.
class World::Client final : public Exchange {
 public:
  Client(SimLoop& loop, HttpRequest request) : loop_(loop), request_(std::move(request)) {}
  HttpRequest& request() override { return request_; }
  Loop& loop() override { return loop_; }
  Cancellation& cancellation() override { return cancellation_; }
  void cancel() override { cancellation_.cancel(); }
  Task<Result<void, IoError>> respond(int status, const Headers& headers, std::string_view body) override {
    note(status, headers, body.size());
    visit_->complete = !visit_->left;
    co_return Result<void, IoError>{};
  }
  Task<Result<void, IoError>> begin(int status, const Headers& headers) override {
    note(status, headers, 0);
    co_return Result<void, IoError>{};
  }
  Task<Result<void, IoError>> write(std::string_view piece) override {
    visit_->answer_bytes += piece.size();
    if (visit_->left) co_return fail(IoError::reset);
    co_return Result<void, IoError>{};
  }
  Task<Result<void, IoError>> finish(const Headers&) override {
    CHECK(visit_->status != 0 && !visit_->complete);
    visit_->complete = !visit_->left;
    co_return Result<void, IoError>{};
  }
  void abort() override { visit_->aborted = true; }

  void leave() {
    if (visit_->ended) return;
    visit_->left = true;
    cancellation_.cancel();
  }
  [[nodiscard]] const std::shared_ptr<Visit>& visit() const { return visit_; }

 private:
  void note(int status, const Headers& headers, std::size_t bytes) {
    CHECK(visit_->status == 0);  // answered once
    visit_->status = status, visit_->answer_bytes += bytes;
    visit_->request_id = headers.get("demarc-request-id");
  }

  SimLoop& loop_;
  HttpRequest request_;
  Cancellation cancellation_;
  std::shared_ptr<Visit> visit_ = std::make_shared<Visit>();
};

World::World(const WorldOptions& options) : options_(options), dice_(options.seed), router_(services_) {
  for (const char* folder : {"", "/run", "/audit", "/secret"}) static_cast<void>(make_directories(options_.disk, options_.folder + folder, 0700));
  auto locked = options_.disk.lock(options_.folder + "/lock");
  CHECK(locked.ok());
  lock_ = std::move(*locked);
  const auto opened = gateway::open_books({.disk = options_.disk,
                                           .lock = *lock_,
                                           .random = system_random(),
                                           .data = options_.folder,
                                           .database = options_.folder + "/db.sqlite",
                                           .version = "sim",
                                           .origin = "sim.example/log",
                                           .clock = &loop_.clock()},
                                          services_);
  if (!opened) check_failed(opened.error().c_str(), __FILE__, __LINE__);
  const config::Config config = configuration(options_);
  services_.fleet = std::make_unique<gateway::Fleet>([](gateway::EngineUnit&, const engine::EngineEvent&) {}, options_.folder, nullptr);
  services_.vault = std::make_unique<privacy::Vault>(
      system_random(), privacy::VaultLimits{.conversations = 2'000, .total_bytes = 16U << 20U, .life = std::chrono::hours(config.vault.life_hours)});
  services_.metrics = std::make_unique<gateway::Metrics>(1);
  auto network = std::make_unique<SimNetwork>(loop_, dice_, options_.faults);
  network_ = network.get();
  services_.clients.push_back(std::move(network));
  gateway::add_own_routes(router_, services_);
  auto snapshot = gateway::make_snapshot({.load_config = [&config]() -> Result<config::Config, std::string> { return config; },
                                          .resolve_model = {},
                                          .pinned_snapshots = {},
                                          .run_folder = options_.folder + "/run",
                                          .programs = options_.folder},
                                         services_);
  if (!snapshot) check_failed(snapshot.error().c_str(), __FILE__, __LINE__);
  services_.snapshots.replace(std::move(*snapshot));
}

World::~World() {
  if (services_.projection) static_cast<void>(services_.projection->flush());
  services_.log->close();
  services_.snapshots.replace(nullptr);
}

// Conversations, people, numbers and mistakes, as the dice will.
std::string World::body() {
  std::string text = "Summarise what the committee said about item " + std::to_string(dice_.between(1, 100'000)) + ".";
  if (dice_.chance(0.2)) text += " Write to user" + std::to_string(dice_.between(1, 5'000)) + std::string(kPlantedMail) + " then.";
  if (dice_.chance(0.1)) text += " My social security number is " + std::string(kPlantedNumber) + std::to_string(dice_.between(1000, 9999)) + ".";
  if (dice_.chance(0.05)) text += std::string(static_cast<std::size_t>(dice_.between(1, 60'000)), 'x');
  constexpr std::array kModels = {"auto", "auto", "fast", "large", "small", "grand", "nobody-has-it"};
  std::string out = R"({"model":")" + std::string(kModels.at(static_cast<std::size_t>(dice_.between(0, kModels.size() - 1)))) + '"';
  if (dice_.chance(0.4)) out += R"(,"stream":true)";
  if (dice_.chance(0.5)) out += R"(,"metadata":{"session_id":"s)" + std::to_string(dice_.between(1, 20'000)) + "\"}";
  out += R"(,"messages":[{"role":"user","content":)" + json_string(text) + "}]}";
  if (dice_.chance(0.01)) out.resize(out.size() / 2);
  return out;
}

void World::come() {
  HttpRequest request{
      .method = "POST", .target = "/v1/chat/completions", .headers = {{"content-type", "application/json"}}, .body = body(), .remote = "127.0.0.1:5"};
  if (dice_.chance(0.05)) {
    request.target = "/v1/embeddings";
    request.body = R"({"model":"small","input":["a","text of )" + std::to_string(dice_.between(1, 1'000)) + "\"]}";
  }
  if (dice_.chance(0.1)) request.headers.add("demarc-sensitivity", dice_.chance(0.5) ? "restricted" : "secret?");
  request.body.reserve(request.body.size() + 64);
  auto client = std::make_shared<Client>(loop_, std::move(request));
  visits_.push_back(client->visit());
  ++came_, ++unfinished_;
  if (dice_.chance(options_.leaves)) loop_.after(dice_.millis(0, 2'000), [client] { client->leave(); });
  spawn(serve(*this, std::move(client)));
}

Task<void> World::serve(World& world, std::shared_ptr<Client> client) {
  co_await world.router_.serve(*client);
  client->visit()->ended = true;
  --world.unfinished_;
}

void World::come_for(std::chrono::nanoseconds duration, double per_second) {
  const Monotonic end = loop_.now() + duration;
  const auto gap = std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / per_second));
  while (loop_.now() < end) {
    come();
    run_for(std::chrono::nanoseconds(dice_.between(0, 2 * gap.count())));
  }
}

void World::run_for(std::chrono::nanoseconds duration) {
  loop_.run_until(loop_.now() + duration, [this] { return owed(); });
}

void World::settle() {
  for (int minutes = 0; unfinished_ > 0; ++minutes) {
    CHECK(minutes < 60);  // all limits are shorter
    run_for(std::chrono::minutes(1));
  }
}

void World::forget_visits() {
  std::erase_if(visits_, [](const auto& visit) { return visit->ended; });
}

void World::close() {
  static_cast<void>(services_.projection->flush());
  services_.log->close();
}

}  // namespace demarc::sim
