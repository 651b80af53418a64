#include "document/worker/service.hpp"

#include "document/worker/charset.hpp"
#include "document/worker/limits.hpp"
#include "document/worker/parse.hpp"
#include "document/worker/pdf.hpp"
#include "document/worker/recognise.hpp"

namespace demarc::document::worker {
namespace {

Readers::Limits reader_limits() {
  return {.memory_bytes = reader_memory_bytes(),
          .step_cpu_ms = static_cast<int>(limits().document_page_s * 1'000),
          .document_cpu_ms = static_cast<int>(limits().document_s * 1'000)};
}

// Before anything else of the service is made: the readers' mother is forked in its constructor.
workers::Settings with_limits(workers::Settings settings) {
  set_limits(limits_of(settings.limits));
  return settings;
}

Readers::Prepare prepare(const std::string& models) {
  return [models]() -> Result<void, std::string> {
    prepare_charsets();
    Pdf::prepare();
    return Recogniser::prepare(models);
  };
}

int status_of(const std::string& code) { return code == "document_too_large" ? 413 : 400; }

void answer(const ReaderFault& fault, httplib::Response& response) {
  const std::string where = fault.step > 0 ? "At page " + std::to_string(fault.step) + " of those asked for: " : "";
  switch (fault.kind) {
    case ReaderFault::Kind::refused: return workers::refuse(response, status_of(fault.code), fault.message, fault.code);
    case ReaderFault::Kind::broken:
      return workers::refuse(response, 400,
                             where + "the document broke its reader, by damage or by needing more memory than " +
                                 limit_words("document_memory_mib", limits().document_memory_mib) + " MiB. Nothing else was harmed.",
                             "invalid_document");
    case ReaderFault::Kind::too_long:
      return workers::refuse(response, 400,
                             where + "the document takes longer to read than it may: processor time of a page " +
                                 limit_words("document_page_s", limits().document_page_s) + " s, of all of it " +
                                 limit_words("document_s", limits().document_s) + " s.",
                             "document_too_complex");
    case ReaderFault::Kind::cancelled:
      return workers::refuse(response, 504, "The request was cancelled or took longer than its deadline.", "cancelled");
    case ReaderFault::Kind::system: return workers::refuse(response, 500, "No process could be started for the document.", "engine_failed");
  }
}

}  // namespace

void read_document(std::string_view body, Teller& teller) {
  const auto refuse = [&](const Refusal& refusal) { teller.refuse(refusal.code, refusal.message); };
  const auto order = read_order(body);
  if (!order) return refuse(order.error());
  const auto document = parse(*order, [&](int step, int of) { teller.begin_step(step, of); });
  if (!document) return refuse(document.error());
  const std::string json = print(*document, *order);
  if (json.size() > most_result_bytes())
    return teller.refuse("document_too_large",
                         "What was read of the document is too much: " + limit_words("document_answer_mib", limits().document_answer_mib) +
                             " MiB are answered; ask for parts of it with \"pages\".");
  teller.result(json);
}

Service::Service(workers::Settings given)
    : WorkerService{with_limits(std::move(given)), most_body_bytes(), {.message = too_large_words(), .code = "document_too_large"}},  // in this order
      readers_(prepare(settings().model_path), &read_document, reader_limits()),
      turns_(settings().slots) {
  post("/v1/ocr",
       [this](const httplib::Request& request, httplib::Response& response, const std::shared_ptr<workers::Slot>&) { ocr(request, response); });
}

Result<void, std::string> Service::load() { return readers_.wait_prepared(); }

void Service::ocr(const httplib::Request& request, httplib::Response& response) {
  const WorkClass work_class = workers::work_class_of(request);
  const auto before_step = [&](int step, int of) -> std::shared_ptr<void> {
    const auto left = static_cast<std::size_t>(std::max(1, of - step + 1));
    return std::make_shared<workers::Turns::Turn>(turns_.take({.work_class = work_class, .pieces_left = left}));
  };
  auto result = readers_.read(request.body, {.before_step = before_step, .proceed = workers::patience_of(request)});
  if (!result) return answer(result.error(), response);
  response.set_content(*std::move(result), workers::kJson);
}

}  // namespace demarc::document::worker
