// Service: the tensor worker's face, by the worker protocol (ARCHITECTURE.md): GET /health and POST /v1/spans (request.hpp).
//
//   Service service(settings);
//   return service.run();                 // loads the model beside the listening socket; until SIGTERM; an exit status
//
// No more requests than slots are worked on at once: one too many is told so with 503. stop() lets those at work finish. Writes nothing of a
// request's content anywhere.
#pragma once

#include <atomic>
#include <memory>

#include "tensor/worker/classify.hpp"
#include "workers/protocol/answers.hpp"
#include "workers/protocol/settings.hpp"
#include "workers/protocol/unix_server.hpp"

namespace demarc::tensor::worker {

class Service {
 public:
  explicit Service(workers::Settings settings);

  int run();    // one thread
  void stop();  // any thread, not a signal handler

 private:
  void load();
  void health(httplib::Response& response) const;
  void spans(const httplib::Request& request, httplib::Response& response);

  workers::Settings settings_;
  workers::UnixServer server_;
  std::atomic<workers::State> state_ = workers::State::loading;
  std::atomic<bool> failed_ = false;
  workers::Load load_;
  std::unique_ptr<Classifier> classifier_;  // written by load() before state_ says ready, only read after
};

}  // namespace demarc::tensor::worker
