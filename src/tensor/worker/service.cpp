#include "tensor/worker/service.hpp"

#include <chrono>
#include <cstdio>
#include <thread>

#include "tensor/worker/request.hpp"

namespace demarc::tensor::worker {
namespace {

using workers::refuse;
using workers::State;

constexpr std::size_t kSpareThreads = 4;  // for health and refusals while every slot works

}  // namespace

Service::Service(workers::Settings settings)
    : settings_(std::move(settings)), server_(settings_.socket, settings_.slots + kSpareThreads, kMaxBodyBytes) {
  server_.Get("/health", [this](const httplib::Request&, httplib::Response& response) { health(response); });
  server_.Post("/v1/spans", [this](const httplib::Request& request, httplib::Response& response) { spans(request, response); });
}

int Service::run() {
  std::thread loader([this] { load(); });
  const bool served = server_.serve();
  if (!served) std::fprintf(stderr, "the socket %s cannot be served\n", settings_.socket.c_str());
  loader.join();
  return served && !failed_ ? 0 : 1;
}

void Service::stop() {
  state_ = State::draining;
  while (load_.in_flight > 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  server_.stop();
}

void Service::load() {
  auto classifier = Classifier::load(settings_.model_path, settings_.threads);
  if (!classifier) {
    std::fprintf(stderr, "the model cannot be loaded: %s\n", classifier.error().c_str());
    failed_ = true;
    while (!server_.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return server_.stop();
  }
  classifier_ = std::move(*classifier);
  State loading = State::loading;
  state_.compare_exchange_strong(loading, State::ready);
}

void Service::health(httplib::Response& response) const {
  const State state = state_;
  response.status = state == State::ready ? 200 : 503;
  response.set_content(workers::print_health(state, load_, settings_), workers::kJson);
}

void Service::spans(const httplib::Request& request, httplib::Response& response) {
  if (state_ != State::ready) return refuse(response, 503, "The model is not ready.", "not_ready");
  const workers::Slot slot(load_, settings_.slots);
  if (!slot.held()) return refuse(response, 503, "Every slot is taken.", "busy");
  SpansRequest asked;
  if (const auto read = read_request(request.body, asked); !read) return refuse(response, 400, read.error(), "invalid_request");
  const auto found = classifier_->classify(asked.texts, asked.kinds, workers::patience_of(request));
  if (found) return response.set_content(print_spans(**found), workers::kJson);
  switch (found.error().kind) {
    case ClassifyError::Kind::unknown_kind: return refuse(response, 400, found.error().message, "unknown_kind");
    case ClassifyError::Kind::stopped: return refuse(response, 504, "The request was cancelled or took longer than its deadline.", "cancelled");
    case ClassifyError::Kind::engine:
      std::fprintf(stderr, "a run of the model failed: %s\n", found.error().message.c_str());
      return refuse(response, 500, "The model failed.", "engine_failed");
  }
}

}  // namespace demarc::tensor::worker
