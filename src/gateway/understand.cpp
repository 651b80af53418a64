// From bytes to what policy may know: the caller, the Request, its findings, its Attributes.
#include <algorithm>

#include "access/identify.hpp"
#include "gateway/serve_request.hpp"
#include "privacy/attachments.hpp"

namespace demarc::gateway {
namespace {

constexpr std::string_view kSensitivityHeader = "demarc-sensitivity";
constexpr std::string_view kWorkloadHeader = "demarc-workload";
constexpr std::string_view kClassHeader = "demarc-class";
constexpr std::string_view kWorkloadPrefix = "workload/";
constexpr std::int64_t kBytesPerToken = 4;  // of English text, roughly: the estimate
// The bounds of the truth. A token is at least a byte, but a chat template adds its own: around each part, around the whole, before tools. Text that
// gives more than 8 bytes to a token is made of runs (spaces, "====").
constexpr std::int64_t kMostBytesPerToken = 8, kTokensAroundAPart = 8, kTokensAroundAll = 64, kTokensBeforeTools = 512;

Result<void, ApiError> read_headers(RequestContext& context) {
  const Headers& headers = context.client.request().headers;
  if (const auto declared = headers.find(kSensitivityHeader)) {
    const auto sensitivity = parse_sensitivity(*declared);
    if (!sensitivity)
      return fail(ApiError{ErrorKind::bad_request, "header Demarc-Sensitivity: expected public, internal, confidential or restricted"});
    context.attributes.header_sensitivity = *sensitivity;
  }
  if (const auto wanted = headers.find(kClassHeader)) {
    context.class_asked = parse_work_class(*wanted);
    if (!context.class_asked) return fail(ApiError{ErrorKind::bad_request, "header Demarc-Class: expected interactive, normal or batch"});
  }
  if (const auto workload = headers.find(kWorkloadHeader)) {
    TRY(access::may_name_workload(context.caller, *workload, context.snapshot->open_workloads, context.snapshot->defined_workloads));
    context.workload = *workload;
  }
  return {};
}

Media media_of(PartKind kind) { return kind == PartKind::image ? Media::image : kind == PartKind::audio ? Media::audio : Media::file; }

// What the client names the conversation by, else its first messages: a client that repeats the history stays in one conversation.
std::string conversation_of(const RequestContext& context) {
  const Request& request = *context.request;
  std::string named = request.conversation;
  if (named.empty())
    for (const Part& part : request.parts)
      if (part.kind == PartKind::text && (part.role == Role::system || part.role == Role::user)) {
        named.append(part.text);
        if (part.role == Role::user) break;
      }
  if (named.empty()) return {};
  return keyed_digest(context.services.pepper, "conversation", context.caller.key_id + '\n' + named);
}

// An engine takes as many pieces of other files as there is room for beside the text around the cursor.
bool is_left_out_for_length(const Request& request, const Part& part) {
  return request.operation == Operation::fim && part.path.starts_with("input_extra");
}

// Each text of embeddings, of a list to rank and to be classified has the context for itself; else all texts share it.
void fill_length(RequestContext& context) {
  const Request& request = *context.request;
  Attributes& a = context.attributes;
  std::int64_t all_bytes = 0, longest_bytes = 0;
  for (const Part& part : request.parts) {
    if (is_left_out_for_length(request, part)) continue;
    all_bytes += static_cast<std::int64_t>(part.text.size());
    longest_bytes = std::max(longest_bytes, static_cast<std::int64_t>(part.text.size()));
  }
  const bool apart =
      request.operation == Operation::embedding || request.operation == Operation::rerank || request.operation == Operation::classification;
  const std::int64_t bytes = apart ? longest_bytes : all_bytes, parts = apart ? 1 : static_cast<std::int64_t>(request.parts.size());
  const std::int64_t output = request.max_output_tokens.value_or(0);
  context.input_tokens_estimate = all_bytes / kBytesPerToken + 1;
  a.context_tokens = bytes / kBytesPerToken + 1 + output;
  a.context_bounds =
      TokenBounds{.least = bytes / kMostBytesPerToken + output,
                  .most = bytes + parts * kTokensAroundAPart + kTokensAroundAll + (request.tool_names.empty() ? 0 : kTokensBeforeTools) + output};
}

// The file at hand, and those of which pieces came with it. One that is not named stands in the list without a name: what a rule wants of every file
// does not hold of it.
std::vector<std::string> paths_of(const Request& request) {
  std::vector<std::string> paths;
  if (!request.path.empty() || !request.also_paths.empty()) paths.push_back(request.path);
  for (const std::string& path : request.also_paths)
    if (std::ranges::find(paths, path) == paths.end()) paths.push_back(path);
  return paths;
}

// A conversation that the client names goes on with every request. One known by its first messages goes on where an answer stands in the request: the
// same question asked anew is a conversation of its own.
bool is_later_turn(const Request& request) {
  return !request.conversation.empty() || std::ranges::any_of(request.parts, [](const Part& part) { return part.role == Role::assistant; });
}

void fill_attributes(RequestContext& context) {
  const Request& request = *context.request;
  Attributes& a = context.attributes;
  const auto optional_text = [](const std::string& text) { return text.empty() ? Attribute<std::string>() : Attribute<std::string>(text); };
  a.operation = request.operation;
  a.dialect = request.dialect;
  a.model = request.model;
  if (context.inherited != nullptr && context.inherited->only) {  // a shadow asks for its candidate, whatever the body names
    const CandidateIndex only = *context.inherited->only;
    a.model = context.snapshot->routing().upstreams[only.upstream].models[only.model].name;
  }
  a.caller_key = optional_text(context.caller.key_id);
  a.caller_team = optional_text(context.caller.team);
  a.caller_role = optional_text(context.caller.role);
  a.workload = optional_text(context.workload);
  if (context.caller.sensitivity) a.key_sensitivity = *context.caller.sensitivity;
  if (context.inherited != nullptr) a.key_sensitivity = context.inherited->sensitivity;
  if (context.examination.counts)
    a.findings = *context.examination.counts;
  else
    a.findings = Unknown{};
  fill_length(context);
  std::vector<Media> media;
  for (const Part& part : request.parts)
    if (is_media(part.kind)) media.push_back(media_of(part.kind));
  if (request.max_output_tokens) a.output_tokens = *request.max_output_tokens;
  a.tools = static_cast<std::int64_t>(request.tool_names.size());
  a.tool_names = request.tool_names;
  a.stream = request.stream;
  a.media = std::move(media);
  a.unexamined = context.examination.unexamined;
  if (!request.repository.empty())
    a.repository = std::vector<std::string>{request.repository};
  else if (const std::string folder = repository_of(context); !folder.empty() && request.operation == Operation::fim)
    a.repository = std::vector<std::string>{folder.substr(folder.rfind('/') + 1)};
  a.path = paths_of(request);
  if (context.inherited == nullptr && is_later_turn(request))
    a.conversation_sensitivity = context.services.conversations.reached(context.conversation, context.loop().now());
  a.budget_left = context.services.budgets->left(context.budget_scope(), context.received);
  a.time = context.received;
}

void fill_facts(RequestContext& context) {
  const Request& request = *context.request;
  RequestFacts& f = context.facts;
  f.id = context.id;
  if (context.inherited != nullptr) f.parent = context.inherited->parent;
  if (context.errand != nullptr) f.job = context.errand->job;
  f.received = context.received;
  f.key_id = context.caller.key_id, f.team = context.caller.team, f.role = context.caller.role;
  f.workload = context.workload;
  f.operation = request.operation;
  f.dialect = request.dialect;
  f.model_requested = request.model;
  f.conversation = context.conversation;
  f.findings = context.examination.counts;
  f.stream = request.stream;
  f.tools = static_cast<std::int64_t>(request.tool_names.size());
  f.context_tokens = context.input_tokens_estimate, f.context_tokens_by = CountedBy::bytes;
  f.policy_digest = context.snapshot->policy.digest;
  f.request_commitment = context.commit("request", request.body);
}

// Before the policy is asked. Somebody waits for a stream word by word, and for what an editor fills in.
WorkClass class_of(const RequestContext& context) {
  if (context.inherited != nullptr) return context.inherited->work_class;
  for (const WorkloadSpec& workload : context.snapshot->routing().workloads)
    if (workload.name == context.workload && workload.work_class) return *workload.work_class;
  const Request& request = *context.request;
  const bool is_text = request.operation == Operation::chat || request.operation == Operation::completion;
  return request.operation == Operation::fim || (is_text && request.stream) ? WorkClass::interactive : WorkClass::normal;
}

privacy::ExamineLimits examine_limits(const RequestContext& context) {
  return {.text_bytes = static_cast<std::size_t>(context.limits().examine_mib) << 20,
          .deadline = context.examine_deadline,
          .clock = &context.loop().clock()};
}

}  // namespace

std::string repository_of(const RequestContext& context) {
  for (const WorkloadSpec& workload : context.snapshot->routing().workloads)
    if (workload.name == context.workload) return workload.repository;
  return {};
}

Result<void, ApiError> identify(RequestContext& context) {
  if (context.inherited != nullptr) {
    context.caller = context.inherited->caller;
    context.workload = context.inherited->workload;
    return {};
  }
  if (context.errand != nullptr) {
    context.caller = context.errand->caller;
  } else {
    const auto keys = context.services.keyring->current();
    context.caller = TRY(identify_peer(context.client.request(), *keys, context.received, context.snapshot->config.keys));
  }
  TRY(access::require_scope(context.caller, "inference"));
  return read_headers(context);
}

Task<Result<void, ApiError>> understand(RequestContext& context) {
  const config::Limits& limits = context.limits();
  context.request =
      CO_TRY(dialect::parse(context.dialect, std::move(context.client.request()), {.depth = static_cast<std::size_t>(limits.json_depth)}));
  Request& request = *context.request;
  if (request.model.starts_with(kWorkloadPrefix)) {
    const std::string_view workload = std::string_view(request.model).substr(kWorkloadPrefix.size());
    CO_TRY(access::may_name_workload(context.caller, workload, context.snapshot->open_workloads, context.snapshot->defined_workloads));
    context.workload = workload;
  }
  context.work_class = class_of(context);
  context.conversation = conversation_of(context);
  context.examine_deadline = Deadline::in(context.loop().now(), std::chrono::milliseconds(limits.examine_ms));
  context.examination = co_await context.services.readers->run_long(context.loop(), request.body.size(), [&] {
    privacy::look_into_attachments(request, examine_limits(context).text_bytes);
    return privacy::examine(request, context.snapshot->detectors, examine_limits(context));
  });
  co_return Result<void, ApiError>{};
}

// Where findings are unknown already, no model can make them known.
Task<void> examine_names(RequestContext& context) {
  if (!context.examination.counts) co_return;
  const NamesDetector& detector = *context.snapshot->names;
  privacy::NamesWork work = detector.names->begin(*context.request, examine_limits(context));
  co_await ask_names(detector, work, names_call(context, context.examine_deadline));
  context.names_unanswered = work.why == privacy::Unreadable::detector || work.why == privacy::Unreadable::time;
  detector.names->finish(std::move(work), *context.request, examine_limits(context), context.examination);
}

void describe(RequestContext& context) {
  fill_attributes(context);
  fill_facts(context);
}

}  // namespace demarc::gateway
