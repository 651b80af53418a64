#include "gateway/hide_values.hpp"

#include <algorithm>

#include "gateway/answer_names.hpp"
#include "gateway/redactions.hpp"
#include "gateway/snapshot.hpp"
#include "privacy/direct_first.hpp"

namespace demarc::gateway {
namespace {

bool contains(const auto& list, std::string_view what) { return std::ranges::find(list, what) != std::ranges::end(list); }

std::vector<std::string> hidden_types(const RequestContext& context) {
  if (context.redact && context.redact->types.empty()) return {};
  std::vector<std::string> types = context.snapshot->policy.mask_in_answers;
  if (context.redact) types.insert(types.end(), context.redact->types.begin(), context.redact->types.end());
  return types;
}

}  // namespace

Result<void, ApiError> check_redact_types(const RequestContext& context, const std::vector<std::string>& types) {
  const Snapshot& snapshot = *context.snapshot;
  for (std::size_t i = 0; i < types.size(); ++i)  // which one is told by its place: an error holds nothing of what was sent
    if (!snapshot.detectors.covers(types[i]) && !(snapshot.names && contains(snapshot.names->names->types(), types[i])))
      return fail(ApiError{.kind = ErrorKind::bad_request,
                           .message = "no detector here looks for the type in place " + std::to_string(i + 1) + " of these",
                           .param = "redact_types",
                           .hint = "GET /presidio/supportedentities lists the types"});
  return {};
}

bool hides_values(const RequestContext& context) { return context.redact || !context.snapshot->policy.mask_in_answers.empty(); }

ValueHiding::ValueHiding(RequestContext& context, std::vector<std::string_view> texts)
    : context_(context),
      snapshot_(*context.snapshot),
      texts_(std::move(texts)),
      mask_(snapshot_.policy.mask_in_answers),
      only_(hidden_types(context)) {}

std::size_t ValueHiding::bytes() const {
  std::size_t bytes = 0;
  for (const std::string_view text : texts_) bytes += text.size();
  return bytes;
}

Task<Result<FoundValues, privacy::Unreadable>> ValueHiding::find(std::size_t named) {
  if (bytes() > static_cast<std::size_t>(context_.limits().examine_mib) << 20) {
    if (hides_values(context_)) co_return fail(privacy::Unreadable::size);
    co_return FoundValues{.in_each = std::nullopt, .unread = true};
  }
  FoundInEach found = co_await context_.services.readers->run_long(context_.loop(), bytes(), [&] {
    FoundInEach all;
    for (const std::string_view text : texts_) all.push_back(snapshot_.detectors.find(text));
    return all;
  });
  privacy::Unreadable why = privacy::Unreadable::none;
  if (snapshot_.names && context_.inherited == nullptr) why = co_await add_names(named, found);
  if (why != privacy::Unreadable::none && needs_names()) co_return fail(why);
  co_return FoundValues{.in_each = std::move(found), .unread = why != privacy::Unreadable::none};
}

std::vector<Finding> ValueHiding::find_again(std::size_t text, std::span<const std::string> types) const {
  return privacy::find_types({texts_[text]}, snapshot_.detectors, text < named_.size() ? named_[text] : privacy::Found(), types);
}

bool ValueHiding::needs_names() const {
  const auto asked = [&](std::string_view type) {
    return context_.redact && (context_.redact->types.empty() || contains(context_.redact->types, type));
  };
  return masks_names(snapshot_) || std::ranges::any_of(snapshot_.names->names->types(), asked);
}

Task<privacy::Unreadable> ValueHiding::add_names(std::size_t count, FoundInEach& found) {
  const NamesDetector& detector = *snapshot_.names;
  const std::vector<std::string> texts(texts_.begin(), texts_.begin() + static_cast<std::ptrdiff_t>(count));
  privacy::NamesWork work = detector.names->begin(texts);
  co_await ask_names(detector, work,
                     names_call(context_, Deadline::in(context_.loop().now(), std::chrono::milliseconds(context_.limits().examine_ms))));
  if (work.why != privacy::Unreadable::none) co_return work.why;
  named_ = privacy::Names::found(work, texts);
  for (std::size_t i = 0; i < count; ++i) {
    if (!named_[i] || named_[i]->empty()) continue;
    found[i].insert(found[i].end(), named_[i]->begin(), named_[i]->end());
    privacy::join_tiers(texts[i], found[i]);
  }
  co_return privacy::Unreadable::none;
}

bool ValueHiding::is_masked(std::string_view type) const { return contains(mask_, type); }

Result<std::string, ApiError> ValueHiding::stand_in(const std::string& type, const std::string& value) {
  if (is_masked(type)) return "[" + type + "]";
  if (!session_) session_ = open_vault();
  return privacy::stand_in(*context_.redact, {.type = type}, value, *session_).map_error([](privacy::RedactionsError) {
    return conversation_full();
  });
}

privacy::VaultSession ValueHiding::open_vault() {
  const std::string_view conversation = context_.request->conversation.empty() ? std::string_view() : std::string_view(context_.conversation);
  auto session = context_.services.vault->open({.caller = context_.caller.key_id, .conversation = conversation}, context_.loop().now());
  if (context_.redact->op == privacy::RedactionOperator::surrogate) {
    std::string all;
    for (const std::string_view text : texts_) (all += text) += '\n';
    session.use_surrogates(all);
  }
  return session;
}

Task<void> ValueHiding::keep() {
  if (session_ && context_.services.vault_file) static_cast<void>(co_await context_.services.vault_file->kept(context_.loop()));
}

}  // namespace demarc::gateway
