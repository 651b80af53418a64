#include "gateway/hide_document.hpp"

#include "dialect/mistral_ocr.hpp"
#include "document/cover.hpp"
#include "gateway/answer_names.hpp"
#include "gateway/jobs/keeper.hpp"
#include "gateway/snapshot.hpp"

namespace demarc::gateway {
namespace {

using document::Cover;
using document::Reading;

std::vector<std::string_view> texts_of(const std::vector<Reading>& readings) {
  std::vector<std::string_view> texts;
  for (const Reading& reading : readings) texts.push_back(reading.text);
  return texts;
}

class DocumentHiding {
 public:
  DocumentHiding(RequestContext& context, Document& document)
      : context_(context), document_(document), readings_(document::readings_of(document)), values_(context, texts_of(readings_)) {}

  Task<Result<SeenValues, ApiError>> run() {
    FoundValues values = CO_TRY((co_await values_.find(readings_.size())).map_error([&](privacy::Unreadable why) { return unread(why); }));
    SeenValues seen{.unread = values.unread};
    if (!values.in_each) co_return seen;
    FoundInEach& found = *values.in_each;
    for (std::size_t i = 0; i < readings_.size(); ++i)
      for (const Cover& cover : document::covers_of(readings_[i], found[i])) ++seen.counts[cover.type];
    if (!hides_values(context_)) co_return seen;
    CO_TRY(co_await context_.services.readers->run_long(context_.loop(), values_.bytes(), [&] { return hide(found); }));
    leave_out_pictures();
    co_await values_.keep();
    co_return seen;
  }

 private:
  Result<void, ApiError> hide(FoundInEach& found) {
    if (context_.redact) document_.redactions.emplace();
    for (std::size_t i = 0; i < readings_.size(); ++i) {
      if (!values_.only().empty()) found[i] = values_.find_again(i, values_.only());
      std::vector<Cover> masked;
      if (context_.redact && !values_.mask().empty()) {
        const std::vector<Finding> again = values_.find_again(i, values_.mask());
        masked = document::covers_of(readings_[i], again);
        found[i].insert(found[i].end(), again.begin(), again.end());
      }
      std::vector<Cover> covers = document::covers_of(readings_[i], found[i]);
      take_masked_types(covers, masked);
      for (Cover& cover : covers) cover.with = TRY(values_.stand_in(cover.type, cover.value));
      DocumentPage& page = document_.pages[i];
      if (context_.redact)
        for (DocumentRedaction& redaction : document::redactions_of(page, readings_[i], covers))
          document_.redactions->push_back(std::move(redaction));
      document::apply_covers(page, readings_[i], covers);
    }
    return {};
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
  Document& document_;
  const std::vector<Reading> readings_;
  ValueHiding values_;
};

}  // namespace

Result<void, ApiError> read_document_redaction(RequestContext& context) {
  if (context.request->operation != Operation::ocr) return {};
  auto own = TRY(dialect::mistral_ocr::own_fields(*context.request));
  TRY(check_redact_types(context, own.types));
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

Task<Result<SeenValues, ApiError>> hide_document(RequestContext& context, Document& document) {
  DocumentHiding hiding(context, document);
  co_return co_await hiding.run();
}

}  // namespace demarc::gateway
