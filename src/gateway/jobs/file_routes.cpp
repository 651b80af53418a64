#include <charconv>

#include "base/ids.hpp"
#include "dialect/batches.hpp"
#include "dialect/multipart.hpp"
#include "gateway/jobs/keep_file.hpp"
#include "gateway/jobs/routes.hpp"

namespace demarc::gateway {
namespace {

constexpr std::string_view kPrefix = "/v1/files/";
constexpr std::array<std::string_view, 6> kPurposes = {"batch", "user_data", "assistants", "fine-tune", "vision", "evals"};
constexpr std::int64_t kLeastLife_s = 3'600, kMostLife_s = 2'592'000;  // of expires_after[seconds], as OpenAI has it

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

ApiError bad(std::string message, std::string param, std::string hint = {}) {
  return {.kind = ErrorKind::bad_request, .message = std::move(message), .param = std::move(param), .hint = std::move(hint)};
}

struct Upload {
  std::string filename, purpose;
  std::string_view bytes;  // in the request's body
  std::optional<std::int64_t> life_s;
};

Result<Upload, ApiError> read_upload(const HttpRequest& request) {
  const Multipart form = TRY(dialect::read_multipart(request.body, request.headers.get("content-type"), {}));
  Upload upload;
  bool has_file = false;
  std::string anchor = "created_at";
  for (const Multipart::Field& field : form.fields) {
    const std::string_view value = std::string_view(request.body).substr(field.content.begin, field.content.size());
    if (field.name == "file" && !has_file) {
      has_file = true, upload.bytes = value, upload.filename = field.filename.empty() ? "file" : field.filename;
    } else if (field.name == "purpose") {
      upload.purpose = value;
    } else if (field.name == "expires_after[anchor]") {
      anchor = value;
    } else if (field.name == "expires_after[seconds]") {
      upload.life_s = whole(value);
      if (!upload.life_s || *upload.life_s < kLeastLife_s || *upload.life_s > kMostLife_s)
        return fail(bad("expected seconds from 3600 to 2592000", "expires_after.seconds"));
    } else {
      return fail(
          bad("There is no such field here, or it stands twice.", field.name == "file" ? "file" : "form", "fields: file, purpose, expires_after"));
    }
  }
  if (!has_file) return fail(bad("missing: the file", "file"));
  if (upload.bytes.empty()) return fail(bad("The file is empty.", "file"));
  if (anchor != "created_at") return fail(bad("expected created_at", "expires_after.anchor"));
  if (std::ranges::find(kPurposes, upload.purpose) == kPurposes.end())
    return fail(bad("expected batch, user_data, assistants, fine-tune, vision or evals", "purpose"));
  return upload;
}

Task<void> upload_file(Exchange& exchange, Services& services) {
  const auto caller = co_await authorised(exchange, services, "inference");
  if (!caller) co_return;
  const auto upload = read_upload(exchange.request());
  if (!upload) co_return co_await respond_error(exchange, upload.error());
  const auto snapshot = services.snapshots.current();
  const Instant now = exchange.loop().clock().now();
  const std::int64_t life_s = std::min(upload->life_s.value_or(kMostLife_s * 1'000), snapshot->config.files.keep_days * 86'400);
  const StoredFile file{.id = "file-" + make_uuid7(now, system_random().bytes<10>()),
                        .owner = caller->key_id,
                        .filename = upload->filename,
                        .purpose = upload->purpose,
                        .bytes = static_cast<std::int64_t>(upload->bytes.size()),
                        .created = now,
                        .expires = Instant{now.unix_ns + life_s * 1'000'000'000}};
  Keeper& keeper = *services.jobs;
  const auto stored = co_await keeper.on_side(exchange.loop(), [&] { return keep_file(keeper, snapshot->config.limits, file, upload->bytes); });
  if (!stored) co_return co_await respond_error(exchange, stored.error());
  co_await respond_json(exchange, 200, dialect::file_json(file));
}

Task<void> list_files(Exchange& exchange, Services& services) {
  const auto caller = co_await authorised(exchange, services, "inference");
  if (!caller) co_return;
  const auto listing = read_listing(exchange.request(), *caller, 10'000, 10'000);
  if (!listing) co_return co_await respond_error(exchange, listing.error());
  const auto found = co_await services.jobs->on_side(exchange.loop(), [&] { return services.jobs->store().files(*listing); });
  if (!found) co_return co_await respond_error(exchange, disk_error(found.error().message));
  const std::size_t shown = std::min(found->size(), static_cast<std::size_t>(listing->limit));
  std::vector<std::string> objects;
  for (std::size_t i = 0; i < shown; ++i) objects.push_back(dialect::file_json((*found)[i]));
  co_await respond_json(
      exchange, 200, dialect::page_json(objects, shown > 0 ? found->front().id : "", shown > 0 ? (*found)[shown - 1].id : "", found->size() > shown));
}

// Deleted, and expired since the last sweep: not there.
Task<Result<StoredFile, ApiError>> owned_file(Exchange& exchange, Services& services, const Caller& caller, std::string id) {
  auto found = co_await services.jobs->on_side(exchange.loop(), [&] { return services.jobs->store().file(id); });
  if (!found) co_return fail(disk_error(found.error().message));
  const bool there = *found && (*found)->owner == caller.key_id && !((*found)->expires && *(*found)->expires <= exchange.loop().clock().now());
  if (!there) co_return fail(nothing_here("file"));
  co_return **std::move(found);
}

Task<void> send_content(Exchange& exchange, Services& services, const StoredFile& file) {
  Keeper& keeper = *services.jobs;
  auto opened = co_await keeper.on_side(exchange.loop(), [&] { return ShelfReader::open(keeper.shelf(), file.id); });
  if (!opened) co_return co_await respond_error(exchange, disk_error(std::string(to_string(opened.error()))));
  if (auto begun = co_await exchange.begin(200, {{"content-type", "application/octet-stream"}}); !begun) co_return;
  for (std::int64_t left = file.bytes; left > 0;) {
    const auto piece = co_await keeper.on_side(exchange.loop(), [&] { return opened->next(); });
    if (!piece || piece->empty()) co_return exchange.abort();  // what is cut short must not look whole
    const std::string_view bytes = std::string_view(*piece).substr(0, static_cast<std::size_t>(left));
    if (auto written = co_await exchange.write(bytes); !written) co_return;
    left -= static_cast<std::int64_t>(bytes.size());
  }
  static_cast<void>(co_await exchange.finish({}));
}

Task<void> show_file(Exchange& exchange, Services& services) {
  const auto caller = co_await authorised(exchange, services, "inference");
  if (!caller) co_return;
  const Below asked = below(exchange.request().path(), kPrefix);
  if (!asked.action.empty() && asked.action != "content") co_return co_await respond_error(exchange, nothing_here("endpoint"));
  const auto file = co_await owned_file(exchange, services, *caller, asked.id);
  if (!file) co_return co_await respond_error(exchange, file.error());
  if (asked.action == "content") co_return co_await send_content(exchange, services, *file);
  co_await respond_json(exchange, 200, dialect::file_json(*file));
}

Task<void> delete_file(Exchange& exchange, Services& services) {
  const auto caller = co_await authorised(exchange, services, "inference");
  if (!caller) co_return;
  const Below asked = below(exchange.request().path(), kPrefix);
  const auto file = co_await owned_file(exchange, services, *caller, asked.id);
  if (!file) co_return co_await respond_error(exchange, file.error());
  Keeper& keeper = *services.jobs;
  const auto dropped = co_await keeper.on_side(exchange.loop(), [&]() -> Result<void, ApiError> {
    const auto reader = keeper.store().reader_of(file->id);
    if (!reader) return fail(disk_error(reader.error().message));
    if (!reader->empty()) return fail(bad("This file is still read by " + *reader + ".", "", "cancel that first, or wait until it is over"));
    if (auto done = keeper.drop_file(file->id); !done) return fail(disk_error(done.error()));
    return {};
  });
  if (!dropped) co_return co_await respond_error(exchange, dropped.error());
  co_await respond_json(exchange, 200, dialect::deleted_file_json(file->id));
}

}  // namespace

Below below(std::string_view path, std::string_view prefix) {
  const std::string_view rest = path.substr(std::min(prefix.size(), path.size()));
  const std::size_t slash = rest.find('/');
  return {std::string(rest.substr(0, slash)), slash == std::string_view::npos ? std::string() : std::string(rest.substr(slash + 1))};
}

ApiError disk_error(std::string what) {
  return {
      .kind = ErrorKind::unavailable, .message = "The files and jobs of this gateway cannot be reached: " + std::move(what), .hint = "demarc doctor"};
}

ApiError nothing_here(std::string_view what) {
  return {.kind = ErrorKind::not_found, .message = "There is no such " + std::string(what) + " for this key.", .param = "id"};
}

Result<store::Listing, ApiError> read_listing(const HttpRequest& request, const Caller& caller, std::int64_t usual, std::int64_t most) {
  const std::string_view query = request.query();
  store::Listing listing{
      .owner = caller.key_id, .after = query_value(query, "after").value_or(""), .purpose = query_value(query, "purpose").value_or("")};
  listing.limit = usual;
  if (const auto limit = query_value(query, "limit")) {
    const auto number = whole(*limit);
    if (!number || *number < 1 || *number > most) return fail(bad("expected a number from 1 to " + std::to_string(most), "limit"));
    listing.limit = *number;
  }
  const std::string order = query_value(query, "order").value_or("desc");
  if (order != "asc" && order != "desc") return fail(bad("expected asc or desc", "order"));
  listing.oldest_first = order == "asc";
  return listing;
}

void add_file_routes(Router& router, Services& services) {
  router.add("POST", "/v1/files", [&services](Exchange& exchange) { return upload_file(exchange, services); });
  router.add("GET", "/v1/files", [&services](Exchange& exchange) { return list_files(exchange, services); });
  router.add("GET", std::string(kPrefix), [&services](Exchange& exchange) { return show_file(exchange, services); });
  router.add("DELETE", std::string(kPrefix), [&services](Exchange& exchange) { return delete_file(exchange, services); });
}

}  // namespace demarc::gateway
