#include "gateway/hide_document.hpp"

#include <algorithm>

#include "dialect/mistral_ocr.hpp"
#include "document/cover.hpp"
#include "gateway/answer_names.hpp"
#include "gateway/jobs/keeper.hpp"
#include "gateway/redactions.hpp"
#include "gateway/snapshot.hpp"
#include "privacy/direct_first.hpp"

namespace demarc::gateway {
namespace {

using document::Cover;
using document::Reading;

bool contains(const auto& list, std::string_view what) { return std::ranges::find(list, what) != std::ranges::end(list); }

Result<void, ApiError> check_types(const RequestContext& context, const std::vector<std::string>& types) {
  const Snapshot& snapshot = *context.snapshot;
  for (std::size_t i = 0; i < types.size(); ++i)  // which one is told by its place: an error holds nothing of what was sent
    if (!snapshot.detectors.covers(types[i]) && !(snapshot.names && contains(snapshot.names->names->types(), types[i])))
      return fail(ApiError{.kind = ErrorKind::bad_request,
                           .message = "no detector here looks for the type in place " + std::to_string(i + 1) + " of these",
                           .param = "redact_types",
                           .hint = "GET /presidio/supportedentities lists the types"});
  return {};
}

class Hiding {
 public:
  Hiding(RequestContext& context, Document& document)
      : context_(context), snapshot_(*context.snapshot), document_(document), mask_(snapshot_.policy.mask_in_answers) {}

  Task<Result<SeenInDocument, ApiError>> run() {
    const bool hides = context_.redact || !mask_.empty();
    const std::vector<Reading> readings = document::readings_of(document_);
    std::size_t bytes = 0;
    for (const Reading& reading : readings) bytes += reading.text.size();
    if (bytes > static_cast<std::size_t>(context_.limits().examine_mib) << 20) {
      if (hides) co_return fail(unread(privacy::Unreadable::size));
      co_return SeenInDocument{.counts = {}, .unread = true};
    }
    SideThreads& readers = *context_.services.readers;
    std::vector<std::vector<Finding>> found = co_await readers.run_long(context_.loop(), bytes, [&] {
      std::vector<std::vector<Finding>> all;
      for (const Reading& reading : readings) all.push_back(snapshot_.detectors.find(reading.text));
      return all;
    });
    SeenInDocument seen;
    if (snapshot_.names && context_.inherited == nullptr) {
      const privacy::Unreadable why = co_await add_names(readings, found);
      if (why != privacy::Unreadable::none && needs_names()) co_return fail(unread(why));
      seen.unread = why != privacy::Unreadable::none;
    }
    for (std::size_t i = 0; i < readings.size(); ++i)
      for (const Cover& cover : document::covers_of(readings[i], found[i])) ++seen.counts[cover.type];
    if (!hides) co_return seen;
    std::optional<privacy::VaultSession> session;
    CO_TRY(co_await readers.run_long(context_.loop(), bytes, [&] { return hide(readings, found, session); }));
    leave_out_pictures();
    if (session && context_.services.vault_file) static_cast<void>(co_await context_.services.vault_file->kept(context_.loop()));
    co_return seen;
  }

 private:
  Result<void, ApiError> hide(const std::vector<Reading>& readings, std::vector<std::vector<Finding>>& found,
                              std::optional<privacy::VaultSession>& session) {
    if (context_.redact) document_.redactions.emplace();
    const std::vector<std::string> only = hidden_types(context_);
    for (std::size_t i = 0; i < readings.size(); ++i) {
      const auto find_again = [&](const std::vector<std::string>& types) {
        return privacy::find_types({readings[i].text}, snapshot_.detectors, named_.empty() ? privacy::Found() : named_[i], types);
      };
      if (!only.empty()) found[i] = find_again(only);
      std::vector<Cover> masked;
      if (context_.redact && !mask_.empty()) {
        const std::vector<Finding> again = find_again(mask_);
        masked = document::covers_of(readings[i], again);
        found[i].insert(found[i].end(), again.begin(), again.end());
      }
      std::vector<Cover> covers = document::covers_of(readings[i], found[i]);
      take_masked_types(covers, masked);
      for (Cover& cover : covers) TRY(fill_in(cover, session, readings));
      DocumentPage& page = document_.pages[i];
      if (context_.redact)
        for (DocumentRedaction& redaction : document::redactions_of(page, readings[i], covers)) document_.redactions->push_back(std::move(redaction));
      document::apply_covers(page, readings[i], covers);
    }
    return {};
  }

  [[nodiscard]] bool asked(std::string_view type) const {
    return context_.redact && (context_.redact->types.empty() || contains(context_.redact->types, type));
  }
  [[nodiscard]] bool needs_names() const {
    return masks_names(snapshot_) || std::ranges::any_of(snapshot_.names->names->types(), [&](std::string_view type) { return asked(type); });
  }

  Task<privacy::Unreadable> add_names(const std::vector<Reading>& readings, std::vector<std::vector<Finding>>& found) {
    const NamesDetector& detector = *snapshot_.names;
    std::vector<std::string> texts;
    for (const Reading& reading : readings) texts.push_back(reading.text);
    privacy::NamesWork work = detector.names->begin(texts);
    co_await ask_names(detector, work,
                       names_call(context_, Deadline::in(context_.loop().now(), std::chrono::milliseconds(context_.limits().examine_ms))));
    if (work.why != privacy::Unreadable::none) co_return work.why;
    named_ = privacy::Names::found(work, texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (!named_[i] || named_[i]->empty()) continue;
      found[i].insert(found[i].end(), named_[i]->begin(), named_[i]->end());
      privacy::join_tiers(texts[i], found[i]);
    }
    co_return privacy::Unreadable::none;
  }

