// A proxy made of demarc's own modules, up to a stage: what each feature costs, one at a time, without a switch in the product.
//
//   gateway_stage STAGE PORT UPSTREAM_PORT DATA_DIR      STAGE: relay | parse | policy | scan | charge | records
//
// DATA_DIR holds the policy.yaml. Each stage does all that the one before it does, in the order of gateway/serve_request.cpp. One loop. Ends on
// SIGTERM.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <semaphore>

#include "base/ids.hpp"
#include "dialect/dialect.hpp"
#include "dialect/printer.hpp"
#include "dialect/translator.hpp"
#include "governance/audit_log.hpp"
#include "governance/keys.hpp"
#include "http/client.hpp"
#include "http/loops.hpp"
#include "http/server.hpp"
#include "ledger/charge.hpp"
#include "policy/compile.hpp"
#include "policy/decide.hpp"
#include "privacy/examine.hpp"

namespace demarc {
namespace {

enum class Stage : std::uint8_t { relay, parse, policy, scan, charge, records };
constexpr std::array kStages = {"relay", "parse", "policy", "scan", "charge", "records"};
constexpr std::size_t kReplyBytes = 1 << 20;
constexpr std::size_t kPolicyBytes = 1 << 20;

struct Proxy {
  Stage stage;
  Origin origin;
  Routing routing;
  policy::CompiledPolicy policy;
  ledger::Pricing pricing;
  ledger::LocalSpeeds speeds;
  privacy::Detectors detectors = privacy::Detectors::structured();
  std::unique_ptr<governance::AuditLog> log;
  std::unique_ptr<HttpClient> client;

