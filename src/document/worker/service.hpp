// Service: the document worker's face: POST /v1/ocr beside what every worker answers (workers/protocol/service.hpp).
//
// What it answers is Mistral's shape without Markdown: pages of blocks, from which whoever passes it on writes that (dialect/document_text.hpp).
// A body is not even parsed here: that is a reader's work (readers.hpp).
#pragma once

#include "document/worker/readers.hpp"
#include "workers/protocol/service.hpp"
#include "workers/protocol/turns.hpp"

namespace demarc::document::worker {

class Service final : public workers::WorkerService {
 public:
  explicit Service(workers::Settings settings);

 private:
  Result<void, std::string> load() override;
  void ocr(const httplib::Request& request, httplib::Response& response);

  Readers readers_;
  workers::Turns turns_;
};

// What a reader does with its job: the body of a request.
void read_document(std::string_view body, Teller& teller);

}  // namespace demarc::document::worker