  // What the policy hides nobody can restore, whatever the client asks for.
  Result<void, ApiError> fill_in(Cover& cover, std::optional<privacy::VaultSession>& session, const std::vector<Reading>& readings) {
    if (contains(mask_, cover.type)) {
      cover.with = "[" + cover.type + "]";
      return {};
    }
    if (!session) session = open_vault(readings);
    cover.with = TRY(privacy::stand_in(*context_.redact, {.type = cover.type}, cover.value, *session).map_error([](privacy::RedactionsError) {
      return conversation_full();
    }));
    return {};
  }

  privacy::VaultSession open_vault(const std::vector<Reading>& readings) {
    const std::string_view conversation = context_.request->conversation.empty() ? std::string_view() : std::string_view(context_.conversation);
    auto session = context_.services.vault->open({.caller = context_.caller.key_id, .conversation = conversation}, context_.loop().now());
    if (context_.redact->op == privacy::RedactionOperator::surrogate) {
      std::string all;
      for (const Reading& reading : readings) (all += reading.text) += '\n';
      session.use_surrogates(all);
    }
    return session;
  }

  void leave_out_pictures() {
    bool any = false;
    for (DocumentPage& page : document_.pages) {
      any = any || !page.page_image.empty();
      page.page_image.clear();
      for (DocumentImage& image : page.images) any = any || !image.base64.empty(), image.base64.clear();
    }
    if (any) document_.notes.emplace_back("pictures are left out: they could show what is hidden");
  }

  ApiError unread(privacy::Unreadable why) const {
    if (why == privacy::Unreadable::size)
      return {.kind = ErrorKind::too_large,
              .message = "The document's text is longer than can be searched for what is to be hidden.",
              .hint = "limits.examine_mib in demarc.yaml; or ask for some of its \"pages\""};
    if (why == privacy::Unreadable::language)
      return {.kind = ErrorKind::bad_request,
              .message = "The document is in a language that the detector of names is not trusted with, so what stands in it is unknown.",
              .param = "document",
              .hint = "detectors.names in demarc.yaml: languages, other_language; or name the \"redact_types\" to look for"};
    if (!context_.redact) return unread_answer();
    return {.kind = ErrorKind::unavailable,
            .message = "The detector of names does not answer in time, so what stands in the document is unknown.",
            .hint = "demarc status names the cause; \"redact_types\" without names needs no such detector",
            .retry_after_s = 1};
  }

  RequestContext& context_;
  const Snapshot& snapshot_;
  Document& document_;
  const std::vector<std::string>& mask_;
  std::vector<privacy::Found> named_;  // in each reading, where the model was asked
};

}  // namespace

Result<void, ApiError> read_document_redaction(RequestContext& context) {
  if (context.request->operation != Operation::ocr) return {};
  auto own = TRY(dialect::mistral_ocr::own_fields(*context.request));
  TRY(check_types(context, own.types));
  if (own.redact.empty() || own.redact == "false") {
    if (own.types.empty()) return {};
    return fail(ApiError{.kind = ErrorKind::bad_request,
                         .message = "says what to hide, but nothing asks for hiding",
                         .param = "redact_types",
                         .hint = "add \"redact\": true"});
  }
  const auto op = own.redact == "true" ? privacy::RedactionOperator::placeholder : privacy::parse_redaction_operator(own.redact);
  if (!op) return fail(ApiError{ErrorKind::bad_request, "expected true, false, placeholder, surrogate, mask, hash or drop", "redact"});
  context.redact = privacy::RedactionsRequest{
      .mode = privacy::RedactionMode::redact, .op = *op, .types = std::move(own.types), .hash_key = context.snapshot->config.redaction.hash_key};
  return {};
}

Task<Result<void, ApiError>> bring_in_file(RequestContext& context) {
  using Done = Result<void, ApiError>;
  if (context.dialect.operation != Operation::ocr || !context.services.jobs) co_return Done{};
  std::string& body = context.client.request().body;
  const auto named = dialect::mistral_ocr::file_reference(body);
  if (!named) co_return Done{};
  Keeper& keeper = *context.services.jobs;
  auto found = co_await keeper.on_side(context.loop(), [&]() -> Result<std::pair<StoredFile, std::string>, std::string> {
    auto file = keeper.store().file(named->id);
    if (!file) return fail(file.error().message);
    if (!*file) return std::pair<StoredFile, std::string>{};
    auto bytes = keeper.shelf().read((*file)->id, 0, static_cast<std::size_t>((*file)->bytes));
    if (!bytes) return fail(std::string(to_string(bytes.error())));
    return std::pair{**file, *std::move(bytes)};
  });
  if (!found)
    co_return fail(
        ApiError{.kind = ErrorKind::unavailable, .message = "The files cannot be read: " + found.error(), .hint = "demarc doctor names the cause"});
  const StoredFile& file = found->first;
  const bool there = !file.id.empty() && file.owner == context.caller.key_id && !(file.expires && *file.expires <= context.received);
  if (!there)
    co_return fail(ApiError{.kind = ErrorKind::bad_request,
                            .message = "There is no such file of this key.",
                            .param = "document.file_id",
                            .hint = "POST /v1/files uploads one"});
  if (file.bytes > context.limits().body_mib << 20)
    co_return fail(ApiError{.kind = ErrorKind::too_large,
                            .message = "The file is larger than a request may be.",
                            .param = "document.file_id",
                            .hint = "limits.body_mib in demarc.yaml"});
  body.replace(named->document.begin, named->document.size(), dialect::mistral_ocr::document_of(file.filename, found->second));
  co_return Done{};
}

Task<Result<SeenInDocument, ApiError>> hide_document(RequestContext& context, Document& document) {
  Hiding hiding(context, document);
  co_return co_await hiding.run();
}

}  // namespace demarc::gateway