  Task<void> serve(Exchange& exchange);
};

Decision decide(const Proxy& proxy, const Request& request, const privacy::Examination* seen, Instant now) {
  Attributes a;
  a.operation = request.operation, a.dialect = request.dialect, a.model = request.model;
  a.findings = seen != nullptr && seen->counts ? *seen->counts : FindingCounts{};
  a.context_tokens = static_cast<std::int64_t>(request.body.size() / 4);
  a.stream = request.stream;
  a.media = std::vector<Media>{};
  a.time = now;
  const policy::States states{{CandidateState{.healthy = true}}};
  return policy::decide(proxy.policy, proxy.routing, a, states, {});
}

Task<void> Proxy::serve(Exchange& exchange) {
  const Instant now = exchange.loop().clock().now();
  std::unique_ptr<Request> request;
  dialect::OutgoingBody out{.target = "/v1/chat/completions", .headers = {{"content-type", "application/json"}}, .body = {}};
  std::unique_ptr<dialect::ReplyTranslator> translator;
  std::unique_ptr<dialect::ReplyPrinter> printer;
  const std::string id = make_id("req", now, system_random().bytes<10>());
  if (stage >= Stage::parse) {
    auto parsed = dialect::parse(*dialect::find_dialect("POST", exchange.request().path()), std::move(exchange.request()), {});
    CHECK(parsed.ok());
    request = std::move(*parsed);
    auto forwarded = dialect::to_upstream(*request, {}, Provider::openai, routing.upstreams[0].models[0].name);
    CHECK(forwarded.ok());
    out = std::move(*forwarded);
    out.target = "/v1" + out.target;
    translator = dialect::make_translator(*request, Provider::openai);
    printer = dialect::make_printer(*request, Provider::openai, {.served_model = routing.upstreams[0].models[0].name, .id = id, .created = now});
  } else {
    out.body = std::move(exchange.request().body);
  }
  out.headers.set("authorization", "Bearer sk-upstream-0123456789abcdefghij");
  std::optional<privacy::Examination> seen;
  if (stage >= Stage::scan) seen = privacy::examine(*request, detectors, {});
  if (stage >= Stage::policy) CHECK(decide(*this, *request, seen ? &*seen : nullptr, now).effect == Effect::permit);
  std::uint64_t intent = 0;
  if (stage >= Stage::records) {
    const Record record =
        IntentRecord{.request = {.id = id, .received = now, .dialect = "openai.chat", .model_requested = "auto", .findings = FindingCounts{}},
                     .rules = {"open-data"},
                     .upstream = "frontier",
                     .model = "gpt-5-mini",
                     .tier = Tier::cloud};
    const auto index = co_await log->append(exchange.loop(), record);
    CHECK(index.ok());
    intent = *index;
  }
  auto reply =
      co_await client->send(origin, {.target = out.target, .headers = out.headers, .body = out.body}, {}, exchange.cancellation(), open_gate());
  if (!reply) co_return exchange.abort();
  const int status = (*reply)->status();
  const Headers headers = (*reply)->headers();
  auto body = co_await read_all(**reply, kReplyBytes);
  if (!body) co_return exchange.abort();
  if (stage == Stage::relay) {
    static_cast<void>(co_await exchange.respond(status, {{"content-type", "application/json"}}, *body));
    co_return;
  }
  auto answer = translator->read_whole(status, headers, std::move(*body));
  CHECK(answer.ok());
  OutcomeRecord outcome{.intent = intent, .id = id, .status = status, .model_served = answer->model};
  if (stage >= Stage::charge) {
    const ledger::AttemptFacts facts{.upstream = routing.upstreams[0],
                                     .model = routing.upstreams[0].models[0],
                                     .model_served = answer->model,
                                     .operation = Operation::chat,
                                     .usage = answer->usage.value_or(Usage{}),
                                     .ending = ledger::Ending::answered,
                                     .at = now};
    outcome.charge = ledger::charge_attempt(pricing, facts, routing, speeds);
    outcome.usage = facts.usage;
  }
  std::vector<std::string> texts;
  for (const Delta& delta : answer->texts) texts.push_back(delta.text);
  const dialect::OutgoingReply printed = printer->print_whole(*answer, texts);
  if (stage >= Stage::records) {
    const Record record = std::move(outcome);
    CHECK((co_await log->append(exchange.loop(), record)).ok());
  }
  static_cast<void>(co_await exchange.respond(printed.status, {{"content-type", printed.content_type}}, printed.body));
}

int run(int argc, char** argv) {
  if (argc != 5) return std::fprintf(stderr, "usage: gateway_stage relay|parse|policy|scan|charge|records PORT UPSTREAM_PORT DATA_DIR\n"), 2;
  const auto stage = std::find_if(kStages.begin(), kStages.end(), [&](const char* name) { return std::string_view(name) == argv[1]; });
  if (stage == kStages.end()) return std::fprintf(stderr, "unknown stage %s\n", argv[1]), 2;
  Proxy proxy{.stage = static_cast<Stage>(stage - kStages.begin()),
              .origin = {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(std::atoi(argv[3]))}};
  proxy.routing.upstreams.push_back({.name = "frontier",
                                     .tier = Tier::cloud,
                                     .base_url = "https://api.openai.com/v1",
                                     .models = {{.name = "gpt-5-mini", .serves = {Operation::chat}}}});
  const auto policy_text = read_file(real_disk(), std::string(argv[4]) + "/policy.yaml", kPolicyBytes);
  if (!policy_text) return std::fprintf(stderr, "%s/policy.yaml cannot be read\n", argv[4]), 2;
  auto policy = policy::compile(*policy_text, "policy.yaml", proxy.routing, nullptr);
  CHECK(policy.ok());
  proxy.policy = std::move(*policy);
  proxy.pricing.book = *ledger::PriceBook::load({ledger::builtin_prices()});

  Disk& disk = real_disk();
  const std::string data = argv[4];
  static_cast<void>(make_directories(disk, data + "/audit", 0700));
  static_cast<void>(make_directories(disk, data + "/secret", 0700));
  std::unique_ptr<DiskLock> lock;
  if (proxy.stage >= Stage::records) {
    auto locked = disk.lock(data + "/lock");
    CHECK(locked.ok());
    lock = std::move(*locked);
    auto keys = governance::load_or_create_keys(disk, data + "/secret", "bench/1", governance::OriginRule::suggested, system_random());
    CHECK(keys.ok());
    auto log = governance::AuditLog::open(disk, *lock, data + "/audit", keys->signer, {.build = "bench", .boot_id = "bench"});
    CHECK(log.ok());
    proxy.log = std::move(*log);
  }
  http::Loops loops(1);
  std::binary_semaphore ended(0);
  loops.on_signals({SIGTERM, SIGINT}, [&](int) { ended.release(); });
  loops.start();
  proxy.client = http::make_client(loops.at(0), {});
  {
    http::Server server(
        loops, {.listeners = {{.address = std::string("127.0.0.1:") + argv[2], .tls = nullptr}}},
        [&](Exchange& exchange) { return proxy.serve(exchange); },
        [](const ApiError&, std::string_view, const Headers&) { return std::pair<Headers, std::string>{}; });
    CHECK(server.listen().ok());
    std::puts("ready");
    std::fflush(stdout);
    ended.acquire();
    server.drain(std::chrono::seconds(1));
  }
  loops.stop(), loops.join();
  proxy.client.reset();
  return 0;
}

}  // namespace
}  // namespace demarc

int main(int argc, char** argv) { return demarc::run(argc, argv); }
