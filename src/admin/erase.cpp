// POST /admin/v1/erase: what is kept of one caller's contents goes: the key of its commitments, and the values that its placeholders stand for. The
// log keeps its records; what they commit to can be shown by nobody any more.
#include <simdjson.h>

#include "admin/handlers.hpp"
#include "core/json/writer.hpp"

namespace demarc::admin {
namespace {

using gateway::respond_error;

constexpr std::size_t kBodyBytes = 4 * 1024;
constexpr std::string_view kNoKey = "local";  // callers on loopback without a key

std::optional<std::string> subject_of(const std::string& body) {
  simdjson::dom::parser parser;
  std::string_view subject;
  if (body.size() > kBodyBytes || parser.parse(body)["subject"].get(subject) != simdjson::SUCCESS || subject.empty()) return {};
  return std::string(subject);
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
  const bool rewritten = !services.vault_file || co_await services.vault_file->rewritten(exchange.loop());
  gateway.refresh_keys();  // what the caller sends from now on is under a key of its own again
  if ((!destroyed && destroyed.error() != DiskError::not_found) || !rewritten)
    co_return co_await respond_error(exchange, {ErrorKind::unavailable, "The disk failed, so something may be left. Mend it and erase again."});
  std::string out;
  JsonWriter json(out);
  json.object([&] {
    json.field("subject", *subject);
    json.field("conversations", conversations);
    json.field("record", *index);
  });
  co_await gateway::respond_json(exchange, 200, std::move(out));
}

}  // namespace demarc::admin
