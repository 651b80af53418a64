// Service: the speech worker's face: POST /v1/audio/transcriptions beside what every worker answers (workers/protocol/service.hpp).
#pragma once

#include <memory>

#include "speech/worker/speaker_encoder.hpp"
#include "speech/worker/tokens.hpp"
#include "speech/worker/voice.hpp"
#include "speech/worker/whisper.hpp"
#include "workers/protocol/service.hpp"
#include "workers/protocol/turns.hpp"

namespace demarc::speech::worker {

class Service final : public workers::WorkerService {
 public:
  explicit Service(workers::Settings settings);

 private:
  Result<void, std::string> load() override;
  void transcriptions(const httplib::Request& request, httplib::Response& response, const std::shared_ptr<workers::Slot>& slot);

  workers::Turns turns_;
  std::unique_ptr<Whisper> whisper_;
  std::unique_ptr<Tokens> tokens_;
  std::unique_ptr<Voice> voice_;
  std::unique_ptr<SpeakerEncoder> speakers_;  // if the settings ask for it
};

}  // namespace demarc::speech::worker
