#include "tensor/worker/vector_service.hpp"

#include <algorithm>
#include <cstdio>

#include "tensor/worker/classification.hpp"
#include "tensor/worker/request.hpp"
#include "tensor/worker/rerank.hpp"
#include "tensor/worker/vectors.hpp"

namespace demarc::tensor::worker {
namespace {

void refuse(httplib::Response& response, const Refusal& why) { workers::refuse(response, why.status, why.message, why.code, why.param); }

void refuse(httplib::Response& response, const std::pair<Batcher::Stop, std::string>& why) {
  switch (why.first) {
    case Batcher::Stop::none: return;
    case Batcher::Stop::gone: return workers::refuse(response, 504, "The request was cancelled or took longer than its deadline.", "cancelled");
    case Batcher::Stop::engine:
      std::fprintf(stderr, "a run of the model failed: %s\n", why.second.c_str());
      return workers::refuse(response, 500, "The model failed.", "engine_failed");
  }
}

}  // namespace

VectorService::VectorService(workers::Settings settings) : WorkerService(std::move(settings), kMaxBodyBytes) {
  using Held = std::shared_ptr<workers::Slot>;
  post("/v1/embeddings", [this](const httplib::Request& request, httplib::Response& response, const Held&) { embed(request, response); });
  post("/v1/classifications", [this](const httplib::Request& request, httplib::Response& response, const Held&) { classify(request, response); });
  post("/v1/rerank", [this](const httplib::Request& request, httplib::Response& response, const Held&) { rerank(request, response); });
}

// Several small batches side by side, a core each, rather than each batch over all cores: threads that work on one batch wait for each other.
Result<void, std::string> VectorService::load() {
  model_ = TRY(SentenceModel::load(settings().model_path, 1));
  batcher_ = std::make_unique<Batcher>(Batcher::Settings{.threads = settings().threads,
                                                         .width = model_->width(),
                                                         .padding_id = model_->padding_id(),
                                                         .run = [this](const Batch& batch) { return model_->run(batch); },
                                                         .on_step = workers::count_step});
  known_ = std::make_unique<TextVectors>(*model_, *batcher_);
  return {};
}

bool VectorService::work(Batcher::Job& job, const httplib::Request& request, httplib::Response& response) {
  const auto done = batcher_->work(job, workers::patience_of(request, workers::Asked::while_waiting));
  if (!done) refuse(response, done.error());
  return done.ok();
}

void VectorService::embed(const httplib::Request& request, httplib::Response& response) {
  auto asked = read_vectors(request.body, *model_);
  if (!asked) return refuse(response, asked.error());
  VectorSums sums(*asked, model_->width());
  Batcher::Job job(workers::work_class_of(request), asked->pieces,
                   [&](std::size_t piece, std::span<const float> tokens) { sums.add(piece, model_->pool(tokens, asked->pieces[piece].size())); });
  if (!work(job, request, response)) return;
  sums.finish();
  response.set_content(print_vectors(*asked, sums.vectors(), settings().model_name), workers::kJson);
}

void VectorService::rerank(const httplib::Request& request, httplib::Response& response) {
  auto asked = read_rerank(request.body, *model_);
  if (!asked) return refuse(response, asked.error());
  const WorkClass work_class = workers::work_class_of(request);
  std::unique_ptr<Relevance> relevance;
  Batcher::Job query(work_class, {asked->query},
                     [&](std::size_t, std::span<const float> tokens) { relevance = std::make_unique<Relevance>(*model_, asked->query, tokens); });
  if (!work(query, request, response)) return;
  std::vector<float> scores(asked->count, 0.0F);
  Batcher::Job documents(work_class, asked->documents, [&](std::size_t piece, std::span<const float> tokens) {
    float& score = scores[asked->document_of_piece[piece]];
    score = std::max(score, relevance->score(tokens));
  });
  if (!work(documents, request, response)) return;
  response.set_content(print_rerank(*asked, scores, settings().model_name), workers::kJson);
}

void VectorService::classify(const httplib::Request& request, httplib::Response& response) {
  auto asked = read_classification(request.body, settings().model_digest);
  if (!asked) return refuse(response, asked.error());
  const WorkClass work_class = workers::work_class_of(request);
  const auto patience = workers::patience_of(request, workers::Asked::while_waiting);
  std::size_t tokens = 0;
  const auto vectors_of = [&](const std::vector<std::string>& texts, Remember remember) {
    return known_->of(texts, remember, work_class, patience, tokens);
  };
  std::vector<text::Verdict> verdicts;
  bool calibrated = false;
  const auto input = vectors_of(asked->input, Remember::no);
  if (!input) return refuse(response, input.error());
  if (asked->classifier) {
    text::Classifier& classifier = *asked->classifier;
    if (classifier.weights.width != model_->width())
      return refuse(response, Refusal{"This classifier is for vectors of another width.", "classifier"});
    if (asked->threshold) std::ranges::fill(classifier.thresholds, *asked->threshold);
    for (const auto& vector : *input) verdicts.push_back(classifier.judge(vector));
  } else {
    std::vector<std::string> described;
    std::ranges::copy_if(asked->descriptions, std::back_inserter(described), [](const std::string& text) { return !text.empty(); });
    const auto descriptions = vectors_of(described, Remember::yes), examples = vectors_of(asked->examples, Remember::yes);
    if (!descriptions) return refuse(response, descriptions.error());
    if (!examples) return refuse(response, examples.error());
    const Likeness likeness(*asked, *descriptions, *examples);
    for (const auto& vector : *input) verdicts.push_back(likeness.judge(vector, asked->threshold.value_or(0)));
    calibrated = likeness.is_calibrated();
  }
  response.set_content(
      print_classification(*asked, verdicts, request.get_header_value("Demarc-Request-Id"), settings().model_name, calibrated, tokens),
      workers::kJson);
}

}  // namespace demarc::tensor::worker
