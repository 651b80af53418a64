// demarc-tensor SETTINGS.json: networks that label tokens, give texts their vectors, or look at pictures (ARCHITECTURE.md). What it serves says
// which; nothing: names.
#include <algorithm>

#include "tensor/worker/image_service.hpp"
#include "tensor/worker/service.hpp"
#include "tensor/worker/vector_service.hpp"

int main(int argc, char** argv) {
  using namespace demarc;
  return workers::run_worker(argc, argv, "demarc-tensor", [](workers::Settings settings) -> std::unique_ptr<workers::WorkerService> {
    if (settings.serves.empty()) return std::make_unique<tensor::worker::Service>(std::move(settings));
    if (std::ranges::find(settings.serves, "image_classification") != settings.serves.end())
      return std::make_unique<tensor::worker::ImageService>(std::move(settings));
    return std::make_unique<tensor::worker::VectorService>(std::move(settings));
  });
}
