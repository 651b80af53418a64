// Pairs that a workload's shadow kept: requests and both answers, for whoever compares them.
#include "admin/handlers.hpp"
#include "core/json/writer.hpp"
#include "gateway/jobs/keeper.hpp"
#include "gateway/shadow.hpp"

namespace demarc::admin {

Task<void> list_shadows(Exchange& exchange, gateway::Gateway& gateway) {
  if (!co_await gateway::authorised(exchange, gateway.services(), "admin")) co_return;
  constexpr std::int64_t kPage = 20;
  const std::string_view query = exchange.request().query();
  const auto workload = gateway::query_value(query, "workload");
  if (!workload || workload->empty())
    co_return co_await gateway::respond_error(exchange, {ErrorKind::bad_request, "missing: the workload", "workload"});
  const std::string after = gateway::query_value(query, "after").value_or("");
  gateway::Keeper& keeper = *gateway.services().jobs;
  std::string trouble;
  const auto out = co_await keeper.on_side(exchange.loop(), [&] {
    std::string page;
    JsonWriter json(page);
    const auto files = keeper.store().files_named(gateway::kShadowPurpose, *workload, after, kPage);
    if (!files) trouble = files.error().message;
    json.object([&] {
      json.array("pairs", [&] {
        for (std::size_t i = 0; trouble.empty() && i < files->size(); ++i) {
          const StoredFile& file = (*files)[i];
          const auto bytes = keeper.shelf().read(file.id, 0, static_cast<std::size_t>(file.bytes));
          if (bytes) json.raw(*bytes);  // one that went away meanwhile is passed over
        }
      });
      json.field("last", trouble.empty() && !files->empty() ? files->back().id : "");
    });
    return page;
  });
  if (!trouble.empty()) co_return co_await gateway::respond_error(exchange, {ErrorKind::unavailable, trouble});
  co_await gateway::respond_json(exchange, 200, out);
}

}  // namespace demarc::admin
