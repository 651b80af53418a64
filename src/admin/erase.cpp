// POST /admin/v1/erase: what is kept of one caller's contents goes: the key of its commitments, the values that its placeholders stand for, its files
// and jobs. The log keeps its records; what they commit to can be shown by nobody any more.
#include <simdjson.h>

#include "admin/handlers.hpp"
#include "core/json/writer.hpp"

namespace demarc::admin {
namespace {

using gateway::respond_error;

constexpr std::size_t kBodyBytes = 4 * 1024;
constexpr std::chrono::seconds kJobsEnd{30};
constexpr std::chrono::milliseconds kLookEvery{50};
constexpr std::string_view kNoKey = "local";  // callers on loopback without a key

std::optional<std::string> subject_of(const std::string& body) {
  simdjson::dom::parser parser;
  std::string_view subject;
  if (body.size() > kBodyBytes || parser.parse(body)["subject"].get(subject) != simdjson::SUCCESS || subject.empty()) return {};
  return std::string(subject);
}

// Jobs that are under way are cancelled first, and waited for: they would write on.
Task<Result<std::size_t, std::string>> erase_files(Exchange& exchange, gateway::Keeper& keeper, std::string owner) {
  const Monotonic until = exchange.loop().now() + kJobsEnd;
  for (;;) {
    const auto left = co_await keeper.on_side(exchange.loop(), [&]() -> Result<std::vector<std::string>, std::string> {
      const auto jobs = keeper.store().jobs_of(owner);
      if (!jobs) return fail(jobs.error().message);
      std::vector<std::string> under_way;
      for (const Job& job : *jobs) {
        if (is_over(job.state)) continue;
        under_way.push_back(job.id);
        if (auto asked = keeper.store().cancelling(job.id, exchange.loop().clock().now()); !asked) return fail(asked.error().message);
      }
      return under_way;
    });
    if (!left) co_return fail(left.error());
    if (left->empty()) break;
    if (exchange.loop().now() > until) co_return fail(std::string("its jobs do not end"));
    for (const std::string& job : *left) keeper.cancel(job);
    co_await exchange.loop().sleep(kLookEvery);
  }
  co_return co_await keeper.on_side(exchange.loop(), [&] { return keeper.erase(owner); });
}

}  // namespace

Task<void> erase_subject(Exchange& exchange, gateway::Gateway& gateway) {
  gateway::Services& services = gateway.services();
  const auto by = co_await gateway::authorised(exchange, services, "admin");
  if (!by) co_return;
  const auto subject = subject_of(exchange.request().body);
  if (!subject) co_return co_await respond_error(exchange, {ErrorKind::bad_request, "expected {\"subject\": \"a key's id, or local\"}", "subject"});
  const auto known = services.store->key(*subject);
  if (!known) co_return co_await respond_error(exchange, {ErrorKind::unavailable, known.error().message});
  if (*subject != kNoKey && !*known)
    co_return co_await respond_error(exchange,
                                     {ErrorKind::not_found, "There is no key of that id. demarc keys ls shows them; local are callers without."});
  const std::string caller = *subject == kNoKey ? "" : *subject;

  const Record record = EventRecord{.kind = "ERASE", .actor = by->key_id.empty() ? "local" : by->key_id, .details = {{"subject", *subject}}};
  const auto index = co_await services.log->append(exchange.loop(), record);
  if (!index) co_return co_await respond_error(exchange, {ErrorKind::unavailable, "The audit log cannot be written, so nothing is erased."});
  static_cast<void>(services.projection->apply(*index, record));

  const auto destroyed = services.commitments->erase(caller);
  const std::size_t conversations = services.vault->drop_caller(caller);
  const auto files = co_await erase_files(exchange, *services.jobs, caller);
  const bool rewritten = !services.vault_file || co_await services.vault_file->rewritten(exchange.loop());
  gateway.refresh_keys();  // what the caller sends from now on is under a key of its own again
  if ((!destroyed && destroyed.error() != DiskError::not_found) || !rewritten || !files)
    co_return co_await respond_error(exchange, {ErrorKind::unavailable, "The disk failed, so something may be left. Mend it and erase again."});
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("subject", *subject);
    json.field("conversations", conversations);
    json.field("files", *files);
    json.field("record", *index);
  });
  co_await gateway::respond_json(exchange, 200, std::move(out));
}

}  // namespace demarc::admin
