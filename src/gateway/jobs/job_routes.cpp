#include <array>

#include "access/identify.hpp"
#include "base/ids.hpp"
#include "dialect/batches.hpp"
#include "gateway/jobs/routes.hpp"

namespace demarc::gateway {
namespace {

constexpr std::string_view kBatches = "/v1/batches/", kJobs = "/v1/jobs/";
constexpr std::int64_t kWindow_ns = std::int64_t{24} * 3'600 * 1'000'000'000;
constexpr std::chrono::milliseconds kLookEvery{300};
constexpr std::chrono::seconds kSignOfLife{15};

// What the order's headers say holds for each piece; checked now as each piece will check it.
Result<void, ApiError> take_headers(const HttpRequest& request, const Caller& caller, const Snapshot& snapshot, Job& job) {
  if (const auto declared = request.headers.find("demarc-sensitivity")) {
    if (!parse_sensitivity(*declared))
      return fail(ApiError{ErrorKind::bad_request, "header Demarc-Sensitivity: expected public, internal, confidential or restricted"});
    job.sensitivity = *declared;
  }
  if (const auto workload = request.headers.find("demarc-workload")) {
    TRY(access::may_name_workload(caller, *workload, snapshot.open_workloads, snapshot.defined_workloads));
    job.workload = *workload;
  }
  return {};
}

Job new_job(Exchange& exchange, const Caller& caller, JobKind kind, const Snapshot& snapshot) {
  const Instant now = exchange.loop().clock().now();
  const auto id = [&](std::string_view prefix) { return std::string(prefix) + make_uuid7(now, system_random().bytes<10>()); };
  const std::int64_t life_ns = kind == JobKind::batch ? kWindow_ns : snapshot.config.files.keep_days * 86'400 * 1'000'000'000;
  return {.id = id(kind == JobKind::batch ? "batch_" : "job_"),
          .kind = kind,
          .owner = caller.key_id,
          .created = now,
          .expires = Instant{now.unix_ns + life_ns},
          .output_file = id("file-"),
          .error_file = id("file-")};
}

Result<StoredFile, ApiError> input_of(Keeper& keeper, const std::string& id, const Job& job, const std::string& param) {
  const auto file = keeper.store().file(id);
  if (!file) return fail(disk_error(file.error().message));
  if (*file && (*file)->owner == job.owner && !((*file)->expires && *(*file)->expires <= job.created)) return **file;
  return fail(ApiError{.kind = ErrorKind::bad_request, .message = "There is no such file of this key.", .param = param});
}

Result<void, ApiError> has_room(Keeper& keeper, const Job& job, std::int64_t most) {
  const auto jobs = keeper.store().jobs_of(job.owner);
  if (!jobs) return fail(disk_error(jobs.error().message));
  if (std::ranges::count_if(*jobs, [](const Job& other) { return !is_over(other.state); }) < most) return {};
  return fail(ApiError{.kind = ErrorKind::rate_limited,
                       .message = "This key has as many jobs under way as limits.jobs_key allows.",
                       .hint = "wait until one is over, or cancel one",
                       .retry_after_s = 60});
}

Task<void> create_batch(Exchange& exchange, Services& services) {
  const auto caller = co_await authorised(exchange, services, "inference");
  if (!caller) co_return;
  auto order = dialect::read_batch_order(std::move(exchange.request().body));
  if (!order) co_return co_await respond_error(exchange, order.error());
  const auto snapshot = services.snapshots.current();
  Job job = new_job(exchange, *caller, JobKind::batch, *snapshot);
  if (auto said = take_headers(exchange.request(), *caller, *snapshot, job); !said) co_return co_await respond_error(exchange, said.error());
  job.endpoint = order->endpoint, job.input_file = order->input_file, job.window = order->window, job.metadata = order->metadata;
  Keeper& keeper = *services.jobs;
  const auto made = co_await keeper.on_side(exchange.loop(), [&]() -> Result<void, ApiError> {
    const StoredFile file = TRY(input_of(keeper, job.input_file, job, "input_file_id"));
    if (file.purpose != "batch")
      return fail(ApiError{.kind = ErrorKind::bad_request, .message = "The input file's purpose is not batch.", .param = "input_file_id"});
    TRY(has_room(keeper, job, snapshot->config.limits.jobs_key));
    if (auto put = keeper.store().put_job(job, {}); !put) return fail(disk_error(put.error().message));
    return {};
  });
  if (!made) co_return co_await respond_error(exchange, made.error());
  keeper.launch(job.id);
  co_await respond_json(exchange, 200, dialect::batch_json(job));
}

Task<void> create_job(Exchange& exchange, Services& services) {
  const auto caller = co_await authorised(exchange, services, "inference");
  if (!caller) co_return;
  auto order = dialect::read_files_order(std::move(exchange.request().body));
  if (!order) co_return co_await respond_error(exchange, order.error());
  const auto snapshot = services.snapshots.current();
  Job job = new_job(exchange, *caller, order->kind, *snapshot);
  if (auto said = take_headers(exchange.request(), *caller, *snapshot, job); !said) co_return co_await respond_error(exchange, said.error());
  job.state = JobState::in_progress, job.started = job.created;
  job.endpoint = order->endpoint, job.options = order->options, job.metadata = order->metadata;
  job.total = static_cast<std::int64_t>(order->files.size());
  Keeper& keeper = *services.jobs;
  const auto made = co_await keeper.on_side(exchange.loop(), [&]() -> Result<void, ApiError> {
    std::vector<Piece> pieces;
    for (const std::string& id : order->files) {
      const StoredFile file = TRY(input_of(keeper, id, job, "file_ids[" + std::to_string(pieces.size()) + "]"));
      if (file.purpose == "batch_output")
        return fail(ApiError{.kind = ErrorKind::bad_request, .message = "A job's result is no file for another one.", .param = "file_ids"});
      pieces.push_back({.number = static_cast<std::int64_t>(pieces.size()) + 1, .custom_id = file.filename, .file = id, .bytes = file.bytes});
    }
    TRY(has_room(keeper, job, snapshot->config.limits.jobs_key));
    if (auto put = keeper.store().put_job(job, pieces); !put) return fail(disk_error(put.error().message));
    return {};
  });
  if (!made) co_return co_await respond_error(exchange, made.error());
  keeper.launch(job.id);
  co_await respond_json(exchange, 200, dialect::job_json(job));
}

// A batch is a job, too; a job is no batch.
Task<Result<Job, ApiError>> owned_job(Exchange& exchange, Services& services, const Caller& caller, std::string id, std::optional<JobKind> kind) {
  auto found = co_await services.jobs->on_side(exchange.loop(), [&] { return services.jobs->store().job(id); });
  if (!found) co_return fail(disk_error(found.error().message));
  const bool theirs = *found && (*found)->owner == caller.key_id && (!kind || (*found)->kind == *kind);
  if (!theirs) co_return fail(nothing_here(kind ? "batch" : "job"));
  co_return **std::move(found);
}

using Print = std::string (*)(const Job&);

Task<void> list_jobs(Exchange& exchange, Services& services, std::optional<JobKind> kind, Print print) {
  const auto caller = co_await authorised(exchange, services, "inference");
  if (!caller) co_return;
  const auto listing = read_listing(exchange.request(), *caller, 20, 100);
  if (!listing) co_return co_await respond_error(exchange, listing.error());
  const auto found = co_await services.jobs->on_side(exchange.loop(), [&] { return services.jobs->store().jobs(*listing, kind); });
  if (!found) co_return co_await respond_error(exchange, disk_error(found.error().message));
  const std::size_t shown = std::min(found->size(), static_cast<std::size_t>(listing->limit));
  std::vector<std::string> objects;
  for (std::size_t i = 0; i < shown; ++i) objects.push_back(print((*found)[i]));
  co_await respond_json(
      exchange, 200, dialect::page_json(objects, shown > 0 ? found->front().id : "", shown > 0 ? (*found)[shown - 1].id : "", found->size() > shown));
}

// One event whenever something changed, until it is over; a comment now and then, so that nobody between takes it for dead.
Task<void> send_events(Exchange& exchange, Services& services, Job job) {
  if (auto begun = co_await exchange.begin(200, {{"content-type", "text/event-stream"}, {"cache-control", "no-store"}}); !begun) co_return;
  std::string told;
  Monotonic told_at = exchange.loop().now();
  for (;;) {
    std::string now = dialect::job_json(job);
    std::string event;
    if (now != told)
      event = std::string("event: ") + (is_over(job.state) ? "done" : "progress") + "\ndata: " + now + "\n\n";
    else if (exchange.loop().now() - told_at >= kSignOfLife)
      event = ": still at it\n\n";
    if (!event.empty()) {
      if (auto written = co_await exchange.write(event); !written) co_return;
      told = std::move(now), told_at = exchange.loop().now();
    }
    if (is_over(job.state)) break;
    if (services.draining || exchange.cancellation().cancelled()) co_return exchange.abort();
    co_await exchange.loop().sleep(kLookEvery);
    auto again = co_await services.jobs->on_side(exchange.loop(), [&] { return services.jobs->store().job(job.id); });
    if (!again || !*again) co_return exchange.abort();
    job = **std::move(again);
  }
  static_cast<void>(co_await exchange.finish({}));
}

Task<void> show_job(Exchange& exchange, Services& services, std::optional<JobKind> kind, std::string_view prefix, Print print) {
  const auto caller = co_await authorised(exchange, services, "inference");
  if (!caller) co_return;
  const Below asked = below(exchange.request().path(), prefix);
  if (!asked.action.empty() && (asked.action != "events" || kind)) co_return co_await respond_error(exchange, nothing_here("endpoint"));
  auto job = co_await owned_job(exchange, services, *caller, asked.id, kind);
  if (!job) co_return co_await respond_error(exchange, job.error());
  if (asked.action == "events") co_return co_await send_events(exchange, services, *std::move(job));
  co_await respond_json(exchange, 200, print(*job));
}

Task<void> cancel_job(Exchange& exchange, Services& services, std::optional<JobKind> kind, std::string_view prefix, Print print) {
  const auto caller = co_await authorised(exchange, services, "inference");
  if (!caller) co_return;
  const Below asked = below(exchange.request().path(), prefix);
  if (asked.action != "cancel") co_return co_await respond_error(exchange, nothing_here("endpoint"));
  const auto job = co_await owned_job(exchange, services, *caller, asked.id, kind);
  if (!job) co_return co_await respond_error(exchange, job.error());
  Keeper& keeper = *services.jobs;
  const auto now = co_await keeper.on_side(exchange.loop(), [&]() -> Result<Job, ApiError> {
    const auto asked_to = keeper.store().cancelling(asked.id, exchange.loop().clock().now());
    if (!asked_to) return fail(disk_error(asked_to.error().message));
    const auto standing = keeper.store().job(asked.id);
    if (!standing || !*standing) return fail(disk_error(standing ? "it is gone" : standing.error().message));
    if (!*asked_to)
      return fail(ApiError{.kind = ErrorKind::bad_request,
                           .message = "It cannot be cancelled any more: it is " + std::string(to_string((*standing)->state)) + "."});
    return **standing;
  });
  if (!now) co_return co_await respond_error(exchange, now.error());
  keeper.cancel(asked.id);
  co_await respond_json(exchange, 200, print(*now));
}

}  // namespace

void add_job_routes(Router& router, Services& services) {
  struct Kind {
    std::string_view prefix;
    std::optional<JobKind> only;
    Print print;
  };
  static constexpr std::array kKinds = {Kind{kBatches, JobKind::batch, &dialect::batch_json}, Kind{kJobs, std::nullopt, &dialect::job_json}};
  for (const Kind& kind : kKinds) {
    const std::string prefix(kind.prefix), all = prefix.substr(0, prefix.size() - 1);
    router.add("GET", all, [&services, kind](Exchange& exchange) { return list_jobs(exchange, services, kind.only, kind.print); });
    router.add("GET", prefix, [&services, kind](Exchange& exchange) { return show_job(exchange, services, kind.only, kind.prefix, kind.print); });
    router.add("POST", prefix, [&services, kind](Exchange& exchange) { return cancel_job(exchange, services, kind.only, kind.prefix, kind.print); });
  }
  router.add("POST", "/v1/batches", [&services](Exchange& exchange) { return create_batch(exchange, services); });
  router.add("POST", "/v1/jobs", [&services](Exchange& exchange) { return create_job(exchange, services); });
}

}  // namespace demarc::gateway
